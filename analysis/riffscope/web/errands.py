"""What the page's server asks the press for, and what it answers: a line of JSON each."""

import msgspec

from riffscope.library.corrections import Corrections, NamedSection

# The form that tells the page of a song; it says where files lie, so it is nothing to be downloaded.
ABOUT = "about"


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


class Order(msgspec.Struct, frozen=True):
    """An errand, and the folder that takes what is made for it: one of its own, which the press makes."""

    errand: Errand
    folder: str


class Made(msgspec.Struct, frozen=True, tag="made"):
    """The file that was made, what to call it, and of which kind it is."""

    path: str
    name: str
    media_type: str


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """Why there is no such file, in one line."""

    reason: str


Answer = Made | Refused


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A form in which a song can be taken away.

    Attributes
    ----------
    form : str
        As of `Errand`.
    label : str
        What a button says.
    about : str
        What is in it, in one line.
    needs_file : bool
        Whether it is made from the song's sound, and not from what was measured.
    """

    form: str
    label: str
    about: str
    needs_file: bool = False


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows of a song beside its report: what can be corrected, and what can be taken away.

    Attributes
    ----------
    sha256 : str
        Of the song's file.
    title : str
    artist : str or None
    file : str
        The name of the song's file.
    duration_s : float
    tempo_bpm : float or None
    beats_per_bar : int or None
    beats_s, downbeats_s : tuple of float
        Where beats and bars begin; none where there is no beat.
    sections : tuple of NamedSection
    corrections : Corrections or None
        What was corrected in it by hand.
    is_corrected : bool
        Whether it was measured with just these corrections: not where its file was gone when they were made.
    has_file : bool
        Whether the song's file is still there to be measured anew.
    path : str or None
        Where that is; the page itself is not told.
    has_copy : bool
        Whether the report can play the song.
    forms : tuple of Form
    """

    sha256: str
    title: str
    artist: str | None
    file: str
    duration_s: float
    tempo_bpm: float | None
    beats_per_bar: int | None
    beats_s: tuple[float, ...]
    downbeats_s: tuple[float, ...]
    sections: tuple[NamedSection, ...]
    corrections: Corrections | None
    is_corrected: bool
    has_file: bool
    has_copy: bool
    forms: tuple[Form, ...]
    path: str | None = None
