"""The song made small: what comes out is what went in, in two streams only where they add up to the mix."""

import io

import numpy as np
import pytest
import soundfile

from outcomes import missing
from riffscope.dsp.resample import resample
from riffscope.errors import Absence
from riffscope.model import Measured, Settings, VocalSource
from riffscope.models import spleeter, store
from riffscope.song import analyze, make, measurements
from riffscope.views.listening_copy import ListeningCopy, compress
from riffscope.views.stems import Stems
from signals import audio_of, noise, sine
from songs_heard import song_excerpt


def copy_of(audio, **settings):
    outcome = make(audio, [ListeningCopy], settings=Settings(**settings)).outcomes[ListeningCopy]
    assert isinstance(outcome, Measured), outcome
    return outcome.value


def decoded(copy):
    return {stream.name: soundfile.read(io.BytesIO(stream.ogg), always_2d=True)[0].T for stream in copy.streams}


def signal_to_noise_db(heard, original):
    assert heard.shape == original.shape
    return 10 * np.log10(np.square(original).sum() / np.square(heard - original).sum())


def parts(audio, vocals, accompaniment):
    return Stems(
        vocals=vocals, accompaniment=accompaniment, sample_rate_hz=audio.sample_rate_hz, method=VocalSource.SPLEETER
    )


@pytest.fixture
def high_pass(monkeypatch):
    """A stand-in for the model, which takes what changes quickly for the voice."""
    monkeypatch.setattr(spleeter, "load_separator", lambda: lambda mix: (mix - np.roll(mix, 3, axis=1)) / 2)
    monkeypatch.setattr(store, "where", lambda name: "here")


def test_without_separation_the_mix_is_heard():
    excerpt = song_excerpt()
    copy = copy_of(excerpt)
    assert (copy.sample_rate_hz, copy.duration_s) == (44100, 16.0)
    (mix,) = decoded(copy).values()
    assert signal_to_noise_db(mix, excerpt.samples) > 15
    assert 40_000 < 8 * len(copy.streams[0].ogg) / copy.duration_s < 200_000


def test_voice_and_accompaniment_add_up_to_the_mix(high_pass):
    excerpt = song_excerpt()
    heard = decoded(copy_of(excerpt))
    assert list(heard) == ["vocals", "accompaniment"]
    assert signal_to_noise_db(heard["vocals"] + heard["accompaniment"], excerpt.samples) > 15
    assert signal_to_noise_db(heard["vocals"], excerpt.samples) < 6


def test_a_stem_that_does_not_leave_the_mix_is_not_played_beside_it():
    excerpt = song_excerpt()
    fits = audio_of(excerpt.samples / 2)
    assert len(copy_of(excerpt, vocals=fits).streams) == 2
    out_of_time = audio_of(np.roll(excerpt.samples, 30_000, axis=1) * 2)
    assert [stream.name for stream in copy_of(excerpt, vocals=out_of_time).streams] == ["mix"]


def test_a_stem_of_another_song_leaves_the_mix_to_listen_to():
    copy = copy_of(audio_of(sine(440, 9.0)), vocals=audio_of(sine(440, 2.0)))
    assert [stream.name for stream in copy.streams] == ["mix"]


def test_beyond_full_scale_both_parts_are_turned_down_alike():
    quiet = song_excerpt().samples
    loud = quiet * np.float32(3 / np.abs(quiet).max())
    audio = audio_of(loud)
    heard = decoded(compress(audio, parts(audio, loud * np.float32(0.75), loud * np.float32(0.25))))
    together = heard["vocals"] + heard["accompaniment"]
    gain = float((together * loud).sum() / np.square(loud).sum())
    assert gain == pytest.approx(1 / 2.25, rel=0.02)  # the voice reaches 2.25
    assert signal_to_noise_db(together / gain, loud) > 12


@pytest.mark.parametrize(("rate_hz", "kept_hz"), [(8000, 8000), (22050, 22050), (48000, 44100), (96000, 44100)])
@pytest.mark.parametrize(("channels", "kept"), [(1, 1), (2, 2), (6, 1)])
def test_rate_and_channels_are_kept_as_far_as_a_page_needs_them(rate_hz, kept_hz, channels, kept):
    tone = sine(440, 1.0, rate_hz)
    audio = audio_of(np.stack([tone] * channels), rate_hz)
    copy = copy_of(audio)
    (heard,) = decoded(copy).values()
    assert copy.sample_rate_hz == kept_hz
    expected = resample(np.stack([tone] * kept).astype(np.float32), rate_hz, kept_hz)
    assert signal_to_noise_db(heard[:, 500:-500], expected[:, 500:-500]) > 15


@pytest.mark.parametrize("count", [1, 2, 1000])
def test_a_few_samples_are_as_many_samples(count):
    (heard,) = decoded(copy_of(audio_of(np.full((2, count), 0.5)))).values()
    assert heard.shape == (2, count)


def test_a_long_song_loses_its_highest_octave_and_a_longer_one_is_refused():
    long = audio_of(np.tile(noise(1.0, 32_000), 601), 32_000)
    assert copy_of(long).sample_rate_hz == 22_050
    longer = make(audio_of(np.zeros(4000 * 1201), 4000), [ListeningCopy]).outcomes[ListeningCopy]
    assert longer == missing(
        "listening_copy", "the song is longer than 20 minutes, too long to go into a page", Absence.TOO_LONG
    )


def test_a_copy_and_an_analysis_come_from_one_run(high_pass):
    excerpt, steps = song_excerpt(duration_s=8.0), []
    made = make(excerpt, [*measurements(), ListeningCopy], progress=lambda name, *_: steps.append(name))
    assert steps.count("stems") == steps.count("listening_copy") == 1
    song, alone = made.analysis(), analyze(excerpt)
    assert list(song.outcomes) == list(alone.outcomes)
    assert song.source == alone.source
    assert song.settings == alone.settings
    assert song.measure("loudness.plr_lu") == alone.measure("loudness.plr_lu")
