import dataclasses
import functools
import shutil
import struct
import subprocess

import numpy as np
import pytest
import soundfile

from riffscope.analyzers.beats import Beats
from riffscope.analyzers.loops import Loop, Loops
from riffscope.errors import CannotMeasure
from riffscope.export.loop import loop, whole_passes
from riffscope.export.sound import write_sound
from riffscope.model import Estimate, Span, VocalSource
from riffscope.views.stems import Stems
from signals import audio_of, harmonic_tone

SONG = audio_of([0.0], name="song.flac")
RATE_HZ = 22050
BEAT_S, PERIOD, PASSES, START_S = 0.5, 8, 6, 1.0


def times_s(passes=PASSES):
    return START_S + BEAT_S * np.arange(PERIOD * passes)


def found(spans, *, example_pass=0, passes=PASSES):
    bars = 2 * passes
    period_s = PERIOD * BEAT_S
    start_s = START_S + example_pass * period_s
    return Loops(
        period_s=period_s,
        period_beats=PERIOD,
        period_bars=2.0,
        coverage_fraction=Estimate(value=0.9, low=0.8, high=1.0),
        spans=tuple(Span(start_s=a, end_s=b) for a, b in spans),
        longest_gap_bars=0.0,
        exactness_fraction=0.9,
        example=Span(start_s=start_s, end_s=start_s + period_s),
        passes=float(passes),
        probability=1.0,
        others=(),
        bar_starts_s=times_s(passes)[::4],
        bar_phase_index=np.arange(bars) % 2,
        bar_similarity=np.full(bars, 0.5),
        self_similarity_percent=np.full(bars * bars, 50),
        method=VocalSource.MIX,
    )


def beats(passes=PASSES):
    at = times_s(passes)
    return Beats(
        times_s=at,
        downbeat_index=np.arange(0, len(at), 4),
        beats_per_bar=4,
        confidence_fraction=1.0,
        beat_probability=np.zeros(0),
        downbeat_probability=np.zeros(0),
        step_s=0.02,
    )


@functools.cache
def riff():
    pitches = [220, 330, 262, 440, 196, 294, 247, 392]
    length = round(BEAT_S * RATE_HZ)
    fall = np.exp(-np.arange(length) / 4000)
    return np.concatenate([harmonic_tone(np.full(length, float(hz)), RATE_HZ) * fall for hz in pitches])


def song():
    silence = np.zeros(round(START_S * RATE_HZ))
    return np.concatenate([silence, np.tile(riff(), PASSES), silence])


def stems(sound):
    mix = np.atleast_2d(sound).astype(np.float32)
    return Stems(vocals=mix, mix=mix, sample_rate_hz=RATE_HZ, method=VocalSource.MIX)


EVERYWHERE = [(START_S, START_S + PASSES * PERIOD * BEAT_S)]


def test_the_loop_is_one_pass_of_the_riff_at_the_songs_own_rate(tmp_path):
    (path,) = loop(found(EVERYWHERE), beats(), stems(np.stack([song(), 0.5 * song()])), SONG, folder=tmp_path / "new")
    assert path == tmp_path / "new" / "song.loop.wav"
    heard, rate_hz = soundfile.read(path)
    assert rate_hz == RATE_HZ
    assert heard.shape == (len(riff()), 2)
    best = min(float(np.mean((heard[:, 0] - np.roll(riff(), shift)) ** 2)) for shift in range(-200, 200))
    assert best < 1e-3 * np.mean(riff() ** 2)
    np.testing.assert_allclose(heard[:, 1], 0.5 * heard[:, 0], atol=1e-4)


@pytest.mark.parametrize("loudest", [0.5, 1.0, 1.003, 2.5])
def test_a_loop_beyond_full_scale_is_turned_down_to_it_and_any_other_left_as_it_is(tmp_path, loudest):
    quiet = song()
    sound = quiet * loudest / np.abs(quiet).max()
    (path,) = loop(found(EVERYWHERE), beats(), stems(np.stack([sound, 0.5 * sound])), SONG, folder=tmp_path)
    heard, _ = soundfile.read(path)
    assert np.abs(heard).max() == pytest.approx(min(loudest, 1.0), rel=2e-3)
    assert np.abs(heard).max() <= 1.0
    np.testing.assert_allclose(heard[:, 1], 0.5 * heard[:, 0], atol=1e-4)


def test_a_voice_over_the_cleanest_pass_is_outvoted(tmp_path):
    voice = harmonic_tone(np.full(len(riff()), 311.0), RATE_HZ, amplitude=0.1)
    voiced, first = song(), round(START_S * RATE_HZ)
    voiced[first : first + len(riff())] += voice

    def share_of_voice(sound):
        return float(sound @ voice / (voice @ voice))

    (path,) = loop(found(EVERYWHERE), beats(), stems(voiced), SONG, folder=tmp_path)
    heard, _ = soundfile.read(path)
    assert share_of_voice(voiced[first : first + len(riff())]) > 0.9
    assert abs(share_of_voice(np.resize(heard, len(voice)))) < 0.1


def test_only_passes_that_are_heard_whole_count():
    period_s = PERIOD * BEAT_S
    partly = found([(START_S, START_S + 1.5 * period_s), (START_S + 3 * period_s, START_S + 5 * period_s)])
    starts_s = sorted(float(edges[0]) for edges in whole_passes(partly, times_s()))
    assert starts_s == [START_S, START_S + 3 * period_s, START_S + 4 * period_s]


def test_a_pass_that_jumps_to_another_bar_is_not_whole():
    jumping = dataclasses.replace(found(EVERYWHERE), bar_phase_index=np.array([0, 1, 0, 0, 1, 1, 0, 1, 0, 1, 0, 1]))
    assert [one.is_whole for one in jumping.riff_passes] == [True, False, True, True, True, True]


def test_a_pass_is_as_similar_as_its_bars_and_a_piece_of_a_bar_as_that_bar():
    upbeat = found([(START_S + 1.5, START_S + 2 * PERIOD * BEAT_S)])
    upbeat = dataclasses.replace(upbeat, bar_similarity=np.linspace(0, 0.55, 12))
    first, second = upbeat.riff_passes
    assert (first.is_whole, second.is_whole) == (False, True)
    assert first.similarity == pytest.approx(0.05)
    assert second.similarity == pytest.approx((0.1 + 0.15) / 2)
    short = found([(START_S + PERIOD * BEAT_S - 0.5, START_S + PERIOD * BEAT_S)])
    short = dataclasses.replace(short, bar_similarity=np.linspace(0, 0.55, 12))
    assert [one.similarity for one in short.riff_passes] == pytest.approx([0.05])


def test_the_last_pass_may_end_where_the_beats_do():
    assert len(whole_passes(found(EVERYWHERE), times_s())) == PASSES


def test_the_most_alike_are_taken_where_there_are_many():
    many = found([(START_S, 1e3)], passes=30)
    similarity = np.linspace(0.1, 0.9, 60)
    chosen = whole_passes(dataclasses.replace(many, bar_similarity=similarity), times_s(30))
    assert min(edges[0] for edges in chosen) > START_S + 15 * PERIOD * BEAT_S
    assert len(chosen) < 30


def test_a_riff_that_is_never_whole_is_cut_out_as_it_is(tmp_path):
    period_s = PERIOD * BEAT_S
    one = found([(START_S + 1.0, START_S + 1.0 + period_s)])
    one = dataclasses.replace(one, example=Span(start_s=START_S + 1.0, end_s=START_S + 1.0 + period_s))
    (path,) = loop(one, beats(), stems(song()), SONG, folder=tmp_path)
    assert soundfile.info(path).frames == pytest.approx(len(riff()), abs=1)


# ------------------------------------------------------------------------------------------------------ for samplers
def chunks_of(path):
    """Read a RIFF file chunk by chunk: name to content; the lengths that it gives must add up."""
    content = path.read_bytes()
    assert content[:4] == b"RIFF"
    assert content[8:12] == b"WAVE"
    assert struct.unpack("<I", content[4:8])[0] == len(content) - 8
    at, found = 12, {}
    while at < len(content):
        name, length = content[at : at + 4].decode(), struct.unpack("<I", content[at + 4 : at + 8])[0]
        found[name] = content[at + 8 : at + 8 + length]
        assert len(found[name]) == length
        at += 8 + length + length % 2
    assert at == len(content)
    return found


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("frames", [999, 1000])
def test_a_sampler_finds_one_forward_loop_over_the_whole_file(tmp_path, channels, frames):
    sound = np.random.default_rng(frames).uniform(-1, 1, (channels, frames)).astype(np.float32)
    path = write_sound(tmp_path / "x.wav", sound, 44100, loops=True)
    sampler = struct.unpack("<15I", chunks_of(path)["smpl"])
    maker, product, period_ns, key, fraction, smpte, offset, loops, more = sampler[:9]
    assert (period_ns, key, loops) == (22676, 60, 1)
    assert (maker, product, fraction, smpte, offset, more) == (0, 0, 0, 0, 0, 0)
    name, kind, first, last, part, times = sampler[9:]
    assert (kind, first, last, times) == (0, 0, frames - 1, 0)
    assert (name, part) == (0, 0)
    heard, rate_hz = soundfile.read(path, always_2d=True, dtype="float32")
    assert rate_hz == 44100
    np.testing.assert_array_equal(heard.T, sound)


def test_sound_that_is_no_loop_says_nothing_of_one(tmp_path):
    path = write_sound(tmp_path / "x.wav", np.zeros((1, 100), np.float32), 44100)
    assert "smpl" not in chunks_of(path)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg")
def test_ffmpeg_reads_the_loop(tmp_path):
    (path,) = loop(found(EVERYWHERE), beats(), stems(song()), SONG, folder=tmp_path)
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "f32le", "-"]
    read = subprocess.run(command, capture_output=True, check=True)
    assert read.stderr == b""
    np.testing.assert_array_equal(np.frombuffer(read.stdout, "<f4"), soundfile.read(path, dtype="float32")[0])


# ------------------------------------------------------------------------------------------------------ other loops
def with_another(first_pass, count):
    """Add another loop to the riff: so many of the song's passes, four beats late."""
    starts_s = START_S + 2.0 + PERIOD * BEAT_S * np.arange(first_pass, first_pass + count)
    passes = tuple(Span(start_s=float(at), end_s=float(at) + PERIOD * BEAT_S) for at in starts_s)
    kept = {field.name: getattr(found(EVERYWHERE), field.name) for field in dataclasses.fields(Loop)}
    spans = (Span(start_s=passes[0].start_s, end_s=passes[-1].end_s),)
    other = Loop(**kept | {"spans": spans, "example": passes[1], "whole_passes": passes})
    return dataclasses.replace(found(EVERYWHERE), others=(other,))


def test_the_second_loop_is_cut_out_under_a_name_of_its_own(tmp_path):
    (path,) = loop(with_another(0, 4), beats(), stems(song()), SONG, folder=tmp_path, which=2)
    assert path.name == "song.loop.2.wav"
    assert "smpl" in chunks_of(path)
    heard, _ = soundfile.read(path)
    moved = np.roll(riff(), -round(2.0 * RATE_HZ))  # it begins in the middle of the riff
    assert min(float(np.mean((heard - np.roll(moved, k)) ** 2)) for k in range(-200, 200)) < 1e-3 * np.mean(riff() ** 2)


def test_the_passes_of_another_loop_are_its_own_the_cleanest_first():
    other = with_another(0, 4).others[0]
    starts_s = [float(edges[0]) for edges in whole_passes(other, times_s())]
    assert starts_s[0] == other.example.start_s
    assert sorted(starts_s) == [one.start_s for one in other.whole_passes]


def test_an_older_file_gives_of_another_loop_its_cleanest_pass():
    other = dataclasses.replace(with_another(0, 4).others[0], whole_passes=())
    (edges,) = whole_passes(other, times_s())
    assert (edges[0], edges[-1]) == (other.example.start_s, other.example.end_s)


@pytest.mark.parametrize(
    ("others", "said"), [(0, "no loop 2: the song has one loop"), (1, "no loop 3: the song has 2 loops")]
)
def test_a_loop_that_is_not_there_is_refused(tmp_path, others, said):
    loops = with_another(0, 4) if others else found(EVERYWHERE)
    with pytest.raises(CannotMeasure, match=said):
        loop(loops, beats(), stems(song()), SONG, folder=tmp_path, which=others + 2)
    assert list(tmp_path.iterdir()) == []
