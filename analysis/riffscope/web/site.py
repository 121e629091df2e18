"""What the routes of the page share, and how they read addresses: what is no number of ours is not there."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from starlette.exceptions import HTTPException
from starlette.requests import Request

from riffscope.web.events import Listeners
from riffscope.web.preferences import PreferencesFile
from riffscope.web.texts import Text, Texts
from riffscope.web.uploads import Uploads

if TYPE_CHECKING:
    from riffscope.web.desk import Desk
    from riffscope.web.press import Press
    from riffscope.web.rows import Row, Shelf

_SHA256, _NUMBER = re.compile("[0-9a-f]{64}"), re.compile("[0-9a-f]{1,64}")
# More songs are never asked about at once.
MAX_SONGS = 100


@dataclass(frozen=True, kw_only=True)
class Site:
    """What stands behind the page.

    Attributes
    ----------
    library : Path
        The folder of the library.
    desk : Desk
        Measures songs.
    shelf : Shelf
        What is in the library.
    press : Press
        Makes documents.
    listeners : Listeners
        Pages that are told of changes.
    uploads : Uploads
    texts : Texts
    preferences : PreferencesFile
    """

    library: Path
    desk: "Desk"
    shelf: "Shelf"
    press: "Press"
    listeners: Listeners
    uploads: Uploads
    texts: Texts
    preferences: PreferencesFile


def site_of(request: Request) -> Site:
    """Return what stands behind the page that is asked."""
    site = request.app.state.site
    assert isinstance(site, Site)  # noqa: S101 - `riffscope.web.app` put it there
    return site


def song_of(request: Request) -> "Row":
    """Return the song that an address names."""
    return _song(site_of(request), request.path_params["sha"])


def songs_of(request: Request, *, fewest: int = 1) -> "tuple[Row, ...]":
    """Return the songs that an address names, each once."""
    site = site_of(request)
    named = list(dict.fromkeys(part for part in request.query_params.get("songs", "").split(",") if part))
    if not fewest <= len(named) <= MAX_SONGS:
        raise HTTPException(400, "Choose at least two songs." if fewest > 1 else "Choose a song.")
    return tuple(_song(site, one) for one in named)


def text_of(request: Request) -> tuple[Text, Path]:
    """Return the text that an address names, and where it is."""
    number = request.path_params["id"]
    found = site_of(request).texts.find(number) if _NUMBER.fullmatch(number) else None
    if found is None:
        raise HTTPException(404, "This text is gone: texts are kept until riffscope ends. Add it again.")
    return found


def task_of(request: Request) -> str:
    """Return the number of the task that an address names; whether there is such a one, the desk knows."""
    number = request.path_params["id"]
    if not _NUMBER.fullmatch(number):
        not_there()
    return str(number)


def not_there() -> NoReturn:
    """Say that there is nothing at an address."""
    raise HTTPException(404, "There is nothing at this address.")


def _song(site: Site, sha256: str) -> "Row":
    row = site.shelf.row(sha256) if _SHA256.fullmatch(sha256) else None
    if row is None:
        raise HTTPException(404, "This song is not in the library.")
    return row
