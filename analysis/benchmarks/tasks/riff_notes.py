"""The riff's notes: one pass of it, as it would be written down.

Conventions
    Notes are pairs of a place in beats and a MIDI number. The pass may be counted from any of its beats.

Metrics
    ``riff_note_f``     F-measure of the notes: pitch right, onset within a sixth of a beat (0..1)
    ``riff_note_pc_f``  the same, in any octave (0..1)

References
----------
Onset and pitch as in `mir_eval.transcription`, with time counted in beats.
"""

from collections.abc import Sequence

from benchmarks.answers import Answer
from benchmarks.items import Item
from benchmarks.tasks import Scores, task

Notes = Sequence[tuple[float, int]]
ONSET_BEATS = 1 / 6
OCTAVE_ST = 12


@task("riff_period", reads="riff_notes.notes")
def score_riff_notes(item: Item, answer: Answer) -> Scores:
    """Score the best of all ways to count the pass."""
    truth = item.whole_truth()
    if not truth.get("riff_notes"):
        return {}
    beats = truth["riff"]["period_bars"] * truth["tempo"]["meter"]
    wanted = [(note["beat"], note["midi"]) for note in truth["riff_notes"]]
    found = [(note["beat"], note["midi"]) for note in answer.fields("riff_notes").get("notes") or []]
    turns = [[((beat + turn) % beats, midi) for beat, midi in found] for turn in range(beats)]
    return {
        "riff_note_f": max((_note_f(wanted, turned, beats, any_octave=False) for turned in turns), default=0.0),
        "riff_note_pc_f": max((_note_f(wanted, turned, beats, any_octave=True) for turned in turns), default=0.0),
    }


def _note_f(wanted: Notes, found: Notes, beats: int, *, any_octave: bool) -> float:
    """F-measure of notes, each of which is found once, in a pass that goes round."""
    left = list(wanted)
    hits = 0
    for beat, midi in found:
        for note in left:
            apart = abs(beat - note[0])
            is_near = min(apart, beats - apart) <= ONSET_BEATS
            if is_near and (midi == note[1] or (any_octave and (midi - note[1]) % OCTAVE_ST == 0)):
                left.remove(note)
                hits += 1
                break
    return 2 * hits / max(1, len(found) + len(wanted))
