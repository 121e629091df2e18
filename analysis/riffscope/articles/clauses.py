"""Lines: a rewritten sentence with its clauses, what is denied in it, and the sections that are spoken of.

Conventions: places are in characters of the rewritten sentence, which begins and ends with a space. Source: own.
"""

import functools
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from riffscope.articles.notation import Thing

# Marks that part sentences within a sentence.
HARD_MARK = re.compile(r" [;:.!?()—](?= )")
_BREAK = re.compile(
    r" (?:[,;:.!?()—]|and(?! (?:over|round|again|on|around|then|up|down) )|but|while|whereas|though|although|yet"
    r"|because|since|which|where|so|or|before|after|when|until|as)(?= )|(?<= ,) with(?= )"
)
_SUBJECT = re.compile(
    r"(?: (?:and|but|while|whereas|though|although|yet|because|since|so|when|where|as|then|also|,))*"
    r" (?:it|he|she|they|we|i|you|there|this|that|these|those|the|an?|his|her|its|their|my|our|your|nobody|nothing"
    r"|everything|everyone|somebody|both|all|each|every|one|no|vocals|voices|drums|guitars|strings|harmonies|what"
    r"|anyone|someone|#sections?\d+|#title\d+|neither|most)(?= )"
)
_WITH_NONE = re.compile(r" with (?:no|not|hardly|barely|almost|next to|twice|more|less|far|fewer)(?= )")
_VERB = re.compile(
    r" (?:is|are|was|were|has|have|had|do|does|did|will|can|get|gets|go|goes|come|comes|[a-z]{3,}(?:s|ed))(?= )"
)
_SECTION = re.compile(r" #sections?(\d+)(?= )")
# What goes before a section that a statement is not about.
_NOT_ABOUT = re.compile(
    r" (?:after|until|since|than|beside|unlike|between|towards?|compared (?:with|to)|like|as in|(?:not )?even "
    r"(?:for|in)|except (?:for|in)|apart from|but for|save (?:for|in)"
    r"|as (?:it |she |he )?(?:is|does) in|than in|than on|than during|as|against|from|before)"
    r"(?: (?:the|its|his|her|a|any|either|an|that|those|of|in))*\Z"
)
_OTHER_SONG = re.compile(
    r"(?: (?:[,;:.!?()—]|and|but|while|whereas|though|although|so|yet|meanwhile|also|then|even))*"
    r"(?: (?:on|in|for|with|by contrast))? #title(\d+)(?= )(?! (?:and|,) #title)"
)
_BETWEEN = re.compile(r" between (?:the )?#sections?\d+ and(?: the)?\Z")
_ABSENT = re.compile(r" (?:no|without|never|lacks)(?: a| any)?\Z")
_LABEL = re.compile(r" #sections?(\d+)(?: chords| chord progression| progression| harmony| changes| key)? :\Z")
_JOIN = re.compile(r" (?:and|or|,|as well as|to)(?: the| its)?\Z")
_MORE_SECTIONS = re.compile(
    r" (?:and|or) (?:the |in |in the |in both )?#sections?\d+(?: (?:alike|both|too|as well))?\Z"
)
_LEADING = re.compile(
    r" (?:and |but |so |then |only |even |by |yet )?(?:in|during|for|on|by|through|throughout|over|across|come|at"
    r"|until|from)(?: [^ ,]+){0,5} #sections?(\d+)(?: [^ ,#]+){0,2} [,—]?"
)
# How far a section's name is looked back from for what it is to the sentence.
_REACH = 40

_NEGATION = re.compile(
    r" (?:not|never|no|nor|hardly|barely|scarcely|without|nobody|nothing|none|neither|rarely|seldom|far from"
    r"|anything but)(?= )"
)
# "Side-chaining was not used", "the riff is missing from the bridge".
_NEGATED_BEHIND = re.compile(
    r"(?: (?![,;:.!?()—] )[^ ]+){0,2} (?:is|are|was|were|has been|have been) (?:not|never|nowhere|hardly|absent"
    r"|missing)"
    r"(?= (?:used|present|there|here|heard|applied|audible|to be|needed|employed|added|in|from|on|at|anywhere"
    r"|[,;:.!?]))"
)
# Of "neither the tempo nor the key" one denies both.
_NEITHER_NOR = re.compile(r"( neither(?: (?![;:.!?])[^ ]+){1,6}?) nor(?= )")
# Of "no doubles and no harmonies", "without so much as a break" one denies.
_ALSO_NOT = re.compile(
    r"(?<= (?:no|or) )((?!#)[^ ,;:.!?]+) and (?:no|nor)(?= )|(?<= without) so much as(?= )|(?<= not) so much as(?= )"
    r"|(?<= nobody)((?: (?![,;:.!?])[^ ]+){1,4} and) nothing(?= )"
)
_NO_NEGATION = re.compile(
    r" (?:not (?:only|just|merely|simply|least|to mention|unlike|for nothing|afraid|shy|ashamed)"
    r"|no (?:doubt|wonder|matter|question|accident|surprise|mistake|fewer|less|more)"
    r"|nothing (?:but|less|if not|short)|none (?:other|the less)|no sooner|not that (?:it|he|she|anyone|there|you|i"
    r"|we)|never mind|yes and no|without (?:an? |any )?(?:change|variation|break|pause|interruption|doubt|fail))(?= )"
)
# What a negation does not reach over, and over how many words it does.
_NEGATION_ENDS = re.compile(
    r" (?:[,;:.!?()—]|but|and|yet|so|because|though|although|while|which|who|that|as|since|when|until|if|where|to)(?= )"
)
_NEGATION_WORDS = 7


@dataclass(frozen=True, kw_only=True)
class Clause:
    """A stretch between marks and conjunctions.

    Attributes
    ----------
    own_subject : bool
        Whether it begins with one; else it goes on with that of the clause before.
    """

    start: int
    end: int
    own_subject: bool


@dataclass(frozen=True)
class Line:
    """A rewritten sentence.

    Attributes
    ----------
    text : str
        With a space at either end.
    things : sequence of Thing
        What its signs stand for.
    among : frozenset of str or None
        The words and signs of the whole text, for which phrases are made; None for all that there are.
    title_known : bool
        Whether the text calls the song by its title, so that other titles are those of others.
    """

    text: str
    things: Sequence[Thing]
    among: frozenset[str] | None = None
    title_known: bool = False

    @functools.cached_property
    def places(self) -> Mapping[str, Sequence[int]]:
        """Of each of its words and signs, which word of it that is."""
        found: dict[str, list[int]] = {}
        for place, word in enumerate(self.text.split()):
            found.setdefault(without_number(word), []).append(place)
        return found

    @functools.cached_property
    def clauses(self) -> tuple[Clause, ...]:
        """Its clauses, in order."""
        edges = [0, *(match.start() for match in _BREAK.finditer(self.text)), len(self.text)]
        return tuple(
            Clause(start=start, end=end, own_subject=_has_subject(self.text[start:end]))
            for start, end in itertools.pairwise(edges)
            if end > start
        )

    def name(self, place: str | int) -> str:
        """Return what the sign of a section or a title stands for."""
        return str(self.things[int(place)].value)

    def sign_of(self, thing: Thing) -> tuple[int, int] | None:
        """Return where the sign of a thing stands."""
        place = next(k for k, other in enumerate(self.things) if other is thing)
        match = re.search(rf" #{thing.kind}{place}(?= )", self.text)
        return None if match is None else match.span()

    def other_song(self, place: int) -> str | None:
        """Return the title of the other song that the clause at a place is about; None where it is about this one."""
        if not self.title_known:
            return None
        k = self._clause_at(place + 1)
        while k > 0 and not self.clauses[k].own_subject:
            k -= 1
        found = _OTHER_SONG.match(self.text, self.clauses[k].start)
        return None if found is None else self.name(found[1])

    # ------------------------------------------------------------------------------------------------------- negations
    def denies(self, start: int, end: int, *, own: int = 0) -> bool:
        """Tell whether what stands there is denied: by a word within it, or by one before in its clause.

        Parameters
        ----------
        own : int
            How many negations are part of what was found there, as in ``no key change``.
        """
        text = _NEITHER_NOR.sub(lambda match: f"{match[1]}  or", self.text)[: len(self.text)]
        text = _ALSO_NOT.sub(lambda match: f"{match[1] or match[2] or ''}".ljust(len(match[0])), text)
        # What is no negation, as ``nothing but``, is none of the phrase's own.
        own = min(own, len(_NEGATION.findall(f"{_NO_NEGATION.sub('', self.text[start:end])} ")))
        within = len(_NEGATION.findall(f"{_NO_NEGATION.sub('', text[start:end])} ")) - own
        before = f"{_NO_NEGATION.sub('', text[:start])} "
        reach = max((match.end() for match in _NEGATION_ENDS.finditer(before)), default=0)
        words = before[reach:].split()[-_NEGATION_WORDS:]
        behind = _NEGATED_BEHIND.match(self.text, end) is not None
        return (behind + within + len(_NEGATION.findall(f" {' '.join(words)} "))) % 2 == 1

    # -------------------------------------------------------------------------------------------------------- sections
    def sections_before(self, end: int) -> list[str]:
        """Return the names of the sections that stand before a place."""
        return [self.name(match[1]) for match in _SECTION.finditer(self.text[:end] + " ")]

    def scopes(self, start: int, end: int, against: str | None = None) -> list[str | None]:
        """Return the sections that what stands there is said of; None for the whole song.

        Parameters
        ----------
        against : str, optional
            Sections that it is compared with, which it is not said of.
        """
        last = self._clause_at(end - 1)
        near = self._sections_within(*self._around(start, end, last), against)
        if near:
            return near
        k = self._clause_at(start + 1)
        while k > 0 and not self.clauses[k].own_subject and not self._after_hard_mark(k):
            k -= 1
            before = self._sections_within(self.clauses[k].start, self.clauses[k].end, against)
            if before:
                return before
        labelled = self._label_before(self.clauses[k].start, start)
        if labelled is not None:
            return [labelled]
        return [self._leading(start, against)]

    def _clause_at(self, place: int) -> int:
        found = (k for k, clause in enumerate(self.clauses) if clause.start <= place < clause.end)
        return next(found, len(self.clauses) - 1)

    def _after_hard_mark(self, k: int) -> bool:
        return HARD_MARK.match(f"{self.text[self.clauses[k].start : self.clauses[k].start + 3]} ") is not None

    def _around(self, start: int, end: int, clause: int) -> tuple[int, int]:
        """Return the clauses that a phrase runs over, with further sections that are joined to the last one."""
        first, last = clause, clause
        while first > 0 and self.clauses[first].start > start:
            first -= 1
        while last + 1 < len(self.clauses):
            following = self.clauses[last + 1]
            if following.start >= end and not _MORE_SECTIONS.match(self.text[following.start : following.end]):
                break
            last += 1
        return self.clauses[first].start, self.clauses[last].end

    def _sections_within(self, start: int, end: int, against: str | None) -> list[str | None]:
        names: list[str | None] = []
        for match in _SECTION.finditer(self.text, start, end + 1):
            if match.start() >= end:
                break
            name, before = self.name(match[1]), self.text[start : match.start()]
            behind = self.text[max(0, match.start() - _REACH) : match.start()]
            other = _NOT_ABOUT.search(behind) or _BETWEEN.search(behind) or _ABSENT.search(before)
            if name == against or other or (names and not _JOIN.search(before)):
                continue
            if name not in names:
                names.append(name)
        return names

    def _label_before(self, clause_start: int, start: int) -> str | None:
        """Return the section whose name, and a colon, goes before: ``Verse chords: i VI III VII``."""
        label = _LABEL.search(self.text[: clause_start + 2].rstrip())
        label = label or re.search(r" #sections?(\d+) : [^.;]*\Z", self.text[: start + 1])
        return None if label is None else self.name(label[1])

    def _leading(self, start: int, against: str | None) -> str | None:
        """Return the only section of a sentence that begins with it: ``In the bridge, ...``."""
        lead = _LEADING.match(self.text)
        if lead is None or _NOT_ABOUT.search(self.text[: lead.start(1) - len(" #section")]):
            return None
        name = self.name(lead[1])
        others = any(self.name(match[1]) not in {name, against} for match in _SECTION.finditer(self.text))
        return None if others or name == against or start < lead.start() else name


def words_and_signs(text: str) -> frozenset[str]:
    """Return the words of a rewritten text, and its signs without their places: ``#key``."""
    return frozenset(map(without_number, text.split()))


def without_number(word: str) -> str:
    """Return a word as it is, and a sign of a thing without the thing's place: ``#key``."""
    return word if word[0] != "#" else word.rstrip("0123456789")


def _has_subject(clause: str) -> bool:
    """Tell whether a clause begins with a subject of its own: one that begins with an article needs a verb as well."""
    if clause.startswith(" with "):
        return not _WITH_NONE.match(f"{clause} ")
    match = _SUBJECT.match(f"{clause} ")
    if match is None:
        return False
    return not match[0].endswith((" a", " an", " no")) or _VERB.search(f"{clause[match.end() :]} ") is not None
