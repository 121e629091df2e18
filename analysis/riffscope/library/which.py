"""Which song of a library is meant: by its title, the name of its file, or how its hash begins."""

import difflib
import re
from typing import TYPE_CHECKING

from riffscope.errors import RiffscopeError, one_line
from riffscope.words import joined, shorten

if TYPE_CHECKING:
    import polars as pl

# So many letters of a hash tell it from those of a million songs; fewer may be a word, such as "added".
HASH_LETTERS = 6
# So many songs are named where several may be meant.
NAMED = 4
# Among so many titles the nearest is looked for.
MAX_TITLES = 2000
SAID_LETTERS = 60


def song_called(songs: "pl.LazyFrame", text: str) -> str:
    """Return the hash of the one song that is called so.

    It is the song whose title or file is called exactly so, or whose hash begins so; else the one in whose artist,
    title and file name all the words occur. Capitals make no difference.

    Raises
    ------
    RiffscopeError
        There is no such song, or there are several: names some of them, in one line.
    """
    import polars as pl

    wanted = " ".join(text.split()).casefold()
    names = songs.select("sha256", "title", "artist", "file").collect()
    title, file = (pl.col(name).fill_null("").str.to_lowercase() for name in ("title", "file"))
    stem = file.str.replace(r"\.[a-z0-9]{2,5}$", "")
    everything = pl.concat_str([pl.col("artist").fill_null("").str.to_lowercase(), title, file], separator=" ")
    words = re.findall(r"\w+", wanted)
    by_hash = (
        [pl.col("sha256").str.starts_with(wanted)] if re.fullmatch(rf"[0-9a-f]{{{HASH_LETTERS},}}", wanted) else []
    )
    by_name = [(title == wanted) | (file == wanted) | (stem == wanted)]
    by_words = [pl.all_horizontal(everything.str.contains(word, literal=True) for word in words)] if words else []
    for rule in (*by_hash, *by_name, *by_words):
        found = names.filter(rule)
        if found.height == 1:
            return str(found["sha256"][0])
        if found.height:
            raise RiffscopeError(f"{_said(text)} may be {_several(found)} (write more of it, or how its sha256 begins)")
    raise RiffscopeError(
        f"{_said(text)}: no song of the library is called so, nor is there such a file{_near(names, wanted)}"
    )


def _several(found: "pl.DataFrame") -> str:
    rows = found.sort("artist", "title", "sha256").head(NAMED).iter_rows(named=True)
    named = [
        f"{_said(row['title'])}{' by ' + one_line(row['artist']) if row['artist'] else ''} ({row['sha256'][:8]})"
        for row in rows
    ]
    more = found.height - len(named)
    return joined([*named, *([f"{more:,} more"] if more else [])], "or")


def _near(names: "pl.DataFrame", wanted: str) -> str:
    """Say which title is spelled most alike, among those that share the first letter of a word."""
    import polars as pl

    first = sorted({word[0] for word in wanted.split()})
    titles = pl.col("title").fill_null("").str.to_lowercase()
    alike = names.filter(pl.any_horizontal(titles.str.starts_with(letter) for letter in first)) if first else names
    by_folded = {title.casefold(): title for title in alike["title"].head(MAX_TITLES)}
    near = difflib.get_close_matches(wanted, list(by_folded), n=1)
    return f" (the nearest is {_said(by_folded[near[0]])})" if near else ""


def _said(text: str) -> str:
    return f"“{one_line(shorten(text, SAID_LETTERS))}”"
