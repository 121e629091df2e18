import dataclasses
import itertools
import json

import numpy as np
import pytest

from melodies import song_with
from riffscope.analyzers.key import Key, KeyPart, camelot, measure_key
from riffscope.analyzers.structure import Section, Structure
from riffscope.codec import from_json, to_json
from riffscope.dsp.rhythm.levels import RatedLevel
from riffscope.errors import Absence, NotMeasured
from riffscope.model import Missing
from riffscope.notes import MAJOR_TONICS, Spelling
from riffscope.song import analyze
from riffscope.views.beat_track import BeatTrack
from riffscope.views.semitone_spectrogram import SemitoneSpectrogram
from signals import audio_of, harmonic_tone, hat, kick, noise, place, snare

RATE_HZ = 22050
CADENCE = {
    "major": [(0, 4, 7), (5, 9, 12), (7, 11, 14), (0, 4, 7)],
    "minor": [(0, 3, 7), (5, 8, 12), (7, 11, 14), (0, 3, 7)],
}


def song_in(tonic_midi, mode, cents=0.0, clicks=False):
    """A cadence I IV V I, twice, with a bass, in a key and tuning."""
    out = []
    for chord in CADENCE[mode] * 2:
        notes = [tonic_midi - 12 + chord[0], *(tonic_midi + degree for degree in chord)]
        f0_hz = [440 * 2 ** ((note + cents / 100 - 69) / 12) for note in notes]
        out.append(sum(harmonic_tone(np.full(RATE_HZ, f), RATE_HZ, harmonics=6, amplitude=0.1) for f in f0_hz))
    samples = np.concatenate(out)
    if clicks:
        rng = np.random.default_rng(1)
        for start in range(0, len(samples), RATE_HZ // 2):
            samples[start : start + 1000] += 0.5 * rng.normal(size=1000) * np.exp(-np.arange(1000) / 200)
    return analyze(audio_of(samples, RATE_HZ), only=[Key])[Key]


@pytest.mark.parametrize("mode", ["major", "minor"])
@pytest.mark.parametrize("tonic_midi", range(48, 60))
def test_a_cadence_tells_its_key_in_all_keys(tonic_midi, mode):
    found = song_in(tonic_midi, mode)
    assert (Spelling.SHARPS.note(48 + pitch_class(found.tonic)), found.mode) == (Spelling.SHARPS.note(tonic_midi), mode)
    assert found.confidence_fraction > 0.5


def pitch_class(tonic):
    return {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}[tonic[0]] + tonic.count("#") - tonic[1:].count("b")


@pytest.mark.parametrize("cents", [-30, 20, 45])
def test_the_tuning_is_heard_and_does_not_change_the_key(cents):
    found = song_in(55, "major", cents=cents)
    assert found.tuning_cents == pytest.approx(cents, abs=3)
    assert (found.tonic, found.mode) == ("G", "major")


def test_drums_do_not_change_the_key():
    assert song_in(50, "minor", clicks=True).tonic == "D"


def test_the_camelot_wheel_puts_relatives_side_by_side():
    assert camelot(0, "major") == "8B"
    assert camelot(9, "minor") == "8A"
    assert camelot(7, "major") == "9B"
    assert camelot(8, "minor") == "1A"
    assert len({camelot(t, m) for t in range(12) for m in ("major", "minor")}) == 24


def test_tonics_are_spelled_as_musicians_write_them():
    assert song_in(49, "major").tonic == "Db"
    assert song_in(49, "minor").tonic == "C#"
    assert Spelling.of_key("D", "minor") is Spelling.FLATS
    assert Spelling.of_key("D", "major") is Spelling.SHARPS
    assert Spelling.FLATS.note(61) == "Db4"


def test_two_seconds_have_no_key():
    with pytest.raises(NotMeasured, match="too short to find a key"):
        analyze(audio_of(np.random.default_rng(0).normal(size=44100 * 2) * 0.1), only=[Key])[Key]


def sounding(chords, seconds=1.0, rate_hz=RATE_HZ):
    """Chords of so many seconds each, given as MIDI notes: (n,)."""
    count = round(seconds * rate_hz)
    shape = np.minimum(np.minimum(np.arange(count) / 200, 1), (count - np.arange(count)) / 400)
    tones = [
        shape
        * sum(
            harmonic_tone(np.full(count, 440 * 2 ** ((n - 69) / 12)), rate_hz, harmonics=6, amplitude=0.08) for n in c
        )
        for c in chords
    ]
    return 0.25 * np.concatenate(tones)


def cadences(tonic_midi, mode="major", times=4):
    """I IV V I over a bass, a second each, so many times."""
    chords = [(tonic_midi - 12 + chord[0], *(tonic_midi + degree for degree in chord)) for chord in CADENCE[mode]]
    return sounding(chords * times)


def heard_in(samples, rate_hz=RATE_HZ):
    return analyze(audio_of(samples.astype(np.float32), rate_hz), only=[Key])[Key]


# The chords have no accents: a cadence of four seconds may be taken for a bar, and begin anywhere.
BAR_S = 4.0
BETWEEN = {"nothing": np.zeros(0), "silence": np.zeros(8 * RATE_HZ), "noise": noise(8.0, RATE_HZ, amplitude=0.05)}


@pytest.mark.parametrize("between", BETWEEN)
@pytest.mark.parametrize(
    ("first", "second"),
    [((48, "major"), (50, "major")), ((52, "minor"), (55, "minor")), ((53, "major"), (47, "minor"))],
)
def test_of_two_songs_glued_together_every_number_is_of_one_of_them_in_its_place(first, second, between):
    gap = BETWEEN[between]
    found = heard_in(np.concatenate([cadences(*first), gap, cadences(*second)]))
    ends_s, starts_s = 16.0, 16.0 + len(gap) / RATE_HZ
    keys = {
        (NAMES[midi % 12], mode): span
        for (midi, mode), span in ((first, (0, ends_s)), (second, (starts_s, starts_s + 16)))
    }
    assert [(part.tonic, part.mode) for part in found.parts] == list(keys)
    for part in found.parts:
        start_s, end_s = keys[part.tonic, part.mode]
        assert start_s - BAR_S <= part.start_s < part.end_s <= end_s + BAR_S
        assert part.end_s - part.start_s > 12
    longest = max(found.parts, key=lambda part: part.end_s - part.start_s)
    assert (found.tonic, found.mode, found.confidence_fraction) == (
        longest.tonic,
        longest.mode,
        longest.confidence_fraction,
    )
    assert (found.minor_probability > 0.5) == (found.mode == "minor")
    assert (found.runner_up.tonic, found.runner_up.mode) != (found.tonic, found.mode)


NAMES = MAJOR_TONICS


def test_a_song_in_one_key_has_one_part_from_its_first_sound_to_its_last():
    (part,) = heard_in(cadences(50)).parts
    assert part.label == "D major"
    assert part.start_s == pytest.approx(0, abs=1)
    assert part.end_s == pytest.approx(16, abs=1.5)


def test_a_song_that_rises_by_a_tone_changes_key_there():
    first, second = heard_in(np.concatenate([cadences(48, times=6), cadences(50, times=3)])).parts
    assert (first.tonic, second.tonic) == ("C", "D")
    assert second.start_s == pytest.approx(24, abs=2)


RANDOM = np.random.default_rng(11)
WITHOUT_KEY = {
    "noise": noise(20.0, RATE_HZ),
    "drums": place(kick(RATE_HZ), np.arange(0, 20, 1.0), 20, RATE_HZ)
    + place(snare(RATE_HZ), np.arange(0.5, 20, 1.0), 20, RATE_HZ)
    + place(hat(RATE_HZ), np.arange(0, 20, 0.25), 20, RATE_HZ),
    "clusters": sounding([range(low, low + 6) for low in RANDOM.integers(48, 72, 20)]),
    "rows": sounding([(48 + n,) for _ in range(5) for n in RANDOM.permutation(12)], seconds=0.4),
    "siren": harmonic_tone(
        700 * 2 ** (0.5 * np.sin(2 * np.pi * 0.25 * np.arange(20 * RATE_HZ) / RATE_HZ)), RATE_HZ, harmonics=5
    ),
}


@pytest.mark.parametrize("what", WITHOUT_KEY)
def test_what_has_no_key_is_missing_with_a_code(what):
    outcome = analyze(audio_of(WITHOUT_KEY[what].astype(np.float32), RATE_HZ), only=[Key]).outcomes["key"]
    assert isinstance(outcome, Missing)
    assert outcome.code == (Absence.NO_PITCH if what in {"noise", "drums"} else Absence.NO_KEY)


def test_a_melody_has_a_key_with_less_confidence_than_chords():
    steps = [0, 2, 4, 5, 7, 9, 11, 12, 11, 9, 7, 5, 4, 2]
    melody = heard_in(sounding([(60 + step,) for step in steps * 3] + [(60,)], seconds=0.5))
    assert (melody.tonic, melody.mode) == ("C", "major")
    assert melody.confidence_fraction < heard_in(cadences(60)).confidence_fraction


def test_keys_are_found_without_a_beat():
    found = measure_key(semitones_of([PLAIN] * 6 + [RAISED] * 6), None, None)
    assert [part.label for part in found.parts] == ["C major", "D major"]
    assert found.parts[1].start_s == pytest.approx(48, abs=2.1)


PLAIN = [(0, (0, 4, 7)), (5, (5, 9, 0)), (7, (7, 11, 2)), (0, (0, 4, 7))]
RAISED = [((root + 2) % 12, tuple((note + 2) % 12 for note in notes)) for root, notes in PLAIN]
LOOP = [(9, (9, 0, 4)), (5, (5, 9, 0)), (0, (0, 4, 7)), (7, (7, 11, 2))]


def semitones_of(rounds, frames_per_bar=40):
    """Bars of two seconds, each a bass note and a triad above it."""
    bars = [bar for part in rounds for bar in part]
    energy = np.full((len(bars) * frames_per_bar, 60), 1e-3, np.float32)
    for i, (root, notes) in enumerate(bars):
        rows = slice(i * frames_per_bar, (i + 1) * frames_per_bar)
        energy[rows, root] = 2
        energy[rows, [24 + note for note in notes]] = 1
    return SemitoneSpectrogram(
        magnitudes=energy, frame_rate_hz=20.0, lowest_midi=36, tuning_cents=0.0, harmonic_fraction=0.8
    )


def measured(rounds, beats_per_bar=4):
    """The key of such bars, with their beats and a section for each four rounds known."""
    bars = sum(len(part) for part in rounds)
    beats_s = 2 / beats_per_bar * np.arange(bars * beats_per_bar)
    track = BeatTrack(
        times_s=beats_s,
        downbeat_index=np.arange(0, len(beats_s), beats_per_bar),
        beats_per_bar=beats_per_bar,
        levels=(RatedLevel(bpm=60.0 * beats_per_bar / 2, weight_fraction=1.0),),
        confidence_fraction=1.0,
    )
    edges_s = [*range(0, 2 * bars, 32), 2 * bars]
    structure = Structure(
        sections=tuple(Section(start_s=float(a), end_s=float(b), label="A") for a, b in itertools.pairwise(edges_s))
    )
    return measure_key(semitones_of(rounds), track, structure)


@pytest.mark.parametrize(("first", "key"), [(0, "A minor"), (2, "C major")])
def test_the_same_chords_are_in_the_key_on_whose_tonic_their_phrases_begin(first, key):
    found = measured([LOOP[first:] + LOOP[:first]] * 8)
    assert [part.label for part in found.parts] == [key]


@pytest.mark.parametrize("beats_per_bar", [3, 4, 5])
def test_changes_lie_on_bar_lines(beats_per_bar):
    found = measured([PLAIN] * 4 + [RAISED] * 4, beats_per_bar)
    assert [(part.label, part.start_s) for part in found.parts] == [("C major", 0.0), ("D major", 32.0)]


def test_bars_that_begin_anywhere_and_a_downbeat_alone_are_no_trouble():
    semitones = semitones_of([PLAIN] * 4)
    beats_s = np.array([3.1, 3.6, 4.1, 4.6, 5.1])
    for downbeats in ([], [2], [0, 3]):
        track = BeatTrack(
            times_s=beats_s,
            downbeat_index=np.array(downbeats, np.int64),
            beats_per_bar=3,
            levels=(RatedLevel(bpm=120.0, weight_fraction=1.0),),
            confidence_fraction=1.0,
        )
        (part,) = measure_key(semitones, track, None).parts
        assert part.label == "C major"
        assert 0 <= part.start_s < part.end_s <= 32


def test_an_analysis_of_an_earlier_version_has_a_key_and_no_parts():
    found = heard_in(cadences(50))
    song = song_with(dataclasses.replace(found, parts=()))
    document = json.loads(to_json(song))
    del document["measurements"]["key"]["value"]["parts"]
    assert from_json(json.dumps(document))[Key] == dataclasses.replace(found, parts=())


def test_the_parts_come_back_from_the_saved_analysis():
    found = measured([PLAIN] * 4 + [RAISED] * 4)
    assert from_json(to_json(song_with(found)))[Key].parts == found.parts


def test_a_part_runs_forward():
    with pytest.raises(ValueError, match="forward"):
        KeyPart(start_s=2.0, end_s=2.0, tonic="C", mode="major", confidence_fraction=0.5)
