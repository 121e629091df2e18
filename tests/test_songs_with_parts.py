"""Two songs in one file, with something between them: each number is one's or the other's, in its place, or missing."""

import numpy as np
import pytest

from riffscope.analyzers.beats import Beats
from riffscope.analyzers.key import Key
from riffscope.analyzers.loops import Loops
from riffscope.analyzers.structure import Structure
from riffscope.analyzers.tempo import Tempo
from riffscope.song import analyze
from signals import audio_of, band, noise

RATE_HZ = 22050
GAP_S = 9.0
FIRST = {"bpm": 92, "key": ("C", "major"), "meter": 4}
SECOND = {"bpm": 132, "key": ("D", "major"), "meter": 3}


@pytest.fixture(scope="module", params=["silence", "noise"])
def glued(request):
    """Thirty-one seconds of one song, nine of something else, thirty-three of another: faster, higher and in three."""
    first, _, _ = band(FIRST["bpm"], bars=12)
    second, _, _ = band(SECOND["bpm"], bars=24, beats_per_bar=3, higher=2)
    between = noise(GAP_S, RATE_HZ, amplitude=0.03) if request.param == "noise" else np.zeros(round(GAP_S * RATE_HZ))
    song = analyze(
        audio_of(np.concatenate([first, between, second]), RATE_HZ), only=[Tempo, Beats, Key, Structure, Loops]
    )
    end_s = len(first) / RATE_HZ
    return song, end_s, end_s + GAP_S


def test_tempi_are_theirs_and_in_their_places(glued):
    song, end_s, start_s = glued
    first, second = song[Tempo].parts
    assert (first.bpm.value, second.bpm.value) == pytest.approx((FIRST["bpm"], SECOND["bpm"]), rel=0.01)
    assert first.end_s < end_s < start_s < second.start_s + 0.4
    assert song[Tempo].bpm.value == pytest.approx(SECOND["bpm"], rel=0.01)
    assert song[Tempo].drift_percent < 1


def test_no_beat_is_between_them_and_meters_are_theirs(glued):
    song, end_s, start_s = glued
    beats = song[Beats]
    assert not np.any((beats.times_s > end_s + 0.3) & (beats.times_s < start_s))
    assert [part.beats_per_bar for part in beats.meter_parts] == [FIRST["meter"], SECOND["meter"]]
    for part in beats.meter_parts:
        assert part.end_s < start_s or part.start_s > end_s - 1


def test_keys_are_theirs_and_in_their_places(glued):
    song, end_s, start_s = glued
    parts = song[Key].parts
    assert [(part.tonic, part.mode) for part in parts] == [FIRST["key"], SECOND["key"]]
    assert end_s - 3 < parts[1].start_s < start_s + 4


def test_no_section_and_no_loop_is_of_both(glued):
    song, end_s, start_s = glued
    for section in song[Structure].sections:
        assert section.end_s < start_s + 1 or section.start_s > end_s - 3
    loops = song[Loops]
    for span in loops.spans:
        assert span.end_s < end_s + 1.5 or span.start_s > start_s - 1.5
    bar_s = {240 / FIRST["bpm"], 180 / SECOND["bpm"]}
    assert any(loops.period_s / one == pytest.approx(round(loops.period_s / one), abs=0.03) for one in bar_s)
