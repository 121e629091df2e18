"""What the page tells of a song on its way into the library, and of what changes."""

from typing import Literal

import msgspec

State = Literal["arriving", "waiting", "measuring", "done", "failed"]


class Part(msgspec.Struct, frozen=True):
    """A file that is to arrive: what its user calls it, and how large it says to be."""

    name: str
    size: int


class Number(msgspec.Struct, frozen=True):
    """What a measurement found, in its own words, as soon as it is there."""

    name: str
    label: str
    text: str


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A song on its way into the library.

    Attributes
    ----------
    id : str
    name : str
        Of the song's file, as its user calls it.
    state : str
    ahead : int
        How many songs come before it, while it waits.
    share : float
        How much of it has arrived, or is measured: 0..1.
    doing : str
        What is being done, in words.
    numbers : tuple of Number
        What is known so far.
    song, title : str or None
        Its hash in the library and what it is called, once it is done.
    reason : str
        Why it failed, in one line.
    warnings : tuple of str
        What was wrong with the file and did no harm.
    text : str or None
        The text that came with it.
    kept : bool
        Whether the library had it already.
    """

    id: str
    name: str
    state: State = "arriving"
    ahead: int = 0
    share: float = 0.0
    doing: str = ""
    numbers: tuple[Number, ...] = ()
    song: str | None = None
    title: str | None = None
    reason: str = ""
    warnings: tuple[str, ...] = ()
    text: str | None = None
    kept: bool = False


class TaskChanged(msgspec.Struct, frozen=True):
    """A task is new, or has changed."""

    task: Task


class TaskGone(msgspec.Struct, frozen=True):
    """A task was dismissed."""

    id: str


class LibraryChanged(msgspec.Struct, frozen=True):
    """A song of the library is new, was measured anew, or has gone."""

    song: str


Change = TaskChanged | TaskGone | LibraryChanged
