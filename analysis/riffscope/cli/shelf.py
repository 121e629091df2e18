"""A folder of saved analyses: where each song's is, and whether it is what measuring the song now would give."""

import itertools
from pathlib import Path

from riffscope.errors import RiffscopeError
from riffscope.files import check_output, replacing, safe_name, write_atomically
from riffscope.folders import sha256_of
from riffscope.model import Settings
from riffscope.renewal import due, record_of
from riffscope.song import SongAnalysis, failures


class Shelf:
    """A folder with an analysis for each song, named after it; where two songs have one name, the second is NAME-2.

    What is a song is told by its bytes, so each finds its own analysis again whatever is measured beside it.
    """

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._folder = folder
        self._settings = settings
        # The songs of this run by the names that they have taken, in small letters.
        self._taken: dict[str, str] = {}
        self._read: dict[Path, SongAnalysis | None] = {}

    def find(self, song: Path) -> SongAnalysis | None:
        """Return the saved analysis of a song, where measuring it again would give the same.

        Raises
        ------
        CannotWrite
            From `riffscope.files.check_output`: what is there is no analysis, and may be somebody's work.
        """
        sha256 = sha256_of(song)
        if sha256 is None:
            return None  # whoever reads the song says why it cannot be read
        place = self._place(song.stem, sha256)
        saved = self._saved(place)
        if saved is None or saved.source.sha256 != sha256:
            check_output(place)
            return None
        return None if failures(saved) or due(record_of(saved), self._settings) else saved

    def keep(self, song: SongAnalysis) -> None:
        """Write an analysis to its place, also where an earlier one of the same song is there.

        Raises
        ------
        CannotWrite
            What is there is another file; says which.
        OSError
            It cannot be written.
        """
        from riffscope.codec import to_json

        source = song.source
        place = self._place(Path(source.name).stem, source.sha256)
        saved = self._saved(place)
        content = to_json(song, indent=1)
        with replacing(saved is not None and saved.source.sha256 == source.sha256):
            check_output(place)
            if saved is None or place.read_bytes() != content:
                write_atomically(place, content)
        self._read[place] = song

    def _place(self, stem: str, sha256: str) -> Path:
        """Return where the analysis of a song is, or where it belongs: under the first name that no other song has."""
        name = safe_name(stem)
        for count in itertools.count(1):
            chosen = name if count == 1 else f"{name}-{count}"
            path = self._folder / f"{chosen}.json"
            saved = self._saved(path)
            owner = self._taken.get(chosen.casefold(), saved and saved.source.sha256)
            if owner in {None, sha256}:
                self._taken[chosen.casefold()] = sha256
                return path
        raise AssertionError("names do not end")

    def _saved(self, path: Path) -> SongAnalysis | None:
        from riffscope.codec import read_analysis

        if path not in self._read:
            try:
                self._read[path] = read_analysis(path) if path.is_file() else None
            except RiffscopeError:
                self._read[path] = None
        return self._read[path]
