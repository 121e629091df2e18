"""Examples of what each kind of claim rules, and songs to rule on."""

import dataclasses
from dataclasses import dataclass

from outcomes import failed, missing
from riffscope.judge import judge, judge_pair, parse_claims
from riffscope.model import Estimate, Measured, Ruling, Verdict, snake_case
from riffscope.song import SongAnalysis
from songs import example_song, with_outcomes


@dataclass(frozen=True, kw_only=True)
class Example:
    """A claim of a kind with its parameters, the song that it is about, and what must be ruled."""

    ruling: Ruling
    parameters: str = ""
    song: SongAnalysis
    against: SongAnalysis | None = None

    def verdict(self, kind: str) -> Verdict:
        """Rule on it."""
        claims = parse_claims(f'[it]\ntext = "it is so"\nkind = "{kind}"\n{self.parameters}\n', name="mine.toml")
        (found,) = judge(self.song, claims) if self.against is None else judge_pair(self.against, self.song, claims)
        return found


def ruled(song, claims):
    """The one verdict on a song by a claims file of one claim."""
    (verdict,) = judge(song, parse_claims(claims, name="mine.toml"))
    return verdict


def changed(song, result, **fields):
    """The song with other fields of a measurement."""
    value = dataclasses.replace(song[result], **fields)
    return with_outcomes(song, {snake_case(result.__name__): Measured(value=value, version=1, seconds=0.1)})


def with_span(value, unsure=0.5):
    """A song sung over so many semitones, give or take."""
    from riffscope.analyzers.vocal_range import VocalRange

    found = Estimate(value=value, low=value - unsure, high=value + unsure)
    return changed(example_song(), VocalRange, span_semitones=found)


def instrumental():
    """A song in which nobody sings."""
    song = example_song()
    sung = [name for name in song.outcomes if name.startswith("vocal_")]
    return with_outcomes(song, {name: missing(name, "no one sings") for name in sung})


def broken(name):
    """A song in which a measurement failed."""
    return with_outcomes(example_song(), {name: failed(name, "IndexError: index 3 is out of bounds")})
