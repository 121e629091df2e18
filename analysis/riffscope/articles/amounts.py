"""Amounts: what numbers, notes, keys, chords and forms state, topic by topic.

Source: own.
"""

import re
from collections.abc import Iterator, Sequence

from riffscope.articles.article import Relation, Statement
from riffscope.articles.clauses import Line
from riffscope.articles.matches import Match
from riffscope.articles.notation import Thing
from riffscope.articles.quantities import quantity
from riffscope.articles.vocabulary import topic_named

# No song is sung over so many semitones.
MOST_SEMITONES = 36
# More chords than this are not what is counted.
MOST_CHORDS = 40

_MOSTLY = re.compile(r" (?:lies|sits|lie|sit|tessitura|mostly|chiefly|mainly|hovers|lives)\b")
# "A minute longer": how much longer, not how long.
_DIFFERENCE = re.compile(r" (?:more|longer|shorter|sooner|earlier|later|faster|slower|apart|less|quicker|ago)(?= )")
_LEAVES = re.compile(
    r" (?:leaves?|leaving|strays? from|departs? from|quits?|abandons?|shakes? off|gets? out of) (?:[^ ]+ )?\Z"
)
# "It flirts with E flat major": not the song's key.
_IN_PASSING = re.compile(
    r" (?:suddenly|briefly|momentarily|for a moment|flirts? with|hints? (?:at|of)|touch(?:es)? (?:on|upon)|borrows?"
    r"|detours?"
    r"|visits?|strays? into|dips? into|slips? into|wanders? into)(?: [^ ,;]+){0,4} \Z"
)
# "A modulation to A minor after the bridge": the key from there on.
_FROM_THERE_ON = re.compile(
    r" (?:modulat\w+|key change|change of key|changes? key|shift(?:s|ed|ing)?|move[sd]?|moving|switch(?:es|ed)?"
    r"|lift(?:s|ed)?|jumps?|turns?|slides?|rises?|climbs?|steps? up|go(?:es|ne)?|went)(?: [^ ,;]+){0,5} (?:to|into)"
    r"(?: the key of)? \Z"
)
_TWO_KEYS = re.compile(
    r" (?:begins|starts|opens) in #key\d+ (?:and|but) (?:ends|finishes|closes)(?: up)? in #key\d+"
    r"| from #key\d+ (?:to|into|up to) #key\d+"
)
_WITHIN = re.compile(
    r" (?:fits?|lives?|stays?|sits?|kept|keeps?|contained|confined|squeezed|inside|within|all within|packed"
    r"|compressed)(?: [^ ]+){0,3} ?\Z"
)
_NOT_BEYOND = re.compile(
    r" (?:not|never|hardly|rarely|barely) (?:[^ ]+ ){0,3}(?:exceed|exceeds|leave|leaves|go|goes|stray|strays|spans"
    r"|span|reach|covers|cover|quite|venture|wander)"
)
_NOT_SUNG = re.compile(r" (?:instrumental|wordless|silent|unsung|before|until|of the way)\b")
# "Jumps of a sixth": a step of the melody, not its range.
_OF_A_STEP = re.compile(
    r" (?:jumps?|leaps?|plunges?|skips?|drops?|rises?|swoops?|falls?|intervals?|steps?) of (?:[^ ]+ ){0,2}\Z"
)
_BY_THEN = re.compile(
    r" (?:inside|within|in under|before|by|in less than|inside the first|in the first|not long after)"
    r"(?: the| first| its)* \Z"
)
_NOT_UNTIL = re.compile(r" (?:not|never|no)\b[^,;]{0,40} (?:until|till|before|for)(?: the| about)* \Z")
_UNDER_SECTION = re.compile(r" (?:under|in|through|beneath|behind) (?:the |its )?#sections?\d+| underpins| drives")
# "Her highest note, a B4, is saved for the last chorus."
_WHERE_IT_COMES = re.compile(
    r"(?: ,)?(?: which)? (?:comes|occurs|appears|arrives|falls|turns up|lands"
    r"|is (?:saved|kept|reserved|held back|sung|reached|heard|hit))(?: only| just| once)* (?:in|for|on|at) (?:the "
    r"|its )?"
    r"#sections?(\d+)(?= )"
)
_PLAYER = re.compile(r" (drummer|bassist|bass player) (?:[^;.]{0,80} )?(?:he|she|they)(?= )")
_UP_TO = re.compile(r" up to(?: an?| the)?\Z")
# "There are no vocals in the first thirty seconds."
_NONE_FOR = re.compile(r" (?:no|without)\b[^,;]{0,30} (?:in|for|during)(?: the| its)?(?: first| opening) \Z")
_NO_SUCH_SECTION = re.compile(r" (?:no|without|never|lacks)(?: an?| any)?\Z")
# "Stays below middle C": all of it, so that its highest note is what this bounds.
_STAYS = re.compile(
    r" (?:stay(?:s|ed|ing)?|keep(?:s|ing)?|kept|remain(?:s|ed)?|lies|sits|lives)(?: (?!not |never )[^ ,;#]+){0,2}?"
    r" (?:(below|under|beneath)|above|over)(?: an?| the)? \Z"
)
# How far back words are looked for that say what a number is.
_REACH = 60


def amounts(line: Line, match: Match, scopes: Sequence[str | None], *, denied: bool) -> Iterator[Statement]:
    """Give what the number, the name or the list of a match states.

    Parameters
    ----------
    scopes : sequence of str or None
        The sections that it is said of.
    denied : bool
        Whether it is denied.
    """
    thing, about = match.value, match.about
    if thing is None:
        # The phrase says its value itself, as ``waltz`` says 3/4.
        if match.phrase.value is not None and not denied:
            scope = match.scope_name if about == "section" else scopes[0]
            yield Statement(about=about, relation="is", value=match.phrase.value, scope=scope)
    elif thing.kind in {"meter", "key", "mode", "chords", "form"}:
        yield from _named(line, match, thing, scopes, denied=denied)
    elif thing.kind == "notes":
        if about == "tessitura" or not _MOSTLY.search(line.text[: _place(line, match, thing)[0]]):
            yield Statement(about=about, relation="is", value=thing.value, high=thing.high, scope=scopes[0])
    elif thing.kind == "note":
        start, end = _place(line, match, thing)
        relation = quantity(line.text, start, end, downward=about == "vocal_lowest")
        # "She soars up to an F5": there and no farther, as with any other note that is named.
        relation = "is" if _UP_TO.search(line.text[:start]) else relation
        if (
            not denied
            and about in {"vocal_lowest", "vocal_highest"}
            and (stays := _STAYS.search(f"{line.text[:start]} "))
        ):
            about, relation = ("vocal_highest", "at_most") if stays[1] else ("vocal_lowest", "at_least")
        scope = scopes[0]
        if scope is None and (where := _WHERE_IT_COMES.match(line.text[end:])):
            scope = line.name(where[1])
        yield Statement(about=about, relation=relation, value=thing.value, scope=scope)
    elif isinstance(thing.value, float):
        yield from _number(line, match, thing, scopes, denied=denied)


def _place(line: Line, match: Match, thing: Thing) -> tuple[int, int]:
    return line.sign_of(thing) or (match.start, match.end)


def _named(
    line: Line, match: Match, thing: Thing, scopes: Sequence[str | None], *, denied: bool
) -> Iterator[Statement]:
    """Give a key, a mode, a meter, a list of chords or of sections."""
    if denied and not (thing.kind == "key" and _LEAVES.search(f"{line.text[: match.start]} ")):
        return
    before = f"{line.text[: _place(line, match, thing)[0]]} "
    if (
        thing.kind in {"key", "mode"}
        and scopes[0] is None
        and (_IN_PASSING.search(before) or _FROM_THERE_ON.search(before))
    ):
        return
    if match.about == "form":
        yield Statement(about="form", relation="is", value=thing.value)
    elif not (thing.kind == "key" and _TWO_KEYS.search(line.text)):
        for scope in scopes:
            yield Statement(about=match.about, relation="is", value=thing.value, scope=scope)


def _number(
    line: Line, match: Match, thing: Thing, scopes: Sequence[str | None], *, denied: bool
) -> Iterator[Statement]:
    about, text = match.about, line.text
    start, end = _place(line, match, thing)
    relation = quantity(text, start, match.end if thing.kind == "number" else end, high=thing.high)
    if relation == "is" and re.match(r"(?:a|one) (?:full|good|whole)\b", thing.text.strip().lower()):
        relation = "at_least"
    if about == "vocal_range" and relation == "is" and _NOT_BEYOND.search(text[max(0, start - _REACH) : start]):
        relation, denied = "at_most", False
    if denied and relation == "is" and about != "starts":
        return
    if about != "chord_count" and _DIFFERENCE.match(f"{text[end:]} "):
        return
    unit, scope = topic_named(about).unit, scopes[0] if topic_named(about).scoped else None
    match about:
        case "section":
            yield Statement(about=about, relation="is", value=thing.value, scope=match.scope_name)
        case "starts":
            unit = "%" if thing.kind in {"percent", "fraction"} else "s"
            relation = _when(text[:start] + " ", relation)
            # The first of its name is where it starts.
            named = re.sub(r" 1\Z", "", match.scope_name or "") or None
            if named == "voice" and (player := _PLAYER.search(text)):
                # "The drummer waits a minute before he comes in."
                named = "drums" if player[1] == "drummer" else "bass"
            yield Statement(about=about, relation=relation, value=thing.value, unit=unit, scope=named)
        case "riff_length" | "section_length":
            unit = {"bars": "bars", "beats": "beats", "number": "bars"}.get(thing.kind, "s")
            if about == "section_length":
                scope = match.scope_name
            elif not _UNDER_SECTION.search(text):
                scope = None
            if match.scope is not None and _NO_SUCH_SECTION.search(text[: line.sign_of(match.scope)[0]]):  # type: ignore[index]
                return
            if scope is not None or about == "riff_length":
                yield Statement(
                    about=about, relation=relation, value=thing.value, high=thing.high, unit=unit, scope=scope
                )
        case "chord_count":
            if float(str(thing.value)) in range(1, MOST_CHORDS + 1):
                relation = relation if relation in {"is", "about", "at_most"} else "is"
                scope = scope if len(scopes) == 1 else None
                yield Statement(about=about, relation=relation, value=thing.value, scope=scope)
        case "singing":
            if not _NOT_SUNG.search(text[start : end + _REACH]):
                yield Statement(about=about, relation=relation, value=thing.value, unit=unit, scope=scope)
        # What a singer has in all, not what is sung in a song.
        case "vocal_range" if float(str(thing.value)) >= MOST_SEMITONES and relation != "at_most":
            return
        case "vocal_range" if _OF_A_STEP.search(text[:start] + " "):
            return
        case _:
            if about == "vocal_range" and relation == "is":
                before = text[max(0, start - _REACH) : start]
                relation = "at_most" if _WITHIN.search(before) or _NOT_BEYOND.search(before) else relation
            yield Statement(about=about, relation=relation, value=thing.value, high=thing.high, unit=unit, scope=scope)


def _when(before: str, relation: Relation) -> Relation:
    """Return how a time stands to when something enters, from the words before it."""
    if _NONE_FOR.search(before):
        return "at_least"
    if relation == "is" and _BY_THEN.search(before):
        relation = "at_most"
    # "Not before 0:40": then.
    return "is" if relation == "at_most" and _NOT_UNTIL.search(before) else relation
