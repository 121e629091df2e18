"""Verdicts: whether the rulings on the built-in claims are right, and how often one is dared.

    python -m benchmarks.verdicts SET ANSWERS [SET ANSWERS ...]      # answers as `benchmarks.measure` keeps them

Conventions
    Only rendered songs count, of which everything is known. For each built-in claim a truth is worked out; near its
    limit either ruling and "inconclusive" are right. Where nobody sings, whatever is ruled on the voice but "not
    testable" is wrong.

Metrics
    ``precision``  rulings that are right, of those that decide (0..1)
    ``decided``    rulings that decide, of those that could (0..1)
    ``brier``      mean square of probability against truth (0..1, less is better; .25 knows nothing)

References
----------
Brier, "Verification of forecasts expressed in terms of probability", Monthly Weather Review 78(1), 1950.
"""

import argparse
import itertools
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.answers import NOTHING, Answer
from benchmarks.figures import Rulings
from benchmarks.items import Item, Json, read_set
from benchmarks.programs import read_replies

Outcome = Literal["right", "wrong", "undecided", "refused", "grey"]
Truth = bool | None
"""True, false, or None near the limit, where either is right."""

VOICE_CLAIMS = (
    "breathy",
    "dry",
    "forward",
    "layered_voices",
    "like_a_conversation",
    "small_range",
    "voices_in_the_gaps",
)
NOBODY_SINGS = "(nobody sings)"
OUTCOMES: tuple[Outcome, ...] = ("right", "wrong", "undecided", "refused", "grey")
STEADY_RATIO = 1.04
DRY_DB, ROOM_DB = -30.0, -13.0


@dataclass(frozen=True, kw_only=True)
class Ruled:
    """What became of one claim on one song."""

    file: str
    claim: str
    truth: Truth
    ruling: str
    because: str
    outcome: Outcome
    squared_error: float | None = None


def rule_on(item: Item, answer: Answer) -> Iterator[Ruled]:
    """Yield what became of each claim on a rendered song; nothing for other recordings."""
    truth = item.whole_truth()
    if not {"downbeats", "mix", "tempo"} <= truth.keys():
        return
    verdicts = {verdict["claim"]: verdict for verdict in answer.document.get("verdicts", [])}
    if not truth["vocal"]["present"]:
        for claim in VOICE_CLAIMS:
            verdict = verdicts.get(claim, {})
            ruling = verdict.get("ruling", "none")
            yield Ruled(
                file=item.file,
                claim=NOBODY_SINGS,
                truth=None,
                ruling=f"{claim}: {ruling}",
                because=verdict.get("because", ""),
                outcome="right" if ruling == "not_testable" else "wrong",
            )
    for claim, is_true in truths(truth).items():
        verdict = verdicts.get(claim, {})
        probability = verdict.get("probability")
        judged = is_true is not None and probability is not None
        yield Ruled(
            file=item.file,
            claim=claim,
            truth=is_true,
            ruling=verdict.get("ruling", "none"),
            because=verdict.get("because", ""),
            outcome=_outcome(verdict.get("ruling", "none"), is_true),
            squared_error=(probability - is_true) ** 2 if judged else None,
        )


def _outcome(ruling: str, is_true: Truth) -> Outcome:
    if ruling in {"supported", "refuted"}:
        return "right" if is_true is None or (ruling == "supported") == is_true else "wrong"
    if is_true is None:
        return "grey"
    return "undecided" if ruling == "inconclusive" else "refused"


def truths(truth: Json) -> dict[str, Truth]:
    """Work out which built-in claims are true of a rendered song; claims that are not in it are not scored."""
    out: dict[str, Truth] = {
        "loop_like_a_heartbeat": loops_throughout(truth),
        "less_is_more_level": _beyond(truth["loudness"]["integrated_lufs"], no=-13.9, yes=-14.1),
        "less_is_more_pumping": not truth["mix"]["pumping"]["present"],
    }
    vocal = truth["vocal"]
    if vocal["present"]:
        room = vocal["reverb"]
        out |= {
            "layered_voices": _beyond(vocal["layered_fraction"], no=0.15, yes=0.35),
            "voices_in_the_gaps": _beyond(vocal["gap_fill_fraction"], no=0.2, yes=0.4),
            "small_range": _beyond(vocal["range_semitones_p2_p98"], no=14.0, yes=11.0),
            "breathy": _beyond(vocal["breathiness"], no=0.01, yes=0.3),
            "dry": _beyond(room["wet_db"], no=ROOM_DB, yes=DRY_DB) if room else True,
            "forward": _beyond(vocal["level_db_over_backing"], no=-1.5, yes=1.5),
        }
    return out


def _beyond(number: float, *, no: float, yes: float) -> Truth:
    """Return True beyond `yes`, False beyond `no`, None between them; `yes` may lie on either side."""
    sign = 1 if no < yes else -1
    if sign * number >= sign * yes:
        return True
    return False if sign * number <= sign * no else None


def loops_throughout(truth: Json) -> Truth:
    """Tell whether the riff covers the song, is never away for long, and is played at one steady tempo."""
    tempo, riff = truth["tempo"], truth["riff"]
    speeds = [part["bpm"] for part in tempo["segments"]]
    if not riff["present"] or max(speeds) / min(speeds) > STEADY_RATIO:
        return False
    plan = tempo.get("plan") or "constant"
    parts = (
        _beyond(riff["coverage_of_file"], no=0.74, yes=0.86),
        _beyond(_longest_gap_bars(riff["spans"], truth["downbeats"]), no=9, yes=8),
        True if plan == "constant" else None,  # how far a drift may go is a matter of taste
    )
    if False in parts:
        return False
    return None if None in parts else True


def _longest_gap_bars(spans: Sequence[tuple[float, float]], downbeats_s: Sequence[float]) -> int:
    """Count the bars of the longest stretch that no span covers; the last bar is as long as the one before."""
    ends_s = [*downbeats_s[1:], 2 * downbeats_s[-1] - downbeats_s[-2]]
    middles_s = [(start_s + end_s) / 2 for start_s, end_s in zip(downbeats_s, ends_s, strict=True)]
    is_covered = [any(start_s <= middle_s < end_s for start_s, end_s in spans) for middle_s in middles_s]
    return max((len(list(run)) for covered, run in itertools.groupby(is_covered) if not covered), default=0)


def sum_up(ruled: Iterable[Ruled]) -> Rulings:
    """Return the figures of many rulings."""
    rows = list(ruled)
    count = Counter(row.outcome for row in rows)
    errors = [row.squared_error for row in rows if row.squared_error is not None]
    decided = count["right"] + count["wrong"]
    askable = decided + count["undecided"] + count["refused"]
    return Rulings(
        right=count["right"],
        wrong=count["wrong"],
        undecided=count["undecided"],
        precision=round(count["right"] / decided, 4) if decided else None,
        decided=round(decided / askable, 4) if askable else None,
        brier=round(sum(errors) / len(errors), 4) if errors else None,
    )


def sum_up_set(items: Iterable[Item], answers: Mapping[str, Answer]) -> Rulings | None:
    """Return the figures of a set, all claims together; None where no song in it is rendered.

    Songs in which nobody sings are counted apart, by `main`: refusing to rule is no feat of ruling.
    """
    ruled = [row for item in items for row in rule_on(item, answers.get(item.file, NOTHING))]
    return sum_up(row for row in ruled if row.claim != NOBODY_SINGS) if ruled else None


def main() -> int:
    """Read the command line, print a line for each claim and for all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="SET ANSWERS", help="a set, and its kept answers")
    parser.add_argument("--show", action="store_true", help="print each wrong ruling")
    arguments = parser.parse_args()
    if len(arguments.folders) % 2:
        parser.error("each set needs the folder of its answers")
    ruled: list[Ruled] = []
    for folder, kept in zip(arguments.folders[::2], arguments.folders[1::2], strict=True):
        items = read_set(folder)
        replies = read_replies(kept, items)
        ruled += [
            row
            for item in items
            for row in rule_on(item, replies[item.file].answer if item.file in replies else NOTHING)
        ]
    print_table(ruled)
    if arguments.show:
        for row in ruled:
            if row.outcome == "wrong":
                print(f"wrong: {row.file}: {row.claim} is {row.truth}, ruled {row.ruling}: {row.because}")
    return 0


def print_table(ruled: Sequence[Ruled]) -> None:
    """Print a line for each claim, and one for all."""
    print(f"{'claim':26}" + "".join(f"{name:>10}" for name in (*OUTCOMES, "precision", "decided", "Brier")))
    claims = sorted({row.claim for row in ruled})
    for claim in (*claims, "all claims"):
        rows = [row for row in ruled if row.claim == claim or (claim == "all claims" and row.claim != NOBODY_SINGS)]
        count, sums = Counter(row.outcome for row in rows), sum_up(rows)
        shares = ("-" if share is None else f"{share:.3f}" for share in (sums.precision, sums.decided, sums.brier))
        print(f"{claim:26}" + "".join(f"{count[name]:10}" for name in OUTCOMES) + "".join(f"{x:>10}" for x in shares))


if __name__ == "__main__":
    sys.exit(main())
