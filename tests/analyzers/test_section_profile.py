"""A section is measured as the same sound is measured alone, and things enter where they enter."""

import dataclasses

import numpy as np
import pytest

from forms import RATE_HZ, song_of
from riffscope.analyzers.balance import Balance
from riffscope.analyzers.density import Density
from riffscope.analyzers.loops import Loops
from riffscope.analyzers.loudness import Loudness
from riffscope.analyzers.section_profile import (
    NUMBERS,
    ProfiledSection,
    SectionNumbers,
    SectionProfile,
    naming_probability,
    pool,
    profile_sections,
)
from riffscope.analyzers.stereo import Stereo
from riffscope.analyzers.structure import Section, Structure
from riffscope.analyzers.vocal_activity import VocalActivity
from riffscope.analyzers.vocal_layers import VocalLayers
from riffscope.analyzers.vocal_pitch import VocalPitch
from riffscope.errors import Absence
from riffscope.measures import read_measure
from riffscope.model import Estimate, Measured, Missing, Span, VocalSource
from riffscope.song import analyze, make
from riffscope.views.frame_levels import FrameLevels
from riffscope.views.mel_spectrum import MelSpectrum
from riffscope.views.onset_strength import OnsetStrength
from riffscope.views.weighted_power import WeightedPower
from signals import audio_of, metronome, noise, sine
from songs import example_song, with_outcomes

VIEWS = (WeightedPower, FrameLevels, MelSpectrum, OnsetStrength)
PART_S = 16.0


def profile_of(samples, edges_s, *, functions=None, rate_hz=44100, pitch=None, activity=None, layers=None, riff=None):
    """The profile of sound with sections at some edges."""
    run = make(audio_of(samples, rate_hz), VIEWS)
    functions = functions or [None] * (len(edges_s) - 1)
    sections = tuple(
        Section(start_s=a, end_s=b, label="AB"[i % 2], function=function, function_probability=function and 0.9)
        for i, (a, b, function) in enumerate(zip(edges_s[:-1], edges_s[1:], functions, strict=True))
    )
    return profile_sections(Structure(sections=sections), *(run[one] for one in VIEWS), pitch, activity, layers, riff)


def two_parts(seed=0):
    """A verse of soft mono noise, then a chorus of loud stereo noise over a bass: (2, n)."""
    n = round(PART_S * 44100)
    soft = np.tile(0.2 * noise(PART_S, seed=seed), (2, 1))
    loud = np.stack([noise(PART_S, seed=seed + 1), noise(PART_S, seed=seed + 2)]) + 0.2 * sine(50, PART_S)[:n]
    return soft, loud


@pytest.fixture(scope="module")
def two_sections():
    return profile_of(np.concatenate(two_parts(), axis=1), [0.0, PART_S, 2 * PART_S], functions=["verse", "chorus"])


@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize(
    ("name", "of_whole", "within"),
    [
        ("loudness_lufs", lambda song: song[Loudness].integrated_lufs, 0.01),
        ("width_fraction", lambda song: song[Stereo].width_fraction, 0.005),
        ("bass_lu", lambda song: song[Balance].bass_lu, 0.15),
        ("centroid_hz", lambda song: song[Balance].centroid_hz, 30.0),
    ],
)
def test_a_section_reads_as_the_same_sound_alone(two_sections, part, name, of_whole, within):
    alone = analyze(audio_of(two_parts()[part]), only=[Loudness, Stereo, Balance])
    found = two_sections.sections[part].estimate(name)
    assert found.value == pytest.approx(of_whole(alone), abs=within)
    assert found.low <= found.value <= found.high


def test_one_section_over_all_has_the_density_of_the_song():
    samples, edges_s = song_of("A B")
    song = analyze(audio_of(samples, RATE_HZ), only=[Density])[Density]
    (section,) = profile_of(samples, [edges_s[0], edges_s[-1]], rate_hz=RATE_HZ).sections
    assert section.onsets_per_s == pytest.approx(song.onsets_per_s.value, rel=0.05)
    assert section.active_bands_mean == pytest.approx(song.active_bands_mean.value, abs=0.1)


def test_onsets_are_counted_in_their_own_section():
    slow, _ = metronome(60, 20.0)
    fast, _ = metronome(150, 20.0)
    first, second = profile_of(np.concatenate([slow, fast]), [0.0, 20.0, 40.0]).sections
    assert first.onsets_per_s == pytest.approx(1.0, abs=0.05)
    assert second.onsets_per_s == pytest.approx(2.5, abs=0.06)


def test_the_chorus_is_compared_with_the_verse_and_the_summary_says_so(two_sections):
    louder = two_sections.contrast["loudness_lufs"]
    verse, chorus = two_sections.sections
    assert louder.value == pytest.approx(chorus.loudness_lufs - verse.loudness_lufs)
    assert 0 < louder.low <= louder.value <= louder.high
    assert f"chorus {louder.value:.1f} LU louder than the verse" in two_sections.summary
    assert two_sections.names == ("verse", "chorus")
    assert two_sections.first_chorus_s == PART_S


def test_nothing_is_said_of_a_voice_that_was_not_measured(two_sections):
    for section in two_sections.sections:
        assert section.sung_fraction is section.lowest_midi is section.highest_midi is section.layered_fraction is None
    assert two_sections.voice_enters_s is None
    assert two_sections.lacking["voice_enters_s"][0] is Absence.NO_VOICE


def sung_line(notes, duration_s=2 * PART_S):
    """The contour of a voice that sings (start, end, pitch)."""
    times_s = np.round(np.arange(0, duration_s, 0.01), 2)
    midi = np.full(times_s.size, np.nan)
    for start_s, end_s, pitch in notes:
        midi[(times_s >= start_s) & (times_s < end_s)] = pitch
    sung = np.isfinite(midi)
    return VocalPitch(
        times_s=times_s,
        f0_hz=440 * 2 ** ((midi - 69) / 12),
        voiced_probability=np.where(sung, 0.95, 0.05),
        certain=sung.astype(np.int64),
        method=VocalSource.MIX,
    )


@pytest.fixture(scope="module")
def sung_profile():
    notes = [(1.0, 1.4, 50), (4.0, 8.0, 60), (8.0, 12.0, 62), (16.0, 24.0, 64), (24.0, 32.0, 67)]
    pitch = sung_line(notes)
    spans = (Span(start_s=1.0, end_s=1.4), Span(start_s=4.0, end_s=12.0), Span(start_s=16.0, end_s=32.0))
    layers = VocalLayers(
        layered_fraction=Estimate(low=0.2, value=0.3, high=0.5),
        spans=(Span(start_s=24.0, end_s=32.0),),
        doubled_fraction=None,
        harmony_fraction=0.3,
        width_fraction=0.0,
        gap_fill_fraction=None,
        kind="harmonies",
        method=VocalSource.SPLEETER,
    )
    activity = VocalActivity(spans=spans, sung_fraction=0.75, method=VocalSource.MIX)
    return profile_of(
        np.concatenate(two_parts(), axis=1), [0.0, PART_S, 2 * PART_S], pitch=pitch, activity=activity, layers=layers
    )


def test_each_section_has_the_range_that_is_sung_in_it_without_what_is_not_of_the_melody(sung_profile):
    first, second = sung_profile.sections
    assert (first.lowest_midi, first.highest_midi) == pytest.approx((60, 62))  # the 50 is detached and short
    assert (second.lowest_midi, second.highest_midi) == pytest.approx((64, 67))
    assert first.low.highest_midi < 62 < first.high.highest_midi


def test_each_section_has_its_sung_and_its_layered_share(sung_profile):
    first, second = sung_profile.sections
    assert (first.sung_fraction, second.sung_fraction) == pytest.approx((8.4 / 16, 1.0), abs=0.01)
    assert (first.layered_fraction, second.layered_fraction) == pytest.approx((0.0, 0.5), abs=0.02)
    assert second.low.layered_fraction <= 0.4
    assert second.high.layered_fraction >= 0.7


def test_the_voice_enters_with_the_first_stretch_of_a_second(sung_profile):
    assert sung_profile.voice_enters_s == 4.0
    assert sung_profile.where["voice_enters_s"] == (Span(start_s=4.0, end_s=8.0),)


def test_drums_are_told_section_by_section_and_enter_where_they_do():
    beat, _ = song_of("A", bars=8)
    chords = 0.2 * np.sin(2 * np.pi * 220 * np.arange(16 * RATE_HZ) / RATE_HZ)
    found = profile_of(np.concatenate([chords, beat[: 16 * RATE_HZ]]), [0.0, 16.0, 32.0], rate_hz=RATE_HZ)
    first, second = found.sections
    assert first.drums_fraction < 0.2
    assert second.drums_fraction > 0.8
    assert found.drums_enter_s == pytest.approx(16.4, abs=1.0)


def test_the_bass_enters_where_it_begins_to_stay():
    hiss = 0.1 * noise(30.0)
    bass = np.concatenate([np.zeros(12 * 44100), 0.3 * sine(70, 18.0)])
    assert profile_of(hiss + bass, [0.0, 30.0]).bass_enters_s == pytest.approx(12.0, abs=0.5)
    assert profile_of(0.3 * sine(1000, 30.0), [0.0, 30.0]).bass_enters_s is None


def test_the_riff_enters_where_it_is_first_heard():
    riff = example_song()[Loops]
    assert profile_of(0.1 * noise(16.0), [0.0, 16.0], riff=riff).riff_enters_s == riff.spans[0].start_s


def test_more_than_two_channels_have_no_width():
    (section,) = profile_of(np.stack([noise(8.0, seed=i) for i in range(3)]), [0.0, 8.0]).sections
    assert section.width_fraction is None
    assert section.bass_lu is not None


def test_a_section_of_half_a_second_and_a_silent_one_have_no_numbers():
    sound = np.concatenate([0.1 * noise(0.5), 0.1 * noise(9.5), np.zeros(10 * 44100)])
    short, _, silent = profile_of(sound, [0.0, 0.5, 10.0, 20.0]).sections
    assert short.loudness_lufs is short.onsets_per_s is short.drums_fraction is None
    assert silent.loudness_lufs is silent.bass_lu is silent.width_fraction is silent.centroid_hz is None


def test_a_song_is_profiled_along_its_structure():
    samples, _ = song_of("A B A B")
    song = analyze(audio_of(samples, RATE_HZ), only=[SectionProfile, Structure])
    assert isinstance(song.outcomes["section_profile"], Measured)
    found, structure = song[SectionProfile], song[Structure]
    assert [section.span for section in found.sections] == [
        Span(start_s=section.start_s, end_s=section.end_s) for section in structure.sections
    ]
    assert [section.label for section in found.sections] == [section.label for section in structure.sections]


def test_without_a_beat_there_are_no_sections_to_profile():
    song = analyze(audio_of(0.1 * noise(20.0)), only=[SectionProfile])
    assert isinstance(song.outcomes["section_profile"], Missing)


# ------------------------------------------------------------------------------------------------ sections taken as one
def section(start_s, end_s, *, label="A", function=None, probability=None, unsure=0.5, **numbers):
    """A section with some numbers, give or take."""
    none = dict.fromkeys(NUMBERS)
    low, high = ({name: one + sign * unsure for name, one in numbers.items()} for sign in (-1, 1))
    return ProfiledSection(
        start_s=start_s,
        end_s=end_s,
        label=label,
        function=function,
        function_probability=probability,
        **none | numbers,
        low=SectionNumbers(**none | low),
        high=SectionNumbers(**none | high),
    )


def test_sections_are_pooled_by_length_and_lie_apart_in_the_range():
    alike = [section(0, 10, loudness_lufs=-10.0), section(10, 40, loudness_lufs=-10.0)]
    apart = [section(0, 10, loudness_lufs=-14.0), section(10, 40, loudness_lufs=-10.0)]
    assert pool(alike, "loudness_lufs").value == -10.0
    assert pool(apart, "loudness_lufs").value == -11.0
    narrow, wide = (pool(sections, "loudness_lufs") for sections in (alike, apart))
    assert narrow.high - narrow.low < 1.0 < 2.0 < wide.high - wide.low
    assert pool(alike, "width_fraction") is None


def test_a_pooled_share_stays_a_share():
    sections = [section(0, 10, drums_fraction=0.9, unsure=0.05), section(10, 20, drums_fraction=0.2, unsure=0.05)]
    found = pool(sections, "drums_fraction")
    assert found.value == pytest.approx(0.55)
    assert (found.low, found.high) == (0.0, 1.0)


def test_one_section_pooled_is_itself():
    assert pool([section(0, 10, onsets_per_s=4.0)], "onsets_per_s") == Estimate(low=3.5, value=4.0, high=4.5)


def test_a_section_without_the_number_does_not_count():
    sections = [section(0, 10, highest_midi=70.0), section(10, 40)]
    assert pool(sections, "highest_midi").value == 70.0


def test_names_are_what_sections_do_or_their_letters_numbered_where_there_are_several():
    sections = (
        section(0, 5, label="A"),
        section(5, 9, label="B", function="verse", probability=0.9),
        section(9, 12, label="C", function="chorus", probability=0.7),
        section(12, 14, label="B", function="verse", probability=0.5),
    )
    profile = dataclasses.replace(EMPTY, sections=sections)
    assert profile.names == ("A", "verse 1", "chorus", "verse 2")
    assert profile.called("verse") == sections[1::2]
    assert profile.called("C") == profile.called("chorus") == sections[2:3]
    assert naming_probability(profile.called("verse"), "verse") == pytest.approx((4 * 0.9 + 2 * 0.5) / 6)
    assert naming_probability(profile.called("C"), "C") == 1.0


EMPTY = SectionProfile(
    sections=(),
    voice_enters_s=None,
    drums_enter_s=None,
    bass_enters_s=None,
    riff_enters_s=None,
    first_chorus_s=None,
)


def test_an_entry_has_a_range_and_an_absent_one_a_reason():
    entered = dataclasses.replace(EMPTY, sections=(section(0, 5),), drums_enter_s=20.0)
    song = with_outcomes(example_song(), {"section_profile": Measured(value=entered, version=1, seconds=0.1)})
    found = read_measure(song, "section_profile.drums_enter_s")
    assert found == Estimate(low=16.0, value=20.0, high=24.0)
    for name in ("voice_enters_s", "drums_enter_s", "bass_enters_s", "riff_enters_s", "first_chorus_s"):
        assert EMPTY.lacking[name][0].in_the_music
