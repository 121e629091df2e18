"""Fit what a bar costs that goes otherwise than the round.

    python -m training.progressions.fit SET [SET ...]

Constants
    ``ASTRAY_COST``: in chords (`riffscope.dsp.tonality.progressions`).
Data
    The true chords of rendered songs, one in ten replaced by another, by sections; which of them go round, and in how
    many bars, is known.
Method
    A grid: the value with which most sections are right, of these the nearest to today's.
Prints
    ``right``: sections over a riff or a round of chords whose round is the true one, and sections in which every bar is
    new that are given none.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from riffscope.chord_names import ChordName
from riffscope.dsp.tonality import progressions
from riffscope.dsp.tonality.progressions import Piece, find_round, same_round
from riffscope.progressions import place_of
from training.common.command import read_command_line
from training.common.constants import Constants, number, today, tried
from training.common.fitting import CannotFit
from training.common.report import Figures, Group, report
from training.common.songs import RENDERED, Song

NAMES = ("ASTRAY_COST",)
TRIED = (1.5, 2.0, 2.5, 3.0, 3.5)
WRONG = 0.1
SURE, SURE_IF_WRONG = (0.6, 0.99), (0.3, 0.9)


@dataclass(frozen=True, kw_only=True)
class Music:
    """Sections of the same music with their chords, a bar each.

    Attributes
    ----------
    pieces : tuple of Piece
        With errors.
    round : tuple of int or None
        The places of one round; None where nothing goes round.
    """

    pieces: tuple[Piece, ...]
    round: tuple[int, ...] | None


@dataclass(frozen=True, kw_only=True)
class Sung:
    """A song by its sections."""

    music: tuple[Music, ...]


def read(song: Song) -> Sung | None:
    """Read the chords of a rendered song."""
    truth = song.item.whole_truth()
    if RENDERED not in song.item.kinds or not truth.get("chords"):
        return None
    random = np.random.default_rng(sum(song.name.encode()))
    bars = [(chord["start"], place_of(ChordName.parse(chord["label"]))) for chord in truth["chords"]]
    groups: dict[tuple[str, str], list[list[int]]] = {}
    for section in truth["sections"]:
        places = [place for start_s, place in bars if section["start"] - 0.1 <= start_s < section["end"] - 0.1]
        # New music is new in each section.
        name = section["name"] if section["content"] != "through" else f"{section['name']} {section['start']}"
        if len(places) > 1 and section["content"] in {"riff", "vamp", "through"}:
            groups.setdefault((name, section["content"]), []).append(places)
    music = []
    for (_, content), sections in groups.items():
        period = truth["riff"]["period_bars"] if content == "riff" else truth["chord_vamp"].get("period_bars")
        longest = max(sections, key=len)
        if content != "through" and (not period or len(longest) < progressions.MIN_ROUNDS * period):
            continue
        known = None if content == "through" else tuple(longest[: int(period)])
        music.append(Music(pieces=tuple(_misheard(places, random) for places in sections), round=known))
    return Sung(music=tuple(music)) if music else None


def _misheard(places: Sequence[int], random: np.random.Generator) -> Piece:
    """Replace some chords by others, and say how sure each is: those that are wrong less."""
    wrong = random.random(len(places)) < WRONG
    heard = np.where(wrong, random.integers(0, 24, len(places)), places)
    sure = np.where(wrong, random.uniform(*SURE_IF_WRONG, len(places)), random.uniform(*SURE, len(places)))
    return Piece(places=heard.astype(np.int64), weights=sure)


def is_right(music: Music) -> bool:
    """Tell whether the round that is found is the true one, or none where there is none."""
    found = find_round(music.pieces, cells_per_bar=1)
    longest = max(len(piece.places) for piece in music.pieces)
    if music.round is None:
        return len(found.places) >= longest
    return same_round(found.places.tolist(), music.round)


def judge(song: Sung, constants: Constants) -> Figures:
    """Judge the rounds of a song: the share of its music that is right."""
    with tried(progressions, constants):
        return {"right": float(np.mean([is_right(music) for music in song.music]))}


def learn(songs: Sequence[Sung]) -> Constants:
    """Find the value with which most is right."""
    if not songs:
        raise CannotFit("no song has known chords")
    present = number(today(progressions, NAMES), "ASTRAY_COST")
    right = {cost: sum(judge(song, {"ASTRAY_COST": cost})["right"] for song in songs) for cost in TRIED}
    best = max(TRIED, key=lambda cost: (round(right[cost], 6), -abs(cost - present)))
    return {"ASTRAY_COST": best}


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, fit, print."""
    chosen = read_command_line(__doc__, arguments)
    known = chosen.shelf.gather(Sung, chosen.songs, read, of="progressions")
    report(Group(title="Progressions", today=today(progressions, NAMES), learn=learn, judge=judge), known)
    return 0


if __name__ == "__main__":
    sys.exit(main())
