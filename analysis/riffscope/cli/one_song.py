"""What the command line prints of one song: a sentence, the verdicts, and a line for each measurement."""

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from riffscope import words
from riffscope.cli.console import console, print_rows, printable
from riffscope.cli.verdicts import print_verdicts
from riffscope.groups import MATERIAL, labelled
from riffscope.measures import capitalised
from riffscope.model import Measured
from riffscope.notes import music_type
from riffscope.song import SongAnalysis, why_missing

if TYPE_CHECKING:
    from rich.console import Console


def print_song(song: SongAnalysis, *, everything: bool = False, why: bool = False, given: str = "") -> None:
    """Print what was measured of a song, and how the claims about it are ruled on.

    Parameters
    ----------
    everything : bool
        Print all that was measured rather than a line for each measurement.
    why : bool
        Give the reason of each verdict.
    given : str
        How the user named the song: with it, a last line says where more is to be had.
    """
    from rich.text import Text

    from riffscope.headline import headline

    out = console()
    print_title(out, song)
    out.print()
    out.print(Text(printable(headline(song))))
    if song.verdicts:
        out.print()
        print_verdicts(out, song.verdicts, why=why, title="")
    out.print()
    if everything:
        from riffscope.cli.everything import print_everything

        print_everything(out, song)
    else:
        print_rows(out, _summaries(song))
        _print_missing(out, song)
    _print_places(out, song)
    if song.transposition is not None:
        out.print()
        out.print(Text("In your range", style="bold"))
        for sentence in song.transposition.sentences:
            out.print(Text(printable(sentence)))
    if given:
        out.print()
        _print_hints(
            out,
            [
                *([] if why or not song.verdicts else ["Reasons: --why"]),
                *([] if everything else ["Every number: --all"]),
                f"Report: riffscope report {shlex.quote(printable(given))}",
            ],
        )


def _print_places(out: "Console", song: SongAnalysis) -> None:
    """Print what stands out among other songs, by each set of songs."""
    if not song.places:
        return
    from rich.text import Text

    from riffscope.reference.placing import allowances, outstanding, why_nothing_stands_out

    for places in song.places:
        out.print()
        out.print(Text(printable(f"Among {places.set_in_words}"), style="bold"))
        told = outstanding(song, places)
        for sentence in [one.sentence for one in told] or [why_nothing_stands_out(places)]:
            out.print(Text(printable(sentence)))
        for sentence in allowances(told):
            out.print(Text(printable(sentence), style="dim"))


def _print_hints(out: "Console", hints: list[str]) -> None:
    """Print where more is to be had, in one line or in a line each; a command stays in one piece."""
    from rich.text import Text

    line = " · ".join(hints)
    for one in [line] if len(line) <= out.width else hints:
        out.print(Text(one, style="dim"), soft_wrap=True)


def print_title(out: "Console", song: SongAnalysis) -> None:
    """Print the title and the artist, and below them what was read."""
    from rich.text import Text

    from riffscope.report.song_report import details

    artist = f" by {song.source.tags.artist}" if song.source.tags.artist else ""
    part = "" if song.source.status == "ok" else " · only part of the file could be decoded"
    out.print(Text(printable(f"{song.source.title}{artist}"), style="bold"))
    out.print(Text(printable(f"{details(song)}{part}"), style="dim"))


def _summaries(song: SongAnalysis) -> Iterator[tuple[str, str]]:
    """Give each measurement that has a summary of its own with it."""
    said = {
        name: text
        for name, text in song.summaries()
        if isinstance(song.outcomes[name], Measured) and name not in MATERIAL
    }
    for name, label in labelled(said).items():
        yield label, printable(music_type(said[name]))


def _print_missing(out: "Console", song: SongAnalysis) -> None:
    """Print once for each reason what was not measured."""
    from rich.text import Text

    by_reason = missing_by_reason(song)
    if not by_reason:
        return
    out.print()
    out.print(Text("Not measured", style="bold"))
    for reason, labels in by_reason.items():
        out.print(Text(printable(f"{capitalised(words.joined(labels))} \N{EN DASH} {reason}")))


def missing_by_reason(song: SongAnalysis) -> dict[str, list[str]]:
    """Return why measurements are missing, with what each is called, in the order that people read them."""
    missing = {name: out for name, out in song.outcomes.items() if not isinstance(out, Measured)}
    found: dict[str, list[str]] = {}
    for name, label in labelled(missing).items():
        found.setdefault(why_missing(missing[name]), []).append(label[:1].lower() + label[1:])
    return found
