"""Statements: whether what a text may say of a song is ruled on rightly, topic by topic.

    python -m benchmarks.statements SET ANALYSES [--show] [--seed N]    # ANALYSES holds SONG.json for each song

Conventions
    Only rendered songs count, of which everything is known. For each topic whose truth is known a true and a false
    statement are made of a song; false ones differ by what a listener would call wrong, not by a hair, and now and
    then by what is easily taken for the truth, such as the relative key. Where the truth is a matter of taste no
    statement is made.

Metrics
    ``decided``    statements that are supported or refuted, of all (0..1)
    ``right``      rulings that are right, of those that decide (0..1)
"""

import argparse
import itertools
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.items import Json, read_set
from benchmarks.verdicts import loops_throughout
from riffscope.articles.article import Relation, Statement
from riffscope.articles.topics import claim_table, in_words
from riffscope.chord_names import ChordName, written
from riffscope.codec import read_analysis
from riffscope.judge import judge, judge_pair, read_tables
from riffscope.model import Ruling, Verdict
from riffscope.notes import MAJOR_TONICS, MINOR_TONICS, Spelling, pitch_class
from riffscope.song import SongAnalysis

# Other songs are compared with this one, the first of the set.
OTHER_TITLE = "Another Song"
METERS = ("3/4", "4/4", "6/8", "5/4", "7/8")
MELODY_LEAST_MOVES = 8


@dataclass(frozen=True, kw_only=True)
class Case:
    """A statement about a song, and whether it is true."""

    statement: Statement
    is_true: bool


@dataclass(frozen=True, kw_only=True)
class Ruled:
    """What became of a statement."""

    song: str
    case: Case
    verdict: Verdict

    @property
    def decided(self) -> bool:
        """Whether it was ruled on."""
        return self.verdict.ruling in {Ruling.SUPPORTED, Ruling.REFUTED}

    @property
    def right(self) -> bool:
        """Whether the ruling is that of the truth."""
        return self.decided and (self.verdict.ruling is Ruling.SUPPORTED) == self.case.is_true


def rule_on(case: Case, song: SongAnalysis, other: SongAnalysis | None = None) -> Verdict:
    """Rule on a statement, against another song where it names one."""
    table = claim_table(case.statement, text=in_words(case.statement))
    (claim,) = read_tables({case.statement.about: table}, name="statement")
    if claim.about_two and other is not None:
        (verdict,) = judge_pair(other, song, [claim])
    else:
        (verdict,) = judge(song, [claim])
    return verdict


# ------------------------------------------------------------------------------------------------------- what is true
def cases_of(truth: Json, chance: random.Random) -> Iterator[Case]:
    """Make statements of a rendered song, as many false as true."""
    for make in (
        _tempo,
        _meter_and_swing,
        _key,
        _whole,
        _voice,
        _voice_tone,
        _melody,
        _riff,
        _chords,
        _sections,
        _entrances,
    ):
        yield from make(truth, chance)


def _both(about: str, relation: Any, right: Any, wrong: Any, **more: Any) -> Iterator[Case]:
    """Say something with the right value, and with a wrong one."""
    for value, is_true in ((right, True), (wrong, False)):
        yield Case(statement=Statement(about=about, relation=relation, value=value, **more), is_true=is_true)


def _either(about: str, yes: Any, no: Any, is_yes: bool | None, **more: Any) -> Iterator[Case]:
    """Say one thing and its opposite, where it is known which is true."""
    if is_yes is not None:
        yield Case(statement=Statement(about=about, relation=yes, **more), is_true=is_yes)
        yield Case(statement=Statement(about=about, relation=no, **more), is_true=not is_yes)


def _judged(about: str, *, low: bool | None, high: bool | None) -> Iterator[Case]:
    """Say that something is low, and that it is high, where it is known whether it is."""
    judged: tuple[tuple[Relation, bool | None], ...] = (("low", low), ("high", high))
    for relation, is_true in judged:
        if is_true is not None:
            yield Case(statement=Statement(about=about, relation=relation), is_true=is_true)


def _beyond(number: float, *, no: float, yes: float) -> bool | None:
    """Return True beyond `yes`, False beyond `no`, None between them; `yes` may lie on either side."""
    sign = 1 if no < yes else -1
    if sign * number >= sign * yes:
        return True
    return False if sign * number <= sign * no else None


def _tempo(truth: Json, chance: random.Random) -> Iterator[Case]:
    tempo = truth["tempo"]
    plan = tempo["plan"] if isinstance(tempo["plan"], str) else tempo["plan"][0]
    wander = 0.0 if plan != "drift" else float(tempo["plan"][1])
    steady = {"constant": True, "change": False}.get(plan, False if wander >= 2.0 else None)
    yield from _either("steadiness", "high", "low", steady)
    if plan != "constant":
        return
    bpm = round(tempo["bpm"])
    off = chance.choice((0.8, 0.88, 1.12, 1.2))
    yield from _both("tempo", "is", bpm, round(bpm * off), unit="BPM")
    yield from _both("tempo", "about", round(bpm * chance.uniform(0.98, 1.02)), round(bpm / off), unit="BPM")
    yield from _both("tempo", "at_least", round(0.9 * bpm), round(1.15 * bpm), unit="BPM")
    yield from _both("tempo", "at_most", round(1.1 * bpm), round(0.85 * bpm), unit="BPM")
    slow, fast = _beyond(bpm, no=104, yes=90), _beyond(bpm, no=118, yes=138)
    yield from _judged("tempo", low=slow, high=fast)


def _meter_and_swing(truth: Json, chance: random.Random) -> Iterator[Case]:
    tempo = truth["tempo"]
    yield from _both(
        "meter", "is", tempo["metre"], chance.choice([meter for meter in METERS if meter != tempo["metre"]])
    )
    if tempo["metre"] != "6/8":
        yield from _either("swing", "present", "absent", _beyond(tempo["swing_place_of_offbeat"], no=0.52, yes=0.62))


def _key(truth: Json, chance: random.Random) -> Iterator[Case]:
    key = truth["key"]
    tonic, mode = key["tonic_pc"], key["mode"]
    other_mode = "minor" if mode == "major" else "major"
    relative = (tonic + (9 if mode == "major" else 3)) % 12
    wrong = chance.choice(
        [
            (relative, other_mode),
            ((tonic + 7) % 12, mode),
            (tonic, other_mode),
            *(((tonic + chance.randrange(1, 12)) % 12, chance.choice(("major", "minor"))) for _ in range(3)),
        ]
    )
    yield from _both("key", "is", _key_name(tonic, mode), _key_name(*wrong))
    yield from _both("mode", "is", mode, other_mode)
    yield from _either("key_change", "absent", "present", True)
    up = chance.choice((1, 2, 3))
    said = Statement(about="key_change", relation="present", value=up, unit="semitones", scope="last chorus")
    yield Case(statement=said, is_true=False)


def _key_name(tonic: int, mode: str) -> str:
    return f"{(MAJOR_TONICS if mode == 'major' else MINOR_TONICS)[tonic]} {mode}"


def _whole(truth: Json, chance: random.Random) -> Iterator[Case]:
    lasts_s, level = truth["duration_s"], truth["loudness"]["integrated_lufs"]
    yield from _both("duration", "is", round(lasts_s), round(lasts_s * chance.choice((0.8, 1.25))), unit="s")
    yield from _both("duration", "at_most", round(lasts_s + 5), round(lasts_s - 8), unit="s")
    yield from _both("loudness", "is", round(level, 1), round(level + chance.choice((-3, 3)), 1), unit="LUFS")
    quiet, loud = _beyond(level, no=-13.9, yes=-14.1), _beyond(level, no=-10.1, yes=-9.9)
    yield from _judged("loudness", low=quiet, high=loud)
    yield from _either("pumping", "present", "absent", truth["mix"]["pumping"]["present"])
    if truth["mix"]["file_channels"] == 1:
        yield from _either("stereo_width", "low", "high", True)
    yield from _either("fade_out", "absent", "present", True)


def _voice(truth: Json, chance: random.Random) -> Iterator[Case]:
    voice = truth["vocal"]
    yield from _either("singing", "present", "absent", bool(voice["present"]))
    if not voice["present"]:
        return
    lasts_s = truth["duration_s"]
    sung_s = _union_s([span for layer in voice["layers"] for span in layer["spans"]])
    percent = 100 * sung_s / lasts_s
    yield from _both("singing", "at_least", round(percent - 15), round(percent + 20), unit="%")
    yield from _both("singing", "at_most", round(percent + 15), round(percent - 20), unit="%")
    low, high = voice["lowest_note_midi"], voice["highest_note_midi"]
    if low is None:
        return
    semitones = {"unit": "semitones"}
    off = chance.choice((-5, 5))
    yield from _both("vocal_range", "is", high - low, max(1, high - low + off), **semitones)
    yield from _both("vocal_range", "at_most", high - low + 2, high - low - 4, **semitones)
    yield from _both("vocal_range", "at_least", high - low - 2, high - low + 4, **semitones)
    narrow, wide = _beyond(high - low, no=15, yes=10), _beyond(high - low, no=15, yes=20)
    yield from _judged("vocal_range", low=narrow, high=wide)
    spell = Spelling.SHARPS.note
    for about, note in (("vocal_lowest", low), ("vocal_highest", high)):
        yield from _both(about, "is", spell(note), spell(note + chance.choice((-4, 4))))
        yield from _both(about, "at_least", spell(note - 2), spell(note + 4))
        yield from _both(about, "at_most", spell(note + 2), spell(note - 4))
    moved = chance.choice(((4, 4), (-4, -4), (0, 5), (-5, 0)))
    for lowest, highest, is_true in ((low, high, True), (low + moved[0], high + moved[1], False)):
        said = Statement(about="vocal_span", relation="is", value=spell(lowest), high=spell(highest))
        yield Case(statement=said, is_true=is_true)
    median = voice["median_midi"]
    yield from _judged("tessitura", low=_beyond(median, no=56, yes=54), high=_beyond(median, no=62.5, yes=64.5))


def _union_s(spans: Iterable[Sequence[float]]) -> float:
    whole_s, until_s = 0.0, 0.0
    for start_s, end_s in sorted((span[0], span[1]) for span in spans):
        whole_s += max(0.0, end_s - max(start_s, until_s))
        until_s = max(until_s, end_s)
    return whole_s


def _voice_tone(truth: Json, _: random.Random) -> Iterator[Case]:
    voice = truth["vocal"]
    if not voice["present"]:
        return
    room = voice["reverb"]
    yield from _either("breathiness", "high", "low", _beyond(voice["breathiness"], no=0.01, yes=0.3))
    yield from _either("dryness", "high", "low", _beyond(room["wet_db"], no=-13, yes=-30) if room else True)
    level_db = voice["level_db_over_backing"]
    yield from _judged("closeness", low=_beyond(level_db, no=-1.5, yes=-4.5), high=_beyond(level_db, no=-1.5, yes=1.5))
    layered = voice["layered_fraction"]
    yield from _either("layers", "present", "absent", _beyond(layered, no=0.03, yes=0.2))
    yield from _either("layers", "high", "low", _beyond(layered, no=0.15, yes=0.35))
    yield from _either("gap_fill", "present", "absent", _beyond(voice["gap_fill_fraction"], no=0.2, yes=0.4))


def _melody(truth: Json, _: random.Random) -> Iterator[Case]:
    notes = truth["vocal"].get("notes") or []
    pitches = [note[2] for note in notes if isinstance(note[2], (int, float))]
    moves = [abs(round(b) - round(a)) for a, b in itertools.pairwise(pitches) if round(a) != round(b)]
    if len(moves) < MELODY_LEAST_MOVES:
        return
    share = sum(move <= 2 for move in moves) / len(moves)
    yield from _judged("steps", low=_beyond(share, no=0.5, yes=0.3), high=_beyond(share, no=0.5, yes=0.7))


def _riff(truth: Json, chance: random.Random) -> Iterator[Case]:
    riff = truth["riff"]
    if riff["present"] or not truth["chord_vamp"]["present"]:
        yield from _either("riff", "present", "absent", bool(riff["present"]))
    throughout = loops_throughout(truth)
    if throughout is not None:
        yield Case(statement=Statement(about="riff", relation="throughout"), is_true=throughout)
    if not riff["present"]:
        return
    bars = riff["period_bars"]
    wrong = chance.choice([length for length in (1, 2, 3, 4, 6, 8) if length / bars not in {0.5, 1, 2}])
    yield from _both("riff_length", "is", bars, wrong, unit="bars")
    for kind in ("verse", "chorus"):
        contents = {part["content"] for part in truth["sections"] if part["name"] == kind}
        if len(contents) == 1:
            yield from _either("riff", "present", "absent", contents == {"riff"}, scope=kind)


def _chords(truth: Json, chance: random.Random) -> Iterator[Case]:
    rounds = {}
    for part in truth["sections"]:
        if part["name"] in {"verse", "chorus"} and part["name"] not in rounds:
            found = _round_of(truth["chords"], part["start"], part["end"])
            if found is not None:
                rounds[part["name"]] = found
    for scope, chords in rounds.items():
        other = list(chords)
        place = chance.randrange(len(other))
        other[place] = _another_chord(other[place], chance)
        yield from _both("chords", "is", tuple(chords), tuple(other), scope=scope)
    if len(rounds) == 2:
        first, second = (set(one) for one in rounds.values())
        yield from _either("same_chords", "present", "absent", first == second, scope="verse", against="chorus")
    sounding: dict[str, float] = {}
    for chord in truth["chords"]:
        name = ChordName.parse(chord["label"])
        if name is not None:
            known = f"{name.root}:{name.quality[:3]}"
            sounding[known] = sounding.get(known, 0.0) + chord["end"] - chord["start"]
    whole_s = sum(sounding.values())
    if whole_s and not any(0.02 < lasts_s / whole_s < 0.06 for lasts_s in sounding.values()):
        number = sum(lasts_s / whole_s >= 0.04 for lasts_s in sounding.values())
        wrong = number + chance.choice((2, 3)) if number < 4 else number + chance.choice((-3, -2, 2, 3))
        yield from _both("chord_count", "is", number, wrong)
        yield from _both("chord_count", "at_most", number + 1, max(1, number - 2))


def _round_of(chords: Sequence[Json], start_s: float, end_s: float) -> list[str] | None:
    """Return the chords that a section goes round, or None where it goes round none."""
    labels = [
        written(chord["label"])
        for chord in chords
        if start_s - 0.05 <= chord["start"] and chord["end"] <= end_s + 0.05 and chord["label"] != "N"
    ]
    once = [label for label, _ in itertools.groupby(labels)]
    for period in range(2, min(8, len(once) // 2) + 1):
        if all(label == once[k % period] for k, label in enumerate(once)):
            return once[:period]
    return None


def _another_chord(name: str, chance: random.Random) -> str:
    tonic = name[:2] if name[1:2] in {"#", "b"} else name[:1]
    moved = (pitch_class(tonic) + chance.choice((2, 3, 5, 7, 9))) % 12
    return f"{MINOR_TONICS[moved]}{'m' if 'm' in name[len(tonic) :] else ''}"


def _sections(truth: Json, chance: random.Random) -> Iterator[Case]:
    names = [part["name"] for part in truth["sections"]]
    if "chorus" not in names or not truth["vocal"]["present"]:
        return
    known = [name for name in names if name in {"intro", "verse", "chorus", "bridge", "outro"}]
    plain = [name for name in known if name not in {"intro", "outro"}]
    other = list(plain)
    if "bridge" in other:
        other.remove("bridge")
        other.append("verse")
    else:
        other.insert(chance.randrange(1, len(other)), "bridge")
        other.append("verse")
    yield from _both("form", "is", tuple(plain), tuple(other))
    for kind in ("bridge", "intro", "chorus"):
        there = kind in names or (kind == "intro" and "drum_intro" in names)
        yield from _either("section", "present", "absent", there, scope=kind)
    number = names.count("chorus")
    yield from _both("section", "is", number, number + chance.choice((1, 2)), scope="chorus")
    for kind in ("intro", "chorus", "verse"):
        bars = {part["bars"] for part in truth["sections"] if part["name"] == kind}
        if len(bars) == 1:
            (length,) = bars
            yield from _both("section_length", "is", length, 2 * length + 2, unit="bars", scope=kind)
    if "intro" in names:
        sung = any(part["vocals"] for part in truth["sections"] if part["name"] == "intro")
        yield from _either("singing", "present", "absent", sung, scope="intro")


def _entrances(truth: Json, chance: random.Random) -> Iterator[Case]:
    starts: dict[str, float] = {}
    if truth["vocal"]["present"]:
        starts["voice"] = min(span[0] for layer in truth["vocal"]["layers"] for span in layer["spans"])
        chorus = [part["start"] for part in truth["sections"] if part["name"] == "chorus"]
        if chorus:
            starts["chorus"] = chorus[0]
    drums = [part["start"] for part in truth["sections"] if part["drums"] not in {None, "none"}]
    if drums:
        starts["drums"] = drums[0]
    if truth["riff"]["present"]:
        starts["riff"] = truth["riff"]["spans"][0][0]
    for what, at_s in starts.items():
        wrong = at_s + chance.choice((12, 20)) if at_s < 20 else at_s - chance.choice((12, 15))
        yield from _both("starts", "is", round(at_s), round(wrong), unit="s", scope=what)
        yield from (
            _both("starts", "at_most", round(at_s + 4), round(max(0.0, at_s - 12)), unit="s", scope=what)
            if (at_s > 14)
            else ()
        )


def comparisons(truth: Json, other: Json) -> Iterator[Case]:
    """Say how a song compares with another, where the two are far enough apart."""
    differences = (
        ("loudness", truth["loudness"]["integrated_lufs"] - other["loudness"]["integrated_lufs"], 1.5),
        ("duration", truth["duration_s"] - other["duration_s"], 2.0),
        ("tempo", truth["tempo"]["bpm"] - other["tempo"]["bpm"], 6.0),
    )
    for about, difference, apart in differences:
        if about == "tempo" and not truth["tempo"]["plan"] == other["tempo"]["plan"] == "constant":
            continue
        yield from _either(about, "more", "less", _beyond(difference, no=-apart, yes=apart), against=OTHER_TITLE)


# ------------------------------------------------------------------------------------------------------------- figures
def rule_on_set(folder: Path, analyses: Path, *, seed: int) -> list[Ruled]:
    """Rule on the statements about all rendered songs of a set that were analysed."""
    known = [
        (item.path.stem, item.whole_truth(), read_analysis(path))
        for item in read_set(folder)
        if (path := analyses / f"{item.path.stem}.json").is_file()
    ]
    songs = [one for one in known if {"downbeats", "mix", "tempo", "sections", "chords"} <= one[1].keys()]
    ruled = []
    for place, (name, truth, song) in enumerate(songs):
        chance = random.Random(f"{seed} {name}")  # noqa: S311 - draws statements, hides nothing
        other_truth, other = songs[place - 1][1:]
        cases = (*cases_of(truth, chance), *comparisons(truth, other_truth))
        ruled += [Ruled(song=name, case=case, verdict=rule_on(case, song, other)) for case in cases]
    return ruled


def print_table(ruled: Sequence[Ruled]) -> None:
    """Print a line for each topic and one for all."""
    print(f"{'topic':18}{'true':>7}{'false':>7}{'decided':>9}{'right':>8}{'wrong':>7}{'n/t':>6}")
    for about in (*sorted({one.case.statement.about for one in ruled}), "all"):
        rows = [one for one in ruled if about in {one.case.statement.about, "all"}]
        decided = [one for one in rows if one.decided]
        right = sum(one.right for one in decided)
        share = f"{right / len(decided):.3f}" if decided else "-"
        true = sum(one.case.is_true for one in rows)
        refused = sum(one.verdict.ruling is Ruling.NOT_TESTABLE for one in rows)
        print(
            f"{about:18}{true:7}{len(rows) - true:7}{len(decided) / len(rows):9.3f}{share:>8}"
            f"{len(decided) - right:7}{refused:6}"
        )


def main() -> int:
    """Read the command line, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path, metavar="SET")
    parser.add_argument("analyses", type=Path, metavar="ANALYSES")
    parser.add_argument("--seed", type=int, default=1, help="which false statements are made")
    parser.add_argument("--show", action="store_true", help="print each wrong ruling")
    arguments = parser.parse_args()
    ruled = rule_on_set(arguments.set, arguments.analyses, seed=arguments.seed)
    print_table(ruled)
    if arguments.show:
        for one in ruled:
            if one.decided and not one.right:
                said = in_words(one.case.statement)
                print(f"wrong: {one.song}: {said}: is {one.case.is_true}, {one.verdict.ruling}: {one.verdict.because}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
