"""Reports as files."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_args

from riffscope.files import safe_name, write_atomically
from riffscope.model import Outcome
from riffscope.report.blocks import Document

Format = Literal["pdf", "html"]
FORMATS: tuple[Format, ...] = get_args(Format)

# So many songs fit beside each other on a page.
MAX_SONGS = 6


def write_report(
    document: Document,
    folder: Path,
    formats: Sequence[Format] = FORMATS,
    *,
    listening: Sequence[Outcome | None] = (),
    timestamp: datetime | None = None,
) -> list[Path]:
    """Write a report in each format, named after its song; a report of that name is replaced.

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
    ValueError
        There is no such format.
    """
    moment = timestamp or datetime.now(UTC)
    paths = []
    for kind in formats:
        path = folder / f"{safe_name(document.name)}.{kind}"
        write_atomically(path, _rendered(kind, document, listening, moment))
        paths.append(path)
    return paths


def _rendered(kind: Format, document: Document, listening: Sequence[Outcome | None], moment: datetime) -> bytes:
    # Each brings a library along that the other does not need.
    if kind == "pdf":
        from riffscope.report.pdf import render_pdf

        return render_pdf(document, timestamp=moment)
    if kind == "html":
        from riffscope.report.html import render_html

        return render_html(document, listening=listening, timestamp=moment)
    raise ValueError(f"a report is written as {' or '.join(FORMATS)}, not as {kind}")
