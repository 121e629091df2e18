"""Chords: what is played, beat by beat, and the rounds that they go in.

Conventions
-----------
Times are seconds from the start of the file. Labels are Harte's, spelled as the song's key is: ``C#:min7``,
``E:maj/3``, ``N`` where no chord sounds. Probabilities are 0..1.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Annotated

import numpy as np

from riffscope.analyzers.key import Key
from riffscope.analyzers.loops import Loops, bars_in_words
from riffscope.analyzers.structure import Structure
from riffscope.chord_names import QUALITIES, ChordName
from riffscope.dsp.rhythm.bars import beat_means
from riffscope.dsp.tonality.chords import chord_probabilities, note_shares
from riffscope.dsp.tonality.notes import note_strengths
from riffscope.dsp.tonality.progressions import NO_PLACE
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Estimate, value
from riffscope.notes import Spelling
from riffscope.steps import analyzer
from riffscope.units import BARS, COUNT, NAME, PROBABILITY, SECONDS
from riffscope.views.beat_track import BeatTrack
from riffscope.views.semitone_spectrogram import HOP_LENGTH, N_FFT, SemitoneSpectrogram
from riffscope.words import count

RIFF = "riff"
# A chord is one of the song's from this share of the time on: two bars of fifty, a passing chord is less.
FAIR_SHARE = 0.04
# It surely is from this share on, each second by its probability, and may be from that share on: the range then holds
# the number of true chords for 95 % of 176 rendered songs whose chords were named bar by bar, a third of them wrongly.
SURELY_FAIR, MAYBE_FAIR = 0.05, 0.02
# In one line, no more chords are named.
MAX_NAMED = 8
# Chords that come so often go round.
GOES_ROUND = 1.5


@value
class ChordSpan:
    """A chord and where it sounds.

    Attributes
    ----------
    label : str
        In Harte's notation.
    probability : float
        That root, quality and bass are right.
    """

    start_s: Annotated[float, SECONDS]
    end_s: Annotated[float, SECONDS]
    label: Annotated[str, NAME]
    probability: Annotated[float, PROBABILITY]


@value
class Progression:
    """A round of chords: what a section, or the riff, goes through again and again.

    Attributes
    ----------
    section : str
        The section's name, or ``riff``.
    labels : tuple of str
        The chords of one round in order, in Harte's notation.
    roman : tuple of str
        The same as degrees of the key: ``vi``, ``IV``, ``I``, ``V``.
    bars : tuple of float
        How long each lasts.
    period_bars : float
        Length of the round.
    rounds : float
        How often it goes round.
    start_s, end_s : float
        From where to where.
    """

    section: Annotated[str, NAME]
    labels: tuple[str, ...]
    roman: tuple[str, ...]
    bars: Annotated[tuple[float, ...], BARS]
    period_bars: Annotated[float, BARS]
    rounds: Annotated[float, COUNT]
    start_s: Annotated[float, SECONDS]
    end_s: Annotated[float, SECONDS]


@value
class Chords:
    """The chords of a song.

    Attributes
    ----------
    spans : tuple of ChordSpan
        One after the other, without gaps, from the first beat to the last.
    progressions : tuple of Progression
        Of each section in which the chords go round, and of the riff.
    vocabulary : tuple of str
        The qualities that are told apart.
    different_chords : Estimate or None
        How many there are, as `count_chords` counts them; None in analyses that lack it.
    """

    spans: tuple[ChordSpan, ...]
    progressions: tuple[Progression, ...] = ()
    vocabulary: tuple[str, ...] = tuple(QUALITIES)
    different_chords: Annotated[Estimate, COUNT] | None = None

    @property
    def summary(self) -> str:
        """The result in one line: ``4 chords, mostly C#m A E B (i VI III VII), a round of 4 bars``."""
        number = round((self.different_chords or count_chords(self.spans)).value)
        many = count(number, "chord") if number else "no chord that lasts"
        mostly = self.prevailing
        if mostly is None:
            return many
        names = " ".join(written(label) for label in mostly.labels[:MAX_NAMED])
        degrees = f" ({' '.join(mostly.roman[:MAX_NAMED])})" if mostly.roman else ""
        more = " ..." if len(mostly.labels) > MAX_NAMED else ""
        if len(mostly.labels) == 1:
            return f"{many}, mostly {names}{degrees} alone"
        round_ = f", a round of {bars_in_words(mostly.period_bars)}" if mostly.rounds >= GOES_ROUND else ""
        return f"{many}, mostly {names}{more}{degrees}{round_}"

    @property
    def prevailing(self) -> "Progression | None":
        """The progression of most of the song's sections; of the riff where no section has one; None without any."""
        sections = [one for one in self.progressions if one.section != RIFF] or list(self.progressions)
        lasts_s: defaultdict[tuple[str, ...], float] = defaultdict(float)
        for one in sections:
            lasts_s[one.labels] += one.end_s - one.start_s
        # The one that goes round most often stands for those with the same chords.
        return max(sections, key=lambda one: (lasts_s[one.labels], one.rounds), default=None)


def written(label: str) -> str:
    """Write a label as musicians do, spelled as it is: ``Bb:min7`` -> ``Bbm7``; ``N.C.`` where no chord sounds."""
    name = ChordName.parse(label)
    return "N.C." if name is None else name.written(Spelling.FLATS if label[1:2] == "b" else Spelling.SHARPS)


def place_of(name: ChordName | None) -> int:
    """Return a chord's place, in which its sevenths and inversions are one.

    As `riffscope.dsp.tonality.progressions` numbers them: 0..11 for roots with a major third, 12..23 with a minor one,
    24..35 with neither, 36 for no chord.
    """
    if name is None:
        return NO_PLACE
    intervals = QUALITIES[name.quality]
    return name.root + (0 if 4 in intervals else 12 if 3 in intervals else 24)


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
    semitones: SemitoneSpectrogram,
    track: BeatTrack,
    key: Key | None,
    structure: Structure | None,
    loops: Loops | None,
) -> Chords:
    """Name the chord of each bar, and find the rounds that they go in.

    Raises
    ------
    CannotMeasure
        Nothing has a pitch.
    """
    # Imported here, since it makes the values that are defined above.
    from riffscope.analyzers.progressions import find_progressions

    edges_s = np.append(track.times_s, 2 * track.times_s[-1] - track.times_s[-2])
    spectra = beat_means(semitones.magnitudes, edges_s, frame_rate_hz=semitones.frame_rate_hz)
    rate_hz = round(semitones.frame_rate_hz * HOP_LENGTH)
    strength = note_strengths(spectra, lowest_midi=semitones.lowest_midi, sample_rate_hz=rate_hz, n_fft=N_FFT)
    if not strength.any():
        raise CannotMeasure(Absence.NO_PITCH, "nothing has a pitch")
    bars = np.unique(np.concatenate([[0], track.downbeat_index, [len(edges_s) - 1]])).astype(np.int64)
    probability = chord_probabilities(note_shares(strength), bars)
    spelling = Spelling.of_key(key.tonic, key.mode) if key else Spelling.SHARPS
    spans: list[ChordSpan] = []
    for row, begin, end in zip(probability, bars[:-1], bars[1:], strict=True):
        best = int(row.argmax())
        name = ChordName(root=best % 12, quality=("maj", "min", "dim")[best // 12])
        spans.append(
            ChordSpan(
                start_s=float(edges_s[begin]),
                end_s=float(edges_s[end]),
                label=name.harte(spelling),
                probability=float(row[best]),
            )
        )
    return Chords(
        spans=tuple(spans),
        progressions=find_progressions(spans, track, structure, loops, key),
        different_chords=count_chords(spans),
    )
