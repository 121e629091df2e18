"""Frames: sentences, and parts of them, that state nothing of this song.

Questions, wishes, suppositions, doubts, other songs, songs at large, performances, and what a reader is asked to do.
Source: own.
"""

import re
from dataclasses import dataclass

from riffscope.articles.vocabulary import grammar

# A question turns verb and subject round, or asks for what, who and how.
_ASKS = re.compile(
    r"^ (?:and |but |so |ok |okay |now , |well , |then , )?(?:(?:is|are|was|were|do|does|did|has|have|had|can|could"
    r"|will|would|should|may|might|am) (?:it|this|that|the|a|an|he|she|they|we|you|i|there|his|her|its|their|any"
    r"|anyone|anybody|#|not|your|our|my)"
    r"|(?:what|who|why|how|when|where|which|whose|whatever happened)\b)"
)
_NAMES = re.compile(r"^ (?:and |but |so )?(?:that|this|those|these|the)(?= )")


@dataclass(frozen=True, kw_only=True)
class Frames:
    """What frames a sentence.

    Attributes
    ----------
    silent : bool
        It states nothing of this song at all.
    general : str or None
        It speaks of songs at large.
    hidden : tuple of (int, int)
        Stretches that speak of something else.
    """

    asks: bool = False
    wish: bool = False
    doubt: bool = False
    live: bool = False
    practice: bool = False
    other: bool = False
    general: str | None = None
    hidden: tuple[tuple[int, int], ...] = ()

    @property
    def silent(self) -> bool:
        """Whether it states nothing of this song."""
        return self.asks or self.wish or self.doubt or self.live or self.other or self.general is not None

    def hides(self, start: int) -> bool:
        """Tell whether what stands at a place is said of something else."""
        return any(first <= start < last for first, last in self.hidden)


def frames_of(text: str) -> Frames:
    """Find what frames a rewritten sentence."""
    found = grammar().frames
    # "That breathy, intimate sound?" names what is spoken of, and asks nothing.
    asks = text.rstrip().endswith("?") and (_ASKS.match(text) is not None or _NAMES.match(text) is None)
    general = found["general"].search(text)
    return Frames(
        asks=asks,
        wish=bool(found["wish"].search(text)),
        doubt=bool(found["doubt"].search(text)),
        live=bool(found["live"].search(text)),
        other=bool(found["other"].search(text)),
        practice=bool(found["practice"].search(text)),
        general=None if general is None else general[0],
        hidden=tuple(_hidden(text)),
    )


_CONTRAST = re.compile(
    r"^ (?:and |but |so |now )*(?:unlike|where|whereas|while|compare|contrast|set|put|next to|beside|against)(?: "
    r"(?:it|this|that|them|these|all this))?(?: (?:with|to|beside|against))?(?: (?:last|the|that|his|her|their|its"
    r"|[^ ,#]+ 's|year|old|previous|earlier|first)){0,4} #title(\d+)(?= )"
)
_AFTER_TITLE = re.compile(r" #title\d+ , (?:which|who|whose|where|with|a|an|the|her|his|their|all)(?= )")


def contrast_of(text: str) -> tuple[int, int, int] | None:
    """Return the stretch of a sentence that speaks of a song with which this one is contrasted, and that song's place.

    "Unlike “Attention”, which leans on a huge bass line, this one has none"; "Compare it with “Attention”: ...".
    """
    match = _CONTRAST.match(text)
    if match is None:
        return None
    whole = match[0].split()[0] in {"compare", "contrast"} or " compare " in match[0]
    if whole:
        return match.end(), len(text), int(match[1])
    rest = text[match.end() :]
    stop = re.search(r" , (?:it|this|the|here|she|he|there|that|these|we|you)(?= )", rest)
    return (match.end(), match.end() + stop.start(), int(match[1])) if stop and stop.start() > 0 else None


# "Below 100 Hz the mix is mono" is not said of all of it, nor is what somebody wanted said of what it became.
_NOT_SO = re.compile(
    r" even (?:when|if|where)(?= )| where (?:previously|before|until then|earlier)(?= )"
    r"| (?:previously|until then|up to then) there (?:had|was|were)(?= )|"
    r" (?:below|above|under|over)(?: [a-z]+)? #number\d+ (?:k?hz|hertz|cycles)(?=[^;:.!?]* (?:mono|stereo|wide) )"
    r"| (?:we|i|they|she|he|label|band|producer|singer)(?: (?:all|had|really|only|first|originally))? wanted(?= )"
)
_NOUNS: dict[str, re.Pattern[str]] = {}


def _hidden(text: str) -> list[tuple[int, int]]:
    """Return the stretches whose subject is something else: from that subject to the next one."""
    if "subject" not in _NOUNS:
        nouns = "|".join(re.escape(noun) for noun in sorted(grammar().other_subjects, key=len, reverse=True))
        _NOUNS["subject"] = re.compile(
            rf"(?:(?<=^)|(?<= [,;:.!?()—])|(?<= and)|(?<= but)|(?<= while)|(?<= though)|(?<= whereas)) (?:the|its"
            rf"|his|her|their|an?|that|this|my|our|your|#title\d+ 's) (?:[^ ,;:.#]+ ){{0,3}}?(?:{nouns})(?= )"
        )
    out = []
    for match in _NOUNS["subject"].finditer(text):
        rest = text[match.end() :]
        stop = re.search(
            r" (?:[;—]|, (?:and|but|while|whereas|though|so|yet)|but|whereas|while) (?:this|the song|here|this one"
            r"|the (?:original|single|record))(?= )",
            rest,
        )
        out.append((match.start(), match.end() + (stop.start() if stop else len(rest))))
    for match in _NOT_SO.finditer(text):
        stop = re.search(r" [;:.!?—](?= )|(?: ,)? but ", text[match.end() :])
        out.append((match.start(), match.end() + (stop.start() if stop else len(text))))
    for match in _AFTER_TITLE.finditer(text):
        rest = text[match.end() :]
        stop = re.search(r" , (?:it|this|the|here|she|he|there|that|these)(?= )", rest)
        if stop and re.match(r" #title\d+ , (?:which|who|whose|where) ", match[0] + " "):
            out.append((match.start(), match.end() + stop.start()))
    return out
