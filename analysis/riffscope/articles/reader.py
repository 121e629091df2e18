"""The reader: from a text about a song to what each sentence states about it.

A sentence is rewritten (`notation`), held against the phrases of every topic (`vocabulary`), and what they find is
turned by negations, numbers' company, sections and comparisons into statements. Sentences that ask, wish, suppose, or
speak of something else than this song state nothing. A statement that is not sure to be meant is not read: a wrong one
would put a false verdict into a user's text. Source: own.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from riffscope.articles import sentences as splitting
from riffscope.articles.article import Article, Kind, Sentence, Statement, Text
from riffscope.articles.frames import Frames, contrast_of, frames_of
from riffscope.articles.kinds import kind_without_statements, reason_why_not
from riffscope.articles.notation import ORDINALS, Rewritten, Thing, rewrite
from riffscope.articles.patterns import NEGATIONS
from riffscope.articles.quantities import quantity
from riffscope.articles.vocabulary import Phrase, Topic, grammar, phrases_for, topics

OPPOSITE = {
    "low": "high", "high": "low", "present": "absent", "absent": "present", "throughout": "absent",
    "more": "", "less": "", "as_more": "less", "as_less": "more",
}  # fmt: skip
_NEGATION = re.compile(
    r" (?:not|never|no|nor|hardly|barely|scarcely|without|nobody|nothing|none|neither|rarely|seldom|far from"
    r"|anything but)(?= )"
)
_NO_NEGATION = re.compile(
    r" (?:not (?:only|just|merely|simply|least|to mention|unlike|for nothing)|no (?:doubt|wonder|matter|question"
    r"|accident|surprise|mistake|fewer|less|more)|nothing (?:but|less|if not|short)|none (?:other|the less)|no "
    r"sooner|not that|never mind|yes and no)(?= )"
)
# What a negation does not reach over.
_STOP = re.compile(
    r" (?:[,;:.!?()—]|but|and|yet|so|because|though|although|while|which|who|that|as|since|when|until|if|where|to)(?= )"
)
_HARD = re.compile(r" [;:.!?()—](?= )")
_NOISE = re.compile(
    r" (?:a good deal|a great deal|a lot|a bit|a little|a touch|a shade|a whole lot|a fair bit|a tad|a hair|a good "
    r"way|a good bit"
    r"|a notch|a fraction|a smidgen|kind of|sort of|quite a bit|quite a lot|just a|by some way|a mile|miles|worlds"
    r"|way|far|much|many|considerably|noticeably|significantly|markedly|distinctly|audibly|slightly|marginally"
    r"|decidedly|even|still|rather)(?= (?:more|less|fewer|[a-z]+er|over|under|past|above|below|closer|deeper|wider"
    r"|further|farther)\b)"
)


@dataclass(frozen=True, kw_only=True)
class Clause:
    """A stretch between marks and conjunctions, places in the rewritten sentence.

    Attributes
    ----------
    own_subject : bool
        Whether it begins with one; else it goes on with that of the clause before.
    """

    start: int
    end: int
    own_subject: bool


@dataclass(kw_only=True)
class Found:
    """A phrase that was found."""

    phrase: Phrase
    start: int
    end: int
    relation: str
    value: Thing | None = None
    scope: Thing | None = None
    against: Thing | None = None
    text: str = ""

    @property
    def about(self) -> str:
        """Its topic."""
        return self.phrase.about


def read(text: Text, *, title: str | None = None) -> Article:
    """Read what each sentence of a text states about the song.

    Parameters
    ----------
    text : Text
    title : str, optional
        Of the song: what is said of it by name is said of this song.
    """
    spans = [
        (start, end, paragraph)
        for paragraph in text.paragraphs
        for start, end in splitting.split(
            text.text, splitting.after_bullet(text.text, paragraph.start, paragraph.end), paragraph.end
        )
    ]
    own = _own_titles([text.text[a:b] for a, b, _ in spans], title, text.title)
    reader = _Reader(own)
    return Article(text=text, sentences=tuple(reader.read(text.text[a:b], a, b) for a, b, _ in spans))


_SONG_BY = re.compile(
    r"(?:[\"“]([^\"”]{1,60})[\"”]|((?:[A-Z][\w'’&]*)(?: (?:[A-Z][\w'’&]*|of|the|a|in|to|and|on|for))*)) (?:is|was"
    r"|by) (?:a|an|the)? ?(?:\w+ )*?(?:song|single|track|by [A-Z])"
)
_BY = re.compile(
    r"(?<![.!?] )(?<!\A)\b((?:[A-Z][\w'’&]*)(?: (?:[A-Z][\w'’]*|of|the|a|in|to|and|on|for)){0,7}) by [A-Z]"
)


def _own_titles(sentences: Sequence[str], title: str | None, page: str | None) -> tuple[str, ...]:
    """Return what the song is called: as is given, or as the text says."""
    found = [title] if title else []
    for sentence in sentences[:12]:
        if len(sentence) > MAX_LETTERS:
            continue
        made = rewrite(sentence)
        quoted = [str(thing.value) for thing in made.things if thing.kind == "title"]
        if quoted and re.search(
            rf"#title\d+ (?:,[^,]+, )?(?:is|was) (?:a|an|the) (?:[\w&' ]+ )?(?:song|single|track|ballad|record)\b"
            rf"|(?:built|made|wrote|recorded|cut) #title",
            made.text,
        ):
            found.append(quoted[0])
        for match in _BY.finditer(sentence):
            found.append(match[1])
        # "June Avery's Parking Lot Sundays was never supposed to be a single"
        named = re.search(
            r"[A-Z]\w+(?: [A-Z]\w+)?[’']s ((?:[A-Z][\w'’&]*)(?: (?:[A-Z][\w'’]*|of|the|a|in|to|and|on|for)){1,6}) "
            r"(?:is|was|has|sounds|runs|starts|opens)\b",
            sentence,
        )
        if named:
            found.append(named[1])
    return tuple(dict.fromkeys(one for one in found if len(one) > 2))


class _Reader:
    """Reads sentence after sentence, and remembers what the ones before spoke of."""

    def __init__(self, own: tuple[str, ...]) -> None:
        self.own = own
        self.own_plain = {one.casefold() for one in own}
        self.general: tuple[Statement, ...] = ()

    def read(self, sentence: str, start: int, end: int) -> Sentence:
        if len(sentence) > MAX_LETTERS:
            return Sentence(text=sentence, start=start, end=end, kind="other")
        made = self._of_this_song(rewrite(sentence, self.own))
        if len(made.things) > MAX_THINGS:
            return Sentence(text=sentence, start=start, end=end, kind="other")
        text = f" {made.text} "
        frames = frames_of(text)
        found = tuple(statements_of(text, made.things, frames))
        if not found and (turned := self._opposite_way(text)):
            found = turned
        # What is said of songs at large may be turned round by the next sentence.
        self.general = () if frames.general is None else _said_in_general(text, made.things, frames)
        if found:
            return Sentence(text=sentence, start=start, end=end, kind="checkable", readings=found)
        kind: Kind = kind_without_statements(text, frames)
        reason = reason_why_not(text) if kind == "not_testable" else None
        return Sentence(text=sentence, start=start, end=end, kind=kind, reason=reason)

    def _of_this_song(self, made: Rewritten) -> Rewritten:
        """Write ``it`` for the song's own title."""
        text = made.text
        for place, thing in enumerate(made.things):
            if thing.kind == "title" and str(thing.value).casefold() in self.own_plain:
                text = re.sub(rf"#title{place}(?!\d)", "it", text)
        return Rewritten(text=text, things=made.things)

    def _opposite_way(self, text: str) -> tuple[Statement, ...]:
        if not self.general or not re.search(
            r" (?:opposite|other way|reverse|different (?:way|direction|route)|bucks?|bucked|against the (?:grain"
            r"|tide|trend)|none of that|not this one|no part of that|exception)\b",
            text,
        ):
            return ()
        return tuple(
            replace(one, relation=OPPOSITE[one.relation])  # type: ignore[arg-type]
            for about in ("loudness", "pumping", "density", "tempo", "duration", "dynamics", "brightness", "bass")
            for one in self.general
            if one.about == about and one.relation in {"low", "high", "present", "absent"}
        )[:1]


# A longer sentence is none: text without full stops, or a flood of letters.
MAX_LETTERS = 1500
# Nor is one of more numbers, notes and names: it is a table. Sentences about songs have ten at most.
MAX_THINGS = 40


# ------------------------------------------------------------------------------------------------------------ statements
def _said_in_general(text: str, things: Sequence[Thing], frames: Frames) -> tuple[Statement, ...]:
    """Return what a sentence about songs at large says of them, as if it were said of one."""
    rest = text[text.index(frames.general or "") + len(frames.general or "") :]
    return tuple(statements_of(f" it is{rest}", things, replace(frames, general=None)))


def statements_of(text: str, things: Sequence[Thing], frames: Frames) -> Iterator[Statement]:
    """Give what a rewritten sentence states of the song."""
    if frames.silent:
        return
    plain = _NOISE.sub("", text)
    clauses = _clauses(plain)
    found = _settle(_matches(plain, things))
    seen: list[Statement] = []
    against_before: str | None = None
    contrast = contrast_of(plain)
    for one in found:
        clause = _clause_at(clauses, one)
        if contrast is not None and contrast[0] <= one.start < contrast[1]:
            turned = _contrasted(plain, one, str(things[contrast[2]].value))
            if turned is not None and turned not in seen:
                seen.append(turned)
            continue
        if frames.hides(plain, one.start, one.end):
            continue
        for statement in _statements(plain, things, clauses, clause, one, against_before):
            if statement.against is not None:
                against_before = statement.against
            if statement not in seen:
                seen.append(statement)
    yield from _consistent(seen)


def _contrasted(text: str, one: Found, other: str) -> Statement | None:
    """Turn what is said of another song, with which this one is contrasted, into a comparison."""
    relation = OPPOSITE.get(one.relation, "") if _negated(text, one) else one.relation
    turned = {"high": "less", "low": "more"}.get(relation)
    if turned is None or one.value is not None:
        return None
    return Statement(about=one.about, relation=turned, against=other)  # type: ignore[arg-type]


def _consistent(statements: Iterable[Statement]) -> list[Statement]:
    """Leave out what says less than another statement, or contradicts one that is surer."""
    kept: list[Statement] = []
    for one in statements:
        same = [
            other for other in kept if (other.about, other.scope, other.against) == (one.about, one.scope, one.against)
        ]
        if any(OPPOSITE.get(other.relation) == one.relation for other in same):
            continue
        if any(other.relation == one.relation and other.value == one.value for other in same):
            continue
        kept.append(one)
    abouts = {one.about for one in kept}
    out = []
    for one in kept:
        bare = one.value is None and one.relation in {"present", "high", "low", "absent", "throughout"}
        if one.about == "mode" and any(other.about == "key" for other in kept):
            continue
        if (
            one.about == "vocal_range"
            and one.relation == "low"
            and any(o.about == "vocal_range" and o.value is not None for o in kept)
        ):
            continue
        if (
            bare
            and any(
                other.about == one.about and other is not one and other.value is not None and other.scope == one.scope
                for other in kept
            )
            and one.about not in {"tempo"}
        ):
            continue
        if one.about == "riff" and one.relation == "present" and abouts & {"riff_exactness", "riff_length"}:
            continue
        if one.relation in {"present", "absent"} and any(
            o is not one
            and o.about == one.about
            and (o.scope, o.against) == (one.scope, one.against)
            and o.relation in {"present": {"high", "throughout"}, "absent": {"low"}}[one.relation]
            for o in kept
        ):
            continue
        if (
            one.about == "section"
            and one.relation == "present"
            and one.scope is not None
            and any(o is not one and o.scope in {one.scope} for o in kept)
        ):
            continue
        if (
            one.about == "density"
            and one.relation == "low"
            and "layers" in abouts
            and any(o.about == "layers" and o.relation == "absent" for o in kept)
            and len(kept) > 2
        ):
            continue
        out.append(one)
    return out


def _matches(text: str, things: Sequence[Thing]) -> list[Found]:
    words = frozenset(word if word[0] != "#" else word.rstrip("0123456789") for word in text.split())
    found = []
    for phrase in phrases_for(words):
        for match in phrase.pattern.regex.finditer(text):
            one = _found(text, things, phrase, match)
            if one.scope is None or one.against is None or one.scope.value != one.against.value:
                found.append(one)
    return found


def _found(text: str, things: Sequence[Thing], phrase: Phrase, match: re.Match[str]) -> Found:
    roles = {role: things[int(place)] for role, place in match.groupdict().items() if place is not None}
    one = Found(
        phrase=phrase,
        start=match.start(),
        end=match.end(),
        relation=phrase.relation,
        value=roles.get("value"),
        scope=roles.get("scope"),
        against=roles.get("against"),
        text=match[0],
    )
    return one


# Topics that share words: where two of these are found in the same words, the longer phrase is meant.
_SHARING = (
    {"vocal_range", "stereo_width"},
    {"bass", "density"},
    {"breathiness", "brightness"},
    {"onsets", "density"},
    {"duration", "swing"},
    {"closeness", "steps"},
    {"bass", "brightness"},
    {"breathiness", "closeness", "loudness"},
    {"dynamics", "loudness"},
    {"vocal_range", "steps"},
    {"riff", "riff_exactness"},
    {"layers", "gap_fill"},
    {"layers", "density"},
    {"vocal_highest", "tessitura", "key_change"},
    {"vocal_lowest", "tessitura", "bass"},
    {"tempo", "steadiness"},
    {"tempo", "onsets"},
    {"section", "singing"},
)


def _unshared(found: list[Found]) -> list[Found]:
    return [
        one
        for one in found
        if not any(
            other.start <= one.start
            and one.end <= other.end
            and other.end - other.start > one.end - one.start
            and any({one.about, other.about} <= group for group in _SHARING)
            and one.about != other.about
            for other in found
            if one.value is None
        )
    ]


def _settle(found: list[Found]) -> list[Found]:
    """Of the phrases of one topic that overlap keep the strongest, of these the longest."""
    ranked = sorted(found, key=lambda one: (-one.phrase.strength, -(one.end - one.start), one.start))
    kept: list[Found] = []
    for one in ranked:
        rivals = [
            other for other in kept if other.about == one.about and other.start < one.end and one.start < other.end
        ]
        if one.relation == "is":
            # Two numbers of one topic may be told in one breath, and a judgement beside a number.
            rivals = [
                other
                for other in rivals
                if other.relation == "is" and (other.value is one.value or other.value is None)
            ]
            rivals += [
                other
                for other in kept
                if other.about == one.about and other.value is one.value and one.value is not None
            ]
        else:
            rivals = [other for other in rivals if other.relation != "is"]
        if not rivals:
            kept.append(one)
    return sorted(_unshared(_one_topic_each(kept)), key=lambda one: (one.start, one.end))


# A number is of one topic: of these, that whose phrase is the shortest around it.
_EXCLUSIVE = (
    {"vocal_lowest", "vocal_highest", "vocal_span", "tessitura"},
    {"duration", "starts", "section_length", "riff_length"},
    {"vocal_range", "key_change"},
    {"singing", "starts"},
    {"section", "chord_count", "layers"},
)


def _one_topic_each(found: list[Found]) -> list[Found]:
    kept = []
    for one in found:
        rivals = [
            other
            for other in found
            if one.value is not None
            and other.value is one.value
            and other.about != one.about
            and any({one.about, other.about} <= group for group in _EXCLUSIVE)
        ]
        if all(_rank(one) < _rank(other) for other in rivals):
            kept.append(one)
    return kept


def _rank(one: Found) -> tuple[float, ...]:
    prior = {
        "key_change": 0,
        "section_length": 0,
        "starts": 1,
        "riff_length": 1,
        "tessitura": 0,
        "vocal_span": 1,
        "singing": 0,
    }.get(one.about, 2)
    if one.about in {"vocal_lowest", "vocal_highest"}:
        return (2, one.end - one.start, one.about == "vocal_lowest")
    return (prior, one.end - one.start, 0)


def _statements(
    text: str, things: Sequence[Thing], clauses: Sequence[Clause], clause: int, one: Found, against_before: str | None
) -> Iterator[Statement]:
    topic = next(topic for topic in topics() if topic.about == one.about)
    negated = _negated(text, one)
    if one.relation in {"is"}:
        yield from _numbers(text, things, clauses, clause, one, topic, negated=negated)
        return
    relation = one.relation
    if relation.startswith("as_"):
        target = _target(text, things, one.end)
        if target and target != _AT_LARGE:
            # "Not as loud as": less. "As loud as": alike, which is no topic.
            if negated:
                yield from _scoped(text, things, clauses, clause, one, topic, OPPOSITE[relation], against=target)
            return
        if target == _AT_LARGE:
            return
        judged = {"as_more": "high", "as_less": "low"}[relation]
        relation = OPPOSITE[judged] if negated else judged
        yield from _scoped(text, things, clauses, clause, one, topic, relation, against=None)
        return
    if negated:
        relation = OPPOSITE[relation]
    if relation in {"more", "less"}:
        target = _target(text, things, one.end) or _target_before(text, things, one.start)
        if target == "":
            return
        if target == _AT_LARGE:
            judged = {"more": "high", "less": "low"}[relation]
            yield from _scoped(text, things, clauses, clause, one, topic, judged, against=None)
            return
        if target is None and not _own_than(text, one.end):
            target = against_before or _target_between(text, things, one.start)
        if target is None:
            return
        yield from _scoped(text, things, clauses, clause, one, topic, relation, against=target)
        return
    if relation == "":
        return
    if one.about in {"same_chords"}:
        yield Statement(about=one.about, relation=relation, scope=_name(one.scope), against=_name(one.against))
        return
    if one.about == "same_melody":
        if one.against is not None:
            yield Statement(about=one.about, relation=relation, against=_name(one.against))
        return
    if one.about == "section":
        scope = _name(one.scope) or one.phrase.scope
        yield Statement(about=one.about, relation=relation, scope=scope)
        return
    yield from _scoped(text, things, clauses, clause, one, topic, relation, against=None)


def _scoped(
    text: str,
    things: Sequence[Thing],
    clauses: Sequence[Clause],
    clause: int,
    one: Found,
    topic: Topic,
    relation: str,
    *,
    against: str | None,
) -> Iterator[Statement]:
    scopes: Sequence[str | None] = _scopes(text, things, clauses, clause, one, against) if topic.scoped else [None]
    if one.about in {"fade_out", "duration", "riff_exactness"}:
        scopes = [None]
    value = unit = None
    if (
        one.about == "key_change"
        and one.value is not None
        and relation == "present"
        and isinstance(one.value.value, float)
    ):
        value, unit = one.value.value, "semitones"
    if one.about == "key_change" and relation == "present" and value is None:
        near = re.search(r" #semitones(\d+)(?= )", text)
        if near:
            value, unit = things[int(near[1])].value, "semitones"
    if one.about == "key_change":
        scopes = [_section_of_key_change(text, things, one)]
    if against is not None and against.startswith(_ORDINAL):
        kinds = [re.sub(r"^last | \d+$", "", name) for name in scopes if name is not None]
        if not kinds:
            return
        place = int(against.removeprefix(_ORDINAL))
        against = f"last {kinds[0]}" if place < 0 else f"{kinds[0]} {place}"
    for scope in scopes:
        if scope is not None and scope == against:
            continue
        if against is not None and scope is None and _is_section(against):
            # "The chorus climbs higher than the verse, and covers a wider compass than the verse as well."
            earlier = [str(things[int(m[1])].value) for m in _SECTION.finditer(text[: one.start])]
            scope = next((name for name in reversed(earlier) if name != against), None)
            if scope is None:
                continue
        yield Statement(about=one.about, relation=relation, value=value, unit=unit, scope=scope, against=against)  # type: ignore[arg-type]


def _section_of_key_change(text: str, things: Sequence[Thing], one: Found) -> str | None:
    match = re.search(
        r" (?:before|for|in|into|at|on|of|as|to|under) (?:the |its |a |that )?(?:\w+ )?#sections?(\d+)(?= )",
        text[one.start :],
    )
    match = match or re.search(r" (?:in|for|at|before) (?:the |its )#sections?(\d+)(?= )", text)
    match = match or re.search(r" #sections?(\d+) , which(?= )", text[: one.start])
    return None if match is None else str(things[int(match[1])].value)


def _numbers(
    text: str,
    things: Sequence[Thing],
    clauses: Sequence[Clause],
    clause: int,
    one: Found,
    topic: Topic,
    *,
    negated: bool,
) -> Iterator[Statement]:
    from riffscope.articles.numbers_of import number_statements

    scopes = _scopes(text, things, clauses, clause, one, None) if topic.scoped else [None]
    yield from number_statements(text, things, one, topic, scopes, negated=negated)


def _name(thing: Thing | None) -> str | None:
    return None if thing is None else str(thing.value)


# ------------------------------------------------------------------------------------------------------------- negations
def _negated(text: str, one: Found) -> bool:
    """Tell whether what was found is denied."""
    inside = _NO_NEGATION.sub("", one.text)
    count = 0
    if not one.phrase.pattern.negative:
        count += len(_NEGATION.findall(f"{inside} "))
    before = _NO_NEGATION.sub("", text[: one.start])
    reach = max((match.end() for match in _STOP.finditer(before + " ")), default=0)
    window = before[reach:] if reach <= len(before) else ""
    window = " ".join(window.split()[-7:])
    count += len(_NEGATION.findall(f" {window} "))
    return count % 2 == 1


# --------------------------------------------------------------------------------------------------------------- clauses
_BREAK = re.compile(
    r" (?:[,;:.!?()—]|and(?! (?:over|round|again|on|around|then|up|down) )|but|while|whereas|though|although|yet"
    r"|because|since|which|where|so|or|before|after|when|until|as)(?= )|(?<= ,) with(?= )"
)
_SUBJECT = re.compile(
    r"(?: (?:and|but|while|whereas|though|although|yet|because|since|so|when|where|as|then|also|,))*"
    r" (?:it|he|she|they|we|i|you|there|this|that|these|those|the|an?|his|her|its|their|my|our|your|nobody|nothing"
    r"|everything"
    r"|everyone|somebody|both|all|each|every|one|no|vocals|voices|drums|guitars|strings|harmonies|what|anyone"
    r"|someone|#sections?\d+|#title\d+|neither|most)(?= )"
)
_FRAGMENT = re.compile(r" (?:with|in|on|by|for|at|from|of|to|as) ")


def _clauses(text: str) -> list[Clause]:
    edges = [0, *(match.start() for match in _BREAK.finditer(text)), len(text)]
    clauses = []
    for start, end in zip(edges, edges[1:], strict=False):
        if end > start:
            clauses.append(Clause(start=start, end=end, own_subject=_has_subject(text[start:end])))
    return clauses


_WITH_NO = re.compile(r" with (?:no|not|hardly|barely|almost|next to|twice|more|less|far|fewer)(?= )")
_VERB = re.compile(
    r" (?:is|are|was|were|has|have|had|do|does|did|will|can|get|gets|go|goes|come|comes|[a-z]{3,}(?:s|ed))(?= )"
)


def _has_subject(clause: str) -> bool:
    """Tell whether a clause begins with a subject of its own: one that begins with an article needs a verb as well."""
    if clause.startswith(" with "):
        return not _WITH_NO.match(clause + " ")
    match = _SUBJECT.match(clause + " ")
    if match is None:
        return False
    return not match[0].endswith((" a", " an")) or _VERB.search(clause[match.end() :] + " ") is not None


def _clause_at(clauses: Sequence[Clause], one: Found) -> int:
    middle = one.end - 1
    return next((k for k, clause in enumerate(clauses) if clause.start <= middle < clause.end), len(clauses) - 1)


# ---------------------------------------------------------------------------------------------------------------- scopes
_SECTION = re.compile(r" #sections?(\d+)(?= )")
# What goes before a section that a statement is not about.
_NOT_ABOUT = re.compile(
    r" (?:after|until|since|than|beside|unlike|between|towards?|compared (?:with|to)|like|as in|as (?:it |she |he "
    r")?(?:is|does) in|than in|than on|than during|as|against|from)(?: (?:the|its|his|her|a|any|either|an|that"
    r"|those|of|in))*\Z"
)
_BEFORE_SECTION = re.compile(r" before(?: the| its| a)*\Z")
_JOIN = re.compile(r" (?:and|or|,|as well as|to)(?: the| its)?\Z")


def _scopes(
    text: str, things: Sequence[Thing], clauses: Sequence[Clause], clause: int, one: Found, against: str | None
) -> list[str | None]:
    """Return the sections that a statement is about; None for the whole song."""
    if one.scope is not None:
        return [_name(one.scope)]
    if one.phrase.scope is not None:
        return [one.phrase.scope]
    first, last = _clause_bounds(text, clauses, clause, one)
    near = _sections_in(text, things, first, last, against)
    if near:
        return near
    k = next((n for n, one_of in enumerate(clauses) if one_of.start <= one.start + 1 < one_of.end), clause)
    while k > 0 and not clauses[k].own_subject and not _HARD.match(text[clauses[k].start : clauses[k].start + 3] + " "):
        k -= 1
        before = _sections_in(text, things, clauses[k].start, clauses[k].end, against)
        if before:
            return before
        if clauses[k].own_subject:
            break
    label = re.search(r" #sections?(\d+) :\Z", text[: clauses[k].start + 2].rstrip()) or re.search(
        r" #sections?(\d+) : [^.;]*\Z", text[: one.start + 1]
    )
    if label:
        return [str(things[int(label[1])].value)]
    lead = re.match(
        r" (?:and |but |so |then |only |even |by |yet )?(?:in|during|for|on|by|through|throughout|over|across|come"
        r"|at|until|from)(?: [^ ,]+){0,5} #sections?(\d+)(?: [^ ,#]+){0,2} [,—]?",
        text,
    )
    if lead and one.start >= lead.start() and not _NOT_ABOUT.search(text[: lead.start(1) - len(" #section")]):
        name = str(things[int(lead[1])].value)
        others = [m for m in _SECTION.finditer(text) if str(things[int(m[1])].value) not in {name, against}]
        if name != against and not others:
            return [name]
    return [None]


def _clause_bounds(text: str, clauses: Sequence[Clause], clause: int, one: Found) -> tuple[int, int]:
    """Return the stretch that a statement's sections are looked for in: its clause, and those its phrase runs over."""
    first, last = clause, clause
    while first > 0 and clauses[first].start > one.start:
        first -= 1
    while last + 1 < len(clauses):
        if clauses[last + 1].start < one.end or re.fullmatch(
            r" (?:and|or) (?:the |in |in the |in both )?#sections?\d+(?: (?:alike|both|too|as well))?",
            text[clauses[last + 1].start : clauses[last + 1].end],
        ):
            last += 1
            continue
        break
    return clauses[first].start, clauses[last].end


def _sections_in(text: str, things: Sequence[Thing], start: int, end: int, against: str | None) -> list[str | None]:
    names: list[str | None] = []
    for match in _SECTION.finditer(text, start, end + 1):
        if match.start() >= end:
            break
        name = str(things[int(match[1])].value)
        before = text[start : match.start()]
        if (
            name == against
            or _NOT_ABOUT.search(text[max(0, match.start() - 40) : match.start()])
            or _BEFORE_SECTION.search(before)
        ):
            continue
        if re.search(r" (?:no|without|never|lacks)(?: a| any)?\Z", before):
            continue
        if names and not _JOIN.search(before):
            continue
        if name not in names:
            names.append(name)
    return names


# ------------------------------------------------------------------------------------------------------------ comparisons
_AT_LARGE = "\x00at large"
# "The last chorus is louder than the first": a section of the same kind.
_ORDINAL = "\x00ordinal "
_THAN = re.compile(r" (?:than|compared with|compared to|relative to|next to|beside|as)(?= )")


def _is_section(name: str) -> bool:
    return (
        bool(re.search(r"\b(?:intro|verse|chorus|bridge|outro|drop|solo)\b", name))
        and len(name) < 16
        and name == name.lower()
    )


def _own_than(text: str, end: int) -> bool:
    """Tell whether a comparison says itself with what, even if that is nothing that can be measured."""
    rest = text[end:]
    hard = _HARD.search(rest)
    rest = rest[: hard.start()] if hard else rest
    than = re.match(r"(?: [^ ]+){0,6}? than(?= )", rest)
    return than is not None


def _target(text: str, things: Sequence[Thing], end: int) -> str | None:
    """Return what is compared with, behind a comparative; empty where it is nothing that can be told, None where none."""
    # The last word of a comparative may have been its "as" or "than".
    rest = text[end:]
    hard = re.search(r" [;:.!?—](?= )", rest)
    if hard:
        rest = rest[: hard.start() + 1]
    if text[:end].endswith((" as", " than", " below", " above", " beneath")):
        than_end = 0
    else:
        than = re.match(
            r"(?:(?! (?:than|as) )(?: [^ ]+)){0,9}? (?:than|compared with|compared to|relative to|next to|beside|as"
            r"|over)(?= )",
            rest,
        )
        if than is None:
            return None
        than_end = than.end()
    return _named(f" {' '.join(rest[than_end:].split())} ", things)


def _named(after: str, things: Sequence[Thing]) -> str | None:
    """Return what is named behind a mark of comparison: a section, a title, another version."""
    place = re.match(
        r" (?:(?:in|on|at|of|during) )?(?:the|that of the) (first|second|third|fourth|last|final|opening"
        r"|closing)(?= (?:one )?(?:[,;.:!?)—]|and|but|\Z))",
        after + ".",
    )
    if place:
        return f"{_ORDINAL}{ORDINALS[place[1]]}"
    match = re.match(r"((?: (?!#section|#title)[^ ,]+){0,7}?) #(section|sections|title)(\d+)(?= )", after)
    version = _version(after)
    if match and (version is None or len(match[1]) <= version[0]):
        return str(things[int(match[3])].value)
    if version is not None:
        return version[1]
    if re.match(
        rf"(?: (?:in|on|with|of|for))?(?: (?:the|its|your|a))? (?:{'|'.join(map(re.escape, grammar().at_large))})(?= )",
        after,
    ):
        return _AT_LARGE
    return ""


def _target_between(text: str, things: Sequence[Thing], start: int) -> str | None:
    """Return what was compared with before: ``half as much going on as in “Harbour”, and half as much bass``."""
    found = None
    for match in re.finditer(
        r" (?:than|as)(?: (?:in|on|for|with|those of|that of|it is on|it is in|it does in))?(?: the)? #(?:section"
        r"|sections|title)(\d+)(?= )",
        text[:start] + " ",
    ):
        found = str(things[int(match[1])].value)
    return found


def _version(after: str) -> tuple[int, str] | None:
    nouns = "|".join(map(re.escape, grammar().versions))
    match = re.match(
        rf"((?: (?:on|in|for|with|of|it|she|he|they|is|was|did|does|do|were|that|those|what|as))*) ((?:the|its|his"
        rf"|her|their|an?) (?:(?!than|as|in|on|of)[\w&']+ ){{0,2}}?(?:{nouns}))(?= )",
        after,
    )
    if match is None or re.search(r"#|\bmost\b|\bother\b|\bwhole\b|\brest\b", match[2]):
        return None
    return len(match[1]), match[2]


_FRAME = re.compile(
    r"^ (?:and |but |so |yes , )?(?:set|put|placed|heard|held|played|compared|measured|beside|next|against|unlike"
    r"|alongside|up|where|while|whereas|after|side)(?: [^ ,#]+){0,4}? #title(\d+)(?= )"
)


def _target_before(text: str, things: Sequence[Thing], start: int) -> str | None:
    """Return what a sentence begins to compare with: ``set beside “Harbour”, it is slower``."""
    match = _FRAME.match(text)
    if match is not None and match.end() <= start:
        return str(things[int(match[1])].value)
    sections = re.match(
        r"^ (?:set beside|next to|compared (?:with|to)|against|unlike|beside) (?:the )?#sections?(\d+) ,", text
    )
    if sections is not None and sections.end() <= start:
        return str(things[int(sections[1])].value)
    version = re.match(
        r"^ (?:and |but |so )?(?:set beside|put beside|next to|compared (?:with|to)|against|unlike|alongside"
        r"|beside)((?: [^ ,]+){1,4}) ,",
        text,
    )
    if version is not None and version.end() <= start:
        named = _version(version[1] + " ")
        return None if named is None else named[1]
    return None


__all__ = ["NEGATIONS", "Found", "quantity", "read", "statements_of"]
