"""What the page's scripts ask for and change, in JSON: songs on their way, the library, texts, preferences.

What is wrong is answered as ``{"error": "one line"}``.
"""

import asyncio
from pathlib import Path
from typing import Any, TypeVar, get_args

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from riffscope.errors import BadRange, RiffscopeError
from riffscope.library.corrections import Corrections, checked, correct
from riffscope.library.kept_files import forget_song
from riffscope.library.place import LocalPlace
from riffscope.web.errands import ABOUT, About, Errand
from riffscope.web.events import events
from riffscope.web.pages import made
from riffscope.web.preferences import Preferences
from riffscope.web.rows import Order, Sort
from riffscope.web.site import not_there, site_of, song_of, task_of
from riffscope.web.tasks import LibraryChanged, Part
from riffscope.web.texts import shown_name

T = TypeVar("T")

# So many rows are given at once, at most, and where none is said.
MOST_ROWS, USUAL_ROWS = 500, 50
# Nobody searches for more.
MAX_SEARCH_LETTERS = 200
NEEDS_FILE = "The song’s file is not here. Add it again, and it is measured with these corrections."


class _Wanted(msgspec.Struct):
    """A song that is to arrive."""

    song: Part
    vocals: Part | None = None
    keep: bool = False
    text: str | None = None


# -------------------------------------------------------------------------------------------------- songs on their way
async def open_task(request: Request) -> Response:
    """Await a song, and say under which number it is to be sent."""
    site, wanted = site_of(request), await _read(request, _Wanted)
    if wanted.text is not None and site.texts.find(wanted.text) is None:
        raise HTTPException(404, "The text that goes with this song is gone. Add it again.")
    song, vocals = _named(wanted.song), None if wanted.vocals is None else _named(wanted.vocals)
    return _json(site.uploads.open(song, vocals, keep=wanted.keep, text=wanted.text), 201)


async def send_song(request: Request) -> Response:
    """Take the file of a song."""
    await site_of(request).uploads.take(task_of(request), "song", request.stream())
    return Response(status_code=204)


async def send_vocals(request: Request) -> Response:
    """Take the vocal stem of a song."""
    await site_of(request).uploads.take(task_of(request), "vocals", request.stream())
    return Response(status_code=204)


async def tasks(request: Request) -> Response:
    """List the songs that are on their way, and how those ended that were."""
    return _json({"tasks": site_of(request).desk.tasks()})


async def drop_task(request: Request) -> Response:
    """Cancel a song that is on its way, or dismiss one that ended."""
    site, number = site_of(request), task_of(request)
    site.uploads.drop(number)
    if not site.desk.drop(number):
        not_there()
    return Response(status_code=204)


async def listen(request: Request) -> Response:
    """Tell what changes, as it changes."""
    site = site_of(request)
    return StreamingResponse(events(site.listeners, site.desk.tasks), media_type="text/event-stream")


# --------------------------------------------------------------------------------------------------------- the library
async def songs(request: Request) -> Response:
    """List songs of the library."""
    asked = request.query_params
    sort: Sort = _one_of(asked.get("sort", "added"), Sort)
    order: Order = _one_of(asked.get("order", "down"), Order)
    shelf = site_of(request).shelf
    if shelf.whole.is_set():
        await asyncio.to_thread(shelf.look)
    page = await asyncio.to_thread(
        shelf.page,
        search=asked.get("search", "")[:MAX_SEARCH_LETTERS],
        sort=sort,
        order=order,
        start=_whole(asked.get("from", "0")),
        count=min(_whole(asked.get("count", str(USUAL_ROWS))), MOST_ROWS),
    )
    return _json(page)


async def about(request: Request) -> Response:
    """Tell what can be corrected in a song, and what can be downloaded of it."""
    return _json(msgspec.structs.replace(await _about(request), path=None))


async def _about(request: Request) -> About:
    errand = Errand(library=str(site_of(request).library), songs=(song_of(request).sha256,), form=ABOUT)
    made_of_it = await made(request, errand)
    return msgspec.json.decode(await asyncio.to_thread(Path(made_of_it.path).read_bytes), type=About)


async def delete_song(request: Request) -> Response:
    """Delete all that the library has of a song."""
    site, sha256 = site_of(request), song_of(request).sha256
    await asyncio.to_thread(forget_song, LocalPlace(site.library), sha256)
    _tell_changed(request, sha256)
    return Response(status_code=204)


async def put_corrections(request: Request) -> Response:
    """Keep what is known better of a song, and measure it anew."""
    given = await _read(request, Corrections)
    try:
        return await _correct(request, checked(given, duration_s=song_of(request).duration_s))
    except RiffscopeError as why:
        raise HTTPException(400, str(why)) from why


async def delete_corrections(request: Request) -> Response:
    """Undo what was corrected in a song, and measure it anew."""
    return await _correct(request, None)


async def _correct(request: Request, corrections: Corrections | None) -> Response:
    site, song = site_of(request), song_of(request)
    await asyncio.to_thread(correct, LocalPlace(site.library), song.sha256, corrections)
    task = site.desk.again(song.sha256, song.file)
    if task is None and (where := (await _about(request)).path) is not None:
        task = site.desk.again(song.sha256, song.file, Path(where))  # where a batch saw it
    if task is None:
        return _json({"error": NEEDS_FILE, "needs_file": True}, 409)
    return _json({"task": task}, 202)


def _tell_changed(request: Request, sha256: str) -> None:
    site = site_of(request)
    site.shelf.renew(sha256)
    site.listeners.tell(LibraryChanged(sha256))


# ------------------------------------------------------------------------------------------------ texts and preferences
async def add_text(request: Request) -> Response:
    """Keep a text, or a file of claims, until riffscope ends."""
    content = await request.body()
    if not content.strip():
        raise HTTPException(400, "This text is empty.")
    return _json(site_of(request).texts.add(request.query_params.get("name", ""), content), 201)


async def preferences(request: Request) -> Response:
    """Tell what the user prefers."""
    return _json(site_of(request).preferences.now)


async def put_preferences(request: Request) -> Response:
    """Keep what the user prefers."""
    given = await _read(request, Preferences)
    try:
        await asyncio.to_thread(site_of(request).preferences.keep, given)
    except BadRange as why:
        raise HTTPException(400, str(why)) from why
    return _json(given)


# ------------------------------------------------------------------------------------------------------- small things
async def _read(request: Request, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(await request.body(), type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as why:
        raise HTTPException(400, f"This is not what is asked for here: {why}.") from why


def _json(content: Any, status_code: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status_code, media_type="application/json")


def _named(part: Part) -> Part:
    return Part(name=shown_name(part.name, otherwise="song"), size=part.size)


def _one_of(text: str, choices: Any) -> Any:
    if text not in get_args(choices):
        raise HTTPException(400, f"Choose one of {', '.join(get_args(choices))}.")
    return text


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > len(str(10**9)):
        raise HTTPException(400, "This is not a whole number.")
    return int(text)


ROUTES = (
    Route("/api/tasks", open_task, methods=["POST"]),
    Route("/api/tasks", tasks),
    Route("/api/tasks/{id}/song", send_song, methods=["PUT"]),
    Route("/api/tasks/{id}/vocals", send_vocals, methods=["PUT"]),
    Route("/api/tasks/{id}", drop_task, methods=["DELETE"]),
    Route("/api/events", listen),
    Route("/api/songs", songs),
    Route("/api/songs/{sha}", about),
    Route("/api/songs/{sha}", delete_song, methods=["DELETE"]),
    Route("/api/songs/{sha}/corrections", put_corrections, methods=["PUT"]),
    Route("/api/songs/{sha}/corrections", delete_corrections, methods=["DELETE"]),
    Route("/api/texts", add_text, methods=["POST"]),
    Route("/api/preferences", preferences),
    Route("/api/preferences", put_preferences, methods=["PUT"]),
)
