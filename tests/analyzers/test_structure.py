"""Sections of songs whose form is known, and of annotated mixes."""

import json

import numpy as np
import pytest
import soundfile

from forms import RATE_HZ, song_of
from riffscope.analyzers.beats import Beats
from riffscope.analyzers.structure import Section, Structure
from riffscope.model import Missing
from riffscope.song import analyze
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


def test_a_section_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValueError, match="forward in time"):
        Section(start_s=3.0, end_s=3.0, label="A")


def test_the_form_is_said_in_one_line():
    sections = (Section(start_s=0.0, end_s=8.0, label="A"), Section(start_s=8.0, end_s=16.0, label="B"))
    assert Structure(sections=sections).summary == "2 sections: A B"
    assert Structure(sections=sections[:1]).summary == "1 section: A"


@pytest.mark.parametrize("name", ["dev02_pop_4bar_bridge_drop", "dev04_through_composed"])
def test_mixes_of_known_form(shared_data, name):
    manifest = json.loads((shared_data / "data" / "dev" / "manifest.json").read_text())
    truth = next(item["truth"]["sections"] for item in manifest["items"] if name in item["file"])
    samples, sample_rate_hz = soundfile.read(
        shared_data / "data" / "dev" / "mixes" / f"{name}.ogg", dtype="float32", always_2d=True
    )
    found_s = starts_of(structure_of(samples.T, sample_rate_hz))
    assert found_s[1:] == pytest.approx([section["start"] for section in truth[1:]], abs=0.1)
