"""Quantities: what the words around a number make of it, such as ``at least`` or ``somewhere around``.

Source: own.
"""

import re

from riffscope.articles.article import Relation

_ABOUT_BEFORE = re.compile(
    r" (?:barely|hardly|scarcely|not quite|not even|about|around|roughly|approximately|approx|circa|ca|c|some"
    r"|nearly|almost|close to|near|like|maybe|perhaps|probably|getting on for|nigh on"
    r"|somewhere (?:around|near|about|round)|something like|something around|in the (?:region|neighbou?rhood"
    r"|vicinity|ballpark|area) of"
    r"|(?:just|only just|barely|rather|slightly|a little|a touch|a shade|a hair|a whisker|a bit|fractionally"
    r"|marginally) (?:over|under|above|below|past|more than|less than|short of|shy of|beyond|inside)"
    r"|just about|practically|more or less|pretty much|an estimated|hover(?:s|ing)? (?:at|around|about|near)|give "
    r"or take|on the order of|shy of|short of|or so|not far (?:off|from)|let us say|say|round about|well nigh|very "
    r"nearly|as good as|just shy of|upwards of about)"
    r"(?: (?:the|an?|its|at))*\Z"
)
_LEAST_BEFORE = re.compile(
    r" (?:at least|at the very least|no (?:fewer|less|lower|slower|shorter|deeper|smaller|narrower) than|not "
    r"(?:less|fewer|lower|slower|shorter|deeper) than|never (?:less|fewer|lower|slower|shorter) than"
    r"|(?:well |comfortably |a good |far )?(?:above|past|beyond)|(?:well |rather |far |much )?(?:more|longer"
    r"|greater|faster|higher|wider|later) than|upwards? of|north of|exceed(?:s|ing)?|a minimum of|minimum|in excess "
    r"of|better than|surpass(?:es|ing)?|a good|a full|not before|not until|a clear|all of)"
    r"(?: (?:the|an?|its|about|around))*\Z"
)
_MOST_BEFORE = re.compile(
    r" (?:at most|at the most|no (?:more|higher|faster|longer|greater|wider|later|bigger|larger|further) than|not "
    r"(?:more|higher|faster|longer|wider|above|over) than|never (?:more|higher|faster|longer|wider|above) than"
    r"|(?:well |comfortably )?(?:under|below|beneath|inside|within)|(?:well |rather |far |much )?(?:less|fewer"
    r"|lower|slower|shorter|narrower|earlier|deeper|smaller) than|a maximum of|maximum|max|up to|south of|as much "
    r"as|tops)"
    r"(?: (?:the|an?|its|about|around|that|first))*\Z"
)
_NOT = re.compile(r" (?:not|never|nor|hardly|rarely|barely|scarcely|nothing|nobody|without|no) (?:[^ ,;]+ ){0,5}\Z")
_HARD_TO_FIND = re.compile(
    r" (?:struggle|hard pressed|hard pushed|good luck|hard|lucky) (?:to|in)? ?(?:find|finding|hear)[^,;#]*\Z"
)
_OVER = re.compile(
    r" (?:over|above|past|beyond|higher than|more than|faster than|exceeds?|exceeding|surpass(?:es)?|longer than"
    r"|outside)(?: (?:the|an?|that|about))*\Z"
)
# "It stretches over an octave": that it is, and no more.
_REACHES_OVER = re.compile(
    r" (?:stretch(?:es|ing)?|extend(?:s|ing)?|range[sd]?|spread(?:s|ing)?|roams?|moves?|unfolds?) "
    r"over(?: (?:the|an?"
    r"|about))*\Z"
)
_UNDER = re.compile(
    r" (?:under|below|beneath|lower than|less than|fewer than|slower than|deeper than|shorter than)(?: (?:the|an?"
    r"|that|about))*\Z"
)
_LEAST_AFTER = re.compile(
    r" (?:or (?:even |possibly )?(?:more|higher|above|beyond|over|faster|longer|better|thereabove)|and (?:up|above"
    r"|upwards|over"
    r"|counting|beyond)|plus|at the (?:very )?least|minimum|at least|possibly (?:higher|more)|perhaps (?:higher"
    r"|more)|, (?:possibly|perhaps|maybe) (?:higher|more))(?= )"
)
_MOST_AFTER = re.compile(
    r"(?: of (?:it|the [^ ]+|its [^ ]+))?(?: ,)? (?:at the very outside|or (?:less|fewer|under|below|lower|slower"
    r"|deeper|shorter)|at (?:the )?most|at the outside|max|maximum|tops|and no (?:more|higher|longer|further"
    r"|faster)|, no more|and not (?:a|one) [^ ]+ more|, possibly deeper|, (?:possibly|perhaps|maybe) (?:deeper"
    r"|lower)|or possibly (?:deeper|lower)|top to bottom)(?= )"
)
_ABOUT_AFTER = re.compile(
    r" ,? ?(?:or so|or thereabouts|give or take|ish|or near(?:ly)?|approximately|roughly|more or less|odd|or "
    r"something|and change|and a bit|-ish|there or thereabouts|, give or take|if that)(?= )"
)


def quantity(text: str, start: int, end: int, *, high: object = None, downward: bool = False) -> Relation:
    """Return what the words around a number make of it: ``is``, ``about``, ``at_least``, ``at_most``, ``between``.

    Parameters
    ----------
    text : str
        A rewritten sentence.
    start, end : int
        Where the number's sign stands in it.
    high : object, optional
        The upper end, where it is a range.
    downward : bool
        Whether to go past it is to go below it, as for the lowest note.
    """
    if high is not None:
        return "between"
    before = text[max(0, start - 70) : start]
    cut = max((match.end() for match in re.finditer(r" [;:.!?()—](?= )", before)), default=0)
    before = before[cut:]
    after = text[end : end + 40] + " "
    denied = _NOT.search(_tail(before)) is not None or _HARD_TO_FIND.search(before) is not None
    if _ABOUT_BEFORE.search(before) or _ABOUT_AFTER.match(after):
        return "about"
    if downward and re.search(r" (?:past|beyond|further than)(?: (?:the|an?))*\Z", before):
        return "at_least" if denied else "at_most"
    if downward and re.match(
        r" ,? ?(?:if not|possibly|perhaps|maybe|and possibly) (?:further|lower|deeper|below)(?= )", after
    ):
        return "at_most"
    if not downward and re.match(
        r" ,? ?(?:if not|possibly|perhaps|maybe|and possibly) (?:further|higher|above|more|longer)(?= )", after
    ):
        return "at_least"
    if denied and _OVER.search(before):
        return "at_most"
    if denied and _UNDER.search(before):
        return "at_least"
    if _LEAST_AFTER.match(after):
        return "at_least"
    if _MOST_AFTER.match(after):
        return "at_most"
    if _LEAST_BEFORE.search(before) or (_OVER.search(before) and not _REACHES_OVER.search(before)):
        return "at_least"
    if _MOST_BEFORE.search(before):
        return "at_most"
    return "is"


def _tail(before: str) -> str:
    """Return the words before a number that a negation may reach from."""
    comma = before.rfind(" , ")
    return f" {' '.join(before[comma + 2 if comma >= 0 else 0 :].split()[-8:])} "
