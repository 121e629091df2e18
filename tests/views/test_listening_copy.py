"""The song made small: what comes out is what went in, in two streams only where they add up to the mix."""

import io

import av
import numpy as np
import pytest

from outcomes import missing
from riffscope.dsp.resample import resample
from riffscope.errors import Absence
from riffscope.model import Measured, Settings, VocalSource
from riffscope.models import spleeter, store
from riffscope.song import analyze, make, measurements
from riffscope.views.listening_copy import ListeningCopy, MixCopy, compress, compress_mix
from riffscope.views.stems import Stems
from signals import audio_of, noise, sine
from songs_heard import song_excerpt


def copy_of(audio, **settings):
    outcome = make(audio, [ListeningCopy], settings=Settings(**settings)).outcomes[ListeningCopy]
    assert isinstance(outcome, Measured), outcome
    return outcome.value


def decoded(copy):
    """Each stream as browsers decode Opus: at 48 kHz, whatever it was made from."""
    sounds = {}
    for stream in copy.streams:
        with av.open(io.BytesIO(stream.webm)) as file:
            assert file.format.name == "matroska,webm"
            assert file.streams.audio[0].codec_context.name == "opus"
            sounds[stream.name] = np.concatenate([frame.to_ndarray() for frame in file.decode(audio=0)], axis=1)
    return sounds


def at_48_khz(samples, rate_hz=44_100):
    return resample(np.asarray(samples, dtype=np.float32), rate_hz, 48_000)


def signal_to_noise_db(heard, original):
    assert len(heard) == len(original)
    assert abs(heard.shape[1] - original.shape[1]) <= 1
    count = min(heard.shape[1], original.shape[1])
    heard, original = heard[:, :count], original[:, :count]
    return 10 * np.log10(np.square(original).sum() / np.square(heard - original).sum())


def delay_samples(heard, original):
    """How many samples later one sound is than another."""
    count = 2 * heard.size
    alike = np.fft.irfft(np.fft.rfft(heard, count) * np.conj(np.fft.rfft(original, count)))
    best = int(np.argmax(alike))
    return best if best < count // 2 else best - count


def parts(audio, vocals, accompaniment):
    return Stems(
        vocals=vocals, mix=vocals + accompaniment, sample_rate_hz=audio.sample_rate_hz, method=VocalSource.SPLEETER
    )


@pytest.fixture
def high_pass(monkeypatch):
    """A stand-in for the model, which takes what changes quickly for the voice."""
    monkeypatch.setattr(spleeter, "load_separator", lambda: lambda mix: (mix - np.roll(mix, 3, axis=1)) / 2)
    monkeypatch.setattr(store, "where", lambda name: "here")


def test_without_separation_the_mix_is_heard():
    excerpt = song_excerpt()
    copy = copy_of(excerpt)
    assert (copy.sample_rate_hz, copy.duration_s, copy.gain) == (48_000, 16.0, 1.0)
    (mix,) = decoded(copy).values()
    assert signal_to_noise_db(mix, at_48_khz(excerpt.samples)) > 15
    assert 70_000 < 8 * len(copy.streams[0].webm) / copy.duration_s < 110_000


def test_voice_and_accompaniment_add_up_to_the_mix(high_pass):
    excerpt = song_excerpt()
    heard, mix = decoded(copy_of(excerpt)), at_48_khz(excerpt.samples)
    assert list(heard) == ["vocals", "accompaniment"]
    assert signal_to_noise_db(heard["vocals"] + heard["accompaniment"], mix) > 12
    assert signal_to_noise_db(heard["vocals"], mix) < 6


def test_both_streams_begin_with_the_first_sample(high_pass):
    excerpt = song_excerpt()
    vocals = at_48_khz((excerpt.samples - np.roll(excerpt.samples, 3, axis=1)) / 2)
    accompaniment = at_48_khz(excerpt.samples) - vocals
    heard = decoded(copy_of(excerpt))
    for name, original in (("vocals", vocals), ("accompaniment", accompaniment)):
        assert delay_samples(heard[name][0], original[0]) == 0


def test_three_and_a_half_minutes_in_two_streams_leave_a_page_below_five_megabytes(high_pass):
    """In base64, which is a third longer, and with .9 MB of text and figures beside it."""
    excerpt = song_excerpt("arena", 5.0, 30.0)
    taken = sum(len(stream.webm) for stream in copy_of(excerpt).streams) * 210 / 30
    assert taken * 4 / 3 < 5e6 - 0.9e6


def test_the_same_song_gives_the_same_bytes(high_pass):
    excerpt = song_excerpt(duration_s=4.0)
    assert copy_of(excerpt) == copy_of(excerpt)


def test_beside_other_songs_one_small_stream_is_enough(high_pass):
    excerpt = song_excerpt()
    shared = make(excerpt, [MixCopy], settings=Settings()).outcomes[MixCopy].value
    (mix,) = decoded(shared).values()
    assert signal_to_noise_db(mix, at_48_khz(excerpt.samples)) > 12
    alone = copy_of(excerpt, separator="none")
    assert len(shared.streams[0].webm) < 0.8 * len(alone.streams[0].webm)
    loud = compress_mix(audio_of(excerpt.samples * np.float32(2 / np.abs(excerpt.samples).max())))
    assert loud.gain == pytest.approx(0.5)


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
    copy = compress(audio, parts(audio, loud * np.float32(0.75), loud * np.float32(0.25)))
    heard, loud = decoded(copy), at_48_khz(loud)
    assert copy.gain == pytest.approx(1 / 2.25)  # the voice reaches 2.25
    together = (heard["vocals"] + heard["accompaniment"])[:, : loud.shape[1]]
    gain = float((together * loud).sum() / np.square(loud).sum())
    assert gain == pytest.approx(copy.gain, rel=0.03)
    assert signal_to_noise_db(together / gain, loud) > 10


@pytest.mark.parametrize(
    ("rate_hz", "kept_hz"), [(8000, 8000), (22050, 24000), (44100, 48000), (48000, 48000), (96000, 48000)]
)
@pytest.mark.parametrize(("channels", "kept"), [(1, 1), (2, 2), (6, 1)])
def test_rate_and_channels_are_kept_as_far_as_a_page_needs_them(rate_hz, kept_hz, channels, kept):
    tone = sine(440, 1.0, rate_hz)
    audio = audio_of(np.stack([tone] * channels), rate_hz)
    copy = copy_of(audio)
    (heard,) = decoded(copy).values()
    assert copy.sample_rate_hz == kept_hz
    expected = at_48_khz(np.stack([tone] * kept), rate_hz)
    count = expected.shape[1] - 2000
    assert delay_samples(heard[0, 1000:count], expected[0, 1000:count]) == 0
    assert np.abs(heard[0, 1000:count]).max() == pytest.approx(np.abs(expected).max(), rel=0.1)


@pytest.mark.parametrize("count", [1, 2, 1000])
def test_a_few_samples_are_heard(count):
    """A frame of Opus is no shorter than this, and ends in silence."""
    (heard,) = decoded(copy_of(audio_of(np.full((2, count), 0.5)))).values()
    assert heard.shape[0] == 2
    assert heard.shape[1] < 1200


@pytest.mark.whole_songs
def test_a_long_song_loses_its_highest_octave_and_a_longer_one_is_refused():
    long = audio_of(np.tile(noise(1.0, 32_000), 601), 32_000)
    assert copy_of(long).sample_rate_hz == 24_000
    longer = make(audio_of(np.zeros(4000 * 1201), 4000), [ListeningCopy, MixCopy]).outcomes
    reason = "the song is longer than 20 minutes, too long to go into a page"
    assert longer[ListeningCopy] == missing("listening_copy", reason, Absence.TOO_LONG)
    assert longer[MixCopy] == missing("mix_copy", reason, Absence.TOO_LONG)


def test_a_copy_and_an_analysis_come_from_one_run(high_pass):
    excerpt, steps = song_excerpt(duration_s=8.0), []
    made = make(excerpt, [*measurements(), ListeningCopy], progress=lambda name, *_: steps.append(name))
    assert steps.count("stems") == steps.count("listening_copy") == 1
    song, alone = made.analysis(), analyze(excerpt)
    assert list(song.outcomes) == list(alone.outcomes)
    assert song.source == alone.source
    assert song.settings == alone.settings
    assert song.measure("loudness.plr_lu") == alone.measure("loudness.plr_lu")
