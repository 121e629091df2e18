"""Vocal layers, on voices whose number, notes and places are known."""

import dataclasses
import functools

import numpy as np
import pytest

from riffscope.analyzers.vocal_layers import VocalLayers, fill_of_gaps, layered_parts, measure_vocal_layers
from riffscope.claims.reading import Reading
from riffscope.dsp.voice.layer_odds import CERTAIN, LAYERED_LIMIT, crossing, either, share_at
from riffscope.dsp.voice.singing import FRAME_S
from riffscope.errors import CannotMeasure
from riffscope.measures import all_measures
from riffscope.model import Estimate, Missing, Span, VocalSource
from riffscope.song import analyze
from riffscope.views.voice_track import MAX_HZ, MIN_HZ, VoiceTrack
from signals import audio_of
from sung import MELODY, RATE_HZ, chords, in_room, mix_of, pitch_of, placed, sing, stems_of

THIRDS_ABOVE = {57: 60, 59: 62, 60: 64, 62: 65, 64: 67, 65: 69}
# The last five notes of the melody, a note and a rest each 1.2 s.
CHORUS_S = 7 * 1.2
WHOLE_S = (0.0, 12 * 1.2)


def measure_of(path):
    return next(each for each in all_measures() if each.path == path)


def above(notes, steps=THIRDS_ABOVE):
    return tuple(None if note is None else steps[note] for note in notes)


@functools.cache
def lead():
    return sing()


def measure(vocals, f0_hz=None, spans_s=None, accompaniment=None, as_mix=False, others_s=()):
    """Measure vocals of a known lead; in `others_s` other notes sound as well, so that no pitch is clear."""
    f0_hz = lead()[1] if f0_hz is None else f0_hz
    duration_s = len(f0_hz) * 0.01
    accompaniment = chords(vocals.shape[1]) if accompaniment is None else accompaniment
    stems = stems_of(vocals, accompaniment)
    # The whole is one phrase: between the lead's notes the pitch followed is that of the others.
    pitch = pitch_of(f0_hz)
    certain = np.zeros(len(f0_hz), np.int64)
    for start_s, end_s in spans_s or [(0.0, duration_s - 0.4)]:
        certain[round(start_s * 100) : round(end_s * 100)] = 1
    pitch = dataclasses.replace(pitch, certain=certain)
    return measure_vocal_layers(mix_of(stems) if as_mix else stems, pitch, track_of(f0_hz, others_s))


def track_of(f0_hz, others_s):
    """The track of a voice, every 16 ms: .97 is how clear one sung pitch is, .8 one among others."""
    times_s = np.arange(round(len(f0_hz) * 0.01 / FRAME_S)) * FRAME_S
    confidence = np.full(len(times_s), 0.97)
    for start_s, end_s in others_s:
        confidence[(times_s >= start_s) & (times_s < end_s)] = 0.8
    return VoiceTrack(
        times_s=times_s,
        f0_hz=np.nan_to_num(f0_hz, nan=200.0)[(times_s / 0.01).astype(int)],
        confidence=confidence,
        tone_dbfs=np.full(len(times_s), -20.0),
        vocals_dbfs=None,
        accompaniment_dbfs=None,
        reach_hz=(MIN_HZ, MAX_HZ),
        method=VocalSource.SPLEETER,
    )


def one_voice():
    return placed(lead()[0], 0.0)


def doubled(pan=0.8):
    return placed(lead()[0], -pan) + placed(sing(detune_cents=7, late_s=0.02, seed=1)[0], pan)


def with_harmony(notes=None, level_db=-5.0):
    return one_voice() + placed(10 ** (level_db / 20) * sing(notes or above(MELODY), seed=2)[0], 0.0)


def test_one_voice_is_not_layered_wherever_it_stands():
    for pan in (0.0, -0.7):
        found = measure(placed(lead()[0], pan))
        assert found.kind == "one voice"
        assert found.layered_fraction.value < 0.01
        assert found.layered_fraction.high < LAYERED_LIMIT
        assert found.width_fraction < 0.01


def test_one_voice_in_a_wide_room_is_one_voice():
    found = measure(in_room(one_voice(), wet_db=-8.0))
    assert found.kind == "one voice"
    assert found.layered_fraction.low == 0


def test_a_wide_double_is_heard():
    found = measure(doubled())
    assert found.kind == "doubles"
    assert found.layered_fraction.value > 0.9
    assert found.doubled_fraction > 0.9
    assert found.width_fraction == pytest.approx(0.4, abs=0.12)


def test_a_harmony_in_the_same_place_is_heard_and_is_not_wide():
    found = measure(with_harmony(), others_s=[WHOLE_S])
    assert found.kind == "harmonies"
    assert found.harmony_fraction > 0.8
    assert found.doubled_fraction == 0
    assert found.width_fraction < 0.01


def test_harmonies_in_the_chorus_only_are_found_there():
    notes = (None,) * 7 + above(MELODY[7:])
    found = measure(with_harmony(notes=notes), others_s=[(CHORUS_S, WHOLE_S[1])])
    truth = 5 / 12
    assert found.layered_fraction.low <= truth <= found.layered_fraction.high
    assert found.layered_fraction.value == pytest.approx(truth, abs=0.1)
    assert found.spans[0].start_s == pytest.approx(CHORUS_S, abs=0.6)


def test_in_a_mono_file_a_double_is_heard_by_its_beats_and_harmonies_as_in_stereo():
    accompaniment = chords(len(lead()[0]))[:1]
    alone = measure(one_voice()[:1], accompaniment=accompaniment)
    harmony = measure(with_harmony(level_db=0)[:1], accompaniment=accompaniment, others_s=[WHOLE_S])
    assert alone.kind == "one voice"
    assert alone.doubled_fraction is None
    assert alone.layered_fraction.value < 0.01
    assert alone.layered_fraction.high < LAYERED_LIMIT
    twice = measure(doubled().mean(axis=0, keepdims=True), accompaniment=accompaniment)
    assert twice.layered_fraction.value > LAYERED_LIMIT
    assert twice.doubled_fraction is None
    assert harmony.layered_fraction.low > 0.5


def test_a_mono_file_on_two_channels_measures_as_mono():
    accompaniment = chords(len(lead()[0])).mean(axis=0)
    one, two = (
        measure(np.tile(with_harmony().mean(axis=0), (n, 1)), accompaniment=np.tile(accompaniment, (n, 1)))
        for n in (1, 2)
    )
    assert two.doubled_fraction is None
    assert two.layered_fraction.value == pytest.approx(one.layered_fraction.value, abs=0.01)


def test_a_voice_recorded_in_mono_in_a_stereo_song_has_no_double_beside_it():
    assert measure(one_voice()).doubled_fraction == 0


def test_in_the_mix_wide_doubles_are_heard_and_harmonies_may_be():
    wide, single = measure(doubled(pan=1.0), as_mix=True), measure(one_voice(), as_mix=True)
    assert wide.kind == "doubles"
    assert wide.layered_fraction.low > 0.5
    assert single.kind == "one voice"
    assert single.layered_fraction.high == 1
    assert single.harmony_fraction is None
    assert single.gap_fill_fraction is None


def test_a_mono_mix_is_missing_with_the_reason():
    vocals = one_voice()[:1]
    with pytest.raises(CannotMeasure, match="the mix is mono"):
        measure(vocals, accompaniment=chords(vocals.shape[1])[:1], as_mix=True)


def test_too_little_singing_is_missing_with_the_reason():
    with pytest.raises(CannotMeasure, match="too little singing was found"):
        measure(one_voice(), spans_s=[(0.0, 1.0)])


def test_without_a_voice_there_are_no_layers():
    song = audio_of(chords(4 * RATE_HZ), RATE_HZ)
    assert isinstance(analyze(song, only=[VocalLayers]).outcomes["vocal_layers"], Missing)


@pytest.mark.parametrize("gain_db", [-6.0, 6.0])
def test_the_level_changes_nothing(gain_db):
    gain = 10 ** (gain_db / 20)
    vocals = with_harmony(notes=(None,) * 7 + above(MELODY[7:]))
    accompaniment = chords(vocals.shape[1])
    before, after = (
        measure(vocals, accompaniment=accompaniment),
        measure(gain * vocals, accompaniment=gain * accompaniment),
    )
    assert after.layered_fraction == before.layered_fraction
    assert after.spans == before.spans
    assert after.width_fraction == pytest.approx(before.width_fraction, abs=1e-4)


def test_a_second_take_beside_the_lead_raises_what_is_layered():
    one, wide = (measure(v).layered_fraction.value for v in (one_voice(), doubled(pan=0.8)))
    assert wide > one + 0.9


def test_a_second_take_is_told_from_a_room_by_when_it_sounds():
    # Both have as much beside the lead; the room's comes later and lingers.
    double = one_voice() + 0.4 * (doubled(pan=1.0) - placed(lead()[0], -1.0))
    room = in_room(one_voice(), rt60_s=2.2, wet_db=-5.0)
    in_a_room, twice = measure(room), measure(double)
    assert in_a_room.width_fraction == pytest.approx(twice.width_fraction, abs=0.08)
    assert twice.layered_fraction.high > LAYERED_LIMIT > in_a_room.layered_fraction.high
    assert in_a_room.layered_fraction.value < 0.1


def test_leading_silence_shifts_the_spans_and_nothing_else():
    vocals, shift_s = with_harmony(notes=(None,) * 7 + above(MELODY[7:])), 2.5
    later = np.pad(vocals, ((0, 0), (round(shift_s * RATE_HZ), 0)))
    f0_hz = lead()[1]
    end_s = len(f0_hz) * 0.01 - 0.4
    before = measure(vocals, others_s=[(CHORUS_S, WHOLE_S[1])])
    after = measure(
        later,
        np.pad(f0_hz, (250, 0), constant_values=np.nan),
        [(shift_s, shift_s + end_s)],
        others_s=[(shift_s + CHORUS_S, shift_s + WHOLE_S[1])],
    )
    assert after.layered_fraction.value == pytest.approx(before.layered_fraction.value, abs=0.01)
    assert after.spans[0].start_s == pytest.approx(before.spans[0].start_s + shift_s, abs=0.1)


def test_oohs_in_the_leads_rests_fill_them():
    # The lead sings notes 0 to 3 and 8 to 11; between them three softer voices hold a chord, of which one is followed.
    verse = (*MELODY[:4], None, None, None, None, *MELODY[8:])
    samples, f0_hz = sing(verse, rest_s=0.0)
    oohs = [
        sing((None,) * 4 + (note,) * 4 + (None,) * 4, rest_s=0.0, seed=5 + note, amplitude=0.13)
        for note in (60, 64, 67)
    ]
    vocals = placed(samples, 0.0) + sum(placed(one, pan) for (one, _), pan in zip(oohs, (-0.8, 0.0, 0.8), strict=True))
    followed = np.where(np.isnan(f0_hz), oohs[1][1], f0_hz)
    found = measure(vocals, followed, [(0.0, len(followed) * 0.01)], others_s=[(3.2, 6.4)])
    assert found.kind == "voices in the gaps"
    assert found.gap_fill_fraction.value > 0.7
    assert found.layered_fraction.low <= 1 / 3 <= found.layered_fraction.high


def test_a_chorus_of_harmonies_fills_no_gap_whether_the_lead_has_none_or_rests():
    vocals = with_harmony(notes=(None,) * 7 + above(MELODY[7:]))
    assert measure(vocals).gap_fill_fraction is None
    assert measure(vocals, spans_s=[(0.0, 4.0), (6.0, 14.0)]).gap_fill_fraction.value == 0


def test_gaps_are_counted_between_the_leads_phrases_only():
    phrases = [Span(start_s=0.0, end_s=4.0), Span(start_s=6.0, end_s=10.0)]
    whole = [Span(start_s=0.0, end_s=10.0)]
    assert fill_of_gaps(phrases, []) == 0
    assert fill_of_gaps(whole, []) is None
    assert fill_of_gaps(whole, [Span(start_s=4.0, end_s=6.0)]) == 1
    # Before the lead's first note there is no gap of it.
    assert fill_of_gaps(whole, [Span(start_s=0.0, end_s=6.0)]) is None


def test_the_shift_at_which_a_share_reaches_a_limit_lies_between_the_steps():
    shifts = np.arange(-4.0, 4.01, 0.5)
    assert crossing(shifts, np.clip((shifts - 0.3) / 2, 0, 1), 0.25) == pytest.approx(0.8)
    assert crossing(shifts, np.zeros(shifts.size), 0.25) == 4.0
    assert crossing(shifts, np.ones(shifts.size), 0.25) == -4.0


SHIFTS = np.linspace(-4.0, 4.0, 81)
SHARES = (SHIFTS + 4) / 8


@pytest.mark.parametrize("log_odds", [-4.0, -2.0, -0.8, 0.8, 2.0, 4.0])
def test_a_range_is_as_sure_of_the_limit_as_the_song_is(log_odds):
    low, share, high = share_at(SHIFTS, SHARES, -1.6 + log_odds / CERTAIN, log_odds, limit=0.3, unsure=1.0)
    found = Estimate(value=share, low=low, high=high)
    reading = Reading(measure=measure_of("vocal_layers.layered_fraction"), found=found)
    assert 1 - reading.probability_at_most(0.3) == pytest.approx(1 / (1 + np.exp(-log_odds)), abs=0.03)
    assert (found.low >= 0.3) == (log_odds > CERTAIN)
    assert (found.high < 0.3) == (log_odds < -CERTAIN)


def test_a_share_that_no_evidence_brings_to_the_limit_may_reach_it_where_the_song_speaks_for_it():
    low, share, high = share_at(SHIFTS, np.zeros(81), 4.0, 1.0, limit=0.3, unsure=1.0)
    found = Estimate(value=share, low=low, high=high)
    assert found.low <= 0.3 <= found.high


def test_what_moves_with_the_lead_makes_a_song_layered_and_what_stands_still_does_not():
    # The same notes a fifth above, as loud: sung with the lead's, and as one held chord.
    fifths = {note: note + 7 for note in MELODY}
    moving, held = (
        measure(with_harmony(notes=notes, level_db=-8.0)).layered_fraction.value
        for notes in (above(MELODY, fifths), (69,) * len(MELODY))
    )
    assert moving > held + 0.2


def test_either_of_two_things_is_likelier_than_each():
    odds = either(np.log([1.0, 1.0, 4.0]), np.array([0.0, -np.inf, np.log(0.25)]))
    # 1 - (1 - p)(1 - q) for the probabilities 1/2 and 1/2, 1/2 and 0, 4/5 and 1/5.
    np.testing.assert_allclose(1 / (1 + np.exp(-odds)), [0.75, 0.5, 0.84])


def test_layered_stretches_do_not_reach_over_a_rest():
    layered = np.ones(60, bool)
    layered[25:28] = False
    assert layered_parts(layered, np.repeat([0, 1], [40, 20])) == [(0, 40), (40, 60)]


def test_the_summary_says_what_there_is():
    assert measure(doubled()).summary.startswith("doubles; ")
    assert measure(one_voice()).summary.startswith("mostly one voice; several voices in 0%")
