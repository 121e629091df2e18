"""Examples of what each kind of claim rules, and songs to rule on."""

import dataclasses
import re
from dataclasses import dataclass

from outcomes import failed, missing
from riffscope.judge import judge, judge_pair, parse_claims
from riffscope.model import Estimate, Measured, Ruling, Verdict, snake_case
from riffscope.song import SongAnalysis
from riffscope.words import sentence
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


# What no colleague would say aloud, or says nothing of the song.
STUMBLES = (
    "nothing here to test",
    " of it",
    "heard are",
    "stands in",
    "nine times in ten",
    ": it",
    "comes round",
    "goes round",
    "come round",
    "is told",
    "can be told",
    "in the mean",
    "what is held",
    "is in doubt",
    "100% sure",
    "100% likely",
    "100% certain",
    " 0 bars",
    "percentile",
)
# Notes are written with signs: C♯, E♭, not C#, Eb.
ASCII_NOTE = re.compile(r"\b[A-G](#|b\d|b (major|minor))|[#b][IViv]+\b")
MOST_WORDS = 25


def check_reason(verdict):
    """A verdict's reason is one short sentence of plain English."""
    printed = sentence(verdict.because)
    assert printed.endswith(".")
    assert printed[0].isupper() or not printed[0].isalpha()
    assert len(printed.split()) <= MOST_WORDS, f"{len(printed.split())} words: {printed}"
    assert not re.search(r"[.!?] [A-Z]", printed), f"more than one sentence: {printed}"
    assert printed.count("(") == printed.count(")"), printed
    assert ") (" not in printed, printed
    for text in (printed, *verdict.caveats):
        assert not [stumble for stumble in STUMBLES if stumble in text.lower()], text
        assert not ASCII_NOTE.search(text), text


def in_order(text, *facts):
    """Whether a sentence tells these facts, one after the other; how it goes between them is its own business."""
    place = 0
    for fact in facts:
        place = text.find(fact, place) + len(fact)
        assert place >= len(fact), f"{fact!r} is not in {text!r}, or not in this place"
    return True


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
