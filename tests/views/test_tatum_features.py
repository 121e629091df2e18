"""Features of each quarter of a beat."""

import numpy as np

from forms import RATE_HZ, song_of
from riffscope.song import make
from riffscope.views.beat_track import BeatTrack
from riffscope.views.tatum_features import TatumFeatures
from signals import audio_of, band


def tatums_of(samples):
    made = make(audio_of(samples, RATE_HZ), [BeatTrack, TatumFeatures])
    return made[BeatTrack], made[TatumFeatures]


def test_every_beat_has_four_tatums():
    samples, _, _ = band(110)
    track, tatums = tatums_of(samples)
    count = len(track.times_s)
    assert tatums.notes.shape == (count, 4, 60)
    assert tatums.bands.shape == (count, 4, 16)
    assert tatums.onsets.shape == (count, 4, 5)


def test_onsets_lie_on_the_beat_and_on_the_offbeat_where_the_hi_hat_plays():
    samples, _, _ = band(100, chords=False)
    _, tatums = tatums_of(samples)
    cymbals = tatums.onsets[2:-2, :, 4].mean(axis=0)
    assert min(cymbals[0], cymbals[2]) > 3 * max(cymbals[1], cymbals[3])


def test_a_chord_is_heard_in_the_notes_that_it_holds():
    samples, _ = song_of("A", bpm=90)
    _, tatums = tatums_of(samples)
    # The song's chords are A minor, F, C and G; nobody plays C sharp or E flat.
    classes = tatums.notes.mean(axis=(0, 1)).reshape(5, 12).sum(axis=0)
    assert classes[[0, 4, 7, 9]].min() > 1.4 * classes[[1, 3]].max()


def test_gain_moves_no_band_and_no_onset():
    samples, _, _ = band(120)
    (_, plain), (_, soft) = tatums_of(samples), tatums_of(0.1 * samples)
    np.testing.assert_allclose(soft.bands, plain.bands, atol=1e-3)
    np.testing.assert_allclose(soft.onsets, plain.onsets, atol=1e-2)
