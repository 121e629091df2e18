"""Key: the key or keys of the song, how sure they are, and how it is tuned."""

from collections.abc import Iterator

from riffscope import words
from riffscope.analyzers.key import CERTAIN_ENOUGH, Key, KeyPart
from riffscope.notes import music_type
from riffscope.report.absences import absences
from riffscope.report.blocks import Block, Heading, Paragraph
from riffscope.report.chapter import chapter
from riffscope.song import SongAnalysis
from riffscope.units import clock

# From here on the mode needs no sentence of its own: it is that of a key which is sure.
KEY_IS_SURE = 0.9
# How likely a mode must be to be called probable and very probable.
PROBABLE, VERY_PROBABLE = 0.75, 0.9
# A pause between two parts is named where it is longer: shorter ones no listener takes for a pause.
PAUSE_S = 2.0


@chapter(place=25, shows=("key",))
def key(song: SongAnalysis) -> Iterator[Block]:
    """Write about the key, the mode and the tuning."""
    yield Heading(text="Key")
    yield from absences(song, "key")
    found = song.get(Key)
    if found is not None:
        yield Paragraph(text=f"{_key_in_words(found)} {_tuning_in_words(found)}")


def _key_in_words(found: Key) -> str:
    named, other = found.name.in_words, found.runner_up.in_words
    likely = words.percent_of(found.confidence_fraction)
    sentences = []
    if len(found.parts) > 1:
        sentences.append(_parts_in_words(found.parts))
        sentences.append(
            f"The longest part is in {named} (Camelot {found.camelot}; {likely} likely, next best: {other})."
        )
    elif found.confidence_fraction >= CERTAIN_ENOUGH:
        sentences.append(f"The song is in {named} (Camelot {found.camelot}): {likely} likely; next best: {other}.")
    else:
        sentences.append(
            f"The song is in {named} or {other}, and it is hard to tell which: {named} (Camelot {found.camelot}) is"
            f" {likely} likely."
        )
    if found.confidence_fraction < KEY_IS_SURE:
        sentences.append(_mode_in_words(found.minor_probability))
    return " ".join(sentences)


def _mode_in_words(minor_probability: float) -> str:
    mode, likely = ("minor", minor_probability) if minor_probability >= 0.5 else ("major", 1 - minor_probability)
    if likely < PROBABLE:
        return f"Major or minor is unclear ({mode}: {words.percent_of(likely)})."
    very = "very " if likely >= VERY_PROBABLE else ""
    return f"Whichever the tonic, it is {very}probably in a {mode} key ({words.percent_of(likely)})."


def _parts_in_words(parts: tuple[KeyPart, ...]) -> str:
    """Name the key of each part, and which of them are uncertain."""
    named = []
    for i, part in enumerate(parts):
        place = f"in {music_type(part.label)}"
        if i:
            paused = part.start_s - parts[i - 1].end_s > PAUSE_S
            place = f"then{f' from {clock(part.start_s)} on' if paused else ''} {place}"
        named.append(place if i == len(parts) - 1 else f"{place} to {clock(part.end_s)}")
    unsure = [
        f"{music_type(part.label)} from {clock(part.start_s)} on"
        for part in parts
        if part.confidence_fraction < CERTAIN_ENOUGH
    ]
    doubt = f" Uncertain: {words.joined(unsure)}." if unsure else ""
    return f"The song is {', '.join(named)}.{doubt}"


def _tuning_in_words(found: Key) -> str:
    if not round(found.tuning_cents):
        return "It is tuned to A = 440 Hz."
    side = "above" if found.tuning_cents > 0 else "below"
    return f"It is tuned {words.count(round(abs(found.tuning_cents)), 'cent')} {side} A = 440 Hz."
