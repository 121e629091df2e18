"""Fit how much each kind of evidence for a key counts (`riffscope.analyzers.key`).

    python -m training.key.fit SET [SET ...]

Constants
    ``PROFILE_WEIGHT`` of the profile's correlation, ``SECTION_WEIGHT`` and ``PHRASE_WEIGHT`` of the bass where
    sections and phrases begin. The
    profiles themselves are Temperley's, counted on another corpus, and are not fitted.
Data
    Songs annotated with a key; those in which nothing comes round are left out, since their tonic is only implied.
Method
    Conditional logit over the 24 keys, with a ridge: the probabilities of a softmax are those under which the right
    keys were likeliest. Sets are held back in turn, or songs where there is one set.
Prints
    ``right``: the right key is the likeliest; ``confidence``: the probability given to the likeliest, which should be
    as high as ``right``; ``log loss``: in nats, 3.2 where nothing is known.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from riffscope.analyzers import key
from riffscope.analyzers.structure import Structure
from riffscope.arrays import Floats, Ints
from riffscope.errors import NotMeasured
from riffscope.views.beat_track import BeatTrack
from riffscope.views.semitone_spectrogram import SemitoneSpectrogram
from training.common.command import read_command_line
from training.common.constants import Constants, number, today, tried
from training.common.features import run
from training.common.fitting import Choice, conditional_logit
from training.common.report import Figures, Group, report
from training.common.songs import Song, key_of

NAMES = ("PROFILE_WEIGHT", "SECTION_WEIGHT", "PHRASE_WEIGHT")
KEYS = 24
NOTE = (
    "Rendered phrases all begin on their bar lines: of SECTION_WEIGHT and PHRASE_WEIGHT the package has "
    "about half of a fit."
)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What speaks for each key of a song.

    Attributes
    ----------
    evidence : float64 array, shape (24, 3)
        In the order of `NAMES`, each as if its constant were 1.
    truth : int array, shape ()
        The right key.
    """

    evidence: Floats
    truth: Ints


def read(song: Song) -> Evidence | None:
    """Gather the evidence of a song."""
    truth = key_of(song.item)
    if truth is None:
        return None
    made = run(song, [SemitoneSpectrogram, BeatTrack, Structure])
    semitones = made[SemitoneSpectrogram]
    try:
        track, structure = made[BeatTrack], made[Structure]
    except NotMeasured:
        track, structure = None, None
    columns = []
    for name in NAMES:
        alone = {other: float(other == name) for other in NAMES}
        with tried(key, alone):
            begun_on = key._evidence_of_phrases(semitones, track, structure)
            # The logarithm of a softmax is the evidence itself, but for a number that all keys share.
            columns.append(np.log(key.key_probabilities(key.pitch_classes(semitones), begun_on)).ravel())
    return Evidence(evidence=np.stack(columns, axis=1), truth=np.array(truth))


def learn(songs: Sequence[Evidence]) -> Constants:
    """Fit the constants."""
    weights = conditional_logit([Choice(options=song.evidence, chosen=int(song.truth)) for song in songs])
    return dict(zip(NAMES, weights.tolist(), strict=True))


def judge(song: Evidence, constants: Constants) -> Figures:
    """Judge the probabilities that constants give the keys of a song."""
    odds = song.evidence @ np.array([number(constants, name) for name in NAMES])
    probability = np.exp(odds - odds.max())
    probability /= probability.sum()
    return {
        "right": float(probability.argmax() == int(song.truth)),
        "confidence": float(probability.max()),
        "log loss": float(-np.log(max(probability[int(song.truth)], 1e-6))),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, fit, print."""
    chosen = read_command_line(__doc__, arguments)
    known = chosen.shelf.gather(Evidence, chosen.songs, read, of="key")
    group = Group(title="Key: evidence", today=today(key, NAMES), learn=learn, judge=judge, note=NOTE)
    report(group, known)
    return 0


if __name__ == "__main__":
    sys.exit(main())
