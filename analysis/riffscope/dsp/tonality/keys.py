"""Weigh the keys of a stretch of bars by their chords, notes and beginnings, and find where the key changes.

Conventions
-----------
Pitch classes are numbered from C; keys 0..23, C major to B major, then C minor to B minor; chords as in
`riffscope.dsp.tonality.chords`. Evidence is in natural log-odds.

References
----------
.. [1] Temperley, "Music and Probability", MIT Press 2007, table 6.1: the profiles.
.. [2] Krumhansl, "Cognitive Foundations of Musical Pitch", Oxford University Press 1990: keys by correlation with
   profiles.
.. [3] Lee & Slaney, "Acoustic chord transcription and key extraction from audio using key-dependent HMMs trained on
   synthesized audio", IEEE TASLP 16(2), 2008: keys by the chords that are usual in them.
.. [4] Chai & Vercoe, "Detection of key change in classical piano music", ISMIR 2005: the best path through keys, with
   a cost for each change.
.. [5] Wang et al., "POP909: a pop-song dataset for music arrangement generation", ISMIR 2020: counts of chords.

That phrases and sections begin on the tonic is our own cue.
"""

import itertools
from dataclasses import dataclass, replace

import numpy as np

from riffscope.arrays import Floats, Ints, Mask

KEYS = 24
# How often each degree, in semitones from the tonic up, sounds in a major and in a minor piece: the share of segments
# of the Kostka-Payne corpus that contain it [1]_, but for minor's sevenths: popular music has the natural one more
# often than the leading note.
DEGREES = {
    "major": (0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400),
    "minor": (0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.280, 0.200),
}
# How often each triad sounds, by the semitones of its root from the tonic: a row for major chords, one for minor and
# one for diminished ones. Six tenths are the counts of POP909's 757 songs in one key [5]_; a third is shared by the
# triads of the scale (the natural one in minor) and a twentieth by all chords, so that a riff in an unusual mode is in
# some key, too. Minor keys have their major dominant here: this is where a cadence counts. Counts of which chord
# follows which, cadences before sections and the last chord name no more keys.
USUAL_CHORDS = {
    "major": (
        (0.209, 0.002, 0.011, 0.002, 0.008, 0.141, 0.001, 0.181, 0.003, 0.011, 0.006, 0.002),
        (0.001, 0.001, 0.099, 0.001, 0.103, 0.006, 0.001, 0.003, 0.001, 0.131, 0.001, 0.002),
        (0.001, 0.001, 0.001, 0.001, 0.001, 0.001, 0.003, 0.001, 0.001, 0.001, 0.001, 0.051),
    ),
    "minor": (
        (0.032, 0.003, 0.002, 0.118, 0.001, 0.016, 0.002, 0.037, 0.127, 0.001, 0.141, 0.002),
        (0.215, 0.001, 0.003, 0.001, 0.001, 0.111, 0.001, 0.104, 0.002, 0.001, 0.001, 0.001),
        (0.001, 0.001, 0.054, 0.001, 0.001, 0.001, 0.001, 0.001, 0.001, 0.003, 0.001, 0.001),
    ),
}
# Below this a chord says no more against a key: the name of one bar's chord may be wrong.
LEAST_PROBABILITY = 1e-3

# The weights of the evidence: conditional logit over 24 keys on 176 rendered songs and 75 of POP909. Of the chords: the
# mean log-probability of chords in the key ...
CHORD_WEIGHT = 10.7
# ... the correlation of the pitch classes with the key's profile [2]_ ...
PROFILE_WEIGHT = 5.4
# ... how much likelier the tonic's triad is where sections begin than in all bars (the sum over n sections by n + 1,
# since one of them proves little) ...
SECTION_WEIGHT = 5.1
# ... and in every fourth bar of a section. Most phrases last four bars.
PHRASE_WEIGHT = 3.3
PHRASE_BARS = 4
# The same in the first bar of all: 9 in the rendered songs, which nearly all begin on the tonic, 2 in POP909.
FIRST_WEIGHT = 4.0
# Evidence of n bars weighs n / (n + this) times as much. On stretches of 2 to 64 bars of those songs the best factors
# are .35, .5 (4 bars), .6 (8), .7 (16) and .75 of a whole song's.
SETTLED_BARS = 3.0

# Log-odds that there is a key at all: by the two fits of the best one (chords and profile), by how little there was to
# hear (1 / sqrt(bars)) and by how long notes are held. Logistic regression on those songs and stretches of them against
# 76 sounds without a key (tone clusters, sirens, speech, twelve-tone rows, chords drawn by lot), both kinds counting
# the same.
KEYED_BY_CHORDS = 11.9
KEYED_BY_PROFILE = 2.2
KEYED_BY_SHORTNESS = -9.7
KEYED_BY_HOLDING = 10.5
KEYED_BASE = 29.1

# What a change of key costs, in the evidence of one bar: it pays where the new key lasts. Of the 251 songs above four
# get a change that they do not have. Of songs moved up by 1 to 3 semitones for their last 8 to 16 bars, 90 % get just
# that change. Of songs with four bars moved so in the middle, 13 % get one, with eight moved by a fourth or fifth, 3 %.
# Of 32 songs of POP909 with a change that lasts, 26 get it within 6 s.
CHANGE_COST = 110.0
# A change to the relative key, or to one whose signature has one accidental more or less, costs more by this factor:
# a section on the fourth degree or the fifth, or one that borrows a chord, is no change of key.
NEAR_COST = 1.4
# How usual a change is: the square root, since other music changes otherwise, of how often POP909's 185 changes [5]_
# between parts of 15 s and more are such. 69 go up a semitone, 34 a tone, 25 to the parallel key; of the others 26 keep
# the mode and 31 do not.
SEMITONE_UP = 5.0
TONE_UP = 3.6
PARALLEL = 3.1
OTHER_MODE = 1.1
# Keys change where sections begin, or at least phrases: there a change costs this share. Chosen, not fitted.
CHANGE_AT_SECTION = 0.7
CHANGE_AT_PHRASE = 0.85
# A bar says something where its likeliest chord is likelier than this, three times chance: noise and drums alone stay
# below. Chosen, not fitted.
CLEAR_CHORD = 0.09
# A bar of four at 120 BPM. Longer ones count more, shorter ones as one. Chosen, not fitted.
ORDINARY_BAR_S = 2.0
# Bars softer than this share of the median are pauses. Chosen, not fitted.
PAUSE = 0.05


@dataclass(frozen=True, kw_only=True)
class TonalBars:
    """What keys are told from, bar by bar.

    Attributes
    ----------
    chord_fit : float64 array, shape (n, 24)
        Mean over the bar of `chord_fit`.
    chords, openings : float64 array, shape (n, 36)
        Probability of each triad in the bar, and where it begins.
    classes : float64 array, shape (n, 12)
        Share of each pitch class.
    held : float64 array, shape (n,)
        How much of the notes is still there .2 s later, 0..1.
    length_s : float64 array, shape (n,)
    sounding : bool array, shape (n,)
        Where a bar says something about the key: it is not silent, and its chord is not anybody's guess.
    begins_section, begins_phrase : bool array, shape (n,)
        Every section begins with a phrase.
    """

    chord_fit: Floats
    chords: Floats
    openings: Floats
    classes: Floats
    held: Floats
    length_s: Floats
    sounding: Mask
    begins_section: Mask
    begins_phrase: Mask

    @property
    def weight(self) -> Floats:
        """How much each bar counts: (n,); long ones hold several chords."""
        weight: Floats = np.maximum(1.0, self.length_s / ORDINARY_BAR_S)
        return weight

    def stretch(self, begin: int, end: int) -> "TonalBars":
        """Return some bars in a row."""
        here = slice(begin, end)
        return TonalBars(
            chord_fit=self.chord_fit[here],
            chords=self.chords[here],
            openings=self.openings[here],
            classes=self.classes[here],
            held=self.held[here],
            length_s=self.length_s[here],
            sounding=self.sounding[here],
            begins_section=self.begins_section[here],
            begins_phrase=self.begins_phrase[here],
        )


@dataclass(frozen=True, kw_only=True)
class KeyedBars:
    """A stretch of bars in one key.

    Attributes
    ----------
    begin, end : int
        Its first bar, and the one after its last: both sound.
    probability : float64 array, shape (24,)
        Of each key, given that there is one: sums to 1.
    keyed : float
        Probability that there is one.
    """

    begin: int
    end: int
    probability: Floats
    keyed: float

    @property
    def key(self) -> int:
        """The likeliest key, 0..23."""
        return int(self.probability.argmax())


def sounding_bars(chords: Floats, loudness: Floats) -> Mask:
    """Tell which bars say something about the key: (n,).

    Parameters
    ----------
    chords : float64 array, shape (n, 36)
        Probability of each triad.
    loudness : float64 array, shape (n,)
        Strength of all notes together.
    """
    heard = loudness[loudness > 0]
    least = PAUSE * float(np.median(heard)) if heard.size else np.inf
    out: Mask = (loudness > least) & (chords.max(axis=1) > CLEAR_CHORD)
    return out


def find_keys(bars: TonalBars) -> list[KeyedBars]:
    """Cut a song where its key changes [4]_; stretches in one key follow each other, pauses between them left out.

    Nothing where no bar sounds.
    """
    found: list[KeyedBars] = []
    edges = _change_path(bars)
    for begin, end in itertools.pairwise(edges):
        part = weigh_keys(bars, int(begin), int(end))
        # All evidence together may name the key that the stretch before has: then nothing has changed.
        while part is not None and found and found[-1].key == part.key:
            part = weigh_keys(bars, found.pop().begin, part.end)
        if part is not None:
            found.append(part)
    return _weigh_together(found)


def _weigh_together(parts: list[KeyedBars]) -> list[KeyedBars]:
    """Weigh the keys of each stretch by its neighbours' as well: the mode mostly stays, the key has changed."""
    if len(parts) < 2:
        return parts
    follows = usual_changes()
    own = [part.probability for part in parts]
    before, after = [np.ones(KEYS)], [np.ones(KEYS)]
    for probability in own[:-1]:
        before.append(_shares(before[-1] * probability @ follows))
    for probability in own[:0:-1]:
        after.append(_shares(follows @ (after[-1] * probability)))
    return [
        replace(part, probability=_shares(part.probability * earlier * later))
        for part, earlier, later in zip(parts, before, reversed(after), strict=True)
    ]


def usual_changes() -> Floats:
    """Return how usual a change from each key (rows) to each other is, relative to any: (24, 24), 0 on the diagonal."""
    tonic, minor = np.arange(KEYS) % 12, np.arange(KEYS) // 12
    up = (tonic - tonic[:, None]) % 12
    same_mode = minor[:, None] == minor
    usual: Floats = np.where(same_mode, 1.0, OTHER_MODE)
    usual[same_mode & (up == 1)] = SEMITONE_UP
    usual[same_mode & (up == 2)] = TONE_UP
    usual[~same_mode & (up == 0)] = PARALLEL
    np.fill_diagonal(usual, 0.0)
    return usual


def _shares(weights: Floats) -> Floats:
    """Scale weights (n,) to a sum of 1."""
    shares: Floats = weights / weights.sum()
    return shares


def weigh_keys(bars: TonalBars, begin: int, end: int) -> KeyedBars | None:
    """Weigh the keys of a stretch of bars by all evidence; None where no bar sounds."""
    heard = begin + np.flatnonzero(bars.sounding[begin:end])
    if not heard.size:
        return None
    begin, end = int(heard[0]), int(heard[-1]) + 1
    part = bars.stretch(begin, end)
    evidence = key_evidence(part)
    odds = evidence @ EVIDENCE_WEIGHTS
    best = int(odds.argmax())
    count = float(part.weight[part.sounding].sum())
    certainty = count / (count + SETTLED_BARS)
    likelihood = np.exp(certainty * (odds - odds[best]))
    keyed = (
        KEYED_BASE
        + KEYED_BY_CHORDS * evidence[best, 0]
        + KEYED_BY_PROFILE * evidence[best, 1]
        + KEYED_BY_SHORTNESS / np.sqrt(heard.size)
        + KEYED_BY_HOLDING * float(part.held[part.sounding].mean())
    )
    return KeyedBars(
        begin=begin,
        end=end,
        probability=_shares(likelihood),
        keyed=float(1 / (1 + np.exp(-keyed))),
    )


EVIDENCE_WEIGHTS = np.array([CHORD_WEIGHT, PROFILE_WEIGHT, SECTION_WEIGHT, PHRASE_WEIGHT, FIRST_WEIGHT])


def key_evidence(bars: TonalBars) -> Floats:
    """Return the evidence of some bars for each key: (24, 5), in the order of `EVIDENCE_WEIGHTS`.

    All 0 where no bar sounds.
    """
    heard = bars.sounding
    evidence = np.zeros((KEYS, 5))
    if not heard.any():
        return evidence
    evidence[:, 0] = bars.chord_fit[heard].mean(axis=0)
    evidence[:, 1] = _profile_fit(bars.classes[heard].mean(axis=0))
    # Keys and their tonics' triads are numbered alike.
    tonic = bars.openings[:, :KEYS]
    usual = bars.chords[heard, :KEYS].mean(axis=0)
    for column, begins in ((2, bars.begins_section & heard), (3, bars.begins_phrase & heard)):
        evidence[:, column] = (tonic[begins] - usual).sum(axis=0) / (begins.sum() + 1)
    evidence[:, 4] = tonic[heard.argmax()] - usual
    return evidence


def key_profiles() -> Floats:
    """Return the profile of each key: (24, 12)."""
    return np.array([np.roll(degrees, tonic) for degrees in DEGREES.values() for tonic in range(12)])


def _change_path(bars: TonalBars) -> Ints:
    """Return the bars at which stretches in one key begin, and the number of bars: by the Viterbi algorithm."""
    count = len(bars.chords)
    evidence = CHORD_WEIGHT * bars.chord_fit + PROFILE_WEIGHT * _profile_fit(bars.classes)
    evidence += SECTION_WEIGHT * bars.begins_section[:, None] * bars.openings[:, :KEYS]
    evidence *= bars.weight[:, None]
    evidence[~bars.sounding] = 0
    cost = np.where(
        bars.begins_section,
        CHANGE_AT_SECTION * CHANGE_COST,
        np.where(bars.begins_phrase, CHANGE_AT_PHRASE * CHANGE_COST, CHANGE_COST),
    )
    relative_cost = change_costs()
    came_from = np.zeros((count, KEYS), np.int64)
    total = np.zeros(KEYS)
    for bar in range(count):
        if bar:
            arriving = total[:, None] - cost[bar] * relative_cost
            came_from[bar] = arriving.argmax(axis=0)
            total = arriving.max(axis=0)
        total = total + evidence[bar]
    path = np.empty(count, np.int64)
    state = int(total.argmax())
    for bar in range(count - 1, -1, -1):
        path[bar] = state
        state = int(came_from[bar, state])
    out: Ints = np.concatenate([[0], np.flatnonzero(np.diff(path)) + 1, [count]])
    return out


def change_costs() -> Floats:
    """Return what a change from each key (rows) to each other costs, relative to one to a distant key: (24, 24)."""
    tonic, minor = np.arange(KEYS) % 12, np.arange(KEYS) // 12
    fifths = 7 * (tonic + 3 * minor) % 12
    apart = (fifths[:, None] - fifths) % 12
    near = np.minimum(apart, 12 - apart) <= 1
    costs: Floats = np.where(near, NEAR_COST, 1.0)
    np.fill_diagonal(costs, 0.0)
    return costs


def chord_fit(chords: Floats) -> Floats:
    """Return the log-probability of chords (n, 36) in each key: (n, 24)."""
    tables = [np.roll(np.array(usual), tonic, axis=1).ravel() for usual in USUAL_CHORDS.values() for tonic in range(12)]
    fit: Floats = np.log(chords @ np.array(tables).T + LEAST_PROBABILITY)
    return fit


def _profile_fit(classes: Floats) -> Floats:
    """Return the correlation of pitch classes (..., 12) with the profile of each key: (..., 24)."""
    profiles = key_profiles()
    profiles -= profiles.mean(axis=1, keepdims=True)
    profiles /= np.linalg.norm(profiles, axis=1, keepdims=True)
    own = classes - classes.mean(axis=-1, keepdims=True)
    size = np.linalg.norm(own, axis=-1, keepdims=True)
    fit: Floats = (own @ profiles.T) / np.maximum(size, 1e-9)
    return fit
