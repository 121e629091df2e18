"""Chord activation: how likely each chord is in each half beat, before beats, key and repeats have their say.

Two readers are heard: the network, which names every chord half beat by half beat, and a regression on the notes of the
bar, which knows triads alone but is not led astray by a line that wanders within it.

Conventions
-----------
Step k is half a beat, from `edges_s` k to k + 1, or a quarter of a second where there is no beat. Chords are numbered
root + 12 * quality, in the order of `riffscope.chord_names.QUALITIES`, roots and basses as semitones above C; no chord
comes last. Probabilities are natural logarithms.

References
----------
The network is our own (`riffscope.models.chord_net`), trained by `analysis/training/chords`; the regression is that of
`riffscope.dsp.tonality.chords`.
"""

from typing import Annotated

import numpy as np
from scipy.special import log_softmax, logsumexp

from riffscope.arrays import Float32s, Floats, Ints
from riffscope.chord_names import QUALITIES
from riffscope.dsp.tonality.chord_features import STEPS_PER_BEAT, beat_shares, chord_features, half_beats, with_bars
from riffscope.dsp.tonality.chords import chord_probabilities
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import VocalSource, value
from riffscope.models.chord_net import load_chord_reader
from riffscope.steps import view
from riffscope.units import SECONDS
from riffscope.views.accompaniment_spectrogram import AccompanimentSpectrogram
from riffscope.views.beat_track import BeatTrack
from riffscope.views.semitone_spectrogram import HOP_LENGTH, N_FFT, SemitoneSpectrogram

# As for the key: drums alone, noise and speech hold no pitch.
MIN_HARMONIC_FRACTION = 0.19

# Without a beat the music is read as if it had 120 to the minute, four to the bar. Chosen, not fitted.
STEP_S = 0.25
BEATS_PER_BAR = 4
# A second: shorter sounds have no chords.
LEAST_STEPS = 4
# The regression's rows that speak for a quality: major, minor and diminished triads. A chord without a third may be
# either of the first two; it knows nothing of augmented ones.
TRIADS: dict[str, tuple[int, ...]] = {
    "maj": (0,),
    "min": (1,),
    "dim": (2,),
    "aug": (),
    "sus2": (0, 1),
    "sus4": (0, 1),
    "7": (0,),
    "maj7": (0,),
    "min7": (1,),
    "hdim7": (2,),
    "5": (0, 1),
}
# How much the regression counts beside the network. With .2 to .4 some .015 more of the roots of rendered riffs are
# right, and as many of pop songs.
BAR_TRUST = 0.25
# The regression is never surer than this that a triad does not sound.
LEAST_TRIAD = 1e-6


@value
class ChordActivation:
    """How likely each chord is.

    Attributes
    ----------
    edges_s : float64 array, shape (n + 1,)
        Where the steps begin and the last ends.
    chord_log_probability : float64 array, shape (n, 133)
    bass_log_probability : float64 array, shape (n, 12)
        Of the lowest note's pitch class.
    method : VocalSource
        Which sound was read: the mix, or the accompaniment where the vocals were separated.
    """

    edges_s: Annotated[Floats, SECONDS]
    chord_log_probability: Floats
    bass_log_probability: Floats
    method: VocalSource


@view
def activate_chords(
    track: BeatTrack | None, semitones: SemitoneSpectrogram, accompaniment: AccompanimentSpectrogram
) -> ChordActivation:
    """Run the chord network on the accompaniment, half beat by half beat.

    Raises
    ------
    CannotMeasure
        Nothing plays behind the voice, or nothing that plays has a pitch for long enough.
    """
    heard = semitones if accompaniment.semitones is None else accompaniment.semitones
    if heard.harmonic_fraction < MIN_HARMONIC_FRACTION:
        raise CannotMeasure(Absence.NO_PITCH, "no chords were found: no pitch is held long enough")
    edges_s, bars = _steps(track, len(heard.magnitudes) / heard.frame_rate_hz)
    if len(edges_s) <= LEAST_STEPS:
        raise CannotMeasure(Absence.TOO_SHORT, "the song is too short to find chords")
    features = chord_features(
        heard.magnitudes,
        edges_s,
        frame_rate_hz=heard.frame_rate_hz,
        lowest_midi=heard.lowest_midi,
        sample_rate_hz=round(heard.frame_rate_hz * HOP_LENGTH),
        n_fft=N_FFT,
    )
    chord, bass = load_chord_reader()(with_bars(features, bars))
    heard_chord = log_softmax(chord.T.astype(np.float64), axis=1)
    return ChordActivation(
        edges_s=edges_s,
        chord_log_probability=log_softmax(heard_chord + BAR_TRUST * bar_evidence(features, bars), axis=1),
        bass_log_probability=log_softmax(bass.T.astype(np.float64), axis=1),
        method=accompaniment.method,
    )


def _steps(track: BeatTrack | None, duration_s: float) -> tuple[Floats, Ints]:
    """Return where steps begin and the last ends, and which of them begin bars."""
    if track is not None:
        return half_beats(track.times_s), STEPS_PER_BEAT * track.downbeat_index
    steps = STEPS_PER_BEAT * int(duration_s / (STEPS_PER_BEAT * STEP_S))
    edges_s: Floats = np.linspace(0.0, steps * STEP_S, steps + 1)
    return edges_s, np.arange(0, steps, STEPS_PER_BEAT * BEATS_PER_BAR, dtype=np.int64)


def bar_evidence(pictures: Float32s, bars: Ints) -> Floats:
    """Return what the notes of each bar say of its chord, as log-probability for each of its steps: (n, 133).

    Parameters
    ----------
    pictures : float32 array, shape (2, 72, n)
        As `riffscope.dsp.tonality.chord_features.chord_features` returns them.
    bars : int64 array, shape (n_bars,)
        Steps at which bars begin.
    """
    shares = beat_shares(pictures)
    starts = bars // STEPS_PER_BEAT
    edges = np.unique(np.concatenate([[0], starts[(starts > 0) & (starts < len(shares))], [len(shares)]]))
    triads = np.log(np.maximum(chord_probabilities(shares, edges), LEAST_TRIAD)).reshape(len(edges) - 1, -1, 12)
    unknown = triads.mean(axis=(1, 2))
    rows = [
        logsumexp(triads[:, list(of)], axis=1) - np.log(len(of)) if of else np.repeat(unknown[:, None], 12, axis=1)
        for of in (TRIADS[name] for name in QUALITIES)
    ]
    table = np.concatenate([*rows, unknown[:, None]], axis=1)
    out: Floats = np.repeat(table, STEPS_PER_BEAT * np.diff(edges), axis=0)
    return out
