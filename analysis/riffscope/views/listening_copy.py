"""Listening copy: the song as small Ogg Vorbis files, to be heard in the page of its report.

A view, though it writes a file format: the sound is at hand only while a song is analysed, and a report is written from
values alone, later and without the song. So the copy is made here, as bytes, and whoever writes a page puts it in.

Conventions: streams are (1 or 2, n) at one sample rate and with one gain, so that vocals and accompaniment still add up
to the mix. Source: own; the encoder is libsndfile's.
"""

import io
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Literal

import numpy as np

from riffscope.arrays import Float32s
from riffscope.dsp.blocks import frames_in_blocks
from riffscope.dsp.resample import resample
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Audio, value
from riffscope.steps import view
from riffscope.units import HZ, SECONDS
from riffscope.views.stems import Stems, mix_of

# Vorbis at quality 4, about 108 kbit/s: riff, breath and reverberation are heard as they are. It takes a third of the
# time that MP3 takes, and starts at the first sample, which MP3 does not.
COMPRESSION_LEVEL = 0.6
# What lies above 22 kHz nobody hears.
MAX_RATE_HZ = 44_100
# A player holds the whole song as floats: 10 minutes of two stereo streams are 420 MB at 44.1 kHz. Songs longer than
# this ...
LONG_S = 600.0
# ... are kept at this rate, lose what is above 11 kHz, and take as much for 20 minutes.
LONG_RATE_HZ = 22_050
# Longer songs do not go into a page: a player would need more memory than that.
MAX_DURATION_S = 1200.0
# Vocals and accompaniment whose sum differs from the mix by more than this share of full scale (-60 dBFS) are not its
# two parts. Chosen by hand; rounding is far less.
SAME_WITHIN = 1e-3


@value
class Stream:
    """One sound of a listening copy, as an Ogg Vorbis file."""

    name: Literal["mix", "vocals", "accompaniment"]
    ogg: bytes


@value
class ListeningCopy:
    """The song, to listen to in a page.

    Attributes
    ----------
    streams : tuple of Stream
        The mix; or the vocals and the accompaniment, which add up to it sample by sample.
    sample_rate_hz : int
        Of each stream, at most 44.1 kHz.
    """

    streams: tuple[Stream, ...]
    sample_rate_hz: Annotated[int, HZ]
    duration_s: Annotated[float, SECONDS]


@view
def compress(audio: Audio, stems: Stems | None) -> ListeningCopy:
    """Compress the song as Ogg Vorbis: in two streams where the vocals were separated, else in one.

    Parameters
    ----------
    audio : Audio
    stems : Stems, optional
        Where there are none, as when the stem that the user gave belongs to another song, the mix is compressed.

    Raises
    ------
    CannotMeasure
        The song lasts more than 20 minutes.
    """
    if audio.duration_s > MAX_DURATION_S:
        raise CannotMeasure(
            Absence.TOO_LONG, f"the song is longer than {MAX_DURATION_S / 60:.0f} minutes, too long to go into a page"
        )
    sounds = _sounds(mix_of(audio), stems)
    # One gain for all, so that they still add up: what lies beyond full scale would be clipped where it is played.
    gain = 1 / max(1.0, *(max(float(sound.max()), -float(sound.min())) for sound in sounds.values()))
    highest_hz = LONG_RATE_HZ if audio.duration_s > LONG_S else MAX_RATE_HZ
    rate_hz = min(audio.sample_rate_hz, highest_hz)

    def compressed(name: Literal["mix", "vocals", "accompaniment"]) -> Stream:
        samples = sounds[name]
        if rate_hz < audio.sample_rate_hz:
            samples = resample(samples, audio.sample_rate_hz, rate_hz)
        return Stream(name=name, ogg=_vorbis(samples, rate_hz, gain))

    with ThreadPoolExecutor(len(sounds)) as pool:
        streams = tuple(pool.map(compressed, sounds))
    return ListeningCopy(streams=streams, sample_rate_hz=rate_hz, duration_s=audio.duration_s)


def _sounds(mix: Float32s, stems: Stems | None) -> dict[Literal["mix", "vocals", "accompaniment"], Float32s]:
    """Return the vocals and the accompaniment where they add up to the mix, else the mix: each (1 or 2, n)."""
    if stems is not None and stems.accompaniment is not None and _add_up(stems.vocals, stems.accompaniment, mix):
        return {"vocals": stems.vocals, "accompaniment": stems.accompaniment}
    return {"mix": mix}


def _add_up(vocals: Float32s, accompaniment: Float32s, mix: Float32s) -> bool:
    """Tell whether two sounds add up to a mix; those of a stem at another level, or out of time, do not."""
    left = vocals + accompaniment
    left -= mix
    return bool(np.abs(left, out=left).max() <= SAME_WITHIN)


def _vorbis(samples: Float32s, rate_hz: int, gain: float) -> bytes:
    """Compress samples (channels, n) times a gain as an Ogg Vorbis file."""
    import soundfile

    buffer = io.BytesIO()
    with soundfile.SoundFile(
        buffer,
        "w",
        samplerate=rate_hz,
        channels=len(samples),
        format="OGG",
        subtype="VORBIS",
        compression_level=COMPRESSION_LEVEL,
    ) as file:
        for block in frames_in_blocks(samples):
            file.write(block if gain == 1 else block * np.float32(gain))
    return buffer.getvalue()
