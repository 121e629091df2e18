"""Spleeter from archive to voice: with a tiny network always, with the real one where it is installed."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest
from scipy import signal

from models.test_archives import tar
from models.tiny_spleeter import tiny_weights, write_checkpoint
from riffscope.errors import BadModel
from riffscope.idle_threads import lent_by
from riffscope.models import spleeter, store
from riffscope.song import make
from riffscope.views.stems import Stems
from signals import audio_of, band

RATE_HZ = 44100


# ------------------------------------------------------------------------------------------------------- a tiny network
@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """A folder for models, and an archive of the tiny checkpoint."""
    index, data = write_checkpoint(tiny_weights())
    contents = {spleeter.INDEX: index, spleeter.DATA: data}
    members = tuple(
        replace(
            member,
            size_bytes=len(contents[member.name]),
            sha256=sha256(contents[member.name], usedforsecurity=False).hexdigest(),
        )
        for member in spleeter.CARD.members
    )
    card = replace(spleeter.CARD, members=members)
    monkeypatch.setenv("RIFFSCOPE_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr(spleeter, "CARD", card)
    return tar(tmp_path / "2stems.tar.gz", contents)


def test_without_weights_it_says_how_to_get_them(tiny):
    with pytest.raises(BadModel, match=r"spleeter is not installed \(riffscope models get spleeter\)"):
        spleeter.load_separator()


def test_from_the_archive_to_the_voice(tiny):
    store.add(tiny, progress=lambda _: None)
    take = spleeter.load_separator()
    mix = np.random.default_rng(0).uniform(-0.5, 0.5, (2, 3 * RATE_HZ)).astype(np.float32)
    before = mix.copy()
    voice = take(mix)
    assert voice.shape == mix.shape
    assert voice.dtype == np.float32
    assert 0 < np.square(voice).mean() < np.square(mix).mean()
    np.testing.assert_array_equal(mix, before)
    np.testing.assert_array_equal(take(mix), voice)


def test_from_the_archive_to_the_view_of_a_song(tiny):
    store.add(tiny, progress=lambda _: None)
    audio = audio_of(np.random.default_rng(0).uniform(-0.5, 0.5, (2, 3 * 48000)), 48000)
    found = make(audio, [Stems])[Stems]
    assert found.method == "separated:spleeter"
    assert 0 < np.square(found.vocals).mean() < np.square(audio.samples).mean()
    np.testing.assert_allclose(found.vocals + found.accompaniment, audio.samples, atol=1e-4)


def test_blocks_side_by_side_give_the_same_voice_to_the_last_bit(tiny):
    store.add(tiny, progress=lambda _: None)
    mix = np.random.default_rng(0).uniform(-0.5, 0.5, (2, 45 * RATE_HZ)).astype(np.float32)  # five blocks
    alone = spleeter.load_separator()(mix)

    def take_with_help(pool):
        with lent_by(pool):
            return spleeter.load_separator()(mix)

    with ThreadPoolExecutor(2) as pool:
        for _ in range(2):  # with the memory of the runs planned, and by that plan
            np.testing.assert_array_equal(pool.submit(take_with_help, pool).result(), alone)


def test_several_threads_may_share_one(tiny):
    store.add(tiny, progress=lambda _: None)
    take = spleeter.load_separator()
    mixes = [np.random.default_rng(seed).uniform(-0.5, 0.5, (2, RATE_HZ)).astype(np.float32) for seed in range(4)]
    voices = {}
    threads = [
        threading.Thread(target=lambda n=n, mix=mix: voices.setdefault(n, take(mix))) for n, mix in enumerate(mixes)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for n, mix in enumerate(mixes):
        np.testing.assert_array_equal(voices[n], take(mix))


# ----------------------------------------------------------------------------------------------------- the real network
@pytest.fixture
def take(spleeter_installed):
    return spleeter.load_separator()


# The first four resonances of a, o, u, ae, i.
VOWELS_HZ = (
    (730, 1090, 2440, 3400),
    (570, 840, 2410, 3300),
    (300, 870, 2240, 3200),
    (530, 1840, 2480, 3500),
    (270, 2290, 3010, 3700),
)


def resonate(samples, frequency_hz, bandwidth_hz):
    radius = np.exp(-np.pi * bandwidth_hz / RATE_HZ)
    feedback = [1, -2 * radius * np.cos(2 * np.pi * frequency_hz / RATE_HZ), radius**2]
    return signal.lfilter([sum(feedback)], feedback, samples)


def sung(notes_midi, note_s=0.6, gap_s=0.1):
    """A voice that sings a vowel a note, with vibrato and glides, after a breathy onset: shape (n,)."""
    rng = np.random.default_rng(0)
    t = np.arange(round(note_s * RATE_HZ)) / RATE_HZ
    out, before = [], notes_midi[0]
    for number, midi in enumerate(notes_midi):
        vibrato = 0.35 * np.sin(2 * np.pi * 5.5 * t) * np.minimum(t / 0.3, 1)
        pitch = midi + (before - midi) * np.exp(-t / 0.04) + vibrato
        phase = np.cumsum(440 * 2 ** ((pitch - 69) / 12)) / RATE_HZ % 1
        glottis = np.diff(np.where(phase < 0.6, np.sin(np.pi * phase / 0.6) ** 2, 0), prepend=0)
        note = 40 * glottis + 0.01 * rng.standard_normal(len(t))
        for frequency_hz, bandwidth_hz in zip(VOWELS_HZ[number % 5], (80, 90, 120, 150), strict=True):
            note = resonate(note, frequency_hz, bandwidth_hz)
        note *= np.minimum(1, np.minimum(t / 0.03, (t[-1] - t) / 0.08))
        note += np.abs(note).max() * 0.06 * rng.standard_normal(len(t)) * np.exp(-t / 0.02)
        out += [note, np.zeros(round(gap_s * RATE_HZ))]
        before = midi
    voice = np.concatenate(out)
    return 0.3 * voice / np.abs(voice).max()


def stereo(samples):
    return np.repeat(samples[np.newaxis], 2, axis=0).astype(np.float32)


def power_db(samples):
    return 10 * np.log10(np.mean(np.square(samples, dtype=np.float64)))


def si_sdr_db(truth, found):
    """Scale-invariant ratio of signal to distortion (Le Roux et al., ICASSP 2019)."""
    truth, found = truth.ravel().astype(np.float64), found.ravel().astype(np.float64)
    part = (truth @ found) / (truth @ truth) * truth
    return 10 * np.log10(np.sum(part**2) / np.sum((found - part) ** 2))


@pytest.fixture(scope="module")
def playing():
    samples, _, _ = band(110, bars=5, sample_rate_hz=RATE_HZ)
    return stereo(samples)


@pytest.fixture(scope="module")
def singing(playing):
    samples = sung([60, 62, 64, 65, 67, 65, 64, 62, 60, 64, 67, 72, 71, 67, 64])
    voice = stereo(np.pad(samples, (0, max(0, playing.shape[1] - len(samples))))[: playing.shape[1]])
    return voice * np.float32(10 ** ((power_db(playing) - power_db(voice)) / 20))


def test_a_voice_as_loud_as_the_band_is_taken_out(take, singing, playing):
    mix = singing + playing
    voice = take(mix)
    assert si_sdr_db(singing, voice) > 9
    assert si_sdr_db(playing, mix - voice) > 9


def test_a_band_alone_has_no_voice(take, playing):
    assert power_db(take(playing)) < power_db(playing) - 15


def test_a_voice_alone_stays_whole(take, singing):
    assert si_sdr_db(singing, take(singing)) > 20


def test_the_voice_does_not_depend_on_the_level(take, singing, playing):
    """Within what the network makes of it: it sees magnitudes, not decibels."""
    mix = singing + playing
    assert si_sdr_db(take(mix), take(mix * np.float32(0.5))) > 10


def test_silence_and_a_moment_of_sound(take):
    assert not take(np.zeros((2, RATE_HZ), np.float32)).any()
    for n in (0, 1, 1000):
        voice = take(np.full((2, n), 0.1, np.float32))
        assert voice.shape == (2, n)
        assert np.isfinite(voice).all()
