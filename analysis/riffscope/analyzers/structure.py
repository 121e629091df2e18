"""Structure: the sections of the song, which of them share their music, and what each does in the song.

Conventions
-----------
Sections are in seconds from the start of the file; the first begins with the sound, the last ends with it. Labels are
A, B, A' ... and say what is alike; functions are verse, chorus ... and say what it is for.

References
----------
`riffscope.dsp.structure` segments, labels and names; the papers stand there and at `find_sections`.
"""

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Annotated, get_args

import numpy as np
from scipy import ndimage

from riffscope.analyzers.vocal_activity import SUNG, SUNG_OVER_S
from riffscope.analyzers.vocal_pitch import STEP_S, VocalPitch
from riffscope.arrays import Float32s, Floats, Ints, Mask
from riffscope.dsp.harmonic import presence
from riffscope.dsp.onsets import sounding_frames
from riffscope.dsp.structure.boundaries import FREE_ODDS, Bars, Singing, boundary_odds, segment
from riffscope.dsp.structure.functions import Parts, function_probabilities
from riffscope.dsp.structure.sections import FAINT_ODDS_ALIKE, in_order, join_repeats, label_sections
from riffscope.dsp.structure.singing import (
    breaths,
    cepstra,
    comes_back,
    entrances,
    retelling,
    same_words,
    word_similarity,
)
from riffscope.model import SectionFunction, value
from riffscope.steps import analyzer
from riffscope.units import NAME, PROBABILITY, SECONDS
from riffscope.views.beat_track import BeatTrack
from riffscope.views.mel_spectrum import HOP_LENGTH
from riffscope.views.mono import Mono
from riffscope.views.tatum_features import TATUMS_PER_BEAT, TatumFeatures
from riffscope.views.voice_sound import VoiceSound

# With fewer bars, a new section cannot be told from a phrase that goes on. Chosen, not fitted.
MIN_BARS = 4
# A bar counts where its downbeat lies at most this far before the first sound. Chosen, not fitted.
EARLY_S = 0.1
# The longest bar; downbeats further apart have bars between them that nobody marked.
MAX_BAR_BEATS = 7
# A stretch without a beat is a section of its own from this length on: a last chord that rings on is shorter.
MIN_FREE_S = 6.0
# Less likely functions are not told: of 950 sections of rendered songs, half of those with .4 to .5 are named rightly.
MIN_FUNCTION_PROBABILITY = 0.4
# Where the vocals are not separated, what comes back may be the band's: this counts as much. Chosen, not fitted.
IN_MIX = 0.5
# Words of longer songs are not compared: 4000 beats, 33 minutes at 120 BPM, take 200 MB.
MAX_BEATS = 4000

# In the order of `riffscope.dsp.structure.functions`.
_FUNCTIONS: tuple[SectionFunction, ...] = get_args(SectionFunction)
# Other words for them.
_ALSO_CALLED: dict[str, SectionFunction] = {
    "prechorus": "pre-chorus",
    "refrain": "chorus",
    "hook": "chorus",
    "middle eight": "bridge",
    "middle": "bridge",
    "interlude": "instrumental",
    "break": "instrumental",
    "introduction": "intro",
    "coda": "outro",
    "ending": "outro",
}


@value
class Section:
    """A stretch of the song with music of its own.

    Attributes
    ----------
    label : str
        The same letter for the same music, and a prime for a variation: other instruments, with or without a voice.
    function : str or None
        What the section does in the song; None where the music does not say.
    function_probability : float or None
        That it does, 0..1; None where there is no function.
    """

    start_s: Annotated[float, SECONDS]
    end_s: Annotated[float, SECONDS]
    label: Annotated[str, NAME]
    function: Annotated[SectionFunction, NAME] | None = None
    function_probability: Annotated[float, PROBABILITY] | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.start_s < self.end_s:
            raise ValueError(f"a section runs forward in time, not from {self.start_s} to {self.end_s} s")

    @property
    def letter(self) -> str:
        """Its label without what marks a variation: the same for the same music."""
        return self.label.rstrip("'")

    @property
    def name(self) -> str:
        """What it does in the song; its label where the music does not say."""
        return self.function or self.label


@value
class Structure:
    """The sections of a song, one after the other from its first sound to its last.

    Attributes
    ----------
    sections : tuple of Section
        Each but the first begins on a downbeat, where the one before ends.
    """

    sections: tuple[Section, ...]

    @property
    def summary(self) -> str:
        """The result in one line."""
        count = len(self.sections)
        return f"{count} section{'s' if count != 1 else ''}: {self.form}"

    @property
    def form(self) -> str:
        """The sections' names in order: ``A B A``, or ``intro, verse, chorus`` where any function is known."""
        named = any(section.function for section in self.sections)
        return (", " if named else " ").join(section.name for section in self.sections)


@dataclass(frozen=True, kw_only=True)
class GivenSection:
    """A section as a person named it."""

    start_s: float
    end_s: float
    name: str


def structure_of(given: Iterable[GivenSection]) -> Structure:
    """Make a structure of sections that a person named.

    Names of functions, in their usual spellings and with or without a number, are taken as such and for certain; the
    name is the label in any case, so that what has one name counts as the same music.

    Raises
    ------
    ValueError
        A section does not run forward in time.
    """
    sections = []
    for one in given:
        function = function_named(one.name)
        certain = None if function is None else 1.0
        label = function or one.name
        sections.append(
            Section(start_s=one.start_s, end_s=one.end_s, label=label, function=function, function_probability=certain)
        )
    return Structure(sections=tuple(sections))


def function_named(name: str) -> SectionFunction | None:
    """Return the function that a person means by a name.

    Examples
    --------
    >>> function_named("Verse 2"), function_named("Prechorus"), function_named("Guitar solo"), function_named("Riff")
    ('verse', 'pre-chorus', 'solo', None)
    """
    words = re.sub(r"[\s_-]+", " ", re.sub(r"[\d.:()]+", " ", name.casefold())).strip()
    words = words.removeprefix("guitar ").removeprefix("instrumental ") if words.endswith(" solo") else words
    spelled = {function.replace("-", " "): function for function in _FUNCTIONS}
    return spelled.get(words) or _ALSO_CALLED.get(words)


@dataclass(frozen=True, kw_only=True)
class _Grid:
    """The bars of a song.

    Attributes
    ----------
    downbeats : int64 array, shape (n_bars,)
        Indexes into the beats.
    ends : int64 array, shape (n_bars,)
        The beat after each bar.
    edges_s : float64 array, shape (n_bars + 1,)
        Where the bars begin and the last ends.
    beats_per_bar : int
        The prevailing number.
    """

    downbeats: Ints
    ends: Ints
    edges_s: Floats
    beats_per_bar: int

    @property
    def bar_s(self) -> float:
        """How long a bar usually lasts."""
        return float(np.median(np.diff(self.edges_s)))


@analyzer(version=2)
def find_sections(
    track: BeatTrack, tatums: TatumFeatures, mono: Mono, pitch: VocalPitch | None, voice: VoiceSound | None
) -> Structure:
    """Divide the song into sections where the music changes, and label what returns.

    Drum fills, changes of timbre and harmony, entries and rests of the voice, and lyrics that start or stop repeating
    are evidence for a boundary at a downbeat, and weighed against typical section lengths. A stretch without a beat is
    a section of its own. Sections with the same notes and chords, bar for bar, share a letter; a prime (A') means that
    other instruments play, or that a voice has entered or dropped out.

    Sections are also named by their role where the music shows it. Lyrics that return make a chorus, other lyrics a
    verse; a section without singing is an intro, an outro or an instrumental. Order, loudness and pitch count too: a
    chorus follows a verse, and a bridge is new, comes once and comes late.

    Raises
    ------
    CannotMeasure
        From `BeatTrack`: shorter than 2.5 s, silent, or without a steady beat.

    Notes
    -----
    A section that differs only in its melody is often missed, and a phrase that ends with a fill may be taken for a
    section. Where the downbeats are a beat off, so are the boundaries. Where lyrics never return, or the accompaniment
    drowns the voice, verses and choruses are named by their order alone; music without singing has neither. A solo is
    called instrumental, and a pre-chorus usually a verse.

    References
    ----------
    .. [1] Foote, "Automatic audio segmentation using a measure of audio novelty", ICME 2000.
    .. [2] Sargent, Bimbot & Vincent, "A regularity-constrained Viterbi algorithm and its application to the structural
       segmentation of songs", ISMIR 2011.
    .. [3] Goto, "A chorus section detection method for musical audio signals and its application to a music listening
       station", IEEE TASLP 14(5), 2006.
    """
    first, last = sounding_frames(mono.samples, hop_length=HOP_LENGTH)
    start_s = first * HOP_LENGTH / mono.sample_rate_hz
    end_s = min((last + 1) * HOP_LENGTH, len(mono.samples)) / mono.sample_rate_hz
    grid = _whole_bars(track, start_s, end_s)
    if len(grid.downbeats) < MIN_BARS:
        return Structure(sections=(Section(start_s=start_s, end_s=end_s, label="A"),))
    words = None if pitch is None or voice is None else _compare_words(track, pitch, voice)
    bars = _cut_into_bars(tatums, grid, None if words is None or pitch is None else _singing(track, grid, pitch, words))
    # An upbeat belongs to the first section, and what follows the last whole bar to the last.
    before = float(grid.edges_s[0]) - start_s >= MIN_FREE_S
    after = end_s - float(grid.edges_s[-1]) >= MIN_FREE_S
    bar_edges_s = np.concatenate(
        [grid.edges_s[:1] if before else [start_s], grid.edges_s[1:-1], grid.edges_s[-1:] if after else [end_s]]
    )
    odds = boundary_odds(bars) + FREE_ODDS * _edges_of_free_stretches(track, grid)
    edges = np.concatenate([[0], segment(odds, bar_edges_s), [len(bars)]])
    edges, labels = join_repeats(edges, label_sections(bars, edges), odds)
    times_s = [*([start_s] if before else []), *bar_edges_s[edges].tolist(), *([end_s] if after else [])]
    labels = in_order([*(["before"] if before else []), *labels, *(["after"] if after else [])])
    parts = _describe(np.array(times_s), labels, track, tatums, pitch, words)
    sections = _name(parts, function_probabilities(parts))
    # Where a stretch without a beat begins or ends, nothing is joined.
    lines = np.concatenate([[np.inf] * before, odds[edges[1:-1] - 1], [np.inf] * after])
    return Structure(sections=_join_alike(sections, lines))


def _name(parts: Parts, probabilities: Floats) -> list[Section]:
    """Name the sections by their likeliest functions (n, 8), as far as these are likely."""
    sections = []
    for row, label in enumerate(parts.labels):
        best = int(probabilities[row].argmax())
        likely = float(probabilities[row, best])
        known = likely >= MIN_FUNCTION_PROBABILITY
        sections.append(
            Section(
                start_s=float(parts.starts_s[row]),
                end_s=float(parts.ends_s[row]),
                label=label,
                function=_FUNCTIONS[best] if known else None,
                function_probability=round(likely, 3) if known else None,
            )
        )
    return sections


def _join_alike(sections: list[Section], lines: Floats) -> tuple[Section, ...]:
    """Join neighbours that are alike and do the same, where little speaks for the lines between them (n - 1,)."""
    joined = sections[:1]
    for section, odds in zip(sections[1:], lines.tolist(), strict=True):
        before = joined[-1]
        if (before.label, before.function) == (section.label, section.function) and odds < FAINT_ODDS_ALIKE:
            sure = [one.function_probability for one in (before, section) if one.function_probability is not None]
            joined[-1] = replace(before, end_s=section.end_s, function_probability=max(sure, default=None))
        else:
            joined.append(section)
    return tuple(joined)


def _whole_bars(track: BeatTrack, start_s: float, end_s: float) -> _Grid:
    """Return the bars within the beats and the sounding music; where no downbeats are known, they are counted on."""
    count, usual = len(track.times_s), max(track.beats_per_bar, 2)
    known = track.downbeat_index if len(track.downbeat_index) else np.array([0])
    stops = np.append(known[1:], count)
    begun = [
        np.arange(first, stop, usual) if stop - first > MAX_BAR_BEATS else np.array([first])
        for first, stop in zip(known, stops, strict=True)
    ]
    downbeats = np.concatenate(begun).astype(np.int64)
    ends = np.append(downbeats[1:], downbeats[-1] + usual)
    times_s = track.times_s[downbeats]
    whole = (ends <= count) & (times_s > start_s - EARLY_S) & (times_s < end_s)
    downbeats, ends = downbeats[whole], ends[whole]
    beats_s = np.append(track.times_s, 2 * track.times_s[-1] - track.times_s[-2])
    edges_s = np.append(beats_s[downbeats], np.minimum(beats_s[ends[-1:]], end_s))
    return _Grid(downbeats=downbeats, ends=ends, edges_s=edges_s, beats_per_bar=usual)


def _cut_into_bars(tatums: TatumFeatures, grid: _Grid, singing: Singing | None) -> Bars:
    """Cut features into bars of the prevailing number of beats; longer and shorter bars are read faster and slower."""
    places = np.arange(TATUMS_PER_BEAT * grid.beats_per_bar)
    lengths = (grid.ends - grid.downbeats)[:, np.newaxis]
    at = TATUMS_PER_BEAT * grid.downbeats[:, np.newaxis] + places * lengths // grid.beats_per_bar
    notes, bands, onsets = (
        part.reshape(-1, part.shape[-1])[at] for part in (presence(tatums.notes), tatums.bands, tatums.onsets)
    )
    return Bars(notes=notes, bands=bands, onsets=onsets, singing=singing)


def _edges_of_free_stretches(track: BeatTrack, grid: _Grid) -> Ints:
    """Mark the inner downbeats nearest to where a stretch without a beat begins or ends, with 1: (n_bars - 1,)."""
    marks = np.zeros(len(grid.downbeats) - 1, np.int64)
    edges_s = [grid.edges_s[0], *(at for span in track.spans for at in (span.start_s, span.end_s)), grid.edges_s[-1]]
    for stop_s, start_s in zip(edges_s[::2], edges_s[1::2], strict=True):
        if track.spans and start_s - stop_s >= MIN_FREE_S:
            for at_s in (stop_s, start_s):
                line = int(np.abs(grid.edges_s - at_s).argmin())
                if 0 < line < len(grid.downbeats):
                    marks[line - 1] = 1
    return marks


# ------------------------------------------------------------------------------------------------------- what is sung
@dataclass(frozen=True, kw_only=True)
class _Words:
    """What comes back of what is sung.

    Attributes
    ----------
    same : float32 array, shape (n_beats, n_beats)
        Probability that two beats sing the same words, 0..1.
    sung : float64 array, shape (n_beats,)
        How much of each beat is sung, 0..1.
    retold : float64 array, shape (n_beats,)
        Probability that the words of each beat come back, 0..1.
    """

    same: Float32s
    sung: Floats
    retold: Floats


def _compare_words(track: BeatTrack, pitch: VocalPitch, voice: VoiceSound) -> _Words | None:
    if len(track.times_s) > MAX_BEATS:
        return None
    similar, sung = word_similarity(cepstra(voice.vocals), pitch.voiced_probability, track.times_s)
    same = same_words(similar, track.times_s)
    certainty = 1.0 if voice.method.separated else IN_MIX
    return _Words(same=same, sung=sung, retold=certainty * comes_back(same, sung))


def _describe(
    edges_s: Floats,
    labels: list[str],
    track: BeatTrack,
    tatums: TatumFeatures,
    pitch: VocalPitch | None,
    words: _Words | None,
) -> Parts:
    """Gather what tells the functions of sections, given where they begin and the last ends (n + 1,)."""
    count, starts_s = len(labels), edges_s[:-1]
    # Beats fall a little early or late of the lines they make.
    of_beat = np.searchsorted(edges_s, track.times_s + EARLY_S / 2) - 1
    levels = tatums.bands.mean(axis=(1, 2))
    usual = float(levels.mean())
    in_section = [of_beat == row for row in range(count)]
    parts = Parts(
        starts_s=starts_s,
        ends_s=edges_s[1:],
        labels=tuple(labels),
        level=np.array([float(levels[beats].mean()) if beats.any() else usual for beats in in_section]),
        sung=None,
        height=np.full(count, np.nan),
        retold=np.zeros(count),
        told_again=np.zeros((count, count)),
        certain=0.0,
    )
    if pitch is None:
        return parts
    frames = [slice(*np.searchsorted(pitch.times_s, (a, b))) for a, b in itertools.pairwise(edges_s)]
    is_sung = _is_sung(pitch)
    parts = replace(
        parts,
        sung=np.array([float(is_sung[each].mean()) if each.stop > each.start else 0.0 for each in frames]),
        height=np.array([_height(pitch.midi[each]) for each in frames]),
    )
    return parts if words is None else _with_words(parts, in_section, words)


def _height(midi: Floats) -> float:
    """Return the upper quartile of a melody, NaN where less than a second is sung."""
    heard = midi[np.isfinite(midi)]
    return float(np.percentile(heard, 75)) if heard.size * STEP_S >= 1 else np.nan


def _with_words(parts: Parts, in_section: list[Mask], words: _Words) -> Parts:
    """Add what of each section is sung elsewhere too."""
    retold, told_again = np.zeros_like(parts.retold), np.zeros_like(parts.told_again)
    certain = float(words.retold.max(initial=0.0)) / max(float(words.same.max(initial=0.0)), 1e-9)
    for row, beats in enumerate(in_section):
        amount = float(words.sung[beats].sum())
        if amount > 0:
            retold[row] = words.retold[beats] @ words.sung[beats] / amount
            for other, others in enumerate(in_section):
                if other != row and others.any():
                    best = words.same[np.ix_(beats, others)].max(axis=1)
                    told_again[row, other] = certain * float(best @ words.sung[beats]) / amount
    return replace(parts, retold=retold, told_again=told_again, certain=min(certain, 1.0))


def _is_sung(pitch: VocalPitch) -> Floats:
    """Return 1 where someone sings, every 10 ms: (n,)."""
    probability = ndimage.uniform_filter1d(pitch.voiced_probability, round(SUNG_OVER_S / STEP_S) + 1)
    is_sung: Floats = (probability > SUNG).astype(np.float64)
    return is_sung


def _singing(track: BeatTrack, grid: _Grid, pitch: VocalPitch, words: _Words) -> Singing:
    beat_s, starts_s = float(np.median(np.diff(track.times_s))), track.times_s[grid.downbeats]
    return Singing(
        rests=breaths(pitch.voiced_probability, starts_s, beat_s),
        entrances=entrances(_is_sung(pitch), starts_s, beat_s, grid.bar_s),
        retelling=retelling(words.retold, words.sung, track.times_s, grid.downbeats),
    )
