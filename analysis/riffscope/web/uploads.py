"""Files on their way from the page to the desk: counted, written beside their place, and whole or not there at all."""

import asyncio
import contextlib
import errno
import secrets
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from starlette.exceptions import HTTPException

from riffscope.library.kept_files import Kind
from riffscope.web.guard import MAX_SOUND_BYTES, in_words
from riffscope.web.tasks import Part, Task

if TYPE_CHECKING:
    from riffscope.web.desk import Desk

# So much room is left on the disk.
LEFT_BYTES = 1 << 30
# So much is written at once.
BLOCK_BYTES = 1 << 20
# How often it is told how much has arrived, at most.
TELL_EVERY_S = 0.1
# A file of which nothing came for so long does not come any more: the page was closed.
FORGOTTEN_S = 120.0
ARRIVED_IN_PART = "The file arrived only in part. Add it again."
TAKEN_BACK = "This song was taken back."
NO_ROOM = "There is not enough room on the disk for this file."


class _Arriving:
    """The parts of a song that are awaited: how large each is, and how much of it has come."""

    def __init__(self, sizes: dict[Kind, int]) -> None:
        self.sizes = sizes
        self.come = dict.fromkeys(sizes, 0)
        self.coming: set[Kind] = set()
        self.last = time.monotonic()

    @property
    def share(self) -> float:
        return sum(self.come.values()) / sum(self.sizes.values())

    @property
    def left(self) -> int:
        return sum(self.sizes.values()) - sum(self.come.values())


class Uploads:
    """Takes files for a desk.

    Parameters
    ----------
    desk : Desk
    library : Path
        Where the files come to lie: its disk needs room for them.
    """

    def __init__(self, desk: "Desk", library: Path) -> None:
        self._desk = desk
        self._library = library
        self._arriving: dict[str, _Arriving] = {}

    def open(self, song: Part, vocals: Part | None, *, keep: bool, text: str | None) -> Task:
        """Await a song.

        Raises
        ------
        HTTPException
            It is empty, too large, or there is no room for it.
        """
        parts: dict[Kind, Part] = {"song": song}
        if vocals is not None:
            parts["vocals"] = vocals
        for part in parts.values():
            if part.size <= 0:
                raise HTTPException(400, f"{part.name}: is empty (copy or download it again).")
            if part.size > MAX_SOUND_BYTES:
                raise HTTPException(413, f"{part.name}: is larger than {in_words(MAX_SOUND_BYTES)}.")
        self._forget_old()
        awaited = sum(one.left for one in self._arriving.values())
        if shutil.disk_usage(self._library).free - awaited - LEFT_BYTES < sum(part.size for part in parts.values()):
            raise HTTPException(507, NO_ROOM)
        task = self._desk.open(song, vocals, keep=keep, text=text)
        self._arriving[task.id] = _Arriving({name: part.size for name, part in parts.items()})
        asyncio.get_running_loop().call_later(FORGOTTEN_S + 1, self._forget_old)
        return task

    async def take(self, number: str, name: Kind, body: AsyncIterator[bytes]) -> None:
        """Take a part of a song that is awaited.

        Raises
        ------
        HTTPException
            It is not awaited, or is not what was announced.
        """
        arriving, path = self._arriving.get(number), self._desk.path(number, name)
        if arriving is None or path is None or name not in arriving.sizes or name in arriving.coming:
            raise HTTPException(409, "This file is not awaited. Add it again.")
        arriving.coming.add(name)
        beside = path.with_name(f".{secrets.token_hex(8)}.part")
        try:
            with beside.open("xb") as file:
                await self._write(file, number, name, arriving, body)
            if number not in self._arriving:
                raise HTTPException(409, TAKEN_BACK)
            beside.replace(path)
        except BaseException as why:
            self._arriving.pop(number, None)
            problem = _problem(why)
            self._desk.lost(number, ARRIVED_IN_PART if problem is None else str(problem.detail))
            if problem is not None and problem is not why:
                raise problem from why
            raise
        finally:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)
        if all(arriving.come[one] == size for one, size in arriving.sizes.items()):
            self._arriving.pop(number, None)
        self._desk.arrived(number, name)

    def drop(self, number: str) -> None:
        """Await a song no more."""
        self._arriving.pop(number, None)

    async def _write(
        self, file: BinaryIO, number: str, name: Kind, arriving: _Arriving, body: AsyncIterator[bytes]
    ) -> None:
        size, told = arriving.sizes[name], 0.0
        async for block in _blocks(body):
            arriving.come[name] += len(block)
            if arriving.come[name] > size:
                raise HTTPException(413, "More arrived than was announced. Add the file again.")
            await asyncio.to_thread(file.write, block)
            arriving.last = time.monotonic()
            if arriving.last - told >= TELL_EVERY_S:
                told = arriving.last
                if number not in self._arriving:
                    raise HTTPException(409, TAKEN_BACK)
                self._desk.arriving(number, arriving.share)
        if arriving.come[name] < size:
            raise HTTPException(400, ARRIVED_IN_PART)

    def _forget_old(self) -> None:
        """Await no more what does not come."""
        before = time.monotonic() - FORGOTTEN_S
        if any(one.last > before for one in self._arriving.values()):
            return  # a page sends one file after the other
        for number in [*self._arriving]:
            self._arriving.pop(number)
            self._desk.lost(number, ARRIVED_IN_PART)


async def _blocks(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Gather what arrives in small pieces."""
    gathered = bytearray()
    async for piece in body:
        gathered += piece
        if len(gathered) >= BLOCK_BYTES:
            yield bytes(gathered)
            gathered.clear()
    if gathered:
        yield bytes(gathered)


def _problem(why: BaseException) -> HTTPException | None:
    """Return what to answer, where somebody is there to be answered."""
    if isinstance(why, HTTPException):
        return why
    if isinstance(why, OSError):
        if why.errno in {errno.ENOSPC, errno.EDQUOT}:
            return HTTPException(507, NO_ROOM)
        return HTTPException(507, f"The file cannot be kept: {why.strerror or why}.")
    return None
