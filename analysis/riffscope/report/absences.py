"""What a song lacks, in the words of its report: why a measurement is missing, and what one had to do without."""

from collections.abc import Iterator

from riffscope import words
from riffscope.errors import Absence
from riffscope.measures import in_words
from riffscope.model import Failed, Measured, Missing, Outcome
from riffscope.report.blocks import Block, Notice
from riffscope.song import SongAnalysis

# A key figure's column is narrow; its chapter and the last page give the reason in full.
BRIEF_LETTERS = 80
# Reasons of these codes name what was not found, as in "no key was found": the measurement need not be named as well.
SAYS_WHAT = {Absence.NO_KEY, Absence.NO_RIFF, Absence.NO_PITCH}


def absences(song: SongAnalysis, *names: str) -> Iterator[Block]:
    """Say once for each reason which of these measurements a chapter lacks, and what others had to do without."""
    lacking: dict[str, list[str]] = {}
    without: dict[str, list[str]] = {}
    named: set[str] = set()
    for name in names:
        outcome = song.outcomes.get(name)
        if isinstance(outcome, Missing) and outcome.code in SAYS_WHAT:
            named.add(outcome.reason)
        if isinstance(outcome, Missing | Failed):
            lacking.setdefault(outcome.reason, []).append(in_words(name).lower())
        elif isinstance(outcome, Measured):
            for caveat in outcome.caveats:
                without.setdefault(caveat, []).append(in_words(name).lower())
    for reason, kinds in lacking.items():
        # Where nothing of the chapter is there, what it lacks is its title: "No singing was found."
        nothing = len(kinds) == len(names) > 1 and not any(isinstance(song.outcomes[name], Failed) for name in names)
        if nothing or (reason in named and len(kinds) == 1):
            told = reason
        elif reason in named:
            told = f"{reason}, so {words.joined(kinds)} were not measured"
        else:
            told = f"{words.joined(kinds)} not measured: {reason}"
        yield Notice(text=words.sentence(told))
    for caveat, kinds in without.items():
        yield Notice(text=words.sentence(f"{words.joined(kinds)}: {caveat}"), kind="warning")


def why_missing_briefly(outcome: Missing | Failed) -> str:
    """Say why there is no value, where there is little room: ``no one sings``, without the figures behind that."""
    reason = outcome.reason.partition(": ")[0] if isinstance(outcome, Missing) else outcome.reason
    return words.shorten(reason, BRIEF_LETTERS)


def why_missing_in_full(outcome: Missing | Failed) -> str:
    """Say why there is no value, and of what that tells nothing."""
    reason = words.sentence(outcome.reason)
    return f"{reason} That says nothing of the song." if isinstance(outcome, Failed) else reason


def caveats_of(outcome: Outcome) -> list[str]:
    """Return what a measurement had to do without, a sentence each."""
    return [words.sentence(caveat) for caveat in outcome.caveats] if isinstance(outcome, Measured) else []
