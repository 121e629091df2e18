"""What a batch and its workers say to each other: a line of JSON each.

A batch says once what all songs have in common (`Orders`), then one song at a time (`Job`). Of each song a worker says
how far it is (`Loaded`, `Step`), where it is asked to, what it finds (`Found`), and how it ended (`Ended`); before the
first, that it is `Ready`.
"""

from typing import Literal

import msgspec

from riffscope.choices import Separator

# More than any machine has.
ANY_MEMORY = 1 << 62


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for all songs of a batch.

    Attributes
    ----------
    store : str
        The address of the library.
    separator : str
        As of `riffscope.model.Settings`.
    max_minutes : float
        Longer songs are refused.
    claims : str or None
        The text of a claims file; the built-in claims where it is None.
    claims_name, claims_folder : str
        What that file is called, and where it looks for references.
    memory_bytes : int
        A worker that needs more gives its song up.
    """

    store: str
    separator: Separator = "auto"
    max_minutes: float = 60.0
    claims: str | None = None
    claims_name: str = ""
    claims_folder: str = ""
    memory_bytes: int = ANY_MEMORY


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A song to be measured.

    Attributes
    ----------
    path : str
    sha256 : str or None
        Of its bytes; None where the worker is to find that out, and to pass over songs that are in the library.
    name : str
        What its file is called by its user, where that is not its path.
    vocals, vocals_name : str
        The path of its vocal stem, if there is one, and what that is called.
    copied : bool
        Keep a small copy to listen to as well.
    told : bool
        Say what is found as soon as it is there.
    threads : int
        How many steps may run at the same time.
    """

    path: str
    sha256: str | None = None
    name: str = ""
    vocals: str = ""
    vocals_name: str = ""
    copied: bool = False
    told: bool = False
    threads: int = 1


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The worker has loaded what it needs, and begins."""


class Loaded(msgspec.Struct, frozen=True, tag="loaded"):
    """The song was decoded, and lasts so long."""

    duration_s: float


class Step(msgspec.Struct, frozen=True, tag="step"):
    """A step has ended: its name, how many have, how many there are, and what is done next, in words."""

    name: str
    ended: int
    total: int
    work: str = ""


class Found(msgspec.Struct, frozen=True, tag="found"):
    """A measurement was made: its name, what it is called, and what it found, in its own words."""

    name: str
    label: str
    text: str


class Ended(msgspec.Struct, frozen=True, kw_only=True, tag="ended"):
    """How a song ended.

    Attributes
    ----------
    how : str
        ``measured``; ``kept``: it was in the library, and still holds; ``refused``: it is no song; ``memory``: it needs
        more memory than there is for it; ``failed``: riffscope itself broke down; ``stopped``: nothing can be kept.
    sha256 : str
        Of the bytes of the file; empty where they could not be read.
    reason : str
        Why there is no analysis, in one line; empty where there is one.
    failed : tuple of str
        What riffscope broke down on in an analysis that was made all the same, a line each.
    warnings : tuple of str
        What was wrong with the file and did no harm.
    title : str
        What the song is called.
    renewed : bool
        Whether only what had changed was measured anew.
    seconds : float
        How long it took.
    """

    how: Literal["measured", "kept", "refused", "memory", "failed", "stopped"]
    sha256: str = ""
    reason: str = ""
    failed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    title: str = ""
    renewed: bool = False
    seconds: float = 0.0


Message = Ready | Loaded | Step | Found | Ended
