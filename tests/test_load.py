import concurrent.futures
import contextlib
import hashlib
import importlib
import io
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
import soundfile

from riffscope.decoding import ffmpeg, sound, window, zeros
from riffscope.errors import CannotRead
from riffscope.load import load
from signals import noise, sine, sweep, write_sound

LOADER = importlib.import_module("riffscope.load")  # `riffscope.load` itself is the function
RATE_HZ = 44100
needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")

# How each format is made: the file's name, who makes it, its options, and the codec's name.
BY_SOUNDFILE = {
    "wav": ("song.wav", {"subtype": "PCM_16"}, "pcm_16"),
    "wav_24": ("song24.wav", {"subtype": "PCM_24"}, "pcm_24"),
    "wav_32": ("song32.wav", {"subtype": "PCM_32"}, "pcm_32"),
    "wav_8": ("song8.wav", {"subtype": "PCM_U8"}, "pcm_8"),
    "wav_float": ("float.wav", {"subtype": "FLOAT"}, "float_32"),
    "wav_double": ("double.wav", {"subtype": "DOUBLE"}, "float_64"),
    "wav_ulaw": ("ulaw.wav", {"subtype": "ULAW"}, "mulaw"),
    "wav_adpcm": ("adpcm.wav", {"subtype": "MS_ADPCM"}, "adpcm_ms"),
    "rf64": ("rf64.wav", {"format": "RF64"}, "pcm_16"),
    "w64": ("song.w64", {}, "pcm_16"),
    "aiff": ("song.aiff", {}, "pcm_16"),
    "aiff_float": ("float.aiff", {"subtype": "FLOAT"}, "float_32"),
    "caf": ("song.caf", {}, "pcm_16"),
    "au": ("song.au", {}, "pcm_16"),
    "flac": ("song.flac", {}, "flac"),
    "flac_24": ("song24.flac", {"subtype": "PCM_24"}, "flac"),
    "vorbis": ("song.ogg", {}, "vorbis"),
    "mp3": ("song.mp3", {}, "mp3"),
}
BY_FFMPEG = {
    "opus": ("song.opus", "-c:a libopus -b:a 160k", "opus"),
    "ogg_flac": ("flac.ogg", "-c:a flac", "flac"),
    "mp2": ("song.mp2", "-c:a mp2", "mp2"),
    "aac": ("song.m4a", "-c:a aac -b:a 192k", "aac"),
    "aac_first": ("first.m4a", "-c:a aac -b:a 192k -movflags +faststart", "aac"),
    "aac_pieces": ("pieces.m4a", "-c:a aac -b:a 192k -movflags frag_keyframe+empty_moov", "aac"),
    "adts": ("song.aac", "-c:a aac -b:a 192k", "aac"),
    "alac": ("alac.m4a", "-c:a alac", "alac"),
    "alac_caf": ("alac.caf", "-c:a alac", "alac"),
    "mov": ("song.mov", "-c:a pcm_s24le", "pcm_24"),
    "wma": ("song.wma", "-c:a wmav2 -b:a 192k", "wma"),
    "matroska": ("song.mka", "-c:a flac", "flac"),
    "webm": ("song.webm", "-c:a libopus -b:a 160k", "opus"),
}
FORMATS = [*BY_SOUNDFILE, *(pytest.param(name, marks=needs_ffmpeg) for name in BY_FFMPEG)]
SMALLEST_STEP = {
    "pcm_8": 2**-7,
    "pcm_16": 2**-15,
    "pcm_24": 2**-23,
    "pcm_32": 2**-24,
    "float_32": 0,
    "float_64": 2**-24,
}


def song(duration_s=1.0, sample_rate_hz=RATE_HZ, channels=2):
    """Tones that rise, over noise: no two channels are alike, and no two moments."""
    return np.stack(
        [
            sweep(110 * (k + 2), 330 * (k + 2), duration_s, sample_rate_hz, amplitude=0.3)
            + noise(duration_s, sample_rate_hz, amplitude=0.05, seed=k)
            for k in range(channels)
        ]
    ).astype(np.float32)


def encode(source, target, options=""):
    """Let ffmpeg write a file from another."""
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(source), *options.split(), str(target)]
    subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return target


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """Give the song in a format, written once."""
    folder = tmp_path_factory.mktemp("formats")

    def make(form):
        if form in BY_SOUNDFILE:
            name, options, _ = BY_SOUNDFILE[form]
            path = folder / name
            return path if path.exists() else write_sound(path, song(), RATE_HZ, **options)
        name, options, _ = BY_FFMPEG[form]
        path = folder / name
        return path if path.exists() else encode(make("wav"), path, options)

    return make


def run_python(script, *arguments):
    """Run a script in a process of its own: what it prints, if it complains of nothing."""
    run = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(Path(LOADER.__file__).parents[1])},
    )
    assert not run.stderr
    return run.stdout


def codec_of(form):
    return (BY_SOUNDFILE | BY_FFMPEG)[form][2]


def refusal(path, **options):
    """The reason for which a file is refused: one line that begins with its name, quickly said."""
    begin = time.perf_counter()
    with pytest.raises(CannotRead) as caught:
        load(path, **options)
    assert time.perf_counter() - begin < 10
    text = str(caught.value)
    assert text.isprintable(), "one line, nothing hidden in it"
    assert re.fullmatch(r".+: [^()]+ \(.+\)", text), "FILE: what is wrong (what to do)"
    return text


def outcome(path):
    """What becomes of a damaged file: 'ok', 'partial' or 'refused', and nothing else."""
    begin = time.perf_counter()
    try:
        source = load(path).source
    except CannotRead as why:
        result, said = "refused", str(why)
    else:
        result, said = source.status, " ".join(source.warnings)
        assert result == "ok" or said
    assert said.isprintable()
    assert time.perf_counter() - begin < 10
    return result


# ------------------------------------------------------------------------------------------------------------- formats
@pytest.mark.parametrize("form", FORMATS)
def test_every_format_gives_the_song_in_time_and_level(made, form):
    audio = load(made(form))
    rate_hz = 48000 if codec_of(form) == "opus" else RATE_HZ
    truth = song(sample_rate_hz=rate_hz)
    assert audio.sample_rate_hz == audio.source.sample_rate_hz == rate_hz
    assert audio.samples.dtype == np.float32
    assert audio.samples.flags.c_contiguous
    assert not audio.samples.flags.writeable
    assert audio.source.channels == len(audio.samples) == 2
    assert audio.source.codec == codec_of(form)
    assert audio.source.status == "ok"
    assert audio.source.warnings == ()
    # Lossy codecs end on a whole block.
    assert audio.duration_s == audio.source.duration_s == pytest.approx(1.0, abs=0.06)
    if codec_of(form) == "opus":
        return  # resampled by the encoder: its noise is another
    if form in {"adts", "aac_pieces"}:
        return  # nothing in the file says how much of its start is the encoder's
    length = min(audio.samples.shape[1], truth.shape[1]) - 8
    for channel, true in zip(audio.samples, truth, strict=True):
        best = max(range(-8, 9), key=lambda lag: np.dot(channel[8 + lag : length + lag], true[8:length]))
        assert abs(best) <= (8 if form in {"mp2", "wma"} else 1)
        assert np.sqrt(np.mean(channel**2)) == pytest.approx(np.sqrt(np.mean(true**2)), rel=0.05)


@pytest.mark.parametrize("form", [name for name in BY_SOUNDFILE if codec_of(name) in SMALLEST_STEP])
def test_uncompressed_sound_comes_back_to_the_last_step(made, form):
    assert np.abs(load(made(form)).samples - song()).max() <= 1.6 * SMALLEST_STEP[codec_of(form)]


@pytest.mark.parametrize("form", ["vorbis", "mp3", "flac", "flac_24", "wav_ulaw"])
def test_another_decoder_hears_the_same(made, form):
    other, _ = soundfile.read(made(form), dtype="float32")
    np.testing.assert_allclose(load(made(form)).samples, other.T, rtol=0, atol=1e-5)


@pytest.mark.parametrize("rate_hz", [8000, 11025, 22050, 32000, 48000, 88200, 96000, 192000, 384000, 768000])
def test_the_sample_rate_stays_as_it_is(tmp_path, rate_hz):
    audio = load(write_sound(tmp_path / "a.wav", song(0.1, rate_hz), rate_hz))
    assert audio.sample_rate_hz == rate_hz
    assert audio.samples.shape == (2, rate_hz // 10)


@pytest.mark.parametrize("channels", [1, 3, 6, 7, 8, 9, 32, 64])
@pytest.mark.parametrize("subtype", ["PCM_16", "FLOAT"])
def test_all_channels_stay_in_their_order(tmp_path, channels, subtype):
    truth = song(0.05, channels=channels)
    audio = load(write_sound(tmp_path / "a.wav", truth, subtype=subtype))
    np.testing.assert_allclose(audio.samples, truth, rtol=0, atol=1e-4)


@needs_ffmpeg
@pytest.mark.parametrize("name", ["surround.m4a", "surround.ogg", "surround.opus", "surround.flac"])
def test_eight_channels_of_a_lossy_codec_do_not_crash(tmp_path, name):
    source = write_sound(tmp_path / "a.wav", song(0.5, 48000, channels=8), 48000)
    audio = load(encode(source, tmp_path / name, "-ac 8" + (" -mapping_family 1 -c:a libopus" * name.endswith("opus"))))
    assert len(audio.samples) == 8
    assert np.abs(audio.samples).max(axis=1).min() > 0.01


def test_peaks_above_full_scale_are_neither_scaled_nor_clipped(tmp_path):
    assert load(write_sound(tmp_path / "a.wav", 10 * song(), subtype="FLOAT")).samples == pytest.approx(10 * song())


def test_one_sample_is_read(tmp_path):
    assert load(write_sound(tmp_path / "a.wav", [0.25])).samples.tolist() == [[0.25]]


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.aiff", "a.ogg"])
def test_no_samples_are_refused(tmp_path, name):
    refusal(write_sound(tmp_path / name, np.zeros(0)))


def test_the_same_file_gives_the_same_twice(made):
    first, second = load(made("mp3")), load(made("mp3"))
    assert np.array_equal(first.samples, second.samples)
    assert first.source == second.source
    assert first.source.sha256 == hashlib.sha256(made("mp3").read_bytes()).hexdigest()


@pytest.mark.parametrize("form", ["wav", "mp3", "flac", pytest.param("aac", marks=needs_ffmpeg)])
@pytest.mark.parametrize("ending", [".txt", ".raw", ".ffconcat", ".wav", ".mp3", ""])
def test_the_name_does_not_decide_the_format(made, tmp_path, form, ending):
    shutil.copy(made(form), tmp_path / f"song{ending}")
    assert load(tmp_path / f"song{ending}").source.codec == codec_of(form)


def id3(*frames, version=3):
    """An ID3v2 tag of (name, content) frames."""
    body = b"".join(struct.pack(">4sIH", name, len(text), 0) + text for name, text in frames)
    size = bytes(len(body) >> shift & 127 for shift in (21, 14, 7, 0))
    return b"ID3" + bytes([version, 0, 0]) + size + body


TITLE = id3((b"TIT2", b"\0One"))


@pytest.mark.parametrize(
    ("form", "before"),
    [
        ("flac", TITLE),
        ("flac", TITLE * 3),
        ("wav", TITLE),
        ("aiff", TITLE * 3),
        ("vorbis", TITLE),
        *(("mp3", before) for before in (TITLE, TITLE * 3, TITLE + bytes(3000), TITLE[:-3], bytes(500))),
        *(pytest.param("adts", before, marks=needs_ffmpeg) for before in (TITLE, TITLE + bytes(3000), bytes(500))),
    ],
)
def test_a_song_is_found_after_its_id3_tag(made, tmp_path, form, before):
    (tmp_path / "song").write_bytes(before + made(form).read_bytes())
    assert load(tmp_path / "song").duration_s == pytest.approx(1.0, abs=0.08)


@needs_ffmpeg
@pytest.mark.parametrize("form", ["wav", "flac", "mp3", "ogg", "au", "caf", "adts", "matroska"])
def test_what_an_encoder_wrote_into_a_pipe_is_whole(made, form):
    """It could not go back to write the length."""
    command = ["ffmpeg", "-v", "error", "-i", str(made("wav")), "-f", form, "-"]
    piped = subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL).stdout
    path = made("wav").with_name(f"piped.{form}")
    path.write_bytes(piped)
    assert load(path).source.status == "ok"
    assert load(path).duration_s == pytest.approx(1.0, abs=0.06)


@needs_ffmpeg
def test_of_a_video_the_sound_is_taken(made, tmp_path):
    picture = "-f lavfi -i color=red:size=64x64:duration=1 -map 0:a -map 1:v -c:v mpeg4 -c:a aac -shortest"
    for name in ("film.mp4", "film.mkv"):
        audio = load(encode(made("wav"), tmp_path / name, picture))
        assert audio.source.warnings == ("a video: only its sound was taken",)
        assert audio.duration_s == pytest.approx(1.0, abs=0.06)


@needs_ffmpeg
def test_a_video_without_sound_is_refused(made, tmp_path):
    picture = "-f lavfi -i color=red:size=64x64:duration=1 -map 1:v -c:v mpeg4"
    assert "contains no audio" in refusal(encode(made("wav"), tmp_path / "film.mp4", picture))


@needs_ffmpeg
def test_of_several_sound_tracks_the_first_is_taken(made, tmp_path):
    audio = load(encode(made("wav"), tmp_path / "two.mka", "-map 0:a -map 0:a -c:a flac"))
    assert audio.source.warnings == ("the first of 2 sound tracks was taken",)


@pytest.mark.parametrize("ending", ["wav", "m4a", "ogg"])
def test_real_recordings_are_read(shared_data, ending):
    files = sorted((shared_data / "data/dev/misc").glob(f"*.{ending}"))
    assert files
    for path in files:
        audio = load(path)
        assert audio.source.status == "ok"
        assert audio.duration_s > 2
        assert np.sqrt(np.mean(audio.samples**2)) > 0.001


# ------------------------------------------------------------------------------------------------------- two decoders
@pytest.fixture
def without_pyav(monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "av"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "av", None)


@pytest.mark.parametrize(
    "form",
    [
        *(form for form in BY_SOUNDFILE if form != "wav_adpcm"),
        *(pytest.param(form, marks=needs_ffmpeg) for form in ("opus", "mp2")),
    ],
)
def test_a_whole_song_needs_no_pyav(made, form, without_pyav):
    with pytest.raises(ImportError):
        importlib.import_module("av")
    source = load(made(form)).source
    assert (source.status, source.warnings, source.codec) == ("ok", (), codec_of(form))


@pytest.mark.parametrize("tag", [b"TAG" + bytes(125), b"APETAGEX" + struct.pack("<IIII8x", 2000, 5032, 0, 0)])
def test_tags_behind_the_sound_are_no_sound(made, tmp_path, tag, without_pyav):
    (tmp_path / "a.mp3").write_bytes(made("mp3").read_bytes() + (b"A" * 5000) * tag.startswith(b"APE") + tag)
    source = load(tmp_path / "a.mp3").source
    assert (source.duration_s, source.warnings) == (load(made("mp3")).duration_s, ())


@needs_ffmpeg
def test_an_mp3_that_does_not_tell_its_length_is_read_to_its_end(tmp_path):
    """libsndfile stops where the bit rate of the first frame would let it end."""
    samples = song(10.0)
    samples[:, : 2 * RATE_HZ] *= 1e-4
    path = encode(write_sound(tmp_path / "a.wav", samples), tmp_path / "a.mp3", "-q:a 2 -write_xing 0")
    audio = load(path)
    assert audio.source.status == "ok"
    assert audio.duration_s == pytest.approx(10.0, abs=0.1)


@pytest.mark.parametrize("form", ["flac", "mp3", "vorbis"])
def test_where_one_decoder_stumbles_the_other_goes_on(made, tmp_path, form, monkeypatch):
    content = bytearray(write_sound(tmp_path / f"a.{'ogg' if form == 'vorbis' else form}", song(10.0)).read_bytes())
    middle = len(content) // 2
    content[middle : middle + 2000] = b"\x55" * 2000
    (tmp_path / "a").write_bytes(content)
    asked = []
    decode = ffmpeg.decode
    monkeypatch.setattr(ffmpeg, "decode", lambda *given: asked.append(given) or decode(*given))
    assert load(tmp_path / "a").duration_s > 9
    assert asked


def test_the_decoder_that_gives_more_is_believed(made, tmp_path, monkeypatch):
    (tmp_path / "a.wav").write_bytes(made("wav").read_bytes()[:-60_000])

    def refuse(*_):
        raise CannotRead("is damaged (copy it again)")

    half = load(tmp_path / "a.wav")
    monkeypatch.setattr(ffmpeg, "decode", refuse)
    assert load(tmp_path / "a.wav").source == half.source
    assert half.source.status == "partial"


def test_an_error_of_our_own_is_not_taken_for_a_slow_file(made, tmp_path, monkeypatch):
    import av

    def fail(*_, **__):
        raise TypeError("open() got an unexpected keyword argument")

    (tmp_path / "a.wav").write_bytes(made("wav").read_bytes()[:-60_000])
    monkeypatch.setattr(av, "open", fail)
    with pytest.raises(TypeError, match="unexpected keyword"):
        load(tmp_path / "a.wav")


def damaged_mp3(path):
    content = bytearray(write_sound(path, song(10.0)).read_bytes())
    for at in range(5000, len(content) - 3000, 20_000):
        content[at : at + 2000] = b"\x55" * 2000
    path.write_bytes(content)
    return path


def test_a_damaged_mp3_prints_nothing_and_gives_stderr_back(tmp_path, capfd):
    path = damaged_mp3(tmp_path / "a.mp3")
    with contextlib.suppress(soundfile.LibsndfileError):
        soundfile.read(path)
    assert capfd.readouterr().err, "left alone, mpg123 complains"
    print("before ", end="", file=sys.stderr)  # waits in a buffer
    there = os.fstat(2)
    load(path)
    with pytest.raises(CannotRead):
        load(path, max_minutes=0.01)
    os.write(2, b"after")
    assert capfd.readouterr() == ("", "before after")
    assert os.path.samestat(os.fstat(2), there)


def test_mp3s_read_at_the_same_time_give_stderr_back(tmp_path, capfd):
    path = damaged_mp3(tmp_path / "a.mp3")
    there, files = os.fstat(2), open_files()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        first, *others = pool.map(load, [path] * 8)
    assert all(np.array_equal(first.samples, other.samples) for other in others)
    assert os.path.samestat(os.fstat(2), there)
    assert open_files() <= files
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("start", ["", "import os; os.close(2); os.execv(sys.executable, [sys.executable, *sys.argv])"])
def test_an_mp3_is_read_where_there_is_no_stderr(made, tmp_path, start):
    """Python then starts with `sys.stderr` None, and the next file that is opened becomes number 2: the song's."""
    (tmp_path / "read.py").write_text(
        "import sys; from riffscope.load import load; sys.stderr = sys.__stderr__ = None;"
        "print(load(sys.argv[1]).source.status)"
    )
    script = f"import sys; sys.argv[:] = sys.argv[1:]; {start or 'exec(open(sys.argv[0]).read())'}"
    assert run_python(script, tmp_path / "read.py", made("mp3")) == "ok\n"


# ------------------------------------------------------------------------------------------------------ kinds of files
def test_a_fifo_is_refused_and_never_hangs(tmp_path):
    os.mkfifo(tmp_path / "song.wav")
    assert "pipe or a device" in refusal(tmp_path / "song.wav")


def test_a_fifo_put_in_the_place_of_a_file_never_hangs(tmp_path, monkeypatch):
    """Between the look at the path and its opening."""
    os.mkfifo(tmp_path / "song.wav")
    there = Path(__file__).stat()
    monkeypatch.setattr(Path, "stat", lambda _: there)
    assert "pipe or a device" in refusal(tmp_path / "song.wav")


def test_a_socket_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the names of sockets are short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("song.wav")
        assert "pipe or a device" in refusal("song.wav")


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_a_device_is_refused(device):
    assert "pipe or a device" in refusal(device)


def test_a_folder_is_refused(tmp_path):
    assert "folder" in refusal(tmp_path)


def test_a_missing_file_is_refused(tmp_path):
    assert "no such file" in refusal(tmp_path / "song.wav")
    assert "no such file" in refusal(str(tmp_path / "song.wav"))


def test_a_dangling_link_is_told_from_a_missing_file(tmp_path):
    (tmp_path / "song.wav").symlink_to(tmp_path / "gone.wav")
    assert "link to a file that is not there" in refusal(tmp_path / "song.wav")


def test_a_link_to_itself_is_refused(tmp_path):
    (tmp_path / "song.wav").symlink_to(tmp_path / "song.wav")
    refusal(tmp_path / "song.wav")


def test_a_link_to_a_song_is_followed(made, tmp_path):
    (tmp_path / "mine.flac").symlink_to(made("flac"))
    assert load(tmp_path / "mine.flac").source.name == "mine.flac"


def test_a_link_to_a_fifo_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "song.wav").symlink_to(tmp_path / "pipe")
    assert "pipe or a device" in refusal(tmp_path / "song.wav")


def test_an_empty_file_is_refused(tmp_path):
    (tmp_path / "song.wav").touch()
    assert "is empty" in refusal(tmp_path / "song.wav")


def test_a_file_that_may_not_be_read_is_refused(made, monkeypatch):
    def forbid(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", forbid)
    assert "may not be opened" in refusal(made("wav"))


@pytest.mark.parametrize("name", ["no\0name.wav", "x" * 300 + ".wav", "song.wav/more.wav"])
def test_an_impossible_name_is_refused(made, tmp_path, name):
    shutil.copy(made("wav"), tmp_path / "song.wav")
    refusal(tmp_path / name)


def test_a_disk_that_fails_is_named(made, monkeypatch):
    class FailingFile(io.FileIO):
        def read(self, size=-1):
            if self.tell() >= 2**16:
                raise OSError(5, "Input/output error")
            return super().read(size)

        def readinto(self, _):
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(LOADER.io, "FileIO", FailingFile)
    assert "Input/output error" in refusal(made("wav"))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"caf\xe9.wav", r"caf\udce9.wav"),
        (b"\xff\xfe.wav", r"\udcff\udcfe.wav"),
        (b"two\nlines.wav", r"two\nlines.wav"),
        (b"bell\x07\x1b[31m.wav", r"bell\x07\x1b[31m.wav"),
        ("left\u202eright.wav".encode(), r"left\u202eright.wav"),
        (b"[bold]loud.wav", "[bold]loud.wav"),
        ("Käfer ☃.wav".encode(), "Käfer ☃.wav"),
    ],
)
def test_a_strange_name_is_read_and_shown_harmless(made, tmp_path, name, shown):
    path = os.path.join(tmp_path, os.fsdecode(name))  # noqa: PTH118 - as it comes from the command line
    try:
        shutil.copy(made("wav"), path)
    except OSError:
        pytest.skip("this file system does not take the name")
    source = load(path).source
    assert source.name == shown
    source.name.encode()
    Path(path).write_bytes(b"nothing")
    assert shown in refusal(path)


def test_the_limit_must_be_above_zero(made):
    for minutes in (0, -1, float("nan")):
        with pytest.raises(ValueError, match="max_minutes"):
            load(made("wav"), max_minutes=minutes)


# ------------------------------------------------------------------------------------------------------------ no songs
NO_SONGS = {
    "ffconcat": b"ffconcat version 1.0\nfile other.wav\n",
    "concat without a version": b"file 'other.wav'\nduration 1\n",
    "playlist": b"#EXTM3U\n#EXTINF:1,\nother.wav\n",
    "HLS": b"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nother.wav\n#EXT-X-ENDLIST\n",
    "DASH": b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>other.wav</BaseURL></MPD>',
    "PLS": b"[playlist]\nFile1=other.wav\nNumberOfEntries=1\n",
    "SDP": b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n",
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="other.wav"/></svg>',
    "XML with an entity": b'<!DOCTYPE a [<!ENTITY x SYSTEM "other.wav">]><a>&x;</a>',
    "zip": b"PK\x03\x04\x14\0\0\0\0\0" + bytes(200),
    "PDF": b"%PDF-1.7\n" + bytes(200),
    "PNG": b"\x89PNG\r\n\x1a\n" + bytes(200),
    "JPEG": b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(200),
    "HTML": b"<!doctype html><title>404</title>",
    "UTF-16 text": "other.wav, and so on, and so on, and on".encode("utf-16"),
    "UTF-16 text, long": ("aé, " * 30000).encode("utf-16"),
    "subtitles": b"1\n00:00:00,000 --> 00:00:01,000\nLa\n",
    "MIDI": b"MThd\0\0\0\6\0\0\0\1\0\x60MTrk\0\0\0\4\0\xff\x2f\0",
    "tar": b"other.wav".ljust(257, b"\0") + b"ustar\0" + bytes(1000),
    "zeros": bytes(100_000),
    "noise": np.random.default_rng(0).bytes(100_000),
    "all ones": b"\xff" * 100_000,
    "RIFF of something else": b"RIFF\x24\0\0\0AVI LIST" + bytes(100),
    "one byte": b"R",
    "only RIFF": b"RIFF",
    "a tag and no song": id3((b"TIT2", b"\0Title")),
    "endless tags": id3() * 5000,
    "a tag longer than the file": b"ID3\3\0\0\x7f\x7f\x7f\x7f" + bytes(100),
}


@pytest.mark.parametrize("content", NO_SONGS.values(), ids=NO_SONGS)
def test_what_is_no_song_is_refused_whatever_its_name(made, tmp_path, content):
    shutil.copy(made("wav"), tmp_path / "other.wav")
    for name in ("song.wav", "song.mp3", "song.m3u8"):
        (tmp_path / name).write_bytes(content)
        refusal(tmp_path / name)


@pytest.mark.parametrize("kind", ["ffconcat", "HLS", "playlist", "SVG"])
def test_a_playlist_named_wav_does_not_open_another_file(tmp_path, kind):
    os.mkfifo(tmp_path / "other.wav")  # whoever opens it waits for ever
    (tmp_path / "song.wav").write_bytes(NO_SONGS[kind])
    assert "not an audio file that riffscope can read" in refusal(tmp_path / "song.wav")


@pytest.mark.parametrize(
    "start", [b"RIFF\x24\0\0\0WAVE", b"FORM\0\0\1\0AIFF", b"fLaC", b"OggS\0", b"caff\0\1", b".snd"]
)
def test_a_playlist_behind_the_first_bytes_of_a_song_opens_nothing(tmp_path, start):
    os.mkfifo(tmp_path / "other.wav")
    for kind in ("ffconcat", "HLS", "SDP"):
        (tmp_path / "song.wav").write_bytes(start + NO_SONGS[kind])
        refusal(tmp_path / "song.wav")


def box(kind, content):
    return struct.pack(">I4s", 8 + len(content), kind) + content


def full_box(kind, content, flags=0):
    return box(kind, struct.pack(">I", flags) + content)


def mp4(packets, packet_bytes, per_chunk, *, codec=b"sowt", dref=None, frames_per_packet=1):
    """An MP4 of PCM in which everything is as claimed here, with 20,000 bytes of sound."""
    start = 8 + 16
    matrix = struct.pack(">9I", 65536, 0, 0, 0, 65536, 0, 0, 0, 0x40000000)
    entry = bytes(6) + struct.pack(">H8xHHHHI", 1, 2, 16, 0, 0, RATE_HZ << 16)
    tables = [
        full_box(b"stsd", struct.pack(">I", 1) + box(codec, entry)),
        full_box(b"stts", struct.pack(">III", 1, packets, frames_per_packet)),
        full_box(b"stsc", struct.pack(">IIII", 1, 1, per_chunk, 1)),
        full_box(b"stsz", struct.pack(">II", packet_bytes, packets)),
        full_box(b"stco", struct.pack(">II", 1, start + 8)),
    ]
    media = [
        full_box(b"mdhd", struct.pack(">IIIII", 0, 0, RATE_HZ, packets, 0x55C40000)),
        full_box(b"hdlr", b"\0\0\0\0soun" + bytes(13)),
        box(
            b"minf",
            full_box(b"smhd", bytes(4))
            + box(b"dinf", full_box(b"dref", struct.pack(">I", 1) + (dref or full_box(b"url ", b"", flags=1))))
            + box(b"stbl", b"".join(tables)),
        ),
    ]
    track = full_box(b"tkhd", struct.pack(">IIIII16x", 0, 0, 1, 0, packets) + matrix + bytes(8), flags=3)
    movie = full_box(b"mvhd", struct.pack(">IIIIIH10x", 0, 0, RATE_HZ, packets, 65536, 256) + matrix + bytes(28))
    return (
        box(b"ftyp", b"M4A \0\0\0\0M4A isom")
        + box(b"mdat", np.random.default_rng(0).bytes(20_000))
        + box(b"moov", movie + box(b"trak", track + box(b"mdia", b"".join(media))))
    )


def test_an_mp4_whose_sound_lies_in_another_file_does_not_open_it(tmp_path):
    os.mkfifo(tmp_path / "other.wav")
    url = full_box(b"url ", f"file://{tmp_path}/other.wav\0".encode())
    name = f"{tmp_path}/other.wav".encode()
    alias = bytearray(150)
    alias[4:6] = b"\0\2"
    alias += struct.pack(">HH", 18, len(name)) + name + bytes(len(name) % 2) + b"\xff\xff\0\0"
    for dref in (url, full_box(b"alis", bytes(alias)), full_box(b"urn ", b"a\0" + name + b"\0")):
        (tmp_path / "song.m4a").write_bytes(mp4(5000, 4, 5000, dref=dref))
        outcome(tmp_path / "song.m4a")  # it may read its own bytes as the sound


@pytest.mark.parametrize("codec", [b"drms", b"enca", b"ac-4", b"xxxx"])
def test_a_protected_or_unknown_codec_is_named(tmp_path, codec):
    (tmp_path / "song.m4p").write_bytes(mp4(5000, 4, 5000, codec=codec))
    assert "protected" in refusal(tmp_path / "song.m4p")


# ------------------------------------------------------------------------------------------------- claims of a header
def patched(content, at, value):
    return content[:at] + value + content[at + len(value) :]


def after(content, mark):
    return content.index(mark) + len(mark)


def claims(made):
    """Songs of a second whose headers claim more than any memory."""
    wav, aiff, flac, caf, au = (made(form).read_bytes() for form in ("wav", "aiff", "flac", "caf", "au"))
    w64, rf64, mp3 = (made(form).read_bytes() for form in ("w64", "rf64", "mp3"))
    return {
        "wav 3.8 GiB": patched(wav, after(wav, b"data"), struct.pack("<I", 0xF000_0000)),
        "wav chunk before the sound, refused": patched(wav, 36, b"LIST" + struct.pack("<I", 0xFFFF_FFF0) + b"INFO"),
        "wav text of 2 GiB, refused": wav[:36]
        + b"LIST"
        + struct.pack("<I4s4sI", 0x7FFF_0000, b"INFO", b"INAM", 0x7FFE_0000),
        "rf64 2^36 samples": patched(rf64, after(rf64, b"ds64") + 12, struct.pack("<QQ", 2**38, 2**36)),
        "w64 2^40": patched(w64, w64.index(b"data") + 16, struct.pack("<Q", 2**40)),
        "aiff 2^31 frames": patched(aiff, after(aiff, b"COMM") + 6, struct.pack(">I", 2**31 - 1)),
        "aiff 2^32 frames": patched(aiff, after(aiff, b"COMM") + 6, struct.pack(">I", 2**32 - 1)),
        "aiff 4 GiB": patched(aiff, after(aiff, b"SSND"), struct.pack(">I", 2**32 - 8)),
        "flac 2^36 samples": patched(flac, 21, bytes([flac[21] | 15]) + b"\xff" * 4),
        "caf 2^40": patched(caf, caf.index(b"data") + 4, struct.pack(">Q", 2**40)),
        "au 2 GiB": patched(au, 8, struct.pack(">I", 2**31 - 2**13)),
        "au 3 GiB, refused": patched(au, 8, struct.pack(">I", 3 * 2**30)),
        "mp3 2^31 frames": patched(mp3, after(mp3, b"Info") + 4, struct.pack(">I", 2**31 - 1))
        if b"Info" in mp3
        else patched(mp3, after(mp3, b"Xing") + 4, struct.pack(">I", 2**31 - 1)),
        "mp4 2^28 packets": mp4(2**28 - 1, 4, 2**28 - 1),
        "mp4 20 million packets of two frames": mp4(20_000_000, 1, 20_000_000, frames_per_packet=2),
        "mp4 20 million packets": mp4(20_000_000, 1, 20_000_000, codec=b"mp4a", frames_per_packet=1024),
        "mp4 piece of 20 million": mp4(0, 4, 1) + box(b"moof", full_box(b"trun", struct.pack(">I", 20_000_000))),
        "mp4 boxes": box(b"ftyp", b"M4A \0\0\0\0") + b"\0\0\0\x08free" * 150_000,
        "mp4 endless box": box(b"ftyp", b"M4A \0\0\0\0") + struct.pack(">I4sQ", 1, b"moov", 2**62) + bytes(100),
    }


def test_claims_of_a_header_take_no_memory(made, tmp_path):
    """In a process of its own, which says how much it took."""
    for name, content in claims(made).items():
        (tmp_path / f"{name}.bin").write_bytes(content)
    wide = zlib.compress(bytes(3 * 12_000 + 1) * 12_000)
    parts = (b"IHDR" + struct.pack(">IIBBBBB", 12_000, 12_000, 8, 2, 0, 0, 0), b"IDAT" + wide, b"IEND")
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(part) - 4) + part + struct.pack(">I", zlib.crc32(part)) for part in parts
    )
    cover = id3((b"TIT2", b"\0Song"), (b"APIC", b"\0image/png\0\3\0" + png))
    (tmp_path / "cover of 400 MB.bin").write_bytes(cover + made("mp3").read_bytes())
    script = """
import resource, sys, time
from pathlib import Path
from riffscope.decoding import ffmpeg, sound
from riffscope.errors import CannotRead
from riffscope.load import load
load(sys.argv[1])
before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in sorted(Path(sys.argv[2]).glob("*.bin")):
    begin = time.perf_counter()
    try:
        source = load(path).source
        said = f"{source.status} {source.duration_s:.2f}"
    except CannotRead:
        said = "refused"
    took_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb
    print(path.stem, said, took_kb // 1024, round(time.perf_counter() - begin), sep="|")
"""
    said = {}
    for line in run_python(script, made("wav"), tmp_path).splitlines():
        name, result, took_mb, seconds = line.split("|")
        assert int(took_mb) < 60, line
        assert int(seconds) < 10, line
        said[name] = result
    assert len(said) == len(claims(made)) + 1
    whole = {"aiff 4 GiB", "cover of 400 MB"}  # an AIFF says its length twice, and the second time right
    for name, result in said.items():
        if name in whole:
            assert result == "ok 1.00", name
        elif name.startswith("mp4") or name.endswith("refused"):
            assert result == "refused", name
        else:
            assert result in {"partial 1.00", "partial 1.02"}, name


@pytest.mark.parametrize("size", [0, 0xFFFF_FFFF, 0xFFFF_FFDB, 0x7FFF_FFFF, 0x7FFF_F000])
def test_a_wav_of_open_length_is_whole(made, tmp_path, size):
    wav = made("wav").read_bytes()
    (tmp_path / "a.wav").write_bytes(patched(wav, after(wav, b"data"), struct.pack("<I", size)))
    audio = load(tmp_path / "a.wav")
    assert audio.source.status == "ok"
    assert audio.samples.shape == (2, RATE_HZ)


# ------------------------------------------------------------------------------------------------------ damaged files
STATES_ITS_LENGTH = {
    "wav",
    "wav_24",
    "wav_float",
    "rf64",
    "w64",
    "aiff",
    "caf",
    "au",
    "flac",
    "mp3",
    "aac_first",
    "matroska",
}


@pytest.mark.parametrize("share", [0.005, 0.05, 0.5, 0.9, 0.97])
@pytest.mark.parametrize("form", FORMATS)
def test_a_cut_file_gives_what_is_left_or_is_refused(made, tmp_path, form, share):
    content = made(form).read_bytes()
    path = tmp_path / made(form).name
    path.write_bytes(content[: int(len(content) * share)])
    result = outcome(path)
    if result == "refused":
        return
    left, whole = load(path), load(made(form))
    if form in STATES_ITS_LENGTH and left.duration_s < 0.98 * whole.duration_s - 0.1 * (
        codec_of(form) in {"aac", "mp3"}
    ):
        assert result == "partial"
        assert "cut off or damaged" in " ".join(left.source.warnings)
    if form in STATES_ITS_LENGTH and share >= 0.5 and form != "matroska":
        assert left.duration_s > 0.35 * share
    same = min(left.samples.shape[1] - 2000, whole.samples.shape[1])
    if same > 0 and codec_of(form) not in {"mp3", "aac", "wma"}:
        assert np.array_equal(left.samples[:, :same], whole.samples[:, :same])


@pytest.mark.parametrize("form", ["wav", "aiff", "au", "w64", "caf"])
@pytest.mark.parametrize(("share", "status"), [(0.97, "partial"), (0.99, "ok")])
def test_98_percent_is_whole(made, tmp_path, form, share, status):
    content = made(form).read_bytes()
    (tmp_path / "a").write_bytes(content[: int(len(content) * share)])
    assert load(tmp_path / "a").source.status == status


@pytest.mark.parametrize("form", FORMATS)
def test_flipped_bytes_never_break_the_loader(made, tmp_path, form, capfd):
    """Nor print anything: libraries like to complain on stderr."""
    content = made(form).read_bytes()
    path = tmp_path / made(form).name
    rng = np.random.default_rng(len(form))
    results = set()
    for trial in range(25):
        damaged = bytearray(content)
        low, high = ((0, 100), (0, 2000), (0, len(content)), (max(len(content) - 2000, 0), len(content)))[trial % 4]
        for at in rng.integers(low, min(high, len(content)), size=(1, 3, 10, 50)[trial % 3]):
            damaged[at] = rng.choice([0, 255, rng.integers(256)])
        path.write_bytes(damaged)
        results.add(outcome(path))
    assert results <= {"ok", "partial", "refused"}
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("form", ["flac", "mp3", "vorbis", pytest.param("aac", marks=needs_ffmpeg)])
def test_a_hole_in_the_middle_costs_only_the_hole(tmp_path, form):
    if form == "aac":
        source = write_sound(tmp_path / "long.wav", song(10.0))
        path = encode(source, tmp_path / "a.m4a", "-c:a aac -b:a 192k")
    else:
        path = write_sound(tmp_path / f"a.{'ogg' if form == 'vorbis' else form}", song(10.0))
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 2000] = b"\x55" * 2000
    path.write_bytes(content)
    audio = load(path)
    assert 9 < audio.duration_s <= 10.1
    assert audio.source.warnings or form == "mp3"  # MP3 frames hide what they lost


def test_what_follows_a_change_of_rate_is_left_out(made, tmp_path):
    second = write_sound(tmp_path / "b.ogg", song(1.0, 22050, channels=1), 22050)
    (tmp_path / "a.ogg").write_bytes(made("vorbis").read_bytes() + second.read_bytes())
    audio = load(tmp_path / "a.ogg")
    assert audio.source.status == "partial"
    assert audio.samples.shape[0] == 2
    assert audio.duration_s == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("subtype", ["FLOAT", "DOUBLE"])
def test_samples_that_are_no_numbers_are_refused(tmp_path, value, subtype):
    samples = song().astype(np.float64)
    samples[1, 30000] = value
    assert "not numbers" in refusal(write_sound(tmp_path / "a.wav", samples, subtype=subtype))


def test_samples_beyond_any_level_are_refused(tmp_path):
    assert load(write_sound(tmp_path / "a.wav", [0.0, -16.0], subtype="FLOAT")).samples.min() == -16
    assert "times full scale" in refusal(write_sound(tmp_path / "b.wav", [0.0, -16.1], subtype="FLOAT"))
    assert "not numbers" in refusal(write_sound(tmp_path / "c.wav", [0.0, 1e300], subtype="DOUBLE"))


@pytest.mark.parametrize("rate_hz", [0, 1, 3999, 768001, 2**31 - 1, 2**32 - 1])
def test_a_sample_rate_of_no_music_is_refused(made, tmp_path, rate_hz):
    (tmp_path / "a.wav").write_bytes(patched(made("wav").read_bytes(), 24, struct.pack("<I", rate_hz)))
    text = refusal(tmp_path / "a.wav")
    assert "sample rate" in text or not 0 < rate_hz < 2**31


@pytest.mark.parametrize("channels", [0, 65, 128, 65535])
def test_channels_without_number_are_refused(made, tmp_path, channels):
    wav = patched(made("wav").read_bytes(), 22, struct.pack("<H", channels))
    wav = patched(wav, 32, struct.pack("<H", 2 * channels % 65536))
    (tmp_path / "a.wav").write_bytes(wav)
    refusal(tmp_path / "a.wav")


def test_a_song_longer_than_the_limit_is_refused(made):
    assert load(made("wav"), max_minutes=1.01 / 60).duration_s == 1
    for form in ("wav", "flac", "mp3", "vorbis"):
        assert "longer than 0.015 minutes (raise --max-minutes" in refusal(made(form), max_minutes=0.9 / 60)


def test_a_long_song_is_refused_before_it_is_decoded(tmp_path):
    header = write_sound(tmp_path / "a.wav", np.zeros(10), 8000).read_bytes()
    frames = 100 * 60 * 8000
    (tmp_path / "a.wav").write_bytes(patched(header, after(header, b"data"), struct.pack("<I", 2 * frames)))
    os.truncate(tmp_path / "a.wav", 44 + 2 * frames)
    begin = time.process_time()
    assert "longer than 60 minutes" in refusal(tmp_path / "a.wav")
    assert time.process_time() - begin < 0.5


def test_silence_packed_small_is_limited_by_what_it_unpacks_to(tmp_path):
    path = write_sound(tmp_path / "a.flac", np.zeros(120 * 8000), 8000)
    assert path.stat().st_size < 120 * 500
    assert load(path).duration_s == 120
    assert "longer than 1 minutes" in refusal(path, max_minutes=1)


def test_a_song_that_fills_the_memory_is_refused(made, monkeypatch):
    monkeypatch.setattr(sound, "MAX_SAMPLES", 50_000)
    assert "when decoded" in refusal(made("flac"))


# ---------------------------------------------------------------------------------------------------------------- tags
TAGS = "-metadata title=Käfer☃ -metadata artist=Ärzte -metadata album=Öl -metadata date=2017-05-01"


@needs_ffmpeg
@pytest.mark.parametrize(
    ("name", "options"),
    [
        *(("a." + ending, "") for ending in ("wav", "mp3", "flac", "ogg", "caf", "m4a", "wma", "mka")),
        ("v3.mp3", "-id3v2_version 3"),
        ("a.opus", "-c:a libopus"),
        ("flac.ogg", "-c:a flac"),
        ("rf64.wav", "-rf64 always"),
        ("a.aiff", "-write_id3v2 1"),
        ("alac.m4a", "-c:a alac"),
        ("a.webm", "-c:a libopus"),
    ],
)
def test_tags_are_read(made, tmp_path, name, options):
    tags = load(encode(made("wav"), tmp_path / name, f"{TAGS} {options}")).source.tags
    assert (tags.title, tags.artist, tags.album, tags.year) == ("Käfer☃", "Ärzte", "Öl", "2017")


def test_a_song_without_tags_has_none(made):
    source = load(made("wav")).source
    assert (source.tags.title, source.tags.artist, source.tags.album, source.tags.year) == (None,) * 4
    assert source.title == "song"


def test_a_tag_that_was_written_for_a_web_page_is_read_as_it_reads_there(made, tmp_path):
    texts = b"&quot;Q&amp;A&#33;&quot; R&B".ljust(30, b"\0") + b"AT&T &no;".ljust(30, b"\0") + bytes(34)
    (tmp_path / "a.mp3").write_bytes(made("mp3").read_bytes() + b"TAG" + texts + bytes(31))
    tags = load(tmp_path / "a.mp3").source.tags
    assert (tags.title, tags.artist) == ('"Q&A!" R&B', "AT&T &no;")


def test_an_old_tag_in_latin_1_is_read(made, tmp_path):
    texts = b"K\xe4fer".ljust(30, b"\0") + b"\xc4rzte".ljust(30, b"\0") + b"\xd6l".ljust(30, b"\0") + b"1998"
    (tmp_path / "a.mp3").write_bytes(made("mp3").read_bytes() + b"TAG" + texts + bytes(31))
    tags = load(tmp_path / "a.mp3").source.tags
    assert (tags.title, tags.artist, tags.album, tags.year) == ("Käfer", "Ärzte", "Öl", "1998")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (b"\0K\xe4fer", "Käfer"),
        (b"\1\xff\xfe" + "Käfer".encode("utf-16-le"), "Käfer"),
        (b"\2" + "Käfer".encode("utf-16-be"), "Käfer"),
        (b"\3" + "Käfer".encode(), "Käfer"),
        (b"\3  two\nlines\t\x07 ", "two lines"),
        ("\3left\u202eright".encode(), "left right"),
        (b"\3[bold]<b>=1+1</b>", "[bold]<b>=1+1</b>"),
        (b"\3" + b"long " * 200_000, ("long " * 200).strip()),
        (b"\3\xff\xfe\xfd", None),
        (b"\3" + bytes(50), None),
        (b"", None),
        (b"\7odd", "odd"),
        (b"\1\xff", None),
    ],
)
def test_a_title_is_one_printable_line_of_bearable_length(made, tmp_path, text, title):
    (tmp_path / "a.mp3").write_bytes(
        id3((b"TIT2", text), version=4 if len(text) < 100 else 3) + made("mp3").read_bytes()
    )
    assert load(tmp_path / "a.mp3").source.tags.title == title


@pytest.mark.parametrize(
    "tag",
    [
        id3((b"TIT2", b"\0" + b"\0".join(b"%d" % n for n in range(50_000)))),
        id3(*((b"TIT2", b"\0%d" % n) for n in range(20_000))),
        id3((b"TIT2", b"\0Song"), (b"APIC", b"\0image/png\0\3\0" + bytes(5_000_000))),
        id3((b"TIT2", b"\0Song"))[:-3],
        b"ID3\3\0\xff" + id3((b"TIT2", b"\0Song"))[6:],
        id3((b"TIT2", b"\0Song"), (b"TALB", b"\0x"))[:20] + b"\xff" * 8 + bytes(20),
    ],
    ids=["many titles in one", "many titles", "large cover", "cut", "all flags", "wrong sizes"],
)
def test_a_hostile_tag_costs_neither_the_song_nor_much_time(made, tmp_path, tag):
    (tmp_path / "a.mp3").write_bytes(tag + made("mp3").read_bytes())
    begin = time.perf_counter()
    assert load(tmp_path / "a.mp3").duration_s == pytest.approx(1.0, abs=0.08)
    assert time.perf_counter() - begin < 3


@pytest.fixture
def many_comments(made, tmp_path):
    """A FLAC with 15,000 comments. FFmpeg compares each with each other: a file of 1 MB would take it a minute."""
    flac = made("flac").read_bytes()
    comments = [b"K%d=v" % n for n in range(15_000)]
    block = struct.pack("<II", 0, len(comments)) + b"".join(struct.pack("<I", len(c)) + c for c in comments)
    sound = flac.index(b"\xff\xf8", 42)
    head = flac[:4] + b"\0" + flac[5:42] + b"\x84" + len(block).to_bytes(3) + block
    (tmp_path / "a.flac").write_bytes(head + flac[sound:])
    (tmp_path / "no sound.flac").write_bytes(head + b"\x55" * 100_000)
    return tmp_path


def test_many_comments_cost_no_time(many_comments):
    begin = time.perf_counter()
    assert load(many_comments / "a.flac").source.status == "ok"
    assert time.perf_counter() - begin < 2


def test_a_header_that_takes_for_ever_is_given_up(many_comments, monkeypatch):
    monkeypatch.setattr(ffmpeg, "OPENS_WITHIN_S", 0.1)
    begin = time.perf_counter()
    assert "takes too long to open" in refusal(many_comments / "no sound.flac")
    assert time.perf_counter() - begin < 2


# ------------------------------------------------------------------------------------------------------------ warnings
def warnings_of(path, samples, sample_rate_hz=RATE_HZ, **form):
    return load(write_sound(path / "a.wav", samples, sample_rate_hz, **form)).source.warnings


def test_stereo_in_antiphase_is_said(tmp_path):
    tone = sine(440)
    assert warnings_of(tmp_path, [tone, -tone]) == ("left and right are in antiphase: a mono mix would cancel",)
    assert warnings_of(tmp_path, [tone, tone]) == ()
    assert warnings_of(tmp_path, [tone, -0.3 * tone]) == ()
    assert warnings_of(tmp_path, song()) == ()


def test_a_silent_song_is_said(tmp_path):
    assert warnings_of(tmp_path, np.zeros((2, 1000))) == ("silent",)
    assert warnings_of(tmp_path, np.zeros(1)) == ("silent",)


def test_a_silent_channel_is_said(tmp_path):
    assert warnings_of(tmp_path, [sine(440), np.zeros(RATE_HZ)]) == ("silent: right",)
    three = [np.zeros(RATE_HZ), sine(440), np.zeros(RATE_HZ)]
    assert warnings_of(tmp_path, three)[-1] == "silent: channel 1, channel 3"


def test_clipping_is_said_with_its_share(tmp_path):
    clipped = np.clip(sine(100, amplitude=2.0), -1, 1)
    (text,) = warnings_of(tmp_path, clipped)
    share = 1 - 2 * np.arcsin(0.5) / np.pi  # of a sine above half its height
    assert float(re.search(r"[\d.]+", text)[0]) == pytest.approx(100 * share, rel=0.02)
    assert warnings_of(tmp_path, sine(440, amplitude=1.0)) == ()
    assert warnings_of(tmp_path, 0.9 * clipped) == ()


def test_an_offset_is_said(tmp_path):
    assert warnings_of(tmp_path, sine(440) - 0.2) == ("off centre by -0.20 of full scale (DC offset)",)
    assert warnings_of(tmp_path, sine(440) + 0.04) == ()


def test_a_low_sample_rate_is_said(tmp_path):
    (text,) = warnings_of(tmp_path, sine(440, sample_rate_hz=8000), 8000)
    assert "8000 Hz" in text
    assert warnings_of(tmp_path, sine(440, sample_rate_hz=16000), 16000) == ()


# ------------------------------------------------------------------------------------------------------------ manners
def test_importing_the_loader_imports_no_decoder():
    heavy = ("av", "soundfile", "tinytag", "librosa", "scipy")
    script = f"import sys, riffscope.load; print([m for m in {heavy} if m in sys.modules])"
    assert run_python(script) == "[]\n"


def open_files():
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0


def test_no_file_is_left_open(made, tmp_path):
    (tmp_path / "a.wav").write_bytes(b"RIFF\0\0\0\0WAVE")
    load(made("mp3"))
    before = open_files()
    for _ in range(5):
        load(made("mp3"))
        refusal(tmp_path / "a.wav")
        refusal(made("mp3"), max_minutes=0.001)
    assert open_files() == before


def test_memory_stays_near_the_size_of_the_song(tmp_path):
    """Half an hour of mono at 44.1 kHz: 318 MB decoded."""
    path = tmp_path / "a.wav"
    header = write_sound(path, np.zeros(1)).read_bytes()
    path.write_bytes(patched(header, after(header, b"data"), struct.pack("<I", 2 * 30 * 60 * RATE_HZ)))
    os.truncate(path, 44 + 2 * 30 * 60 * RATE_HZ)
    script = """
import resource, sys
from riffscope.load import load
before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
decoded_kb = load(sys.argv[1]).samples.nbytes / 1024
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb) / decoded_kb)
"""
    assert float(run_python(script, path)) < 1.6


# ------------------------------------------------------------------------------------------------------- while it reads
@pytest.mark.parametrize("form", ["flac", "mp3", "vorbis"])
def test_an_interrupt_ends_decoding_and_is_not_taken_for_the_end_of_the_file(made, form, monkeypatch):
    read, calls = window.Window.read, []

    def interrupted(self, size=-1):
        calls.append(size)
        if len(calls) == 3:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.2)  # the main thread is woken
        return read(self, size)

    monkeypatch.setattr(window.Window, "read", interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background may ignore it
    try:
        with pytest.raises(KeyboardInterrupt):
            load(made(form))
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_song_that_is_changed_while_it_is_read_is_refused(made, tmp_path, monkeypatch):
    path = Path(shutil.copy(made("wav"), tmp_path / "a.wav"))
    decode = LOADER._decode

    def grow(*given):
        with path.open("ab") as file:
            file.write(b"more")
        return decode(*given)

    monkeypatch.setattr(LOADER, "_decode", grow)
    assert "was changed while it was read" in refusal(path)


@pytest.mark.parametrize("form", ["flac", "mp3", "vorbis"])
def test_zeros_behind_a_song_are_not_gone_through_by_a_decoder(made, tmp_path, form, monkeypatch):
    """What a download leaves that was given its room before it came."""
    content = made(form).read_bytes()
    with (tmp_path / "a").open("wb") as file:
        file.write(content)
        file.truncate(len(content) + (40 << 20))
    windows = []
    monkeypatch.setattr(
        LOADER, "without_zeros_behind", lambda *given: windows.append(zeros.without_zeros_behind(*given)) or windows[0]
    )
    audio = load(tmp_path / "a")
    assert audio.source.status == "ok"
    assert len(content) - 2000 <= windows[0] <= len(content)
