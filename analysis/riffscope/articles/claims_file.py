"""Claims files for people to edit: what an article says as claims, and a template that shows each kind of claim.

Conventions: what stands in comments is told, what stands below them is tested. Source: own.
"""

import textwrap
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from inspect import Parameter
from typing import Any, get_args

from riffscope import steps
from riffscope.articles.article import Article, Sentence, Statement
from riffscope.articles.topics import claim_table, in_words
from riffscope.claims.options import OPTION_TYPES
from riffscope.claims.scope import Scope
from riffscope.errors import BadClaim
from riffscope.files import toml_table
from riffscope.judge import Claim, parameters_of, parameters_of_measure, read_tables
from riffscope.reference.table import Reference, published
from riffscope.steps import Step
from riffscope.words import plain, sentence

# As wide as a file is read without scrolling.
COLUMNS = 100
# A claim's text is a sentence; what is longer is cut.
MAX_LETTERS = 500

_HEAD = """\
What {name} says of the song, as claims: above each stands what was understood.
Change, remove or add what you like, then: riffscope analyze SONG --claims FILE"""
_TEMPLATE_HEAD = """\
Claims of your own: a table each, with a name, the sentence to test, its kind and what the kind takes.
Caveats, a list of sentences, are said along with the ruling. Keep what you want, change it, then:
  riffscope claims check FILE           say what is wrong with them, without any song
  riffscope analyze SONG --claims FILE  rule on them
riffscope claims lists all measures and references. Percent go in quotes: limit = "80%"."""
_UNTESTED = "Not testable; without these marks it is listed with its reason:"
_TWO_SONGS = "About two songs, for: riffscope compare SONG SONG --claims FILE"


# ------------------------------------------------------------------------------------------------------- of an article
def claims_of(article: Article) -> str:
    """Return the claims file of an article: its statements as claims, and what cannot be tested as comments.

    Statements that compare the song with another one are comments, too: a file is about one song, or about two.

    Raises
    ------
    BadClaim
        It states nothing that can be tested on the song alone.
    """
    taken = Counter[str]()
    parts = list[str]()
    tested = 0
    for one in article.sentences:
        if one.kind == "not_testable":
            parts.append(_not_testable(one, _free("not_testable", taken)))
        for statement in one.readings:
            name = _free(statement.about, taken)
            table = claim_table(statement, text=_text(one))
            alone = _is_about_one(table, name)
            tested += alone
            parts.append(_claim(statement, table, name, alone=alone))
    if not tested:
        raise BadClaim(f"{article.text.name}: states nothing that can be tested on one song, so there are no claims")
    return "\n".join((_comment(_HEAD.format(name=plain(article.text.name, MAX_LETTERS))), *parts))


def claims_in(article: Article) -> tuple[tuple[Claim, ...], tuple[tuple[str, str], ...]]:
    """Return what an article states that can be tested on a song alone, and the sentences that cannot, with why.

    The text of each claim is what was understood, as `riffscope.articles.topics.in_words` says it: of many songs, the
    sentence about one of them would say something else.

    Raises
    ------
    BadClaim
        It states nothing that can be tested on a song alone.
    """
    taken = Counter[str]()
    claims, left_out = list[Claim](), list[tuple[str, str]]()
    for one in article.sentences:
        if one.kind == "not_testable":
            left_out.append((_text(one), sentence(plain(one.reason or "no recording shows it", MAX_LETTERS))))
        for statement in one.readings:
            name = _free(statement.about, taken)
            understood = sentence(in_words(statement))
            (claim,) = read_tables({name: claim_table(statement, text=understood)}, name=name)
            if claim.about_two:
                left_out.append((_text(one), "It compares the song with another one."))
            else:
                claims.append(claim)
    if not claims:
        raise BadClaim(f"{article.text.name}: states nothing that can be tested on one song, so there are no claims")
    return tuple(claims), tuple(left_out)


def _free(name: str, taken: Counter[str]) -> str:
    taken[name] += 1
    return name if taken[name] == 1 else f"{name}_{taken[name]}"


def _text(one: Sentence) -> str:
    return plain(one.text, MAX_LETTERS)


def _is_about_one(table: Mapping[str, Any], name: str) -> bool:
    (claim,) = read_tables({name: table}, name=name)
    return not claim.about_two


def _claim(statement: Statement, table: Mapping[str, Any], name: str, *, alone: bool) -> str:
    understood = sentence(in_words(statement))
    if alone:
        return f"{_comment(understood)}{toml_table(name, table)}"
    return f"{_comment(understood)}{_comment(_TWO_SONGS)}{_commented_out(toml_table(name, table))}"


def _not_testable(one: Sentence, name: str) -> str:
    reason = plain(one.reason or "No recording shows it.", MAX_LETTERS)
    table = {"text": _text(one), "kind": "not_testable", "reason": reason}
    return f"{_comment(_UNTESTED)}{_commented_out(toml_table(name, table))}"


# -------------------------------------------------------------------------------------------------------- the template
def template() -> str:
    """Return a claims file that shows each kind of claim by an example; those about two songs are comments."""
    examples = dict(_examples())
    parts = []
    for kind in steps.claims():
        name, table = examples.get(kind.name) or (f"my_{kind.name}", _made_up(kind))
        (claim,) = read_tables({name: table}, name=name)
        parts.append(f"{_described(claim)}{_shown(claim, toml_table(name, table))}")
    return "\n".join((_comment(_TEMPLATE_HEAD), *parts))


def _examples() -> Iterator[tuple[str, tuple[str, Mapping[str, Any]]]]:
    """Give examples by kind: from the built-in claims, and those that were written for the template."""
    for file in ("comparison.toml", "article.toml", "examples.toml"):
        tables = tomllib.loads((files("riffscope.claims") / file).read_text("utf-8"))
        # Later ones win: an own example over a built-in claim, and of a file the first.
        yield from ((table["kind"], (name, table)) for name, table in reversed(tables.items()))


def _described(claim: Claim) -> str:
    return _comment(f"{claim.kind.name} {parameters_of(claim.kind)}: {claim.kind.summary}")


def _shown(claim: Claim, written: str) -> str:
    return f"{_comment(_TWO_SONGS)}{_commented_out(written)}" if claim.about_two else written


def _made_up(kind: Step) -> dict[str, Any]:
    """Return a claim of a kind that no example was written for: what it needs, and no more."""
    reference = next(iter(published().values()))
    table: dict[str, Any] = {"text": kind.summary, "kind": kind.name}
    if "measure" in parameters_of_measure(kind):
        table["measure"] = reference.measures[0]
    for option, default in kind.options.items():
        if default is Parameter.empty:
            table[option] = _example_of(kind.function.__annotations__[option], reference)
    return table


def _example_of(wanted: Any, reference: Reference) -> Any:
    for one in (wanted, *get_args(wanted)):
        if one in OPTION_TYPES:
            return tomllib.loads(f"it = {OPTION_TYPES[one].example}")["it"]
        if one in {float, Reference, Scope}:
            return {float: 1.0, Reference: reference.name, Scope: "chorus"}[one]
    words: Iterable[Any] = get_args(wanted)
    return next((word for word in words if isinstance(word, str)), "...")


# ------------------------------------------------------------------------------------------------------------ comments
def _comment(text: str) -> str:
    lines = [
        line
        for written in text.split("\n")
        for line in textwrap.wrap(written, COLUMNS - 2, subsequent_indent="  " if written.startswith("  ") else "")
        or [""]
    ]
    return "".join(f"# {line}".rstrip() + "\n" for line in lines)


def _commented_out(written: str) -> str:
    return "".join(f"# {line}\n" for line in written.splitlines())
