"""Chords: what is played, half beat by half beat, and the rounds that they go in.

Conventions
-----------
Times are seconds from the start of the file. Labels are Harte's, with sharps until the analysis spells
them as its key does: ``C#:min7``, ``E:maj/3``, ``N`` where no chord sounds. Probabilities are 0..1.

References
----------
`riffscope.views.chord_activation` reads the sound, `riffscope.dsp.tonality.chord_path` decides; the papers stand there.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Annotated

import numpy as np
from scipy.special import logit, logsumexp

from riffscope.analyzers.key import Key
from riffscope.analyzers.loops import Loops, bars_in_words
from riffscope.analyzers.structure import Structure
from riffscope.arrays import Floats, Ints
from riffscope.chord_names import NO_CHORD, QUALITIES, ChordName, print_degrees, written
from riffscope.dsp.tonality.chord_features import STEPS_PER_BEAT
from riffscope.dsp.tonality.chord_path import (
    change_costs,
    follow_chords,
    right_probability,
    usual_in_key,
    vote,
)
from riffscope.dsp.tonality.progressions import NO_PLACE
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Estimate, VocalSource, value
from riffscope.notes import Spelling, music_type, pitch_class
from riffscope.progressions import RIFF, ChordSpan, Progression, find_progressions, place_of
from riffscope.steps import analyzer
from riffscope.units import COUNT, Said
from riffscope.views.beat_track import BeatTrack
from riffscope.views.chord_activation import TRIADS, ChordActivation
from riffscope.words import count

NAMES = tuple(QUALITIES)
# The number of no chord.
NONE = 12 * len(NAMES)
# What counts as the same chord where people disagree on sevenths: root and third. By the order of the qualities.
FAMILIES = np.array([{"7": 0, "maj7": 0, "min7": 1, "hdim7": 2}.get(name, k) for k, name in enumerate(NAMES)])
# Of these the two that have a third.
WITH_THIRD = (0, 1)
# Log-odds beyond this say no more.
SUREST_ODDS = 7.0
# Which share of a key's triads has a quality: counts of POP909, rounded, where sevenths and suspended chords are not
# told apart by degree. Augmented chords belong to no degree.
USUAL_SHARES = {
    "maj": 1.0,
    "min": 1.0,
    "dim": 1.0,
    "aug": 0.004,
    "sus2": 0.1,
    "sus4": 0.12,
    "7": 0.25,
    "maj7": 0.12,
    "min7": 0.2,
    "hdim7": 0.4,
    "5": 0.5,
}
# Which chords have one root and third: (133, 133).
_FAMILY = np.append(np.repeat(FAMILIES, 12), -1)
_ROOT = np.append(np.tile(np.arange(12), len(NAMES)), -1)
_ALIKE = (_FAMILY[:, None] == _FAMILY) & (_ROOT[:, None] == _ROOT)
# Another note than the root is named as the bass from this probability on: basses walk. Of the inversions of songs that
# the network did not learn from a half is named, and six of ten that are named are right.
MIN_INVERSION = 0.75
# Some recordings have no chord in them at all: less of their time than this is no chord sheet.
MIN_CHORD_SHARE = 0.1
# A chord is one of the song's from this share of the time on: two bars of fifty, a passing chord is less.
FAIR_SHARE = 0.04
# It surely is from this share on, each second by its probability, and may be from that share on: the range then holds
# the number of true chords for 95 % of 176 rendered songs whose chords were named bar by bar, a third of them wrongly.
SURELY_FAIR, MAYBE_FAIR = 0.05, 0.02
# In one line, no more chords are named.
MAX_NAMED = 8
# A progression that lasts for less of the song is not what it mostly goes through, and one chord alone has to last for
# more of it; else so many chords are named.
PREVAILS_SHARE, ALONE_SHARE, NAMED_OFTEN = 0.3, 0.6, 4
# A song that has a progression for less of the time than this does not mostly go through it.
MOSTLY_SHARE = 0.5
# Chords that come so often go round.
GOES_ROUND = 1.5


@value
class Chords:
    """The chords of a song.

    Attributes
    ----------
    spans : tuple of ChordSpan
        One after the other, without gaps, from the first beat to the last; without a beat, from start to end.
    progressions : tuple of Progression
        Of each section in which the chords go round, and of the riff.
    vocabulary : tuple of str
        The qualities that are told apart.
    method : VocalSource
        Which sound was read: the mix, or the accompaniment where the vocals were separated.
    different_chords : Estimate or None
        How many there are, as `count_chords` counts them; None in analyses that lack it.
    """

    spans: tuple[ChordSpan, ...]
    progressions: tuple[Progression, ...] = ()
    vocabulary: tuple[str, ...] = NAMES
    method: Annotated[VocalSource, "voice from"] = VocalSource.MIX
    different_chords: (
        Annotated[Estimate, COUNT, Said(one="{where} has {} different chords", subject="the number of chords")] | None
    ) = None

    @property
    def summary(self) -> str:
        """The result in one line: ``4 chords, mostly C♯m A E B (i VI III VII), looping every 4 bars``."""
        number = round((self.different_chords or count_chords(self.spans)).value)
        many = count(number, "chord") if number else "no lasting chord"
        mostly = self.prevailing
        if mostly is None:
            often = [music_type(written(label)) for label in self.shares if label != NO_CHORD][:NAMED_OFTEN]
            return f"{many}, most often {' '.join(often)}" if often else many
        names = " ".join(music_type(written(label)) for label in mostly.labels[:MAX_NAMED])
        degrees = f" ({print_degrees(mostly.roman[:MAX_NAMED])})" if mostly.roman else ""
        more = " …" if len(mostly.labels) > MAX_NAMED else ""
        most = "mostly" if self._share_of(mostly.labels) >= MOSTLY_SHARE else "among them"
        if len(mostly.labels) == 1:
            return f"{many}{':' if number == 1 else f', {most}'} {names}{degrees}"
        # A round that each section has once goes on through the sections.
        rounds = sum(one.rounds for one in self.progressions if one.labels == mostly.labels and one.section != RIFF)
        going = max(rounds, mostly.rounds) >= GOES_ROUND
        round_ = f", looping every {bars_in_words(mostly.period_bars)}" if going else ""
        return f"{many}, {most} {names}{more}{degrees}{round_}"

    @property
    def prevailing(self) -> "Progression | None":
        """The progression of most of the song's sections; of the riff where no section has one.

        None where none goes on for a fair part of the song.
        """
        # The one that goes round most often stands for those with the same chords.
        best = max(self._of_sections, key=lambda one: (self._share_of(one.labels), one.rounds), default=None)
        if best is None:
            return None
        least = PREVAILS_SHARE if len(best.labels) > 1 else ALONE_SHARE
        return best if self._share_of(best.labels) >= least else None

    @property
    def _of_sections(self) -> list["Progression"]:
        """The progressions of the song's sections; that of the riff where no section has one."""
        return [one for one in self.progressions if one.section != RIFF] or list(self.progressions)

    def _share_of(self, labels: tuple[str, ...]) -> float:
        """For how much of the song a progression goes on, 0..1."""
        lasts_s = sum(one.end_s - one.start_s for one in self._of_sections if one.labels == labels)
        return lasts_s / (self.spans[-1].end_s - self.spans[0].start_s)

    @property
    def shares(self) -> dict[str, float]:
        """The share of the time in which each chord sounds, by label; the commonest first, no chord last."""
        lasts_s: defaultdict[str, float] = defaultdict(float)
        for span in self.spans:
            lasts_s[span.label] += span.end_s - span.start_s
        whole_s = sum(lasts_s.values())
        ranked = sorted(lasts_s, key=lambda label: (label == NO_CHORD, -lasts_s[label], label))
        return {label: lasts_s[label] / whole_s for label in ranked}


def chord_shares(spans: Iterable[ChordSpan]) -> dict[int, tuple[float, float]]:
    """Return the share of the time with chords in which each place sounds, and its mean probability; longest first.

    A chord without a third counts as the triad on its root that sounds longer, where one does.
    """
    lasts_s: defaultdict[int, float] = defaultdict(float)
    surely_s: defaultdict[int, float] = defaultdict(float)
    for span in spans:
        place = place_of(ChordName.parse(span.label))
        if place != NO_PLACE:
            lasts_s[place] += span.end_s - span.start_s
            surely_s[place] += (span.end_s - span.start_s) * span.probability
    for place in [place for place in lasts_s if place >= 24]:
        triad = max((place - 24, place - 12), key=lambda one: lasts_s[one])
        if lasts_s[triad]:
            lasts_s[triad] += lasts_s.pop(place)
            surely_s[triad] += surely_s.pop(place)
    whole_s = sum(lasts_s.values())
    longest = sorted((place for place in lasts_s if lasts_s[place] > 0), key=lambda place: -lasts_s[place])
    return {place: (lasts_s[place] / whole_s, surely_s[place] / lasts_s[place]) for place in longest}


def count_chords(spans: Iterable[ChordSpan]) -> Estimate:
    """Count the different chords of a song: those that sound for a fair share of it, sevenths and inversions as one.

    A chord counts from `FAIR_SHARE` of the time on. The range leaves out those that hardly do or are doubtful, and
    takes in those that nearly do.
    """
    shares = chord_shares(spans).values()
    fair = sum(share >= FAIR_SHARE for share, _ in shares)
    surely = sum(share * sure >= SURELY_FAIR for share, sure in shares)
    maybe = sum(share >= MAYBE_FAIR for share, _ in shares)
    return Estimate(value=float(fair), low=float(min(surely, fair)), high=float(max(maybe, fair)))


@analyzer(version=1)
def measure_chords(
    activation: ChordActivation,
    track: BeatTrack | None,
    structure: Structure | None,
    loops: Loops | None,
    key: Key | None,
) -> Chords:
    """Name the chords with a neural network, guided by repeats, bars and the key.

    All repeats of a loop, and all sections with the same letter, are read together. Chords change most easily at bar
    lines, and chords that are common in the key need less evidence. A power chord is named without a third.

    Raises
    ------
    CannotMeasure
        Nothing plays behind the voice, or what plays makes no chords.

    Notes
    -----
    Without a beat, chords are read every half second and chord loops are not looked for.
    """
    edges_s = activation.edges_s
    evidence = activation.chord_log_probability
    places = repeats(edges_s, loops, structure)
    voted = vote(evidence, places)
    downbeats = np.zeros(0, np.int64) if track is None else STEPS_PER_BEAT * track.downbeat_index
    costs = change_costs(len(evidence), downbeats, steps_per_beat=STEPS_PER_BEAT)
    path, probability = follow_chords(voted, costs, usual_chords(edges_s, key))
    if np.mean(path != NONE) < MIN_CHORD_SHARE:
        raise CannotMeasure(Absence.NO_PITCH, "no chords were found")
    bass = vote(activation.bass_log_probability, places)
    sure = right_probability(how_sure(path, probability, evidence))
    spans = tuple(_spans(path, sure, bass, edges_s))
    return Chords(
        spans=spans,
        progressions=() if track is None else find_progressions(spans, track, structure, loops, key),
        method=activation.method,
        different_chords=count_chords(spans),
    )


def repeats(edges_s: Floats, loops: Loops | None, structure: Structure | None) -> list[Ints]:
    """Return the place of each step in what repeats, (n,) each: in loops, and in sections of one letter."""
    return [*_in_loops(edges_s, loops), *_in_sections(edges_s, structure)]


def how_sure(path: Ints, probability: Floats, evidence: Floats) -> Floats:
    """Return log-odds of the root and third of the path's chords, (n, 2): along the path, and by the network alone.

    Parameters
    ----------
    path : int64 array, shape (n,)
    probability, evidence : float64 array, shape (n, 133)
        As the path has them; as the network does, log-probability.
    """
    alike = _ALIKE[path]
    along = (probability * alike).sum(axis=1)
    alone = (np.exp(evidence) * alike).sum(axis=1)
    odds = logit(np.clip(np.stack([along, alone], axis=1), 1e-9, 1 - 1e-9))
    return np.asarray(np.clip(odds, -SUREST_ODDS, SUREST_ODDS), np.float64)


def _in_loops(edges_s: Floats, loops: Loops | None) -> Iterator[Ints]:
    """Yield the place of each step in the round of the loop that sounds there."""
    if loops is None:
        return
    middle_s = (edges_s[:-1] + edges_s[1:]) / 2
    places = np.full(len(middle_s), -1)
    taken = 0
    riff_starts_s = loops.bar_starts_s[loops.bar_phase_index == 0]
    for loop in (loops, *loops.others):
        period = STEPS_PER_BEAT * loop.period_beats
        for span in loop.spans:
            inside = np.flatnonzero((middle_s >= span.start_s) & (middle_s < span.end_s))
            start_s = span.start_s
            if loop is loops and riff_starts_s.size:
                start_s = float(riff_starts_s[np.abs(riff_starts_s - start_s).argmin()])
            first = int(np.abs(edges_s - start_s).argmin())
            places[inside] = taken + (inside - first) % period
        taken += period
    yield places


def _in_sections(edges_s: Floats, structure: Structure | None) -> Iterator[Ints]:
    """Yield how far each step lies from the start of its section, for sections of one letter together."""
    if structure is None:
        return
    places = np.full(len(edges_s) - 1, -1)
    letters = sorted({section.letter for section in structure.sections})
    for section in structure.sections:
        first, last = (int(np.abs(edges_s - at_s).argmin()) for at_s in (section.start_s, section.end_s))
        places[first:last] = letters.index(section.letter) * len(places) + np.arange(last - first)
    yield places


def usual_chords(edges_s: Floats, key: Key | None) -> Floats:
    """Return how usual each chord is in each step, as log-probability: (n, 133)."""
    count = len(edges_s) - 1
    usual = np.full((count, NONE + 1), -np.log(NONE + 1))
    if key is None:
        return usual
    parts = [(part.start_s, part.tonic, part.mode) for part in key.parts] or [(0.0, key.tonic, key.mode)]
    table = tuple((TRIADS[name], USUAL_SHARES[name]) for name in NAMES)
    for place, (start_s, tonic, mode) in enumerate(parts):
        first = int(np.searchsorted(edges_s[:-1], start_s)) if place else 0
        usual[first:] = usual_in_key(pitch_class(tonic), mode, table)
    return usual


def _spans(path: Ints, sure: Floats, bass: Floats, edges_s: Floats) -> Iterator[ChordSpan]:
    """Yield the chords, each from where it begins to where the next does."""
    turns = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist(), len(path)]
    for first, last in itertools.pairwise(turns):
        chord = int(path[first])
        label = NO_CHORD
        if chord != NONE:
            quality, root = divmod(chord, 12)
            low = _lowest(root, QUALITIES[NAMES[quality]], bass[first:last])
            label = ChordName(root=root, quality=NAMES[quality], bass=low).harte(Spelling.SHARPS)
        yield ChordSpan(
            start_s=float(edges_s[first]),
            end_s=float(edges_s[last]),
            label=label,
            probability=float(sure[first:last].mean()),
        )


def _lowest(root: int, intervals: tuple[int, ...], bass: Floats) -> int:
    """Return which of a chord's notes is the lowest, in semitones above the root."""
    odds = bass[:, [(root + k) % 12 for k in intervals]].mean(axis=0)
    share = np.exp(odds - logsumexp(odds))
    likeliest = int(share.argmax())
    return intervals[likeliest] if share[likeliest] > MIN_INVERSION else 0
