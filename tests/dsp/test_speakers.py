"""What channels are for decides how much they weigh and where they go."""

import numpy as np
import pytest

from riffscope.dsp.downmix import cancels, downmix, downmix_to_stereo
from riffscope.dsp.speakers import (
    NAMES,
    loudness_weights,
    mono_weights,
    name_of,
    name_taken_for,
    stereo_weights,
    usual_speakers,
)

SURROUND = ("L", "R", "C", "LFE", "Ls", "Rs")


@pytest.mark.parametrize(
    ("speakers", "weights"),
    [
        ("C", [1]),
        ("LFE", [1]),  # all there is
        ("L R", [1, 1]),
        ("L R LFE", [1, 1, 0]),
        ("C LFE", [1, 0]),
        ("L C R Ls Rs LFE", [1, 1, 1, 1.41, 1.41, 0]),
        ("L R C LFE Lrs Rrs Lss Rss", [1, 1, 1, 0, 1, 1, 1.41, 1.41]),
        ("L R C LFE Cs Ls Rs", [1, 1, 1, 0, 1, 1.41, 1.41]),
        ("L R Lw Rw Ltf Rtf Lts Rts LFE2", [1, 1, 1.41, 1.41, 1, 1, 1, 1, 0]),
    ],
)
def test_channels_weigh_by_where_they_are_heard_from(speakers, weights):
    named = speakers.split()
    assert list(loudness_weights(named, len(named))) == weights


@pytest.mark.parametrize(
    ("channels", "weights"),
    [(1, [1]), (2, [1, 1]), (5, [1, 1, 1, 1.41, 1.41]), (6, [1, 1, 1, 0, 1.41, 1.41]), (12, [1] * 12)],
)
def test_channels_without_names_are_taken_for_what_they_mostly_are(channels, weights):
    assert list(loudness_weights((), channels)) == weights


def test_layouts_are_named_by_what_the_file_says():
    assert [name_of(names) for names in (("C",), ("L", "R"), SURROUND, ())] == [
        "mono",
        "stereo",
        "L R C LFE Ls Rs",
        "unknown",
    ]
    assert name_taken_for((), 6) == "L R C LFE Ls Rs"
    assert name_taken_for((), 12) == "12 channels, layout unknown, equal weights"


def test_stereo_has_surround_in_the_shares_of_bs_775():
    left, right = stereo_weights(SURROUND, 6)
    assert left / left[0] == pytest.approx([1, 0, 0.7071, 0, 0.7071, 0], abs=1e-4)
    assert right / right[1] == pytest.approx([0, 1, 0.7071, 0, 0, 0.7071], abs=1e-4)
    mono = mono_weights(SURROUND, 6)
    assert mono / mono[2] == pytest.approx([0.7071, 0.7071, 1, 0, 0.5, 0.5], abs=1e-4)
    assert mono.sum() == pytest.approx(1)


@pytest.mark.parametrize("channels", range(1, 13))
def test_no_downmix_is_louder_than_its_channels(channels):
    for speakers in (usual_speakers(channels), ()):
        weights = stereo_weights(speakers, channels)
        assert weights.sum() == pytest.approx(2)
        assert weights.sum(axis=1).max() <= 1 + 1e-6


def test_every_speaker_has_its_mirror_image():
    for name in NAMES:
        other = {"L": "R", "R": "L"}.get(name[0], name[0]) + name[1:] if not name.startswith("LFE") else name
        assert other in NAMES
        pair = [name, other] if other != name else [name, "C"]
        left, right = stereo_weights(pair, 2)
        assert left.sum() == pytest.approx(right.sum())


def test_a_stereo_downmix_leaves_stereo_as_it_is():
    sound = np.random.default_rng(0).normal(size=(2, 200_000)).astype(np.float32)
    assert np.array_equal(downmix_to_stereo(sound, ("L", "R")), sound)


def test_the_order_of_the_channels_changes_no_downmix():
    sound = np.random.default_rng(0).normal(size=(6, 1000)).astype(np.float32)
    order = [0, 2, 1, 4, 5, 3]
    reordered = tuple(SURROUND[place] for place in order)
    assert downmix(sound[order], reordered) == pytest.approx(downmix(sound, SURROUND), abs=1e-6)


@pytest.mark.parametrize("speaker", ["L", "C", "Rs"])
def test_one_channel_that_sounds_alone_cancels_nothing(speaker):
    sound = np.zeros((6, 1000), np.float32)
    sound[SURROUND.index(speaker)] = 0.5
    assert not cancels(sound, SURROUND)
    assert np.abs(downmix(sound, SURROUND)).max() > 0.05


def test_surround_in_antiphase_is_heard_by_its_loudest_channel():
    sound = np.zeros((6, 1000), np.float32)
    sound[0], sound[1], sound[3] = 0.5, -0.5, 0.9
    assert cancels(sound, SURROUND)
    assert downmix(sound, SURROUND) == pytest.approx(sound[0])
