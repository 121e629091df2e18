"""Fit how chords are named, how much each kind of evidence for a key counts, and whether there is a key at all.

    python -m training.key.fit SET [SET ...]

Constants
    ``NOTE_WEIGHTS`` and ``QUALITY_ODDS`` (`riffscope.dsp.tonality.chords`); ``CHORD_WEIGHT``, ``PROFILE_WEIGHT``,
    ``SECTION_WEIGHT``, ``PHRASE_WEIGHT`` and ``FIRST_WEIGHT``, and ``KEYED_...`` (`riffscope.dsp.tonality.keys`). What
    ``CHANGE_COST`` does is shown and not fitted. The profiles are Temperley's, counted on another corpus;
    ``USUAL_CHORDS`` come from `training.key.pop909`.
Data
    Songs annotated with a key, and with chords for the first two; sounds without a key, made by `training.key.keyless`,
    and songs labelled ``negative``. `training.key.pop909` makes a set of other music than ours.
Method
    Softmax regression over 36 triads on bars that one chord fills; conditional logit over the 24 keys, with a ridge;
    logistic regression of songs and stretches of them against sounds without a key, both counting the same. Sets are
    held back in turn, or songs where there is one set. For the cost of a change, songs are moved up in their last bars
    or in the middle.
Prints
    ``right``: the right chord or key is the likeliest; ``confidence``: the probability given to the likeliest, which
    should be as high as ``right``; ``log loss``: in nats, 3.6 and 3.2 where nothing is known. For the cost of a change:
    the share of songs that get one they do not have, of songs with a new key at their end that get just that, and of
    songs with four bars moved in their middle that get one.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from riffscope.analyzers import key
from riffscope.analyzers.structure import Structure
from riffscope.arrays import Floats, Ints
from riffscope.dsp.tonality import chords, keys
from riffscope.errors import NotMeasured
from riffscope.notes import pitch_class
from riffscope.views.beat_track import BeatTrack
from riffscope.views.mono import Mono
from riffscope.views.semitone_spectrogram import SemitoneSpectrogram, semitone_spectrogram_of
from training.common.command import read_command_line
from training.common.constants import Constants, number, overheard, today, tried
from training.common.features import Known, run
from training.common.fitting import Choice, conditional_logit, logistic
from training.common.report import Figures, Group, report
from training.common.songs import Song, key_of
from training.key.keyless import RATE_HZ, keyless_sounds
from training.key.pop909 import QUALITIES

EVIDENCE = ("CHORD_WEIGHT", "PROFILE_WEIGHT", "SECTION_WEIGHT", "PHRASE_WEIGHT", "FIRST_WEIGHT")
KEYED = ("KEYED_BY_CHORDS", "KEYED_BY_PROFILE", "KEYED_BY_SHORTNESS", "KEYED_BY_HOLDING", "KEYED_BASE")
CHORDS = ("NOTE_WEIGHTS", "QUALITY_ODDS")
# A bar has one chord where that fills so much of it.
FILLED = 0.7
# Bars of one song are much alike.
BARS_PER_SONG = 40
STRETCH_BARS = (4, 8, 8, 16)
KEYLESS_SEEDS = range(9)
COSTS = (70.0, 110.0, 150.0)
NOTE = (
    "Rendered songs nearly all begin on their tonic: FIRST_WEIGHT in the package lies between theirs and POP909's, "
    "and so do the others where both differ."
)


@dataclass(frozen=True, kw_only=True)
class Heard(keys.TonalBars):
    """What the package reads of a song: the arrays of `TonalBars`, and what is known.

    Attributes
    ----------
    notes : float64 array, shape (n, 3, 12, 4, 4)
        The notes of each triad in each bar, as `chord_notes` returns them.
    truth : int array, shape ()
        The right key; -1 where there is none.
    named : int array, shape (n,)
        The right chord of each bar; -1 where it is not known, or not one.
    """

    notes: Floats
    truth: Ints
    named: Ints

    @property
    def bars(self) -> keys.TonalBars:
        """The song as the package reads it."""
        fields = keys.TonalBars.__dataclass_fields__
        return keys.TonalBars(**{name: getattr(self, name) for name in fields})


# ------------------------------------------------------------------------------------------------------------- reading
def read(song: Song) -> Heard | None:
    """Read a song with a key, or one labelled as having none."""
    truth = key_of(song.item, implied=True)
    if truth is None and "negative" not in song.item.kinds:
        return None
    made = run(song, [SemitoneSpectrogram, BeatTrack, Structure])
    try:
        track, structure = made[BeatTrack], made[Structure]
    except NotMeasured:
        track, structure = None, None
    told = song.item.whole_truth().get("chords", song.item.truth.get("chords", ()))
    return hear(made[SemitoneSpectrogram], track, structure, truth=truth, told=told)


def hear(
    semitones: SemitoneSpectrogram,
    track: BeatTrack | None,
    structure: Structure | None,
    *,
    truth: int | None,
    told: Sequence[Mapping[str, Any]] = (),
) -> Heard:
    """Read a song as the package does."""
    duration_s = len(semitones.magnitudes) / semitones.frame_rate_hz
    edges_s, edges = key._cut_into_bars(track, duration_s)
    with overheard(key, "chord_probabilities") as calls:
        bars = key._read_bars(semitones, edges_s, edges, structure)
    return Heard(
        **{name: getattr(bars, name) for name in keys.TonalBars.__dataclass_fields__},
        notes=chords.chord_notes(calls[0].given[0], edges),
        truth=np.array(-1 if truth is None else truth),
        named=_chords_of_bars(edges_s[edges], told),
    )


def _chords_of_bars(bars_s: Floats, told: Sequence[Mapping[str, Any]]) -> Ints:
    named = np.full(len(bars_s) - 1, -1)
    for chord in told:
        root, _, quality = str(chord["label"]).partition(":")
        inside = np.minimum(bars_s[1:], chord["end"]) - np.maximum(bars_s[:-1], chord["start"])
        named[inside > FILLED * np.diff(bars_s)] = pitch_class(root) + 12 * QUALITIES.get(quality, 0)
    return named


def keyless() -> list[Heard]:
    """Read the sounds without a key that hold their notes: the package refuses the others before."""
    found = []
    for seed in KEYLESS_SEEDS:
        for _, samples in keyless_sounds(seed):
            mono = Mono(samples=samples.astype(np.float32), sample_rate_hz=RATE_HZ)
            semitones = semitone_spectrogram_of(mono)
            if semitones.harmonic_fraction >= key.MIN_HARMONIC_FRACTION:
                found.append(hear(semitones, None, None, truth=None))
    return found


# -------------------------------------------------------------------------------------------------------------- chords
def learn_chords(songs: Sequence[Heard]) -> Constants:
    """Fit the weights of notes, and the odds of each quality."""
    weights = conditional_logit(
        [Choice(options=options, chosen=chosen) for song in songs for options, chosen in _bars_with_a_chord(song)]
    )
    return {"NOTE_WEIGHTS": tuple(weights[:16].tolist()), "QUALITY_ODDS": tuple(weights[16:].tolist())}


def judge_chords(song: Heard, constants: Constants) -> Figures:
    """Judge the chords of a song's bars."""
    weights = np.concatenate([np.ravel(constants[name]) for name in CHORDS])
    odds = np.array([options @ weights for options, _ in _bars_with_a_chord(song)])
    return _judged(odds, np.array([chosen for _, chosen in _bars_with_a_chord(song)]))


def _bars_with_a_chord(song: Heard) -> Iterator[tuple[Floats, int]]:
    known = np.flatnonzero(song.named >= 0)
    quality = np.repeat(np.eye(3), 12, axis=0)
    for bar in known[:: max(1, len(known) // BARS_PER_SONG)]:
        yield np.concatenate([song.notes[bar].reshape(36, 16), quality], axis=1), int(song.named[bar])


# ---------------------------------------------------------------------------------------------------------------- keys
def learn(songs: Sequence[Heard]) -> Constants:
    """Fit the weights of the evidence for a key."""
    weights = conditional_logit(
        [Choice(options=keys.key_evidence(song.bars), chosen=int(song.truth)) for song in songs]
    )
    return dict(zip(EVIDENCE, weights.tolist(), strict=True))


def judge(song: Heard, constants: Constants) -> Figures:
    """Judge the probabilities that constants give the keys of a song."""
    odds = keys.key_evidence(song.bars) @ np.array([number(constants, name) for name in EVIDENCE])
    return _judged(odds[None], song.truth[None])


def _judged(odds: Floats, truth: Ints) -> Figures:
    probability = np.exp(odds - odds.max(axis=1, keepdims=True))
    probability /= probability.sum(axis=1, keepdims=True)
    of_truth = probability[np.arange(len(truth)), truth]
    return {
        "right": float((probability.argmax(axis=1) == truth).mean()),
        "confidence": float(probability.max(axis=1).mean()),
        "log loss": float(-np.log(np.maximum(of_truth, 1e-6)).mean()),
    }


# ----------------------------------------------------------------------------------------------------------- none of it
def learn_keyed(songs: Sequence[Heard]) -> Constants:
    """Fit the odds that there is a key."""
    cases = [(case, song.truth >= 0) for song in songs for case in _cases(song)]
    features, is_keyed = np.array([case for case, _ in cases]), np.array([bool(label) for _, label in cases])
    weights = np.where(is_keyed, 0.5 / max(is_keyed.mean(), 1e-9), 0.5 / max(1 - is_keyed.mean(), 1e-9))
    slopes, base = logistic(features, is_keyed, weights=weights)
    return dict(zip(KEYED, [*slopes.tolist(), base], strict=True))


def judge_keyed(song: Heard, constants: Constants) -> Figures:
    """Judge the probability that there is a key."""
    slopes, base = np.array([number(constants, name) for name in KEYED[:-1]]), number(constants, KEYED[-1])
    keyed = float(1 / (1 + np.exp(-(_keyed_features(song.bars) @ slopes + base))))
    if song.truth >= 0:
        return {"songs named": float(keyed >= key.MIN_KEYED)}
    return {"others named (less)": float(keyed >= key.MIN_KEYED)}


def _cases(song: Heard) -> Iterator[Floats]:
    """Yield the features of a song and of some stretches of it."""
    random, count = np.random.default_rng(len(song.sounding)), len(song.sounding)
    stretches = [song.bars]
    for length in STRETCH_BARS:
        if count > length:
            begin = int(random.integers(count - length + 1))
            stretches.append(song.bars.stretch(begin, begin + length))
    yield from (_keyed_features(bars) for bars in stretches if bars.sounding.sum() >= 3)


def _keyed_features(bars: keys.TonalBars) -> Floats:
    evidence = keys.key_evidence(bars)
    best, count = int((evidence @ keys.EVIDENCE_WEIGHTS).argmax()), max(1, int(bars.sounding.sum()))
    held = float(bars.held[bars.sounding].mean()) if bars.sounding.any() else 0.0
    return np.array([evidence[best, 0], evidence[best, 1], 1 / np.sqrt(count), held])


# ------------------------------------------------------------------------------------------------------------- changes
def show_changes(songs: Sequence[Heard]) -> None:
    """Print what some costs of a change do."""
    random = np.random.default_rng(3)
    long = [song for song in songs if len(song.sounding) >= 32]
    at_end, in_middle = [], []
    for song in long:
        count, up, last = len(song.sounding), int(random.choice([-1, 1, 2, 3])), int(random.integers(8, 17))
        starts = np.flatnonzero(song.begins_section & (abs(np.arange(count) - (count - last)) <= 4))
        begin = int(starts[-1]) if starts.size and starts[-1] <= count - 8 else count - last
        at_end.append((moved(song, begin, count, up), begin))
        begin = int(random.integers(8, count - 12))
        in_middle.append(moved(song, begin, begin + 4, up))
    print("\nCHANGE_COST (today's: " + f"{keys.CHANGE_COST:g}): false, at the end, four bars in the middle")
    for cost in COSTS:
        with tried(keys, {"CHANGE_COST": cost}):
            false = np.mean([len(keys.find_keys(song.bars)) > 1 for song in songs])
            told = np.mean([_changes_at(song.bars, begin) for song, begin in at_end]) if long else np.nan
            brief = np.mean([len(keys.find_keys(song.bars)) > 1 for song in in_middle]) if long else np.nan
        print(f"    {cost:g}  {false:.3f}  {told:.3f}  {brief:.3f}")


def _changes_at(bars: keys.TonalBars, begin: int) -> bool:
    found = keys.find_keys(bars)
    return len(found) == 2 and abs(found[1].begin - begin) <= 2


def moved(song: Heard, begin: int, end: int, up: int) -> Heard:
    """Transpose some bars of a song; where they begin, a section does if they last to the end."""

    def turn(values: Floats) -> Floats:
        out = values.copy()
        turned = np.roll(values[begin:end].reshape(end - begin, -1, 12), up, axis=2)
        out[begin:end] = turned.reshape(end - begin, -1)
        return out

    begins = song.begins_section.copy()
    begins[begin] |= end == len(begins)
    return replace(
        song,
        chord_fit=turn(song.chord_fit),
        chords=turn(song.chords),
        openings=turn(song.openings),
        classes=turn(song.classes),
        begins_section=begins,
        begins_phrase=song.begins_phrase | begins,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, fit, print."""
    chosen = read_command_line(__doc__, arguments)
    known = chosen.shelf.gather(Heard, chosen.songs, read, of="key")
    keyed = [each for each in known if each.features.truth >= 0]
    with_chords = [each for each in keyed if (each.features.named >= 0).any()]
    chords_today = {name: tuple(np.ravel(getattr(chords, name)).tolist()) for name in CHORDS}
    report(Group(title="Chords", today=chords_today, learn=learn_chords, judge=judge_chords), with_chords)
    report(Group(title="Keys", today=today(keys, EVIDENCE), learn=learn, judge=judge, note=NOTE), keyed)
    # A sound without a key is held back with the songs of a set, in turn.
    songs = sorted({each.song.name: each.song for each in known}.values(), key=lambda song: song.name)
    others = [Known(song=songs[i % len(songs)], features=one) for i, one in enumerate(keyless() if songs else ())]
    group = Group(title="Whether there is a key", today=today(keys, KEYED), learn=learn_keyed, judge=judge_keyed)
    report(group, [*known, *others])
    show_changes([each.features for each in keyed])
    return 0


if __name__ == "__main__":
    sys.exit(main())
