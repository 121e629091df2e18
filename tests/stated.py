"""Songs of which something is said: the example song with what decides it changed."""

import dataclasses

import numpy as np

from claim_cases import changed
from outcomes import missing
from riffscope.analyzers.beats import Beats
from riffscope.analyzers.envelope import Envelope
from riffscope.analyzers.key import Key, KeyName, KeyPart
from riffscope.analyzers.loops import LoopKind, Loops
from riffscope.analyzers.section_profile import SectionProfile
from riffscope.analyzers.tempo import MetricalLevel, Tempo, TempoPart
from riffscope.analyzers.vocal_range import VocalRange
from riffscope.errors import Absence
from riffscope.model import Estimate, Source
from riffscope.song import SongAnalysis
from songs import example_song, with_outcomes


def lacking(name, code, reason="it is not there"):
    """The song without a measurement, since the music does not hold it."""
    return with_outcomes(example_song(), {name: missing(name, reason, code)})


def at_tempo(bpm, *parts, half=0.22, drift=0.3, swing=0.5):
    """The song at a tempo, which may be counted at half of it; or in parts of (start, end, tempo)."""
    return changed(
        example_song(),
        Tempo,
        bpm=Estimate(value=bpm, low=0.996 * bpm, high=1.004 * bpm),
        alternatives_bpm=(MetricalLevel(bpm=bpm / 2, weight_fraction=half),),
        drift_percent=drift,
        swing_fraction=swing,
        parts=tuple(
            TempoPart(start_s=start_s, end_s=end_s, bpm=Estimate(value=tempo, low=0.996 * tempo, high=1.004 * tempo))
            for start_s, end_s, tempo in parts
        ),
    )


def slowing():
    """The song whose last chorus slows down to two thirds of its tempo."""
    song = example_song()
    times_s = song[Beats].times_s
    last = times_s >= 172.0
    steps_s = np.diff(times_s, prepend=times_s[0] - 0.488)
    steps_s[last] *= np.linspace(1.0, 1.5, int(last.sum()))
    return changed(song, Beats, times_s=times_s[0] - steps_s[0] + np.cumsum(steps_s))


def in_bars_of(beats_per_bar, sure=0.9, *, swing=0.5, parts=()):
    """The song with so many beats to a bar; or in parts of (start, end, beats)."""
    from riffscope.views.beat_track import MeterPart

    meters = tuple(MeterPart(start_s=start_s, end_s=end_s, beats_per_bar=size) for start_s, end_s, size in parts)
    song = changed(example_song(), Tempo, swing_fraction=swing)
    return changed(song, Beats, beats_per_bar=beats_per_bar, bar_confidence_fraction=sure, meter_parts=meters)


def in_key(tonic, mode, sure=0.9, *, second=("A", "major"), parts=()):
    """The song in a key; or in parts of (start, end, tonic, mode)."""
    minor = sure + (1 - sure) / 2
    return changed(
        example_song(),
        Key,
        tonic=tonic,
        mode=mode,
        confidence_fraction=sure,
        runner_up=KeyName(tonic=second[0], mode=second[1]),
        minor_probability=minor if mode == "minor" else 1 - minor,
        parts=tuple(
            KeyPart(start_s=start_s, end_s=end_s, tonic=of, mode=kind, confidence_fraction=sure)
            for start_s, end_s, of, kind in parts
        ),
    )


def looping(*, bars=2.0, kind=LoopKind.RIFF, sure=1.0, exactness=0.86, others=None):
    """The song with a riff of so many bars of four, at 123 BPM, of this kind and exactness."""
    song = example_song()
    fields = {} if others is None else {"others": others}
    return changed(
        song,
        Loops,
        period_bars=bars,
        period_beats=round(4 * bars),
        period_s=bars * 4 * 60 / 123,
        kind=kind,
        probability=sure,
        exactness_fraction=exactness,
        **fields,
    )


def sung_from(low, high, *, unsure=0.4):
    """The song sung from one MIDI note to another, give or take; most of it two semitones within."""
    ends = {
        name: Estimate(value=at, low=at - unsure, high=at + unsure) for name, at in (("lowest", low), ("highest", high))
    }
    return changed(
        example_song(),
        VocalRange,
        lowest_midi=ends["lowest"],
        highest_midi=ends["highest"],
        lowest_sustained=None,
        highest_sustained=None,
        tessitura_low_midi=low + 2.0,
        tessitura_high_midi=high - 2.0,
        median_midi=(low + high) / 2,
    )


def sectioned(*functions, sure=0.9, length_s=20.0, **numbers):
    """The song with sections that do these things one after the other, each so long; None for one without a name."""
    song = example_song()
    pattern = song[SectionProfile].sections[2]
    sections = tuple(
        dataclasses.replace(
            pattern,
            start_s=length_s * place,
            end_s=length_s * (place + 1),
            label=function or "A",
            function=function,
            function_probability=None if function is None else sure,
            **numbers,
        )
        for place, function in enumerate(functions)
    )
    # A label that is the name of a function is certain: letters keep the doubt.
    lettered = tuple(dataclasses.replace(one, label="ABCDEFGHIJ"[place]) for place, one in enumerate(sections))
    return changed(song, SectionProfile, sections=lettered)


def entering(**seconds):
    """The song in which things enter at other times: ``voice_enters_s=14.0``."""
    return changed(example_song(), SectionProfile, **seconds)


def ending(kind):
    """The song with an end: ``fade`` over ten seconds, ``cut``, ``chord`` that dies away, or ``short`` fade."""
    step_s = 0.1
    count = 600
    beat = 1 + 0.6 * np.cos(2 * np.pi * 2 * step_s * np.arange(count))
    level_db = np.full(count, -15.0)
    tails = {"fade": (100, 40.0, 1.0), "cut": (0, 0.0, 1.0), "chord": (80, 40.0, 0.0), "short": (30, 40.0, 1.0)}
    steps, fall_db, beating = tails[kind]
    if steps:
        level_db[-steps:] -= np.linspace(0, fall_db, steps)
        beat[-steps:] = np.where(beating, beat[-steps:], 1.0)
    rms = 10 ** (level_db / 20) * beat / beat.mean()
    envelope = Envelope(peak=np.minimum(1.0, 3 * rms), rms=rms, step_s=step_s)
    return changed(example_song(), Envelope, peak=envelope.peak, rms=envelope.rms, step_s=step_s)


def lasting(seconds):
    """The song with another length."""
    song = example_song()
    source: Source = dataclasses.replace(song.source, duration_s=seconds)
    return SongAnalysis(source=source, outcomes=song.outcomes, made_by=song.made_by)


NO_BEAT = lacking("tempo", Absence.NO_BEAT, "there is no steady beat")
NO_KEY = lacking("key", Absence.NO_PITCH, "no pitched sound was found")
NO_RIFF = lacking("loops", Absence.NO_RIFF, "no riff: nothing repeats")
TOO_SHORT_TO_LOOP = lacking("loops", Absence.TOO_SHORT, "too few bars to find a repeat")
MODULATING = in_key(
    "C", "major", second=("G", "major"), parts=((0.0, 160.0, "C", "major"), (160.0, 215.0, "D", "major"))
)
TWO_TEMPI = at_tempo(100.0, (0.0, 150.0, 100.0), (150.0, 215.0, 120.0))
