"""What the user of the page prefers, kept beside the songs in the library's folder."""

from pathlib import Path

import msgspec

from riffscope.errors import BadRange
from riffscope.files import replacing, write_atomically
from riffscope.library.heads import PREFERENCES
from riffscope.transposition import read_range

# Two notes with a hyphen, and room to spare.
MAX_RANGE_LETTERS = 20


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """What holds until it is changed.

    Attributes
    ----------
    keep : bool
        Whether the files of songs are kept after they were measured.
    range : str or None
        The notes that the user can sing, as in ``A2-E4``.
    """

    keep: bool = False
    range: str | None = None

    def check(self) -> None:
        """Refuse a range that is none.

        Raises
        ------
        BadRange
            Says how to write one.
        """
        if self.range is None:
            return
        if len(self.range) > MAX_RANGE_LETTERS:
            raise BadRange("this is too long for a range of notes (write the lowest and the highest, as in A2-E4)")
        read_range(self.range)


class PreferencesFile:
    """Keeps preferences in a library's folder; one that cannot be read counts as none."""

    def __init__(self, library: Path) -> None:
        self._path = library / PREFERENCES
        self.now = self._read()

    def keep(self, preferences: Preferences) -> None:
        """Keep other preferences from now on.

        Raises
        ------
        BadRange
            The range is none.
        """
        preferences.check()
        with replacing():
            write_atomically(self._path, msgspec.json.encode(preferences))
        self.now = preferences

    def _read(self) -> Preferences:
        try:
            found = msgspec.json.decode(self._path.read_bytes(), type=Preferences)
            found.check()
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, BadRange):
            return Preferences()
        return found
