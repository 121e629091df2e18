"""Statements: what the phrases of a line state about the song, with its negations, sections and comparisons.

Source: own.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from riffscope.articles import comparisons
from riffscope.articles.amounts import amounts
from riffscope.articles.article import Relation, Statement
from riffscope.articles.clauses import Line
from riffscope.articles.frames import Frames, contrast_of
from riffscope.articles.matches import Match, matches
from riffscope.articles.vocabulary import topic_named

# What a statement says when it is denied; of a comparison nothing, for what is not louder may be as loud.
OPPOSITE: dict[str, Relation | None] = {
    "low": "high",
    "high": "low",
    "present": "absent",
    "absent": "present",
    "throughout": "absent",
    "more": None,
    "less": None,
}
# Words of degree before a comparative say nothing of which way it goes.
_DEGREE = re.compile(
    r" (?:a good deal|a great deal|a lot|a bit|a little|a touch|a shade|a whole lot|a fair bit|a tad|a hair"
    r"|a good way|a good bit|a notch|a fraction|a smidgen|kind of|sort of|quite a bit|quite a lot|just a|by some way"
    r"|a mile|miles|worlds|way|far|much|many|considerably|noticeably|significantly|markedly|distinctly|audibly"
    r"|slightly|marginally|decidedly|even|still|rather)"
    r"(?= (?:more|less|fewer|(?!over|under)[a-z]+er|closer|deeper|wider|further|farther)\b)"
)
# What a judgement says that is made beside another song.
_SET_BESIDE: dict[str, Relation] = {"low": "less", "high": "more"}
# "There are no vocals in the first minute": later there are.
_FOR_A_WHILE = re.compile(
    r" (?:in|for|during|until|till|before|up to)(?: (?![,;.])[^ #]+){0,3} #(?:length|clock|bars|beats)\d"
    r"| (?:until|till|before)(?: the| its)? #sections?\d"
)
_FOR_A_WHILE_REACH = 45
# "For the first minute there is nothing but a piano": not all along.
_WHILE_IT_LASTS = re.compile(
    r" (?:in|for|during|over|until|till|before|up to)(?: (?:the|its|at least|about|nearly|first|opening|last|final"
    r"|closing)){1,3} #(?:length|clock|bars|beats)\d+(?: [^,;:.!?#]*)?\Z"
)
_THAN_THIS = re.compile(
    r"\A(?: (?![,;:.!?—])[^ ]+){0,9}? than (?:on |in )?(?:it|this|this one|here)(?= [,;:.!?)—]| (?:and|but)\b)"
)
_TIMES = re.compile(r" (twice|half|times|thrice)\Z")
# What is said of songs at large is read as if it were said of one.
AT_LARGE = "it is"
# Of two that say nearly the same, the second is left out.
_SAYS_LESS = {"present": {"high", "throughout"}, "absent": {"low"}}


def statements_of(line: Line, frames: Frames) -> tuple[Statement, ...]:
    """Return what a line states of the song."""
    if frames.silent:
        return ()
    line = replace(line, text=_DEGREE.sub("", line.text))
    contrast, found = contrast_of(line.text), list[Statement]()
    against: str | None = None
    for match in matches(line):
        if contrast is not None and contrast[0] <= match.start < contrast[1]:
            found += _contrasted(line, match, line.name(contrast[2]))
        elif not frames.hides(match.start):
            for statement in _stated(line, match, against):
                against = statement.against or against
                found.append(statement)
    return tuple(_without_repeats(found))


def said_in_general(line: Line, frames: Frames) -> tuple[Statement, ...]:
    """Return what a line about songs at large says of them, as if it were said of one."""
    general = frames.general or ""
    rest = line.text[line.text.index(general) + len(general) :]
    return statements_of(replace(line, text=f" {AT_LARGE}{rest}"), replace(frames, general=None))


def _contrasted(line: Line, match: Match, other: str) -> Iterator[Statement]:
    """Turn what is said of another song, with which this one is contrasted, into a comparison."""
    turned: dict[str | None, Relation] = {"high": "less", "low": "more"}
    relation = _relation(line, match)
    if relation in turned and match.value is None:
        yield Statement(about=match.about, relation=turned[relation], against=other)


def _denied(line: Line, match: Match) -> bool:
    own = match.phrase.pattern.own_negations(line.text[match.start : match.end])
    return line.denies(match.start, match.end, own=own)


def _relation(line: Line, match: Match) -> str | None:
    """Return what a match says once negations are counted; None where that is nothing."""
    denied = _denied(line, match)
    return OPPOSITE.get(match.relation) if denied else match.relation


def _stated(line: Line, match: Match, against_before: str | None) -> Iterator[Statement]:
    """Give what a match states: several statements where it is said of several sections."""
    other = line.other_song(match.start)
    if other is not None:
        yield from _compared_with_this(line, match, other)
    elif match.relation == "is":
        scopes = _scopes(line, match)
        denied = _denied(line, match)
        yield from amounts(line, match, scopes, denied=denied)
    elif match.relation.startswith("as_"):
        yield from _as_much(line, match, against_before)
    elif match.relation in {"more", "less"}:
        yield from _compared(line, match, against_before)
    elif (relation := _relation(line, match)) is not None:
        yield from _judged(line, match, relation)  # type: ignore[arg-type]


def _compared_with_this(line: Line, match: Match, other: str) -> Iterator[Statement]:
    """Turn round that another song is more, or less, than this one; nothing else that is said of it."""
    turned: dict[str, Relation] = {"more": "less", "less": "more"}
    if match.relation in turned and _THAN_THIS.match(line.text[match.start :]) and not _denied(line, match):
        yield Statement(about=match.about, relation=turned[match.relation], against=other)


def _judged(line: Line, match: Match, relation: Relation) -> Iterator[Statement]:
    """Give a judgement without a number."""
    against = None if match.against is None else str(match.against.value)
    if match.about in {"same_chords", "same_melody"}:
        if against is not None:
            yield Statement(about=match.about, relation=relation, scope=match.scope_name, against=against)
    elif match.about == "section":
        yield Statement(about=match.about, relation=relation, scope=match.scope_name)
    elif match.about == "key_change":
        yield _key_change(line, match, relation)
    elif relation in _SET_BESIDE and (beside := comparisons.set_beside(line, match.start, match.end)):
        yield from _against(line, match, _SET_BESIDE[relation], beside)
    elif relation not in {"absent", "low"} or not _for_a_while(line, match):
        for scope in _scopes(line, match):
            yield Statement(about=match.about, relation=relation, scope=scope)


def _for_a_while(line: Line, match: Match) -> bool:
    """Tell whether something is lacking for a while alone."""
    if _WHILE_IT_LASTS.search(line.text[: match.start]):
        return True
    behind = re.split(r" [,;:.!?—]", line.text[match.end : match.end + _FOR_A_WHILE_REACH])[0]
    return _FOR_A_WHILE.search(line.text[match.start : match.end] + behind) is not None


def _as_much(line: Line, match: Match, against_before: str | None) -> Iterator[Statement]:
    """Give what ``as loud as`` says: with a song or a section, less where it is denied, else that it is loud."""
    target = comparisons.target_after(line, match.end)
    denied = _denied(line, match)
    towards_more = match.relation == "as_more"
    if target is None and denied:
        # "Shorter than “Harbour”, and not as loud."
        target = against_before
    if target == comparisons.AT_LARGE:
        return
    if target:
        # "Not as loud as": less. "Twice as loud as": more. "As loud as": alike, which nothing tests.
        times = _TIMES.search(line.text[: match.start])
        if denied or times:
            more = towards_more is not (denied or (times is not None and times[1] == "half"))
            yield from _against(line, match, "more" if more else "less", target)
        return
    yield from _judged(line, match, "high" if towards_more is not denied else "low")


def _compared(line: Line, match: Match, against_before: str | None) -> Iterator[Statement]:
    """Give what a comparison says; nothing where it does not say with which song or section."""
    if _denied(line, match):
        return
    target = None if match.against is None else str(match.against.value)
    target = target or comparisons.target_after(line, match.end) or comparisons.target_before(line, match.start)
    if target is None and not comparisons.says_than_what(line, match.end):
        target = against_before or comparisons.target_earlier(line, match.start)
    if target == comparisons.AT_LARGE:
        yield from _judged(line, match, "high" if match.relation == "more" else "low")
    elif target:
        yield from _against(line, match, "more" if match.relation == "more" else "less", target)


def _against(line: Line, match: Match, relation: Relation, target: str) -> Iterator[Statement]:
    """Give a comparison with a song, or of sections with others."""
    scopes = _scopes(line, match, target)
    if target.startswith(comparisons.ELLIPSIS):
        named = [scope for scope in scopes if scope is not None]
        if not named:
            return
        kind, place = re.sub(r"^last | \d+$", "", named[0]), int(target.removeprefix(comparisons.ELLIPSIS))
        target = f"last {kind}" if place < 0 else f"{kind} {place}"
    for scope in scopes:
        if scope is None and comparisons.is_section(target):
            # "The chorus climbs higher than the verse, and covers a wider compass than the verse as well."
            earlier = [name for name in line.sections_before(match.start) if name != target]
            if earlier:
                yield Statement(about=match.about, relation=relation, scope=earlier[-1], against=target)
        elif scope != target:
            yield Statement(about=match.about, relation=relation, scope=scope, against=target)


def _scopes(line: Line, match: Match, against: str | None = None) -> list[str | None]:
    """Return the sections that a match speaks of; None for the whole song."""
    if match.scope_name is not None:
        return [match.scope_name]
    return line.scopes(match.start, match.end, against) if topic_named(match.about).scoped else [None]


_KEY_CHANGES_AT = (
    re.compile(r" (?:before|for|in|into|at|on|of|as|to|under) (?:the |its |a |that )?(?:\w+ )?#sections?(\d+)(?= )"),
    re.compile(r" (?:in|for|at|before) (?:the |its )#sections?(\d+)(?= )"),
    re.compile(r" #sections?(\d+) , which(?= )"),
)


def _key_change(line: Line, match: Match, relation: Relation) -> Statement:
    """Return that the key changes, by how much and for which section where that is said, or that it does not."""
    after, anywhere, before = _KEY_CHANGES_AT
    section = after.search(line.text[match.start :]) or anywhere.search(line.text)
    section = section or before.search(line.text[: match.start])
    scope = line.scopes(match.start, match.end)[0] if section is None else line.name(section[1])
    by = match.value
    if by is None and (near := re.search(r" #(?:semitones|interval)(\d+)(?= )", line.text)):
        by = line.things[int(near[1])]
    if relation != "present" or by is None or not isinstance(by.value, float):
        return Statement(about="key_change", relation=relation, scope=scope)
    return Statement(about="key_change", relation=relation, value=by.value, unit="semitones", scope=scope)


def _without_repeats(found: Iterable[Statement]) -> Iterator[Statement]:
    """Leave out what says no more than another statement, or contradicts one that was said before."""
    kept: list[Statement] = []
    for one in found:
        alike = [other for other in kept if _said_of(other) == _said_of(one)]
        if not any(
            OPPOSITE.get(other.relation) == one.relation or (other.relation, other.value) == (one.relation, one.value)
            for other in alike
        ):
            kept.append(one)
    return (one for one in kept if not any(_says_less(one, other) for other in kept if other is not one))


def _said_of(one: Statement) -> tuple[str, str | None, str | None]:
    return one.about, one.scope, one.against


def _says_less(one: Statement, other: Statement) -> bool:
    """Tell whether a statement is contained in another."""
    if one.about == "mode":
        return other.about == "key"
    if one.about == "section":
        return one.relation == "present" and one.scope is not None and other.scope == one.scope
    if one.about == "singing" and one.relation == "present" and other.about == one.about:
        return other.value is not None and other.scope == one.scope
    return _said_of(one) == _said_of(other) and other.relation in _SAYS_LESS.get(one.relation, set())
