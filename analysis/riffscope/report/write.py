"""Reports as files."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from riffscope.choices import FORMATS, Format
from riffscope.files import check_output, safe_name, write_atomically
from riffscope.model import Outcome
from riffscope.report.blocks import Document

# In the name of a comparison's report the names of its songs are cut to this length.
NAME_LETTERS = 30


def write_report(
    document: Document,
    folder: Path,
    formats: Sequence[Format] = FORMATS,
    *,
    listening: Sequence[Outcome | None] = (),
    timestamp: datetime | None = None,
) -> list[Path]:
    """Write a report in each format, named after its song.

    Parameters
    ----------
    document : Document
    folder : path
        Made if it is not there.
    formats : sequence of {"pdf", "html"}
    listening : sequence of outcomes of `riffscope.views.listening_copy`, optional
        Each of the document's songs to be played from the HTML page, or why there is none.
    timestamp : datetime, optional
        When the report says it was made; now by default. The same document, copy of the song and timestamp give the
        same bytes.

    Returns
    -------
    list of path
        In the order of the formats.

    Raises
    ------
    CannotWrite
        From `riffscope.files.check_output`, before anything is written: a report of that name is there already.
    ValueError
        There is no such format.
    """
    moment = timestamp or datetime.now(UTC)
    paths = report_paths(document.name, folder, formats)
    for path in paths:
        check_output(path)
    for kind, path in zip(formats, paths, strict=True):
        write_atomically(path, _rendered(kind, document, listening, moment))
    return paths


def report_name(files: Sequence[str]) -> str:
    """Name the report of songs after their files: ``closet``, or ``closet-and-arena`` of a comparison."""
    stems = [file.rpartition(".")[0] or file for file in files]
    return stems[0] if len(stems) == 1 else "-and-".join(stem[:NAME_LETTERS] for stem in stems)


def report_paths(name: str, folder: Path, formats: Sequence[str]) -> list[Path]:
    """Return where a report of a name is written, in the order of the formats."""
    return [folder / f"{safe_name(name)}.{kind}" for kind in formats]


def _rendered(kind: Format, document: Document, listening: Sequence[Outcome | None], moment: datetime) -> bytes:
    # Each brings a library along that the other does not need.
    if kind == "pdf":
        from riffscope.report.pdf import render_pdf

        return render_pdf(document, timestamp=moment)
    if kind == "html":
        from riffscope.report.html import render_html

        return render_html(document, listening=listening, timestamp=moment)
    raise ValueError(f"a report is written as {' or '.join(FORMATS)}, not as {kind}")
