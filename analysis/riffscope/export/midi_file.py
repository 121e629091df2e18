"""MIDI files: events at ticks as bytes, and meters as they are written; what the exports to MIDI share."""

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from riffscope.export.song_files import made_from
from riffscope.model import Source

if TYPE_CHECKING:
    from mido import Message, MetaMessage

# 480 ticks divide a quarter into what is written: triplets, and down to 128ths.
QUARTER = 480
# A quarter of that: the grid of a straight score.
SIXTEENTH = 120
# The shortest step that a meter is written in: a 64th.
SHORTEST_TICKS = 30
# The maker's number that the MIDI standard keeps for those who have none.
NON_COMMERCIAL = 0x7D


def time_signature(ticks: int, *, compound: bool) -> tuple[int, int]:
    """Return the meter of a bar of so many ticks, a multiple of a 64th: 4 and 4, or 6 and 8 where it is compound.

    Examples
    --------
    >>> time_signature(1920, compound=False), time_signature(1440, compound=True), time_signature(90, compound=False)
    ((4, 4), (6, 8), (3, 64))
    """
    for denominator in (8, 16, 32, 64) if compound else (4, 8, 16, 32, 64):
        if ticks % (4 * QUARTER // denominator) == 0:
            return ticks // (4 * QUARTER // denominator), denominator
    raise AssertionError("64ths always fit")


def provenance(source: Source) -> "MetaMessage":
    """Return an event that says which song a file was made from. Sequencers pass over it."""
    from mido import MetaMessage

    return MetaMessage("sequencer_specific", data=(NON_COMMERCIAL, *made_from(source).encode()))


def encode(
    conductor: Sequence[tuple[int, "MetaMessage"]], tracks: Mapping[str, Sequence[tuple[int, "Message | MetaMessage"]]]
) -> bytes:
    """Write a standard MIDI file of format 1; text is UTF-8."""
    from mido import MetaMessage, MidiFile, MidiTrack

    file = MidiFile(type=1, ticks_per_beat=QUARTER, charset="utf-8")
    named = [[(0, MetaMessage("track_name", name=name)), *events] for name, events in tracks.items()]
    for events in (conductor, *named):
        track, now = MidiTrack(), 0
        # At one tick, a note ends before the next begins; else the order is that of writing.
        for tick, message in sorted(events, key=lambda event: (event[0], event[1].type != "note_off")):
            track.append(message.copy(time=tick - now))
            now = tick
        file.tracks.append(track)
    out = io.BytesIO()
    file.save(file=out)
    return out.getvalue()
