"""A document as one HTML page that needs nothing else: styles and drawings are inside, no scripts, no addresses."""

import functools
import re
from datetime import UTC, datetime

import jinja2
from markupsafe import Markup

from riffscope.model import snake_case
from riffscope.plots import style
from riffscope.report import words
from riffscope.report.blocks import Block, Document, Figure

_REFERENCE = re.compile(r'(\bid="|href="#|url\(#)')
_NAMESPACE = re.compile(r'\sxmlns(:\w+)?="[^"]*"')
_SIZE = re.compile(r'\s(?:width|height)="[\d.]+pt"')


def render_html(document: Document, *, timestamp: datetime | None = None) -> bytes:
    """Set a document as one HTML page, in UTF-8.

    Parameters
    ----------
    document : Document
    timestamp : datetime, optional
        When the report says it was made, with its time zone; now by default.
    """
    moment = (timestamp or datetime.now(UTC)).astimezone(UTC)
    page = _template().render(document=document, made_at=words.date(moment), colors=_colors())
    return page.encode()


@functools.cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("riffscope.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["kind"] = _kind
    environment.globals["drawing"] = drawing
    return environment.get_template("report.html")


def _kind(block: Block) -> str:
    return snake_case(type(block).__name__)


def _colors() -> dict[str, str]:
    names = ("ink", "muted", "rule", "pale", "loudness", "voice", "rhythm")
    return {name: getattr(style, name.upper()) for name in names}


def drawing(figure: Figure, place: int) -> Markup:
    """Return a figure's SVG for the page: its ids are its own, and it takes its alternative text along.

    The SVG is made by `riffscope.plots` from numbers; what it says in words came through `Markup.escape` or is drawn as
    paths.
    """
    svg = _REFERENCE.sub(lambda match: f"{match[1]}f{place}-", _NAMESPACE.sub("", figure.svg))
    svg = _SIZE.sub("", svg.replace("xlink:href", "href"), count=2)
    label = Markup.escape(figure.alt)
    return Markup(svg.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1))  # noqa: S704 - our own drawing, see above
