"""What the page's server asks the press for, and what it answers: a line of JSON each."""

import msgspec


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be made from analyses of a library.

    Attributes
    ----------
    library : str
        Its address.
    songs : tuple of str
        The hashes of the songs: one, or several to be compared.
    form : str
        ``html``, ``pdf`` or ``json``, the name of an export such as ``midi``, or ``about``.
    text : str or None
        The path of a text or of a claims file that is to be ruled on.
    text_name : str
        What its user calls it.
    singer : str or None
        A range such as ``A2-E4``, into which the song is moved.
    """

    library: str
    songs: tuple[str, ...]
    form: str
    text: str | None = None
    text_name: str = ""
    singer: str | None = None


class Made(msgspec.Struct, frozen=True, tag="made"):
    """The file that was made, what to call it, and of which kind it is."""

    path: str
    name: str
    media_type: str


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """Why there is no such file, in one line."""

    reason: str


Answer = Made | Refused
