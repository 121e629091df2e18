"""Riffs whose notes are known, read from one pass or many."""

import functools
import itertools

import numpy as np
import pytest

from outcomes import missing
from riffscope.analyzers.loops import LoopKind, Loops
from riffscope.analyzers.riff_notes import RiffNote, RiffNotes, RiffPart, read_pass, transcribe_riff
from riffscope.dsp.repetition.riff_image import TICKS, frame_times, pass_spectra
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Estimate, Measured, Span, VocalSource
from riffscope.song import analyze
from riffscope.views.beat_track import BeatTrack
from signals import audio_of, harmonic_tone, hat, kick, noise, place, snare

RATE_HZ = 22050
BEAT_S = 0.5
# Eighths and sixteenths of two bars, in E minor; and a figure in triplets.
RIFF = ((0, 52), (0.75, 55), (1.5, 57), (2, 52), (2.75, 58), (3, 57), (4, 52), (4.75, 55), (5.5, 57), (6, 55), (7, 50))
TRIPLETS = ((0, 52), (1 / 3, 55), (2 / 3, 57), (1, 59), (2, 57), (2 + 2 / 3, 55), (3, 52), (3 + 1 / 3, 50))


def played(notes, beats=8, *, passes=1, transposed=0, hiss=0.0, seed=0):
    """Play passes of a riff over drums; a beat of drums alone before and after: samples (n,)."""
    duration_s = (passes * beats + 2) * BEAT_S
    out = np.zeros(round(duration_s * RATE_HZ))
    for turn in range(passes):
        for (beat, midi), end in zip(notes, [*(beat for beat, _ in notes[1:]), beats], strict=True):
            count = round(0.9 * (end - beat) * BEAT_S * RATE_HZ)
            t = np.arange(count) / RATE_HZ
            shape = np.minimum(np.minimum(t / 0.004, 1), (t[-1] - t) / 0.02) * np.exp(-t / 0.6)
            note = shape * harmonic_tone(np.full(count, 440 * 2 ** ((midi + transposed - 69) / 12)), RATE_HZ)
            first = round((1 + turn * beats + beat) * BEAT_S * RATE_HZ)
            out[first : first + count] += note
    beats_s = BEAT_S * np.arange(passes * beats + 2)
    for hit, times_s in ((kick, beats_s[::2]), (snare, beats_s[1::2]), (hat, beats_s)):
        out += 0.5 * place(hit(RATE_HZ), times_s, duration_s, RATE_HZ)
    return out + noise(duration_s, RATE_HZ, hiss, seed)


def read(samples, beats=8, *, passes=1, taken=None):
    """Return the notes of the line, by beat and MIDI number, their probabilities, and the step of the grid."""
    beats_s = BEAT_S * np.arange(passes * beats + 2)
    starts = (1 + beats * np.arange(passes))[: taken or passes]
    times_s = frame_times(beats_s, starts, beats, swing=None)
    spectra = pass_spectra(samples.astype(np.float32), RATE_HZ, times_s, tuning_semitones=0.0)
    step, line, bass = read_pass(spectra, sample_rate_hz=RATE_HZ, is_compound=False)
    notes = [*line, *bass] if len(line) < len(bass) else line
    return {(round(note.start / TICKS, 2), note.midi): note.probability for note in notes}, step


def f_measure(found, notes, transposed=0):
    wanted = {(round(beat, 2), midi + transposed) for beat, midi in notes}
    return 2 * len(wanted & set(found)) / (len(wanted) + len(found))


def test_the_notes_of_a_riff_are_read_with_their_places():
    found, step = read(played(RIFF, passes=4), passes=4)
    assert f_measure(found, RIFF) > 0.85
    assert step == TICKS // 4


@pytest.mark.parametrize("semitones", [-3, 5])
def test_transposing_moves_the_notes(semitones):
    found, _ = read(played(RIFF, passes=4, transposed=semitones), passes=4)
    assert f_measure(found, RIFF, semitones) > 0.85


def test_triplets_lie_on_thirds_of_the_beat():
    found, step = read(played(TRIPLETS, 4, passes=6), 4, passes=6)
    assert step == TICKS // 6
    assert f_measure(found, TRIPLETS) > 0.85


def test_a_melody_that_is_another_in_each_pass_changes_nothing():
    alone = played(RIFF, passes=6)
    voice = np.zeros_like(alone)
    random = np.random.default_rng(3)
    for beat in range(1, 49):
        if random.random() < 0.7:
            count = round(0.9 * BEAT_S * RATE_HZ)
            pitch_hz = np.full(count, 440 * 2 ** ((random.integers(64, 77) - 69) / 12))
            first = round((beat + random.choice([0, 0.25, 0.5])) * BEAT_S * RATE_HZ)
            voice[first : first + count] += harmonic_tone(pitch_hz, RATE_HZ, amplitude=0.25)
    without, _ = read(alone, passes=6)
    under, _ = read(alone + voice, passes=6)
    assert f_measure(under, without) > 0.85


def test_more_passes_make_the_notes_surer():
    loud = played(RIFF, passes=9, hiss=0.5)
    right = {(round(beat, 2), midi) for beat, midi in RIFF}
    sure = {taken: read(loud, passes=9, taken=taken)[0] for taken in (1, 9)}
    one, nine = (sum(found.get(note, 0.0) for note in right) for found in (sure[1], sure[9]))
    assert nine > one


# ------------------------------------------------------------------------------------------------------- the analyzer
@functools.cache
def measured():
    """A song of twelve passes, analysed from its sound."""
    outcome = analyze(audio_of(played(RIFF, passes=12), RATE_HZ), only=[RiffNotes]).outcomes["riff_notes"]
    assert isinstance(outcome, Measured), outcome
    return outcome.value


def test_a_song_is_transcribed_from_its_sound():
    riff = measured()
    assert riff.period_beats == 8
    assert riff.beats_per_bar == 4
    assert riff.passes >= 10
    found = {(note.beat, note.midi) for note in riff.notes}
    turned = [{((beat + turn) % 8, midi) for beat, midi in found} for turn in range(8)]
    assert max(f_measure(each, RIFF) for each in turned) > 0.8


def test_notes_of_a_line_come_one_at_a_time_and_within_the_pass():
    riff = measured()
    for line in (riff.notes, riff.bass_notes):
        edges = [0.0, *(edge for note in line for edge in (note.beat, note.beat + note.beats)), riff.period_beats]
        assert all(a <= b + 1e-3 for a, b in itertools.pairwise(edges))
    assert all(0 < note.probability <= 1 and note.beats > 0 for note in (*riff.notes, *riff.bass_notes))


def test_where_nothing_repeats_there_are_no_notes_and_the_reason_is_the_loops():
    outcome = analyze(audio_of(noise(8.0, RATE_HZ), RATE_HZ), only=[RiffNotes]).outcomes["riff_notes"]
    assert type(outcome) is type(missing("riff_notes"))


def test_what_repeats_after_more_than_sixteen_bars_is_too_long_to_write_down():
    span = Span(start_s=0.0, end_s=34.0)
    loops = Loops(
        period_s=34.0,
        period_beats=68,
        period_bars=17.0,
        coverage_fraction=Estimate(value=1.0, low=1.0, high=1.0),
        spans=(span,),
        longest_gap_bars=0.0,
        exactness_fraction=0.9,
        example=span,
        passes=2.0,
        probability=1.0,
        kind=LoopKind.PASSAGE,
        others=(),
        bar_starts_s=np.zeros(1),
        bar_phase_index=np.zeros(1, np.int64),
        bar_similarity=np.ones(1),
        self_similarity_percent=np.ones(1, np.int64),
        method=VocalSource.MIX,
    )
    track = BeatTrack(
        times_s=np.arange(80) * BEAT_S,
        downbeat_index=np.arange(0, 80, 4),
        beats_per_bar=4,
        levels=(),
        confidence_fraction=1.0,
    )
    with pytest.raises(CannotMeasure, match="17 bars") as why:
        transcribe_riff(loops, track, None, None, None, None, None)
    assert why.value.code is Absence.TOO_LONG


def test_a_line_below_c3_with_no_bass_under_it_is_a_bass_line():
    note = RiffNote(beat=0.0, beats=1.0, midi=40, probability=0.9, part=RiffPart.BASS)
    riff = RiffNotes(
        period_beats=4,
        beats_per_bar=4,
        steps_per_beat=4,
        swing_fraction=None,
        passes=3,
        kind=LoopKind.RIFF,
        notes=(note,),
    )
    assert riff.is_bass_line
    assert riff.lowest_midi == riff.highest_midi == 40
