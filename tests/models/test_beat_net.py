"""Our own network for beats, as it comes with the package."""

from importlib import resources

import numpy as np
import pytest

from riffscope.dsp.rhythm.beat_features import HARMONIC_FEATURES
from riffscope.model import Measured
from riffscope.models import beat_net
from riffscope.models.beat_net import CONTEXT_GRAPH, LOCAL_GRAPH, TEMPO_CLASSES
from riffscope.song import make
from riffscope.views.beat_activation import BeatActivation
from signals import audio_of, band, noise

WEIGHTS = resources.files("riffscope.models") / "weights"


def curve_of(samples, sample_rate_hz=22050):
    outcome = make(audio_of(samples, sample_rate_hz), [BeatActivation]).outcomes[BeatActivation]
    assert isinstance(outcome, Measured)
    return outcome.value


def test_all_weights_together_are_smaller_than_a_megabyte_and_have_a_card():
    assert sum(len((WEIGHTS / name).read_bytes()) for name in (LOCAL_GRAPH, CONTEXT_GRAPH)) < 1e6
    card = (WEIGHTS / "beats.md").read_text(encoding="utf-8")
    for heading in ("Data", "Training", "Figures", "Ablations", "Limits"):
        assert f"## {heading}" in card


def test_beats_are_likelier_on_the_beat_than_off_it():
    bpm = 110.0
    samples, beats_s, _ = band(bpm)
    curve = curve_of(samples)
    inner_s = beats_s[8:40]
    on, off = (np.round((inner_s + shift_s) * curve.frame_rate_hz).astype(int) for shift_s in (0.0, 30 / bpm))
    nearby = np.stack([curve.probability[on + k] for k in (-1, 0, 1)]).max(axis=0)
    assert np.median(nearby) > 0.5
    assert np.median(curve.probability[off]) < 0.2


def test_probabilities_are_probabilities():
    curve = curve_of(band(96.0, bars=8)[0])
    for probability in (curve.probability, curve.downbeat_probability):
        assert 0 <= probability.min() <= probability.max() <= 1
    seconds = len(curve.probability) // round(curve.frame_rate_hz)
    assert curve.tempo_bpm.shape == (TEMPO_CLASSES,)
    assert curve.tempo_logits.shape == (seconds, TEMPO_CLASSES)
    likeliest = curve.tempo_bpm[curve.tempo_logits.mean(axis=0).argmax()]
    assert likeliest == pytest.approx(96, rel=0.03)


def test_noise_has_no_beats():
    curve = curve_of(noise(20.0, 22050))
    assert curve.probability.mean() < 0.2
    assert curve.probability.max() < 0.7


def test_block_borders_do_not_show(monkeypatch):
    random = np.random.default_rng(3)
    frames = 2 * beat_net.BLOCK_FRAMES + 37
    mel = random.normal(size=(80, frames)).astype(np.float32)
    change = random.random((HARMONIC_FEATURES, frames)).astype(np.float32)
    in_blocks, _ = beat_net.load_beat_reader()(mel, change)
    monkeypatch.setattr(beat_net, "BLOCK_FRAMES", frames)
    at_once, _ = beat_net.load_beat_reader()(mel, change)
    assert in_blocks.shape == (2, frames)
    assert in_blocks == pytest.approx(at_once, abs=1e-4)


def test_a_reader_gives_the_same_twice():
    samples = band(120.0, bars=6)[0]
    first, second = (curve_of(samples).probability for _ in range(2))
    assert np.array_equal(first, second)


def test_a_long_song_is_read_in_pieces_that_leave_no_trace(monkeypatch):
    """What lies 41 s away still counts, and no more does: pieces of 10 s see as far to either side."""
    rng = np.random.default_rng(3)
    frames = 150 * beat_net.FRAMES_PER_S + 17
    mel = rng.normal(size=(80, frames)).astype(np.float32)
    change = rng.uniform(size=(HARMONIC_FEATURES, frames)).astype(np.float32)
    reader = beat_net.load_beat_reader()
    curves, tempo = reader(mel, change)
    monkeypatch.setattr(beat_net, "PIECE_FRAMES", 10 * beat_net.FRAMES_PER_S)
    in_pieces = reader(mel, change)
    assert tempo.shape == (150, TEMPO_CLASSES)
    np.testing.assert_allclose(in_pieces[0], curves, atol=2e-6)
    np.testing.assert_allclose(in_pieces[1], tempo, atol=2e-5)
    monkeypatch.setattr(beat_net, "CONTEXT_FRAMES", 5 * beat_net.FRAMES_PER_S)
    blinkered, _ = reader(mel, change)
    assert np.abs(blinkered - curves).max() > 1e-3
