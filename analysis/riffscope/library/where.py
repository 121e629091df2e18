"""Conditions on songs, in SQL: ``year between 2013 and 2017 and key.mode = 'minor'``.

Conventions
-----------
A condition is one boolean expression of SQL over the columns of a library's songs, which polars reads and evaluates.
Columns are written as they are called, dots and all; texts stand in single quotes. A comparison with a value that is
not there is neither true nor false, and the song is left out.

What may stand in it is listed here, not what may not: no other table, file or statement can be named.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from riffscope.errors import RiffscopeError, one_line
from riffscope.library.seen import is_text
from riffscope.notes import music_type

if TYPE_CHECKING:
    import polars as pl

KEYWORDS = frozenset(
    {"and", "or", "not", "in", "between", "is", "null", "like", "ilike", "regexp", "rlike", "true", "false"}
    | {"case", "when", "then", "else", "end"}
)
FUNCTIONS = frozenset(
    {"lower", "upper", "length", "starts_with", "ends_with", "abs", "round", "floor", "ceil", "sqrt", "ln", "log2"}
    | {"log10", "mod", "coalesce", "nullif", "greatest", "least", "avg", "median", "min", "max"}
)
# Longer ones are no condition that somebody wrote.
MAX_LETTERS, MAX_BRACKETS = 10_000, 50
EXAMPLE = "write it as in year >= 2013 and key.mode = 'minor'"
# What is wrong is said back in so many letters.
SAID_LETTERS = 60
_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<text>'(?:[^']|'')*')|(?P<quoted>\"(?:[^\"]|\"\")*\")"
    r"|(?P<number>(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?![\w.]))|(?P<name>[^\W\d]\w*(?:\.\w+)*)"
    r"|(?P<comment>--|/\*)|(?P<sign><=|>=|<>|!=|==|\|\||[=<>+\-*/%(),])",
    re.IGNORECASE,
)
# Columns that hold notes as musicians write them: what they are compared with is written so, too.
_NOTES = re.compile(r"(?:tonic|_note)$")


@dataclass(frozen=True, kw_only=True)
class _Token:
    kind: str
    text: str


def condition(text: str, columns: Sequence[str]) -> "pl.Expr":
    """Read a condition on songs.

    Parameters
    ----------
    text : str
        Of SQL, such as ``tempo.bpm > 120 and key.mode = 'minor'``.
    columns : sequence of str
        What songs have.

    Raises
    ------
    RiffscopeError
        It is no condition, or names a column that is not there; in one line, with the nearest one.
    """
    import polars as pl

    if not is_text(text):
        raise RiffscopeError(f"where: {_quoted(text)} holds bytes that are no text")
    if len(text) > MAX_LETTERS:
        raise RiffscopeError(f"where: is {len(text):,} letters long (at most {MAX_LETTERS:,})")
    written = "".join(_written(list(_tokens(text)), {name.casefold(): name for name in columns}))
    if not written.strip():
        raise RiffscopeError(f"where: is empty ({EXAMPLE})")
    try:
        # In brackets nothing can follow it, such as a name for it: a forgotten "and" would pass for that.
        return pl.sql_expr(f"({written})")
    except pl.exceptions.PolarsError as why:
        reason = "" if "unable to parse" in str(why) else f": {_in_a_line(why)}"
        raise RiffscopeError(f"where: {_quoted(text)} is no condition in SQL{reason} ({EXAMPLE})") from why


def chosen(songs: "pl.LazyFrame", where: str | None, columns: Sequence[str] | None = None) -> "pl.DataFrame":
    """Return the songs that a condition holds for, all of them without one, with some of their columns or all.

    Raises
    ------
    RiffscopeError
        As of `condition`; or what it says of its columns cannot be true or false, such as ``title > 3``.
    """
    import polars as pl

    schema = songs.collect_schema()
    if where is not None:
        songs = songs.filter(_tried(condition(where, schema.names()), where, schema))
    try:
        return (songs if columns is None else songs.select(columns)).collect()
    except pl.exceptions.PolarsError as why:
        if where is None:
            raise _damaged(why) from why
        raise _does_not_work(where, why) from why
    except pl.exceptions.PanicException as why:  # no Exception to Python
        raise _damaged(why) from why


def nearest(name: str, names: Sequence[str]) -> str:
    """Say which name may have been meant: the one spelled most alike, or one that begins so."""
    folded = {one.casefold(): one for one in reversed(names)}
    wanted = name.casefold()[:SAID_LETTERS]
    beginning = [one for one in folded if one.startswith(f"{wanted}.") or one.endswith(f".{wanted}")]
    near = difflib.get_close_matches(wanted, beginning or list(folded), n=1, cutoff=0.0)
    return folded[near[0]] if near else ""


def _tokens(text: str) -> Iterator[_Token]:
    at, open_brackets = 0, 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup == "comment":
            raise RiffscopeError(f"where: {_quoted(text[at:])} cannot stand in a condition{_hint(text[at])}")
        open_brackets += {"(": 1, ")": -1}.get(found[0], 0)
        if not 0 <= open_brackets <= MAX_BRACKETS:
            wrong = "too many brackets in each other" if open_brackets > 0 else "a bracket that closes none"
            raise RiffscopeError(f"where: {_quoted(text)} has {wrong}")
        yield _Token(kind=str(found.lastgroup), text=found[0])
        at = found.end()


def _hint(letter: str) -> str:
    return " (a quotation mark is not closed)" if letter in "'\"" else ""


def _written(tokens: Sequence[_Token], columns: Mapping[str, str]) -> Iterator[str]:
    """Write a condition as polars reads it: columns in quotes, and nothing that is not known."""
    column = ""
    for number, token in enumerate(tokens):
        after = next((one.text for one in tokens[number + 1 :] if one.kind != "space"), "")
        if token.kind == "name" and (called := token.text.casefold()) in columns:
            column = columns[called]
            yield _column(column)
        elif token.kind == "name":
            yield _word(token.text, columns, called=after == "(")
        elif token.kind == "quoted":
            column = _of_quoted(token.text[1:-1].replace('""', '"'), columns)
            yield _column(column)
        elif (token.text, after) == ("(", ")"):
            raise RiffscopeError(f"where: has a pair of brackets with nothing in it ({EXAMPLE})")
        elif token.kind == "text" and _NOTES.search(column):
            yield music_type(token.text)
        else:
            yield token.text


def _word(word: str, columns: Mapping[str, str], *, called: bool) -> str:
    known = word.casefold()
    if known in KEYWORDS or (called and known in FUNCTIONS):
        return word
    if called:
        raise RiffscopeError(
            f"where: there is no function {_quoted(word)} in a condition (there are {', '.join(sorted(FUNCTIONS))})"
        )
    raise _no_column(word, columns)


def _of_quoted(name: str, columns: Mapping[str, str]) -> str:
    if name.casefold() not in columns:
        raise _no_column(name, columns, hint="; a text stands in single quotes")
    return columns[name.casefold()]


def _no_column(name: str, columns: Mapping[str, str], *, hint: str = "") -> RiffscopeError:
    near = nearest(name, list(columns.values()))
    return RiffscopeError(f"where: songs have no column {_quoted(name)} (the nearest is '{near}'{hint})")


def _column(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _tried(expression: "pl.Expr", where: str, schema: "pl.Schema") -> "pl.Expr":
    """Return a condition that was tried on no song at all, so that it is known to be true or false of one."""
    import polars as pl

    try:
        (kind,) = pl.DataFrame(schema=schema).select(expression.alias("holds")).dtypes
    except pl.exceptions.PolarsError as why:
        reason = str(why)
        if "string with numeric" in reason or "numeric with string" in reason:
            hint = "a text is compared with a number (texts stand in single quotes, numbers in none)"
            raise RiffscopeError(f"where: {_quoted(where)}: {hint}") from why
        raise _does_not_work(where, why) from why
    if kind != pl.Boolean:
        raise RiffscopeError(f"where: {_quoted(where)} is not true or false (compare it, as in year >= 2013)")
    return expression


def _damaged(why: BaseException) -> RiffscopeError:
    return RiffscopeError(f"songs.parquet: is damaged: {_in_a_line(why)} (riffscope index LIB makes it anew)")


def _does_not_work(where: str, why: Exception) -> RiffscopeError:
    if "unable to find column" in str(why):  # a word of SQL where a column should be
        return RiffscopeError(f"where: {_quoted(where)} is no condition in SQL ({EXAMPLE})")
    return RiffscopeError(f"where: {_quoted(where)} does not work: {_in_a_line(why)}")


def _quoted(text: str) -> str:
    from riffscope.words import shorten

    return f"'{one_line(shorten(text, SAID_LETTERS))}'"


def _in_a_line(why: BaseException) -> str:
    return one_line(str(why).strip().partition("\n")[0])
