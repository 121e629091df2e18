"""The pages that people see, the reports within them, and what they download.

A page is made from a template of ``templates/``, which is given:

==============  ======================================================================================================
template        names
==============  ======================================================================================================
home.html       ``preferences`` (`riffscope.web.preferences.Preferences`), ``separated`` (bool: whether the model that
                separates vocals is installed)
song.html       ``song`` (`riffscope.web.rows.Row`), ``query`` (of the address, without the question mark; may be empty)
compare.html    ``songs`` (two or more Rows), ``query`` (``songs=a,b``)
text.html       ``text`` (`riffscope.web.texts.Text`: id, name, kind), ``songs`` (Rows), ``query`` (``songs=a,b``)
error.html      ``message`` (one line), ``status`` (of the answer, a number)
colors.css      ``colors``, ``night`` (`riffscope.palette.DAY_PAGE`, ``NIGHT_PAGE``)
==============  ======================================================================================================

Everything that is filled in is escaped. The report of a page is at its own address with ``/report.html`` behind it, and
what is downloaded with ``/download/`` and its form: `riffscope.web.press` makes them.
"""

import hashlib
from pathlib import Path
from typing import Any

import jinja2
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from riffscope.models.store import is_installed
from riffscope.palette import DAY_PAGE, NIGHT_PAGE
from riffscope.web import guard
from riffscope.web.errands import ABOUT, Errand, Made, Refused
from riffscope.web.site import not_there, site_of, song_of, songs_of, text_of

_FOLDER = Path(__file__).parent
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
}
_REPORT = "/report.html"
# The names of what can be downloaded are short words.
MAX_FORM_LETTERS = 20

_templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_FOLDER / "templates"), autoescape=True, undefined=jinja2.StrictUndefined
)


# ------------------------------------------------------------------------------------------------------------- pages
async def home(request: Request) -> Response:
    """Show the library, and where songs are dropped."""
    return _page("home.html", preferences=site_of(request).preferences.now, separated=is_installed("spleeter"))


async def song(request: Request) -> Response:
    """Show a song."""
    return _page("song.html", song=song_of(request), query=request.url.query)


async def compared(request: Request) -> Response:
    """Show songs side by side."""
    songs = songs_of(request, fewest=2)
    return _page("compare.html", songs=songs, query=_query(songs))


async def text(request: Request) -> Response:
    """Show a text, ruled on."""
    songs = songs_of(request)
    return _page("text.html", text=text_of(request)[0], songs=songs, query=_query(songs))


# --------------------------------------------------------------------------------------------------------- documents
async def song_report(request: Request) -> Response:
    """Give the report of a song."""
    return await _report(request, _errand(request, "html", (song_of(request),)))


async def comparison_report(request: Request) -> Response:
    """Give the report of a comparison."""
    return await _report(request, _errand(request, "html", songs_of(request, fewest=2)))


async def text_report(request: Request) -> Response:
    """Give the report of a text."""
    return await _report(request, _errand(request, "html", songs_of(request), with_text=True))


async def download_song(request: Request) -> Response:
    """Give what is made of a song, as a file."""
    return await _download(request, _errand(request, _form(request), (song_of(request),)))


async def download_comparison(request: Request) -> Response:
    """Give a comparison as a file."""
    return await _download(request, _errand(request, _form(request), songs_of(request, fewest=2)))


async def download_text(request: Request) -> Response:
    """Give what was found of a text as a file."""
    return await _download(request, _errand(request, _form(request), songs_of(request), with_text=True))


# ------------------------------------------------------------------------------------------------------- fixed files
async def static(request: Request) -> Response:
    """Give a script or a style of the page's own."""
    name = request.path_params["name"]
    path = next((one for one in (_FOLDER / "static").iterdir() if one.name == name), None)
    if path is None or path.suffix not in _MEDIA_TYPES:
        not_there()
    return _fixed(request, path.read_bytes(), _MEDIA_TYPES[path.suffix])


async def colors(request: Request) -> Response:
    """Give the colours of reports, for our own pages."""
    content = _templates.get_template("colors.css").render(colors=DAY_PAGE, night=NIGHT_PAGE)
    return _fixed(request, content.encode(), _MEDIA_TYPES[".css"])


def _fixed(request: Request, content: bytes, media_type: str) -> Response:
    """Give what stays the same until riffscope is another: browsers ask whether it has changed."""
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"etag": etag, "cache-control": "no-cache"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


async def icon(_: Request) -> Response:
    """Lead browsers to the icon, wherever they look for it."""
    return RedirectResponse("/static/icon.svg", 303)


def refused(request: Request, status: int, message: str) -> Response:
    """Say in one line why there is nothing to see: for scripts as JSON, for people as a page."""
    if guard.is_for_scripts(request.url.path):
        body, headers = guard.refusal(request.url.path, message)
        return Response(body, status, headers)
    if "application/json" in request.headers.get("accept", ""):  # a script that wants a file, or to know why not
        return JSONResponse({"error": message}, status)
    framed = request.url.path.endswith(_REPORT)
    return _page("error.html", status, guard.FRAMED_PAGE if framed else {}, message=message, status=status)


def _page(template: str, status_code: int = 200, headers: dict[str, str] | None = None, **names: Any) -> Response:
    return HTMLResponse(_templates.get_template(template).render(names), status_code, headers)


def _query(songs: Any) -> str:
    return f"songs={','.join(one.sha256 for one in songs)}"


def _form(request: Request) -> str:
    form: str = request.path_params["form"]
    if not form.isascii() or not form.isalnum() or len(form) > MAX_FORM_LETTERS or form == ABOUT:
        not_there()
    return form


def _errand(request: Request, form: str, songs: Any, *, with_text: bool = False) -> Errand:
    site = site_of(request)
    named, path = text_of(request) if with_text else (None, None)
    return Errand(
        library=str(site.library),
        songs=tuple(one.sha256 for one in songs),
        form=form,
        text=None if path is None else str(path),
        text_name="" if named is None else named.name,
        singer=site.preferences.now.range,
    )


async def made(request: Request, errand: Errand) -> Made:
    """Have something made.

    Raises
    ------
    HTTPException
        There is no such thing; says why.
    """
    answer = await site_of(request).press.make(errand)
    if isinstance(answer, Refused):
        raise HTTPException(409, answer.reason)
    return answer


async def _report(request: Request, errand: Errand) -> Response:
    report = await made(request, errand)
    return FileResponse(report.path, media_type=report.media_type, headers=guard.FRAMED_REPORT)


async def _download(request: Request, errand: Errand) -> Response:
    file = await made(request, errand)
    return FileResponse(file.path, media_type=file.media_type, filename=file.name)


ROUTES = (
    Route("/", home),
    Route("/songs/{sha}", song),
    Route(f"/songs/{{sha}}{_REPORT}", song_report),
    Route("/songs/{sha}/download/{form}", download_song),
    Route("/compare", compared),
    Route(f"/compare{_REPORT}", comparison_report),
    Route("/compare/download/{form}", download_comparison),
    Route("/texts/{id}", text),
    Route(f"/texts/{{id}}{_REPORT}", text_report),
    Route("/texts/{id}/download/{form}", download_text),
    Route("/static/colors.css", colors),
    Route("/static/{name}", static),
    Route("/favicon.ico", icon),
)
