"""Sections of songs whose form is known, and of annotated mixes."""

import json

import numpy as np
import pytest
import soundfile

from forms import RATE_HZ, song_of
from riffscope.analyzers.beats import Beats
from riffscope.analyzers.structure import Section, Structure, find_sections
from riffscope.analyzers.vocal_pitch import VocalPitch
from riffscope.model import Missing, Span, VocalSource
from riffscope.song import analyze
from riffscope.views.beat_track import BeatTrack
from riffscope.views.mono import Mono
from riffscope.views.tatum_features import TatumFeatures
from riffscope.views.voice_sound import VoiceSound
from signals import audio_of, band, noise

FORM = "A B A B C B"


def structure_of(samples, sample_rate_hz=RATE_HZ):
    return analyze(audio_of(samples, sample_rate_hz), only=[Structure])[Structure]


def form_of(structure):
    return " ".join(section.label for section in structure.sections)


def starts_of(structure):
    return [section.start_s for section in structure.sections]


@pytest.mark.parametrize(("bpm", "bars"), [(120, 8), (96, 4), (140, 8)])
def test_verse_chorus_verse_chorus_bridge_chorus(bpm, bars):
    samples, edges_s = song_of(FORM, bpm=bpm, bars=bars)
    structure = structure_of(samples)
    assert form_of(structure) == FORM
    assert starts_of(structure)[1:] == pytest.approx(edges_s[1:-1], abs=0.05)


def test_a_song_of_two_halves_played_twice_is_a_b_a_b():
    samples, edges_s = song_of("A B")
    body = samples[round(edges_s[0] * RATE_HZ) : round(edges_s[-1] * RATE_HZ)]
    assert form_of(structure_of(np.concatenate([body, body]))) == "A B A B"


def test_a_melody_over_the_same_chords_is_the_same_letter_with_a_prime():
    samples, _ = song_of("A A' B A'")
    assert form_of(structure_of(samples)) == "A A' B A'"


def test_one_loop_throughout_is_the_same_music_throughout():
    samples, _, _ = band(112, bars=24)
    assert {section.label for section in structure_of(samples).sections} == {"A"}


def test_sections_follow_each_other_from_the_first_sound_to_the_last_and_begin_on_downbeats():
    samples, edges_s = song_of(FORM)
    padded = np.concatenate([np.zeros(2 * RATE_HZ), samples, np.zeros(3 * RATE_HZ)])
    song = analyze(audio_of(padded, RATE_HZ), only=[Structure, Beats])
    sections, beats = song[Structure].sections, song[Beats]
    assert sections[0].start_s == pytest.approx(edges_s[0] + 2, abs=0.05)
    assert sections[-1].end_s == pytest.approx(edges_s[-1] + 2, abs=0.3)
    assert [section.end_s for section in sections[:-1]] == [section.start_s for section in sections[1:]]
    assert {section.start_s for section in sections[1:]} <= set(beats.times_s[beats.downbeat_index])


@pytest.mark.parametrize("gain_db", [-6, 6])
def test_gain_changes_nothing(gain_db):
    samples, _ = song_of(FORM)
    plain, other = structure_of(samples), structure_of(10 ** (gain_db / 20) * samples)
    assert form_of(other) == form_of(plain)
    assert starts_of(other) == pytest.approx(starts_of(plain), abs=0.01)


def test_two_equal_channels_change_nothing():
    samples, _ = song_of(FORM)
    assert structure_of([samples, samples]) == structure_of(samples)


def test_leading_silence_shifts_the_sections_by_as_much():
    samples, _ = song_of(FORM)
    plain, later = structure_of(samples), structure_of(np.concatenate([np.zeros(5 * RATE_HZ), samples]))
    assert form_of(later) == form_of(plain)
    assert starts_of(later) == pytest.approx(np.array(starts_of(plain)) + 5, abs=0.03)


def test_three_bars_are_one_section():
    samples, _, _ = band(120, bars=3)
    assert form_of(structure_of(samples)) == "A"


def test_where_there_is_no_beat_there_are_no_sections():
    outcome = analyze(audio_of(noise(20.0, RATE_HZ), RATE_HZ), only=[Structure]).outcomes["structure"]
    assert isinstance(outcome, Missing)
    assert outcome.reason


# ------------------------------------------------------------------------------------------- made of numbers, not sound
BEAT_S = 0.5


def track_of(beats, *, downbeats=None, first_s=0.0, spans=()):
    return BeatTrack(
        times_s=first_s + BEAT_S * np.arange(beats),
        downbeat_index=np.arange(0, beats, 4) if downbeats is None else np.array(downbeats),
        beats_per_bar=4,
        levels=(),
        confidence_fraction=1.0,
        spans=spans,
    )


def tatums_of(form, *, beats=32, seed=3):
    """Features of a form such as ``ABA``, each letter of so many beats in bars of four that are all alike."""
    random = np.random.default_rng(seed)
    kinds = {letter: [random.random((4, 4, k)) for k in (60, 16, 5)] for letter in sorted(set(form))}
    notes, bands, onsets = (
        np.concatenate([np.tile(kinds[letter][part], (beats // 4, 1, 1)) for letter in form]) for part in range(3)
    )
    varied = 0.05 * random.random(bands.shape)
    return TatumFeatures(
        notes=notes.astype(np.float32), bands=(bands + varied).astype(np.float32), onsets=onsets.astype(np.float32)
    )


def mono_of(seconds):
    samples = np.full(round(seconds * 22050), 0.1, np.float32)
    return Mono(samples=samples, sample_rate_hz=22050)


def voice_of(words, *, letter_s=16.0):
    """Singing in which each letter has syllables of its own; a hyphen is sung with others each time, a space rests."""
    random = np.random.default_rng(5)
    kept, pieces = {}, []
    for letter in words:
        syllables = kept.setdefault(letter, random.normal(size=(round(letter_s / 0.2), 24)))
        if letter == "-":
            syllables = random.normal(size=syllables.shape)
        sung = np.concatenate([np.convolve(random.normal(size=3200), shape, mode="same") for shape in syllables])
        pieces.append(sung * (letter != " "))
    vocals = 0.1 * np.concatenate(pieces).astype(np.float32)
    is_sung = np.repeat([float(letter != " ") for letter in words], round(letter_s * 100))
    voice = VoiceSound(vocals=vocals, accompaniment=0 * vocals, centre=vocals, method=VocalSource.SPLEETER)
    pitch = VocalPitch(
        times_s=0.01 * (np.arange(is_sung.size) + 0.5),
        f0_hz=np.where(is_sung > 0, 220.0, np.nan),
        voiced_probability=0.9 * is_sung,
        certain=is_sung.astype(np.int64),
        method=VocalSource.SPLEETER,
    )
    return pitch, voice


def test_words_alone_tell_chorus_from_verse_over_one_loop():
    found = find_sections(track_of(192), tatums_of("AAAAAA"), mono_of(96.0), *voice_of("-C-C-C"))
    assert [section.function for section in found.sections] == ["verse", "chorus"] * 3
    assert starts_of(found) == pytest.approx([0, 16, 32, 48, 64, 80], abs=2.1)
    assert all(0.45 <= section.function_probability <= 1 for section in found.sections)


def test_words_count_for_less_where_the_band_may_sound_like_them():
    pitch, voice = voice_of("-C-C-C")
    mixed = VoiceSound(vocals=voice.vocals, accompaniment=None, centre=voice.centre, method=VocalSource.MIX)
    sure, less_sure = (
        find_sections(track_of(192), tatums_of("AAAAAA"), mono_of(96.0), pitch, each) for each in (voice, mixed)
    )
    assert [section.function for section in less_sure.sections] == [section.function for section in sure.sections]
    assert less_sure.sections[1].function_probability < sure.sections[1].function_probability


def test_what_is_not_sung_before_and_after_is_intro_and_outro():
    found = find_sections(track_of(192), tatums_of("IABABO"), mono_of(96.0), *voice_of(" -C-C "))
    assert [section.function for section in found.sections] == ["intro", "verse", "chorus", "verse", "chorus", "outro"]


def test_without_a_voice_nothing_is_a_chorus():
    found = find_sections(track_of(128), tatums_of("ABAB"), mono_of(64.0), None, None)
    assert form_of(found) == "A B A B"
    assert {section.function for section in found.sections} == {None}


def test_a_stretch_without_a_beat_is_a_section_of_its_own():
    spans = (Span(start_s=0.0, end_s=20.0), Span(start_s=32.0, end_s=64.0))
    found = find_sections(track_of(128, spans=spans), tatums_of("AAAA"), mono_of(64.0), None, None)
    assert {20.0, 32.0} <= set(starts_of(found))
    assert not any(20 < start_s < 32 for start_s in starts_of(found))


def test_what_sounds_long_before_the_first_bar_and_after_the_last_is_a_section_each():
    found = find_sections(track_of(64, first_s=10.0), tatums_of("AB"), mono_of(52.0), None, None)
    assert form_of(found).split()[0] not in form_of(found).split()[1:]
    assert starts_of(found) == pytest.approx([0, 10, 26, 42], abs=0.01)
    assert found.sections[-1].end_s == pytest.approx(52, abs=0.05)


def test_bars_may_change_their_length():
    downbeats = [0, 4, 8, 12, 16, 20, 24, 28, *range(32, 62, 3), *range(62, 96, 4)]
    found = find_sections(track_of(96, downbeats=downbeats), tatums_of("ABA"), mono_of(48.0), None, None)
    assert set(starts_of(found)) <= set(BEAT_S * np.array(downbeats))


def test_bars_that_nobody_marked_are_counted_on():
    found = find_sections(track_of(128, downbeats=[0, 4, 8, 12]), tatums_of("ABAB"), mono_of(64.0), None, None)
    assert starts_of(found) == pytest.approx([0, 16, 32, 48])
    unmarked = find_sections(track_of(128, downbeats=[]), tatums_of("ABAB"), mono_of(64.0), None, None)
    assert starts_of(unmarked) == pytest.approx([0, 16, 32, 48])


def test_a_section_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValueError, match="forward in time"):
        Section(start_s=3.0, end_s=3.0, label="A")


def test_a_section_is_called_by_what_it_does_and_else_by_its_letter():
    assert Section(start_s=0.0, end_s=8.0, label="A'").name == "A'"
    assert Section(start_s=0.0, end_s=8.0, label="A'", function="verse", function_probability=0.8).name == "verse"


def test_the_form_is_said_in_one_line():
    sections = (Section(start_s=0.0, end_s=8.0, label="A"), Section(start_s=8.0, end_s=16.0, label="B"))
    assert Structure(sections=sections).summary == "2 sections: A B"
    assert Structure(sections=sections[:1]).summary == "1 section: A"
    named = Section(start_s=8.0, end_s=9.0, label="B", function="chorus", function_probability=0.9)
    assert Structure(sections=(sections[0], named)).summary == "2 sections: A, chorus"


@pytest.mark.parametrize("name", ["dev02_pop_4bar_bridge_drop", "dev04_through_composed"])
def test_mixes_of_known_form(shared_data, name):
    manifest = json.loads((shared_data / "data" / "dev" / "manifest.json").read_text())
    truth = next(item["truth"]["sections"] for item in manifest["items"] if name in item["file"])
    samples, sample_rate_hz = soundfile.read(
        shared_data / "data" / "dev" / "mixes" / f"{name}.ogg", dtype="float32", always_2d=True
    )
    found_s = starts_of(structure_of(samples.T, sample_rate_hz))
    assert found_s[1:] == pytest.approx([section["start"] for section in truth[1:]], abs=0.1)
