"""Vocals and accompaniment: by the model, by the user's own stem, or not at all."""

import numpy as np
import pytest

from riffscope import load
from riffscope.analyzers.vocal_activity import VocalActivity
from riffscope.analyzers.vocal_pitch import VocalPitch
from riffscope.analyzers.vocal_range import VocalRange
from riffscope.dsp.downmix import downmix
from riffscope.dsp.resample import resample
from riffscope.dsp.voice.separation import RATE_HZ
from riffscope.errors import BadModel
from riffscope.model import Audio, Failed, Measured, Missing, Settings, VocalSource
from riffscope.models import spleeter, store
from riffscope.song import analyze, make
from riffscope.views import stems
from riffscope.views.stems import Stems
from riffscope.views.voice_track import VoiceTrack
from signals import audio_of, harmonic_tone, noise, sine
from songs_heard import song_excerpt


@pytest.fixture
def half(monkeypatch):
    """A stand-in for the model that takes half of everything, and remembers the shapes that it was given."""
    shapes = []

    def take(mix):
        shapes.append(mix.shape)
        return mix / 2

    monkeypatch.setattr(spleeter, "load_separator", lambda: take)
    monkeypatch.setattr(store, "where", lambda name: "here")
    return shapes


def parts_of(audio, **settings):
    outcome = make(audio, [Stems], settings=Settings(**settings)).outcomes[Stems]
    assert isinstance(outcome, Measured), outcome
    return outcome.value


def mix_of(audio):
    """Left and right; of surround (L R C LFE Ls Rs) with its centre and its sides, as BS.775 has it, and as loud."""
    if len(audio.samples) <= 2:
        return audio.samples
    left, right, centre, _, left_side, right_side = audio.samples
    return np.stack([one + (centre + side) / np.sqrt(2) for one, side in ((left, left_side), (right, right_side))]) / (
        1 + np.sqrt(2)
    )


def test_without_a_model_there_is_the_mix_alone():
    audio = audio_of(sine(440, 1.0))
    found = parts_of(audio)
    assert found.method is VocalSource.MIX
    assert not found.method.separated
    assert found.accompaniment is None
    assert found.accompaniment_or_mix is found.vocals is audio.samples


def test_the_model_is_not_asked_where_the_user_wants_none(half):
    assert parts_of(audio_of(sine(440, 1.0)), separator="none").method == "mix"
    assert half == []


def test_where_the_model_is_damaged_the_mix_is_heard_unless_the_model_was_asked_for(monkeypatch):
    def damaged():
        raise BadModel("spleeter: voice.onnx was damaged")

    monkeypatch.setattr(spleeter, "load_separator", damaged)
    monkeypatch.setattr(store, "where", lambda name: "here")
    audio = audio_of(sine(440, 1.0))
    assert parts_of(audio).method is VocalSource.MIX
    asked_for = make(audio, [Stems], settings=Settings(separator="spleeter")).outcomes[Stems]
    assert isinstance(asked_for, Failed)
    assert "was damaged" in asked_for.error


@pytest.mark.parametrize("rate_hz", [8000, 11025, 22050, 44100, 48000, 96000, 192000])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_vocals_and_accompaniment_add_up_to_the_mix(half, rate_hz, channels):
    audio = audio_of(np.stack([noise(0.5, rate_hz, seed=n) for n in range(channels)]), rate_hz)
    found = parts_of(audio)
    assert found.method == "separated:spleeter"
    assert found.sample_rate_hz == rate_hz
    assert found.vocals.shape == (min(channels, 2), audio.samples.shape[1])
    np.testing.assert_allclose(found.vocals + found.accompaniment, mix_of(audio), atol=1e-4)
    assert half == [(2, pytest.approx(RATE_HZ * 0.5, rel=1e-3))]


@pytest.mark.parametrize("samples", [np.zeros((2, RATE_HZ)), [[0.5], [0.5]], np.zeros((1, 100))])
def test_silence_and_single_samples_are_taken_apart_too(half, samples):
    found = parts_of(audio_of(samples))
    assert found.vocals.shape == np.shape(samples)


@pytest.mark.parametrize("count", [1, 2, 100])
def test_a_song_of_a_few_samples_is_missing_and_never_fails(half, count):
    song = analyze(audio_of(np.full((2, count), 0.5)), only=[VocalPitch, VocalActivity, VocalRange])
    assert all(isinstance(outcome, Missing) for outcome in song.outcomes.values()), song.outcomes


def test_a_voice_in_antiphase_is_heard(half):
    one = song_excerpt("closet-stripped").samples.mean(axis=0)
    song = analyze(audio_of(np.stack([one, -one])), only=[VocalRange])
    assert isinstance(song.outcomes["vocal_range"], Measured)


def test_a_voice_in_the_middle_of_a_band_in_antiphase_is_heard_there(monkeypatch):
    def take(mix):
        """Like the model, find no voice where one channel holds far more of something else."""
        return mix if np.allclose(*mix) else np.zeros_like(mix)

    monkeypatch.setattr(spleeter, "load_separator", lambda: take)
    monkeypatch.setattr(store, "where", lambda name: "here")
    voice, band = harmonic_tone(np.full(4 * RATE_HZ, 220.0)) / 100, noise(4.0, RATE_HZ)
    audio = audio_of(np.stack([voice + band, voice - band]), RATE_HZ)
    np.testing.assert_allclose(parts_of(audio).vocals, [voice, voice], atol=1e-6)
    # The band cancels itself in the sum that the voice is read from.
    track = make(audio, [VoiceTrack])[VoiceTrack]
    assert (track.vocals_dbfs - track.accompaniment_dbfs)[10:-10].min() > 40


def test_a_stem_of_ones_own_wins_and_leaves_the_accompaniment():
    voice, guitar = harmonic_tone(np.full(RATE_HZ, 220.0)), sine(660, 1.0, amplitude=0.2)
    mix, stem = audio_of(voice + guitar), audio_of(voice, name="voice.wav")
    found = parts_of(mix, vocals=stem)
    assert found.method == "stem"
    np.testing.assert_allclose(found.vocals[0], voice, atol=1e-6)
    np.testing.assert_allclose(found.accompaniment[0], guitar, atol=1e-6)


def test_a_stem_at_another_rate_and_a_little_longer_is_fitted():
    mix = audio_of(noise(2.0, 44100))
    found = parts_of(mix, vocals=audio_of(sine(220, 2.5, 48000), 48000))
    assert found.vocals.shape == mix.samples.shape


def test_a_stem_that_does_not_line_up_leaves_the_mix_as_accompaniment():
    mix = audio_of(sine(220, 2.0, amplitude=0.1))
    found = parts_of(mix, vocals=audio_of(-sine(220, 2.0, amplitude=0.5)))
    np.testing.assert_array_equal(found.accompaniment, mix.samples)


def test_the_stem_of_another_song_is_refused():
    outcome = make(audio_of(sine(220, 9.0)), [Stems], settings=Settings(vocals=audio_of(sine(220, 2.0)))).outcomes[
        Stems
    ]
    assert isinstance(outcome, Missing)
    assert "give the stem of this song" in outcome.reason


def test_the_method_reaches_every_voice_measurement(half):
    song = analyze(song_excerpt(), only=[VocalPitch, VocalActivity, VocalRange])
    assert song[VocalPitch].method == song[VocalActivity].method == "separated:spleeter"
    assert song.settings == {"separator": "auto"}


def test_the_song_is_taken_apart_once_for_all(half):
    analyze(song_excerpt(), only=[VocalPitch, VocalActivity, VocalRange])
    assert len(half) == 1


def test_a_stem_given_is_on_record():
    stem = audio_of(sine(220, 16.0), name="voice.wav")
    song = analyze(song_excerpt(), settings=Settings(vocals=stem), only=[VocalRange])
    assert song.settings == {"separator": "auto", "vocals": "voice.wav"}


# ------------------------------------------------------------------------------------------------- with real weights
def test_the_real_model_hears_the_bundled_singer(spleeter_installed):
    song = analyze(song_excerpt("closet", 10.0, 25.0), only=[VocalActivity, VocalRange])
    assert song[VocalActivity].method == "separated:spleeter"
    assert song[VocalActivity].sung_fraction > 0.6
    assert song[VocalRange].span_semitones.value == pytest.approx(8.3, abs=1.0)


def test_an_instrumental_has_an_empty_stem(spleeter_installed):
    # The riff alone, before anyone sings.
    riff = song_excerpt("closet", 2.0, 7.0)
    found = parts_of(riff)
    mix_power, voice_power = np.square(riff.samples).mean(), np.square(found.vocals).mean()
    assert 10 * np.log10(mix_power / voice_power) > 15
    assert isinstance(analyze(riff, only=[VocalRange]).outcomes["vocal_range"], Missing)


def test_of_a_piano_rag_next_to_nothing_is_taken_for_a_voice(spleeter_installed, shared_data):
    (path,) = shared_data.glob("data/dev/misc/*ragtime*.ogg")
    rag = load(path)
    found = parts_of(rag)
    assert 10 * np.log10(np.square(rag.samples).mean() / np.square(found.vocals).mean()) > 30


def test_taking_the_voice_out_and_adding_it_again_is_the_mix(spleeter_installed):
    audio = song_excerpt("arena", 10.0, 5.0)
    found = parts_of(audio)
    np.testing.assert_allclose(found.vocals + found.accompaniment, audio.samples, atol=1e-4)


def test_stems_are_a_view_of_one_audio():
    assert [need.type for need in stems_step().needs] == [Audio, Settings]


def stems_step():
    from riffscope.steps import read_step

    return read_step(stems.separate)


@pytest.mark.parametrize("lines_up", [True, False])
@pytest.mark.parametrize("channels", [1, 2])
def test_the_accompaniment_is_the_same_whole_in_parts_in_channels_and_at_another_rate(channels, lines_up):
    rng = np.random.default_rng(5)
    mix, vocals = rng.normal(0, 0.1, (2, channels, 2 * 65_536 + 333)).astype(np.float32)
    parts = Stems(vocals=vocals, mix=mix, sample_rate_hz=44100, method=VocalSource.STEM, lines_up=lines_up)
    whole = mix - vocals if lines_up else mix
    np.testing.assert_array_equal(parts.accompaniment, whole)
    np.testing.assert_array_equal(parts.accompaniment_in(slice(70_000, 70_500)), whole[:, 70_000:70_500])
    np.testing.assert_array_equal([one[:] for one in parts.accompaniment_channels()], whole)
    np.testing.assert_array_equal(parts.accompaniment_as_one(lambda found: found.sum(axis=0))[:], whole.sum(axis=0))
    np.testing.assert_array_equal(parts.accompaniment_at(16000), resample(whole, 44100, 16000))
    mono = resample(downmix(whole), 44100, 22050)
    np.testing.assert_allclose(parts.accompaniment_downmix_at(22050), mono, atol=1e-7)


def test_an_accompaniment_in_antiphase_is_mixed_down_to_its_louder_channel():
    sound = np.random.default_rng(6).normal(0, 0.1, 70_000).astype(np.float32)
    mix = np.stack([sound, -0.9 * sound]).astype(np.float32)
    parts = Stems(vocals=np.zeros_like(mix), mix=mix, sample_rate_hz=22050, method=VocalSource.STEM)
    np.testing.assert_array_equal(parts.accompaniment_downmix_at(22050), sound)


def test_without_separation_there_is_no_accompaniment_to_ask_for():
    mix = np.zeros((2, 100), np.float32)
    parts = Stems(vocals=mix, mix=mix, sample_rate_hz=44100, method=VocalSource.MIX)
    assert parts.accompaniment is None
    with pytest.raises(ValueError, match="nothing was separated"):
        parts.accompaniment_in(slice(0, 10))
    with pytest.raises(ValueError, match="shape"):
        Stems(vocals=mix[:1], mix=mix, sample_rate_hz=44100, method=VocalSource.STEM)
