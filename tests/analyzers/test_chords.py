import functools
import itertools

import mir_eval
import numpy as np
import pytest

from riffscope.analyzers.beats import Beats
from riffscope.analyzers.chords import NAMES, NONE, Chords, measure_chords
from riffscope.analyzers.key import Key
from riffscope.chord_names import NO_CHORD, QUALITIES, ChordName
from riffscope.dsp.rhythm.levels import RatedLevel
from riffscope.dsp.tonality.chord_features import half_beats
from riffscope.errors import NotMeasured
from riffscope.model import VocalSource
from riffscope.notes import Spelling
from riffscope.song import analyze
from riffscope.views.beat_track import BeatTrack
from riffscope.views.chord_activation import ChordActivation
from signals import audio_of, harmonic_tone, hat, kick, noise, place, snare

RATE_HZ = 22050
BPM = 120.0
BEAT_S = 60 / BPM


def band_playing(chords, *, power=False, beats_each=4, rounds=3):
    """Struck chords over a bass on the root and drums, four beats to the bar."""
    chords = [ChordName.parse(label) for label in chords * rounds]
    length = len(chords) * beats_each * BEAT_S + 1.0
    out = np.zeros(round(length * RATE_HZ))
    beat = np.exp(-np.arange(round(BEAT_S * RATE_HZ)) / (0.6 * RATE_HZ))
    for k, chord in enumerate(chords):
        notes = [52 + (chord.root + i - 52) % 12 for i in QUALITIES[chord.quality]]
        if power:
            low = 40 + (chord.root - 40) % 12
            notes = [low, low + 7, low + 12]
        notes.append(36 + (chord.root + chord.bass) % 12)
        for b in range(beats_each):
            at = round((k * beats_each + b) * BEAT_S * RATE_HZ)
            for note in notes:
                tone = harmonic_tone(np.full(len(beat), 440 * 2 ** ((note - 69) / 12)), RATE_HZ, harmonics=8)
                out[at : at + len(beat)] += 0.25 * tone * beat
    beats_s = np.arange(len(chords) * beats_each) * BEAT_S
    for sound, times_s in ((kick(RATE_HZ), beats_s[::2]), (snare(RATE_HZ), beats_s[1::2]), (hat(RATE_HZ), beats_s)):
        out += 0.3 * place(sound, times_s, length, RATE_HZ)[: len(out)]
    return out


@functools.cache
def heard(*chords, **options):
    return analyze(audio_of(band_playing(list(chords), **options), RATE_HZ), only=[Chords])[Chords]


def in_bars(chords, count):
    """The chord in the middle of each bar."""
    middles_s = (np.arange(count) * 4 + 2) * BEAT_S
    return [ChordName.parse(next(s.label for s in chords.spans if s.start_s <= m < s.end_s)) for m in middles_s]


@pytest.mark.parametrize("up", range(12))
def test_triads_are_named_in_every_key(up):
    played = [
        ChordName(root=(root + up) % 12, quality=quality)
        for root, quality in ((0, "maj"), (9, "min"), (5, "maj"), (7, "maj"))
    ]
    found = heard(*(chord.harte(Spelling.SHARPS) for chord in played))
    assert in_bars(found, 12) == played * 3
    assert min(span.probability for span in found.spans) > 0.6


def test_chords_change_on_the_bar_line():
    starts_s = [span.start_s for span in heard("C:maj", "A:min", "F:maj", "G:maj").spans]
    bars_s = np.arange(12) * 4 * BEAT_S
    assert np.abs(np.array(starts_s)[:, None] - bars_s).min(axis=1).max() < 0.1


def test_a_power_chord_is_given_no_third():
    found = heard("E:5", "G:5", "A:5", "D:5", power=True)
    assert {chord.quality for chord in in_bars(found, 12)} == {"5"}


@pytest.mark.parametrize("label", ["G:7", "C:maj7", "D:min7", "A:sus4", "B:dim"])
def test_a_fourth_note_or_another_third_is_heard(label):
    found = heard("C:maj", label, "F:maj", label)
    assert [chord.harte(Spelling.SHARPS) for chord in in_bars(found, 12)][1::2] == [label] * 6


def heard_by_half_beats(labels, basses):
    """Chords as if the network had heard one to a bar of four, each over a bass."""
    chords = [ChordName.parse(label) for label in labels]
    likely = np.full((8 * len(labels), NONE + 1), 1e-4)
    low = np.full((8 * len(labels), 12), 1e-3)
    for bar, (chord, bass) in enumerate(zip(chords, basses, strict=True)):
        likely[8 * bar : 8 * bar + 8, chord.root + 12 * NAMES.index(chord.quality)] = 1
        low[8 * bar : 8 * bar + 8, bass] = 1
    beats_s = BEAT_S * np.arange(4 * len(labels))
    activation = ChordActivation(
        edges_s=half_beats(beats_s),
        chord_log_probability=np.log(likely / likely.sum(axis=1, keepdims=True)),
        bass_log_probability=np.log(low / low.sum(axis=1, keepdims=True)),
        method=VocalSource.MIX,
    )
    track = BeatTrack(
        times_s=beats_s,
        downbeat_index=np.arange(0, len(beats_s), 4),
        beats_per_bar=4,
        levels=(RatedLevel(bpm=BPM, weight_fraction=1.0),),
        confidence_fraction=1.0,
    )
    return measure_chords(activation, track, None, None, None)


def test_a_note_of_the_chord_in_the_bass_makes_an_inversion_and_another_does_not():
    found = heard_by_half_beats(["C:maj", "G:maj", "A:min", "F:maj"], [0, 11, 2, 5])
    assert [span.label for span in found.spans] == ["C:maj", "G:maj/3", "A:min", "F:maj"]


def test_spans_follow_each_other_and_are_read_by_other_programs():
    spans = heard("C:maj", "A:min", "F:maj", "G:maj").spans
    for one, following in itertools.pairwise(spans):
        assert one.end_s == pytest.approx(following.start_s)
        assert one.label != following.label
    mir_eval.chord.encode_many([span.label for span in spans])
    assert all(0 <= span.probability <= 1 for span in spans)


def test_chords_are_spelled_as_the_key_is():
    song = analyze(audio_of(band_playing(["Ab:maj", "Db:maj", "Eb:maj", "F:min"]), RATE_HZ), only=[Chords, Key])
    assert {span.label for span in song[Chords].spans} - {NO_CHORD} == {"Ab:maj", "Db:maj", "Eb:maj", "F:min"}


def test_drums_alone_play_no_chords():
    beats_s = np.arange(48) * BEAT_S
    drums = sum(
        place(sound, times_s, 25.0, RATE_HZ)
        for sound, times_s in ((kick(RATE_HZ), beats_s[::2]), (snare(RATE_HZ), beats_s[1::2]), (hat(RATE_HZ), beats_s))
    )
    song = analyze(audio_of(drums + noise(len(drums) / RATE_HZ, RATE_HZ, 1e-3)[: len(drums)], RATE_HZ), only=[Chords])
    with pytest.raises(NotMeasured):
        song[Chords]


def test_where_the_band_pauses_there_is_no_chord():
    out = band_playing(["C:maj", "A:min", "F:maj", "G:maj"])
    drums = band_playing(["C:maj"], rounds=12) * 0
    beats_s = np.arange(48) * BEAT_S
    for sound, times_s in ((kick(RATE_HZ), beats_s[::2]), (snare(RATE_HZ), beats_s[1::2]), (hat(RATE_HZ), beats_s)):
        drums += 0.3 * place(sound, times_s, len(drums) / RATE_HZ, RATE_HZ)[: len(drums)]
    pause = slice(round(16 * BEAT_S * RATE_HZ), round(32 * BEAT_S * RATE_HZ))
    out[pause] = drums[pause]
    found = analyze(audio_of(out, RATE_HZ), only=[Chords])[Chords]
    inside = [span.label for span in found.spans if span.start_s > 18 * BEAT_S and span.end_s < 31 * BEAT_S]
    label = next(span.label for span in found.spans if span.start_s <= 24 * BEAT_S < span.end_s)
    assert label == NO_CHORD
    assert set(inside) <= {NO_CHORD}


def test_without_a_beat_chords_are_named_all_the_same():
    # Held chords that fade in and out, each for another while.
    out, truth, at = [], [], 0.0
    for label, lasts_s in (("C:maj", 3.1), ("A:min", 2.3), ("F:maj", 3.7), ("G:maj", 2.6), ("C:maj", 4.1)):
        chord = ChordName.parse(label)
        notes = [48 + chord.root, *(60 + (chord.root + k) % 12 for k in QUALITIES[chord.quality])]
        length = round(lasts_s * RATE_HZ)
        f0_hz = [np.full(length, 440 * 2 ** ((note - 69) / 12)) for note in notes]
        fade = np.minimum(1, np.minimum(np.arange(length), np.arange(length)[::-1]) / (0.8 * RATE_HZ))
        out.append(fade * sum(harmonic_tone(f, RATE_HZ, harmonics=6, amplitude=0.1) for f in f0_hz))
        truth.append((at + lasts_s / 2, label))
        at += lasts_s
    song = analyze(audio_of(np.concatenate(out), RATE_HZ), only=[Chords, Beats])
    with pytest.raises(NotMeasured):
        song[Beats]
    found = song[Chords]
    for middle_s, label in truth:
        assert next(span.label for span in found.spans if span.start_s <= middle_s < span.end_s) == label
    assert not found.progressions
