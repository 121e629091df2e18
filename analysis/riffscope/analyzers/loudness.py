"""Loudness: how loud the song is, how far that varies, how high it peaks, and what streaming services make of it.

Conventions: levels in LUFS, dBTP and dBFS, where 1 is full scale; windows are of 400 ms (momentary) and 3 s
(short-term) and lie wholly within the song; times are those of their middles, in seconds.

Source: ITU-R BS.1770-5, EBU R 128, EBU Tech 3341 and 3342. What services do is from the sources beside each.
"""

import math
from collections.abc import Mapping
from typing import Annotated, NamedTuple

import numpy as np

from riffscope.arrays import Floats
from riffscope.dsp import loudness as dsp
from riffscope.dsp.decibels import amplitude_db, power_db
from riffscope.dsp.speakers import MONO, UNKNOWN, name_of, name_taken_for
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Audio, Span, value
from riffscope.steps import analyzer
from riffscope.units import DB, DBFS, DBTP, LU, LUFS, STEP_SECONDS, Said
from riffscope.views.weighted_power import WeightedPower

# One channel from two loudspeakers has twice the power that BS.1770 reads from it, which is meant for stereo and
# surround (the "dual mono" of libebur128 and of ffmpeg's ebur128, with a pan law of -3.01 dB).
DUAL_MONO_LU = 10 * math.log10(2)
# Nothing sounds below this: 24 bits end at -144 dBFS, and what floats hold further down is a filter dying away.
SILENT_LUFS = -200.0


class StreamingTarget(NamedTuple):
    """What a service does to the level of a song.

    Attributes
    ----------
    target_lufs : float
        The integrated loudness it plays at, with its default settings.
    raises_to_dbtp : float or None
        The true peak up to which it turns a quiet song up; None where it only turns down.
    """

    target_lufs: float
    raises_to_dbtp: float | None = None


# The services publish little, and change it. Targets other than Spotify's are those of the trade press; they hold for
# single songs with normalisation on. Where no source says that quiet songs are turned up, they are taken not to be.
STREAMING_TARGETS: Mapping[str, StreamingTarget] = {
    # support.spotify.com/artists/article/loudness-normalization: "leave 1 dB headroom for lossy encodings".
    "Spotify": StreamingTarget(-14.0, raises_to_dbtp=-1.0),
    # Sound Check raises, but not into clipping ("Streaming platforms and loudness normalising", Computer Music, August
    # 2018). The 1 dB of headroom is Spotify's: Apple states none.
    "Apple Music": StreamingTarget(-16.0, raises_to_dbtp=-1.0),
    # Turns down only: Computer Music, as above.
    "YouTube": StreamingTarget(-14.0),
    # Turns down only: meterplugs.com/blog/2016/10/07/tidal-adds-loudness-normalization.html.
    "Tidal": StreamingTarget(-14.0),
    "Amazon Music": StreamingTarget(-14.0),
    "Deezer": StreamingTarget(-15.0),
}


@value
class Loudness:
    """Programme loudness and peaks, after ITU-R BS.1770-5, EBU R 128 and EBU Tech 3341 and 3342.

    Attributes
    ----------
    integrated_lufs : float
        Gated loudness of the whole.
    range_lu : float or None
        Loudness range: from quiet to loud passages (10th to 95th percentile of 3 s windows, one each 0.1 s, wholly
        within the song). None for sound shorter than 3 s, or without 3 s above -70 LUFS.
    max_momentary_lufs : float
        The loudest 400 ms; windows begin every 10 ms.
    max_short_term_lufs : float or None
        The loudest 3 s; windows begin every 10 ms. None for sound shorter than that.
    true_peak_dbtp : float
        Peak of the waveform between the samples, before any resampling, over all channels.
    sample_peak_dbfs : float
        Largest sample. Over 0 where a lossy file decodes beyond full scale.
    plr_lu : float
        Peak to loudness ratio: true peak minus integrated loudness (AES TD1004). Heavy limiting leaves little of it.
    crest_db : float
        Crest factor: sample peak over the RMS of all samples of all channels (IEC 60268-1). 3.0 dB for a sine.
    short_term_lufs : array, shape (n,)
        Loudness over the 3 s around `first_s` + i x `step_s`; NaN where nothing sounds. Empty for shorter sound.
    first_s, step_s : float
        The middle of the first 3 s window, and the time from each window to the next.
    streaming_gain_db : mapping
        What each service would add to the song's level, given `STREAMING_TARGETS`. A mono file is played by two
        loudspeakers, so services are taken to find it `played_louder_lu` louder.
    layout : str
        What each channel was taken for, which decides how much it weighs.
    channel_layout : str
        What each channel is in the file's own words: ``mono``, ``stereo``, ``L R C LFE Ls Rs``; ``unknown`` where it
        has none.
    """

    integrated_lufs: Annotated[
        float, LUFS, Said(one="The integrated loudness is {}", subject="", more="louder", less="quieter")
    ]
    range_lu: (
        Annotated[
            float, LU, Said(one="The loudness range is {}", subject="the loudness range", more="wider", less="narrower")
        ]
        | None
    )
    max_momentary_lufs: Annotated[
        float, LUFS, Said(one="The loudest 0.4 s reach {}", subject="the loudest 0.4 s", more="louder", less="quieter")
    ]
    max_short_term_lufs: (
        Annotated[
            float, LUFS, Said(one="The loudest 3 s reach {}", subject="the loudest 3 s", more="louder", less="quieter")
        ]
        | None
    )
    true_peak_dbtp: Annotated[float, DBTP, Said(one="The true peak is {}", subject="the true peak")]
    sample_peak_dbfs: Annotated[float, DBFS, Said(one="The sample peak is {}", subject="the sample peak")]
    plr_lu: Annotated[
        float,
        LU,
        "peak-to-loudness ratio",
        Said(one="Peaks stand {} above the average loudness", subject="the peak-to-loudness ratio"),
    ]
    crest_db: Annotated[
        float, DB, "crest factor", Said(one="Peaks stand {} above the average level", subject="the crest factor")
    ]
    short_term_lufs: Annotated[Floats, LUFS]
    first_s: Annotated[float, STEP_SECONDS, "middle of the first window"]
    step_s: Annotated[float, STEP_SECONDS, "time step"]
    streaming_gain_db: Annotated[Mapping[str, float], DB]
    layout: str
    channel_layout: str = UNKNOWN

    @property
    def played_louder_lu(self) -> float:
        """By how much two loudspeakers play it louder than BS.1770 reads its channels: 3.01 for mono, else 0."""
        return DUAL_MONO_LU if self.layout == name_of(MONO) else 0.0

    @property
    def played_lufs(self) -> float:
        """How loud two loudspeakers play it."""
        return self.integrated_lufs + self.played_louder_lu

    @property
    def played(self) -> Mapping[str, float]:
        """By how much fields change where two loudspeakers play it; none but of mono."""
        lu = self.played_louder_lu
        louder = ("integrated_lufs", "max_momentary_lufs", "max_short_term_lufs")
        return dict.fromkeys(louder, lu) | {"plr_lu": -lu} if lu else {}

    @property
    def lacking(self) -> Mapping[str, tuple[Absence, str]]:
        """Why fields hold nothing."""
        return {
            "range_lu": (Absence.TOO_LITTLE, "less than 3 s of the song is louder than −70 LUFS"),
            "max_short_term_lufs": (Absence.TOO_SHORT, "the song is shorter than 3 s"),
        }

    @property
    def is_turned(self) -> bool:
        """Whether a streaming service plays the song louder or quieter than it is, by a tenth of a decibel or more."""
        return any(DB.number(gain) != DB.number(0.0) for gain in self.streaming_gain_db.values())

    @property
    def where(self) -> Mapping[str, tuple[Span, ...]]:
        """Where to listen for the loudest 3 s."""
        if not np.isfinite(self.short_term_lufs).any():
            return {}
        middle_s = self.first_s + int(np.nanargmax(self.short_term_lufs)) * self.step_s
        loudest = (Span(start_s=max(0.0, round(middle_s - 1.5, 3)), end_s=round(middle_s + 1.5, 3)),)
        return {"integrated_lufs": loudest, "max_short_term_lufs": loudest, "plr_lu": loudest}

    @property
    def summary(self) -> str:
        """The result in one line."""
        spread = "" if self.range_lu is None else f", loudness range {LU.format(self.range_lu)}"
        mono = f" ({LUFS.format(self.played_lufs)} from two loudspeakers)" if self.played_louder_lu else ""
        return (
            f"{LUFS.format(self.integrated_lufs)}{mono}{spread}, "
            f"true peak {DBTP.format(self.true_peak_dbtp, signed=True)}, "
            f"peaks {LU.format(self.plr_lu)} above the average"
        )


@analyzer(version=2)
def measure_loudness(audio: Audio, weighted: WeightedPower) -> Loudness:
    """Measure loudness and peaks on the song's own channels, at its own sample rate.

    Raises
    ------
    CannotMeasure
        Shorter than 400 ms, the shortest sound that has a loudness; or nowhere above -70 LUFS.

    References
    ----------
    ITU-R BS.1770-5 (2023), Annexes 1 to 3; EBU R 128 (2023); EBU Tech 3341 and 3342 (2023).
    """
    powers = weighted.hops
    momentary = dsp.window_powers(powers, dsp.MOMENTARY_S)
    if momentary.size == 0:
        raise CannotMeasure(
            Absence.TOO_SHORT, f"{audio.duration_s:.2f} s is too short to measure loudness (needs {dsp.MOMENTARY_S} s)"
        )
    integrated_lufs = dsp.integrated_lufs(powers)
    if integrated_lufs == -math.inf:
        raise CannotMeasure(Absence.SILENT, f"the song is silent: nothing is above {dsp.ABSOLUTE_GATE_LUFS:.0f} LUFS")
    short_term = dsp.window_powers(powers, dsp.SHORT_TERM_S)
    range_lu = dsp.range_lu(powers)
    curve = dsp.loudness_lufs(dsp.every_step(short_term))
    peaks = dsp.find_peaks(audio.samples, audio.sample_rate_hz)
    true_peak_dbtp, sample_peak_dbfs = float(amplitude_db(peaks.true)), float(amplitude_db(peaks.sample))
    played_lufs = integrated_lufs + (DUAL_MONO_LU if len(audio.samples) == 1 else 0.0)
    return Loudness(
        integrated_lufs=integrated_lufs,
        range_lu=None if math.isnan(range_lu) else range_lu,
        max_momentary_lufs=float(dsp.loudness_lufs(momentary.max())),
        max_short_term_lufs=float(dsp.loudness_lufs(short_term.max())) if short_term.size else None,
        true_peak_dbtp=true_peak_dbtp,
        sample_peak_dbfs=sample_peak_dbfs,
        plr_lu=true_peak_dbtp - integrated_lufs,
        crest_db=sample_peak_dbfs - float(power_db(dsp.mean_square(audio.samples))),
        short_term_lufs=np.where(curve > SILENT_LUFS, curve, np.nan),
        first_s=dsp.SHORT_TERM_S / 2,
        step_s=dsp.STEP_S,
        streaming_gain_db={
            service: streaming_gain_db(target, played_lufs, true_peak_dbtp)
            for service, target in STREAMING_TARGETS.items()
        },
        layout=name_taken_for(audio.speakers, len(audio.samples)),
        channel_layout=name_of(audio.speakers),
    )


def streaming_gain_db(target: StreamingTarget, integrated_lufs: float, true_peak_dbtp: float) -> float:
    """Return what a service adds to a song's level: below 0 it turns the song down.

    A quiet song is raised to the target only by services that raise at all, and no further than its peaks allow.
    """
    wanted_db = target.target_lufs - integrated_lufs
    if wanted_db <= 0:
        return wanted_db
    if target.raises_to_dbtp is None:
        return 0.0
    return min(wanted_db, max(0.0, target.raises_to_dbtp - true_peak_dbtp))
