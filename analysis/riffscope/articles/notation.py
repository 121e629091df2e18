"""Notation: the numbers, notes, keys, chords, times, intervals, sections and titles that stand in a sentence.

Conventions: a sentence is rewritten in lower case with single spaces, hyphens and contractions undone, marks of
punctuation as words of their own, and each of these things replaced by a sign and its place in a list, as in
``it is in #key0 at #bpm1 .``. Intervals are in semitones, durations and times in seconds. Source: own; intervals as in
common practice, from the unison on.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from riffscope.chord_names import read_chord, read_roman

_UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_LOOSE = {"half a dozen": 6, "a half dozen": 6, "a dozen": 12, "a couple of": 2, "a pair of": 2, "a couple": 2}
_PARTS = {"half": 0.5, "quarter": 0.25, "third": 1 / 3, "three quarters": 0.75, "two thirds": 2 / 3}
ORDINALS = {
    "first": 1, "opening": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4,
    "last": -1, "final": -1, "closing": -1, "concluding": -1,
}  # fmt: skip
# Semitones of the intervals that are written as ordinals: of a major scale, or perfect.
INTERVALS = {
    "second": 2, "third": 4, "fourth": 5, "fifth": 7, "sixth": 9, "seventh": 11, "octave": 12, "ninth": 14,
    "tenth": 16, "eleventh": 17, "twelfth": 19, "thirteenth": 21, "fourteenth": 23, "fifteenth": 24,
}  # fmt: skip
_MINOR_INTERVALS = {"second", "third", "sixth", "seventh", "ninth", "tenth", "thirteenth", "fourteenth"}
# The names of sections as people write them, and what they are called here.
SECTIONS = {
    "intro": "intro", "introduction": "intro", "verse": "verse", "pre-chorus": "pre-chorus", "prechorus": "pre-chorus",
    "pre chorus": "pre-chorus", "chorus": "chorus", "refrain": "chorus", "bridge": "bridge", "middle eight": "bridge",
    "middle 8": "bridge", "middle-eight": "bridge", "middle-8": "bridge", "outro": "outro", "coda": "outro",
    "drop": "drop", "solo": "solo", "guitar solo": "solo", "sax solo": "solo", "saxophone solo": "solo",
    "piano solo": "solo", "keyboard solo": "solo", "synth solo": "solo", "instrumental solo": "solo",
}  # fmt: skip
_ONLY_IN_FORMS = {
    "hook": "chorus", "instrumental": "instrumental", "instrumental break": "instrumental",
    "interlude": "instrumental", "break": "instrumental", "post-chorus": "post-chorus", "breakdown": "breakdown",
}  # fmt: skip

_NUMBER_WORD = (
    rf"(?:(?:an?|one|two) hundred(?:(?: and)?[ -](?:(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(list(_UNITS)[1:10])}))?"
    rf"|{'|'.join(_UNITS)}))?|(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(list(_UNITS)[1:10])}))?|{'|'.join(_UNITS)})"
)
_DIGITS = r"\d{1,7}(?:,\d{3})*(?:\.\d{1,6})?"
NUMBER = (
    rf"(?:(?:minus |[-−–](?=\d))?(?:{_DIGITS}|{_NUMBER_WORD})(?: and (?:a )?(?:half|quarter|third)| and three[- "
    rf"]quarters?|½|¼|¾| point (?:{'|'.join(_UNITS)}))?"
    r"|half a dozen|a half[- ]dozen|a dozen|a couple(?: of)?)"
)
_RANGE = r"\s?(?:-|–|—|to|and|or)\s?"
_LETTER = r"[A-G]"
_ACCIDENTAL = r"(?:\s?[♯♭]|[#b](?![a-z])|[-\s]?(?:sharp|flat)\b)"
_NOTE_NAME = rf"{_LETTER}{_ACCIDENTAL}?"
_MODE = r"(?:major|minor|maj\b|min\b)"


@dataclass(frozen=True, kw_only=True)
class Thing:
    """A number, a note, a section ... that stands in a sentence.

    Attributes
    ----------
    kind : str
        ``bpm``, ``lufs``, ``key``, ``note``, ``chords``, ``form``, ``meter``, ``clock``, ``length``, ``semitones``,
        ``bars``, ``beats``, ``percent``, ``section``, ``title``, ``mode`` or ``number``.
    value : number, str, tuple of str or None
    high : number, str or None
        The upper end of a range.
    text : str
        As it stands in the sentence.
    """

    kind: str
    value: float | str | tuple[str, ...] | None
    high: float | str | None = None
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Rewritten:
    """A sentence with its things replaced by signs."""

    text: str
    things: tuple[Thing, ...]


def read_number(text: str) -> float | None:
    """Read a number in digits or in words: ``seventy-six``, ``3.5``, ``minus nine and a half``; None where it is none."""
    words = text.strip().lower().replace("−", "-").replace("–", "-")
    if words in _LOOSE:
        return float(_LOOSE[words])
    sign = 1.0
    for minus in ("minus ", "-"):
        if words.startswith(minus):
            sign, words = -1.0, words.removeprefix(minus)
    more = 0.0
    for tail, part in (
        (" and a half", 0.5),
        (" and half", 0.5),
        ("½", 0.5),
        (" and a quarter", 0.25),
        (" and a third", 1 / 3),
        (" and three quarters", 0.75),
        (" and three-quarters", 0.75),
        (" and three-quarter", 0.75),
        (" and three quarter", 0.75),
        ("¼", 0.25),
        ("¾", 0.75),
    ):
        if words.endswith(tail):
            more, words = part, words.removesuffix(tail)
    if " point " in words:
        words, _, decimal = words.partition(" point ")
        more = _UNITS.get(decimal.strip(), 0) / 10
    words = words.strip()
    if re.fullmatch(_DIGITS, words):
        return sign * (float(words.replace(",", "")) + more)
    total = 0
    for word in re.split(r"[\s-]+", words.replace(" and ", " ")):
        if word in {"a", "an"}:
            total += 1
        elif word == "hundred":
            total = max(1, total) * 100
        elif word in _UNITS or word in _TENS:
            total += _UNITS.get(word, _TENS.get(word, 0))
        else:
            return None
    return sign * (total + more)


def note_name(text: str) -> str:
    """Write the name of a note without its octave in ASCII: ``C-sharp`` -> ``C#``, ``B♭`` -> ``Bb``."""
    letter, rest = text.strip()[0].upper(), text.strip()[1:].lower()
    if "sharp" in rest or "♯" in rest or "#" in rest:
        return f"{letter}#"
    if "flat" in rest or "♭" in rest or rest.strip() in {"b"}:
        return f"{letter}b"
    return letter


class _Rewriter:
    """Replaces things by signs, one kind after the other."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.things: list[Thing] = []

    def sign(self, thing: Thing) -> str:
        self.things.append(thing)
        return f" \x00{len(self.things) - 1}\x01 "

    def sub(self, pattern: re.Pattern[str], make: Callable[[re.Match[str]], Thing | str | None]) -> None:
        """Replace what a function makes of each match: a thing by its sign, a text by itself; None leaves it."""

        def put(match: re.Match[str]) -> str:
            made = make(match)
            if made is None:
                return match[0]
            return made if isinstance(made, str) else self.sign(made)

        self.text = pattern.sub(put, self.text)


def rewrite(sentence: str, titles: tuple[str, ...] = ()) -> Rewritten:
    """Replace the things in a sentence by signs, and undo contractions, capitals and hyphens.

    Parameters
    ----------
    titles : tuple of str
        Titles of songs that are known: they are found without quotes too.
    """
    made = _Rewriter(_one_spelling(sentence))
    _titles(made, titles)
    for step in (
        _forms,
        _chords,
        _keys,
        _notes,
        _meters,
        _loudness,
        _tempi,
        _lengths,
        _intervals,
        _counts,
        _percents,
        _sections,
        _modes,
    ):
        step(made)
    made.sub(_BARE_NUMBER, lambda m: _thing("number", m))
    return Rewritten(text=_words(made), things=tuple(made.things))


def _one_spelling(text: str) -> str:
    for signs, one in (("‘’‛′`", "'"), ("“”„″«»", '"'), ("‑‐", "-"), ("\u00a0\u2009\u202f\t\r\n", " ")):
        for sign in signs:
            text = text.replace(sign, one)
    return re.sub("[\x00-\x1f\x7f]", " ", text)


# ------------------------------------------------------------------------------------------------------------- titles
_QUOTED = re.compile(r"\"([^\"]{1,80})\"|(?<![A-Za-z0-9])'([^'\"]{1,60}(?:'[a-z][^'\"]{0,40})?)'(?![A-Za-z])")
_SMALL = {
    "a",
    "an",
    "and",
    "the",
    "of",
    "in",
    "on",
    "to",
    "for",
    "at",
    "by",
    "with",
    "from",
    "or",
    "is",
    "it",
    "my",
    "me",
}
# A name in capitals where another song is named without quotes.
_NAMED = re.compile(
    r"(?<=\bthan )(?:on |in |is )?((?:[A-Z][\w'&]+)(?: (?:(?:of|the|and|in|on|to|a|for|at|my|with) "
    r")*[A-Z][\w'&]+){0,5})(?=[\s,.;:!?]|\Z)"
)
_NOT_TITLES = {"I", "He", "She", "It", "They", "We", "You", "The", "A", "An", "This", "That"}


def looks_like_title(text: str) -> bool:
    """Tell whether words in quotes are a title: each begins with a capital, but for small words."""
    words = re.findall(r"[^\W\d_][\w'’&]*|\d+", text)
    large = [word for word in words if word.lower() not in _SMALL]
    return (
        bool(large)
        and len(words) <= 9
        and words[0][0].isupper() | words[0].isdigit()
        and all(word[0].isupper() or word[0].isdigit() for word in large)
    )


def _titles(made: _Rewriter, titles: tuple[str, ...]) -> None:
    def quoted(match: re.Match[str]) -> Thing | str | None:
        inner = (match[1] or match[2]).strip()
        if "=" in inner or "♩" in inner:
            return f" {inner} "
        bare = inner.rstrip(",.;:!?").strip()
        tail = "".join(sign for sign in inner[len(bare) :] if sign in ",;:")
        if looks_like_title(bare):
            return made.sign(Thing(kind="title", value=bare, text=bare)) + tail
        return f" {inner} "

    made.sub(_QUOTED, quoted)
    for title in sorted(titles, key=len, reverse=True):
        if len(title) >= 3:
            pattern = re.compile(rf"(?<![\w\x00]){re.escape(_one_spelling(title))}(?!\w)")
            made.sub(pattern, lambda match: Thing(kind="title", value=match[0], text=match[0]))
    made.sub(
        _NAMED,
        lambda match: (
            None
            if match[1].split()[0] in _NOT_TITLES or re.fullmatch(rf"{_NOTE_NAME}\d?", match[1])
            else match[0].replace(match[1], made.sign(Thing(kind="title", value=match[1], text=match[1])))
        ),
    )


# -------------------------------------------------------------------------------------------- forms, chords, keys, notes
_SECTION_NAME = "|".join(sorted(map(re.escape, (*SECTIONS, *_ONLY_IN_FORMS)), key=len, reverse=True))
_FORM_ITEM = (
    rf"(?:(?:an?|another|one more|a (?:first|second|third|last|final|short|brief)|two|three|the) "
    rf")?(?:{_SECTION_NAME})(?:e?s)?"
    r"(?: (?:\d|one|two|three|again|first|back to back|once more)\b)?"
)
_FORM_SEPARATOR = r"\s*(?:[-–—→>/|,;+]|,?\s(?:and then|then|and|to|into|followed by|back to(?: the)?)(?=\s))+\s*"
_FORM = re.compile(rf"(?<![\w-]){_FORM_ITEM}(?:{_FORM_SEPARATOR}(?:{_FORM_ITEM})(?![\w-]))+", re.IGNORECASE)
_FORM_PART = re.compile(rf"(?<![\w-])(two |three )?({_SECTION_NAME})(?:e?s)?(?![\w-])", re.IGNORECASE)


def _forms(made: _Rewriter) -> None:
    def form(match: re.Match[str]) -> Thing | None:
        known = {**SECTIONS, **_ONLY_IN_FORMS}
        names = [
            known[part[2].lower()]
            for part in _FORM_PART.finditer(match[0])
            for _ in range({"two ": 2, "three ": 3}.get((part[1] or "").lower(), 1))
        ]
        # "The verse, the chorus and the bridge" are named, not put in order.
        listed = re.search(r"\bthe\b|(?<!es)s\b(?<!chorus)", match[0], re.IGNORECASE)
        ordered = re.search(
            r"\b(?:then|again|first|another|more|back to|followed)\b",
            match.string[max(0, match.start() - 12) : match.end()],
            re.IGNORECASE,
        )
        if len(names) < 3 or (listed and not ordered):
            return None
        return Thing(kind="form", value=tuple(names), text=match[0])

    made.sub(_FORM, form)


_QUALITY = (
    r"(?:maj7|maj9|min7|m7b5|m7♭5|m7|m9|m6|m|maj|min|dim7|dim|aug|sus2|sus4|sus|add9|7sus4|7|6|9|11|13|°7?|ø7?|\+)?"
)
_CHORD = (
    rf"(?:{_LETTER}(?:[♯♭#]|[-\s]?(?:sharp|flat))?\s(?:major|minor)(?: seventh| seven| 7th| 7)?(?!\w)"
    rf"|{_LETTER}[-\s](?:sharp|flat)(?!\w)"
    rf"|{_LETTER}(?:[♯♭#b])?{_QUALITY}(?:/{_LETTER}[♯♭#b]?)?(?![\w♯♭#]))"
)
_BETWEEN = (
    r"(?:\s*(?:[-–—→>|,/·]|\.\.\.)+\s*(?:(?:and|then|to)\s+)*|\s+(?:and then|then|to|and|up to|down to|back to)\s+|\s)"
)
_CHORDS = re.compile(rf"(?<![\w♯♭#/'])(?:{_CHORD})(?:{_BETWEEN}(?:{_CHORD}))+")
_ONE_CHORD = re.compile(rf"(?<![\w♯♭#])(?:{_CHORD})")
_DEGREE = r"(?:[b♭#♯]?(?:VII|VI|IV|V|III|II|I|vii|vi|iv|v|iii|ii|i)(?:maj7|7|°|ø|o)?)"
_DEGREES = re.compile(
    rf"(?<![\w♯♭#/'])(?:{_DEGREE})(?:\s*(?:[-–—→>|,/·])\s*(?:and |then )?(?:{_DEGREE})(?![\w'])|\s(?:to|and"
    rf"|then)\s(?:{_DEGREE})(?![\w'])){{2,}}"
)
_NASHVILLE = re.compile(r"(?<![\w./-])[1-7]m?(?:[-–][1-7]m?){2,7}(?![\w./-])")
_TWO_CHORDS = re.compile(
    r"\b(?:chords?|alternat\w*|vamps?|progression|oscillat\w*|seesaw\w*|rocks?|two chord|between)\b", re.IGNORECASE
)
_NASHVILLE_DEGREES = ("I", "ii", "iii", "IV", "V", "vi", "vii°")


def _chord(text: str) -> str:
    """Write a chord in ASCII, as musicians do: ``F♯m7``, ``A minor`` -> ``F#m7``, ``Am``."""
    named = re.fullmatch(
        rf"({_LETTER})(?:(♯|#|[-\s]?sharp)|(♭|[-\s]?flat))?\s?(major|minor)?(\s(?:seventh|seven|7th|7))?", text
    )
    if named:
        accidental = "#" if named[2] else "b" if named[3] else ""
        seventh = "7" if named[5] else ""
        mode = {"minor": "m", "major": "maj" if seventh else "", None: ""}[named[4]]
        return f"{named[1]}{accidental}{mode}{seventh}"
    return text.replace("♯", "#").replace("♭", "b")


def _chords(made: _Rewriter) -> None:
    def chords(match: re.Match[str]) -> Thing | str | None:
        names = [_chord(one[0]) for one in _ONE_CHORD.finditer(match[0])]
        words = re.fullmatch(r"[\sA-Z]+", match[0])  # "A B C" may be letters of anything, an article among them
        keys = re.search(r"major|minor", match[0]) and not re.search(
            r"chord|harmony|progress|goes|cycl|loop", made.text, re.IGNORECASE
        )
        if len(names) < 2 or words or (len(names) == 2 and (keys or not _TWO_CHORDS.search(made.text))):
            return None
        if (
            len(names) == 2
            and re.search(rf"\b(?:from|between)\s\Z", made.text[: match.start()])
            and "chord" not in made.text.lower()
        ):
            return None
        try:
            for name in names:
                read_chord(name)
        except ValueError:
            return None
        return Thing(kind="chords", value=tuple(names), text=match[0])

    def degrees(match: re.Match[str]) -> Thing | None:
        names = [one[0].replace("♯", "#").replace("♭", "b") for one in re.finditer(_DEGREE, match[0])]
        try:
            for name in names:
                read_roman(name, 0, "major")
        except ValueError:
            return None
        return Thing(kind="chords", value=tuple(names), text=match[0])

    def numbers(match: re.Match[str]) -> Thing | None:
        if not re.search(r"chord|progression|harmon|loop", made.text, re.IGNORECASE):
            return None
        names = [_NASHVILLE_DEGREES[int(one[0]) - 1] for one in re.split("[-–]", match[0])]
        return Thing(kind="chords", value=tuple(names), text=match[0])

    made.sub(_CHORDS, chords)
    made.sub(_DEGREES, degrees)
    made.sub(_NASHVILLE, numbers)


_KEY = re.compile(
    rf"(?<![\w♯♭#])({_NOTE_NAME})[-\s]?(major|minor|maj|min)(?!\w)(?!\s(?:seventh|7|triad|chord|pentatonic|scale))"
)
_SHORT_KEY = re.compile(
    r"(?:(?<=\bin )|(?<=\b[Kk]ey of )|(?<=\b[Kk]ey: ))(?:the key of )?([A-Ga-g])([♯♭#b]?)\s?(m|min|minor|maj"
    r"|major)(?![\w♯♭#])"
)
_BARE_KEY = re.compile(rf"(?<=\bkey of )({_NOTE_NAME})(?![\w♯♭#])")
_DORIAN = re.compile(
    rf"(?<![\w♯♭#]){_NOTE_NAME}[-\s](?:dorian|mixolydian|lydian|phrygian|locrian|aeolian|ionian|blues)\b", re.IGNORECASE
)


def _keys(made: _Rewriter) -> None:
    made.sub(_DORIAN, lambda m: Thing(kind="modal", value=None, text=m[0]))

    def key(match: re.Match[str]) -> Thing | None:
        # "A major hit", "a minor key": an article.
        if match[1] == "A" and (
            not match.string[: match.start()].strip(" \"'(—-")
            and re.match(r"\s[a-z]", match.string[match.end() :])
            or re.match(r"\s(?:key|mode|one)\b", match.string[match.end() :])
        ):
            return None
        mode = "minor" if match[2].lower().startswith("min") else "major"
        return Thing(kind="key", value=f"{note_name(match[1])} {mode}", text=match[0])

    def short(match: re.Match[str]) -> Thing | None:
        if match[1] == "a" and not match[2] and match[3] not in {"m", "min"}:
            return None
        mode = "minor" if match[3] in {"m", "min", "minor"} else "major"
        return Thing(kind="key", value=f"{note_name(match[1] + match[2])} {mode}", text=match[0])

    made.sub(_KEY, key)
    made.sub(_SHORT_KEY, short)
    made.sub(_BARE_KEY, lambda m: Thing(kind="tonic", value=note_name(m[1]), text=m[0]))


_NOTE = re.compile(
    rf"(?<![\w♯♭#])({_NOTE_NAME}|[cdefgab](?=[♯♭#b]?\d))([♯♭#b]?)[\s-]?(?<![\s-])(\d)(?![\w/♯♭#:%]|\.\d)"
)
_WORDED_NOTE = re.compile(rf"(?<![\w♯♭#])({_LETTER})[-\s](sharp|flat|natural)[-\s]?(\d)(?![\w/:%]|\.\d)")
_ABOVE_IT = re.compile(
    rf"\x00(\d+)\x01([^\x00]{{1,40}}?)(?:the |an? )(?<![\w♯♭#])({_NOTE_NAME})\s(?:(an octave|two octaves)\s)?(above"
    rf"|below)\s(?:it|that)\b"
)
_ABOUT_MIDDLE_C = re.compile(
    rf"(?:the |an? )?(?<![\w♯♭#])({_NOTE_NAME})(?:\s(?:natural))?(?:,)?\s(?:(an octave and a bit|an octave|one "
    rf"octave|two octaves)\s)?"
    r"(?:just\s)?(under|below|beneath|above|over)\smiddle\s[Cc]\b"
)
_MIDDLE_C = re.compile(r"\bmiddle\s[Cc]\b(?!\w)")


def _note_beside(note: str, name: str, *, up: bool, octaves: int) -> str:
    """Return the note of a name that lies next above or below another, or so many octaves further."""
    octave = int(note[-1])
    same = _STEPS.index(name[0]) > _STEPS.index(note[0])
    if up:
        octave += 0 if same else 1
    else:
        octave -= 1 if same else 0
        octave -= 1 if name[0] == note[0] else 0
    return f"{name}{octave + (octaves if up else -octaves)}"


_STEPS = "CDEFGAB"


def _notes(made: _Rewriter) -> None:
    def beside_middle_c(match: re.Match[str]) -> Thing:
        name = note_name(match[1])
        pitch = "C D EF G A B".index(name[0])
        up = match[3] in {"above", "over"}
        octave = 4 if up else 3
        if name[0] == "C" and len(name) == 1:
            octave = 5 if up else 3
        further = {"two octaves": 1, "an octave": 0 if pitch == 0 else 1, "one octave": 0 if pitch == 0 else 1}.get(
            match[2] or "", 0
        )
        octave += further if up else -further
        return Thing(kind="note", value=f"{name}{octave}", text=match[0])

    def note(match: re.Match[str]) -> Thing | None:
        return Thing(kind="note", value=f"{note_name(match[1] + match[2])}{match[3]}", text=match[0])

    made.sub(_ABOUT_MIDDLE_C, beside_middle_c)
    made.sub(_MIDDLE_C, lambda m: Thing(kind="note", value="C4", text=m[0]))
    made.sub(
        _WORDED_NOTE,
        lambda m: Thing(
            kind="note", value=f"{note_name(m[1] + (' ' + m[2] if m[2] != 'natural' else ''))}{m[3]}", text=m[0]
        ),
    )
    made.sub(_NOTE, note)

    def above_it(match: re.Match[str]) -> str | None:
        first = made.things[int(match[1])]
        if first.kind != "note":
            return None
        # "The D below middle C to the A above it": above middle C.
        beside = "C4" if "middle c" in first.text.lower() else str(first.value)
        second = _note_beside(
            beside,
            note_name(match[3]),
            up=match[5] == "above",
            octaves={"an octave": 1, "two octaves": 2}.get(match[4] or "", 0),
        )
        return f"\x00{match[1]}\x01{match[2]}{made.sign(Thing(kind='note', value=second, text=match[3]))}"

    made.sub(_ABOVE_IT, above_it)

    def span(match: re.Match[str]) -> Thing | None:
        one, other = made.things[int(match[1])], made.things[int(match[2])]
        if (
            one.kind != "note"
            or other.kind != "note"
            or (match[0].strip().find(" and ") >= 0 and "between" not in made.text.lower())
        ):
            return None
        return Thing(kind="notes", value=one.value, high=str(other.value), text=f"{one.text}–{other.text}")

    made.sub(
        re.compile(
            "\x00(\\d+)\x01[\\s,]*(?:-|–|—|to|up to|all the way (?:up )?to|right up to|and|through)\\s*(?:an? (?:high|top|peak) (?:of|note of)?|the|a)?\\s*\x00(\\d+)\x01"
        ),
        span,
    )


# -------------------------------------------------------------------------------------------- meters, levels and tempi
_METERS = {
    "common time": "4/4", "four-four": "4/4", "four four": "4/4", "four-to-the-bar": "4/4", "waltz time": "3/4",
    "waltz-time": "3/4", "three-four": "3/4", "three four": "3/4", "triple time": "3/4", "triple meter": "3/4",
    "triple metre": "3/4", "six-eight": "6/8", "six eight": "6/8", "five-four": "5/4", "five four": "5/4",
    "seven-eight": "7/8", "seven eight": "7/8", "twelve-eight": "12/8", "twelve eight": "12/8", "cut time": "2/2",
    "two-four": "2/4", "nine-eight": "9/8", "quadruple time": "4/4", "quadruple meter": "4/4", "seven-four": "7/4",
    "quintuple time": "5/4", "quintuple meter": "5/4", "compound duple": "6/8", "simple triple": "3/4",
    "simple quadruple": "4/4",
}  # fmt: skip
_METER_WORDS = re.compile(
    rf"\b(?:{'|'.join(sorted(_METERS, key=len, reverse=True))})\b(?: time| meter| metre)?", re.IGNORECASE
)
_METER_DIGITS = re.compile(r"(?<![\w/.,])(2|3|4|5|6|7|9|11|12)/(2|4|8|16)(?![\w/]|\.\d)")
_BEATS_IN_BAR = re.compile(
    rf"\b({_NUMBER_WORD}|\d)[-\s](?:beats?|crotchets?|quarter[- ]notes?|quarters) (?:to|in|per) (?:the|a|each"
    rf"|every) (?:bar|measure)\b|\b(\w+) (?:to|in) (?:the|a|each|every) bar\b(?! line)",
    re.IGNORECASE,
)


def _meters(made: _Rewriter) -> None:
    made.sub(_METER_DIGITS, lambda m: Thing(kind="meter", value=f"{m[1]}/{m[2]}", text=m[0]))
    made.sub(
        _METER_WORDS,
        lambda m: Thing(
            kind="meter",
            value=_METERS[
                re.sub(" (?:time|meter|metre)$", "", m[0].lower()) if m[0].lower() not in _METERS else m[0].lower()
            ],
            text=m[0],
        ),
    )

    def beats(match: re.Match[str]) -> Thing | None:
        number = read_number(match[1] or match[2])
        return None if number not in {2, 3, 4, 5, 6, 7} else Thing(kind="meter", value=f"{number:g}/4", text=match[0])

    made.sub(_BEATS_IN_BAR, beats)


def _ranged(kind: str, unit: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.,:/-])({NUMBER})(?:{_RANGE}({NUMBER}))?[-\s]?(?:{unit})", re.IGNORECASE)


_LUFS = _ranged("lufs", r"(?:db )?(?:lufs|lkfs)\b")
_BPM = _ranged(
    "bpm",
    r"(?:bpms?\b|b\.p\.m\.?|(?:quarter[- ]note |crotchet )?beats[- ](?:per|a|to the|every|each)[- ]minute\b|clicks "
    r"(?:per|a) minute\b|to the minute\b)",
)
_METRONOME = re.compile(
    rf"(?:(?:dotted )?(?:♩|♪|𝅘𝅥|quarter[- ]notes?|crotchets?|quavers?|half[- ]notes?|minims?)\.?\s*(?:=|at"
    rf"|equals)\s*|\bm\.?m\.?\s*=?\s*)(?:c\.?|ca\.?|circa|about|approx\.?)?\s*({NUMBER})(?:{_RANGE}({NUMBER}))?\b",
    re.IGNORECASE,
)
_TEMPO_OF = re.compile(
    rf"(?<=\btempo )((?:marking |mark |setting |reading )?(?:of|is|was|at|:|=|sits at|stays at)\s(?:a |an "
    rf")?(?:steady |brisk |relaxed |strict |slow |fast |leisurely |moderate )?(?:about |around |roughly "
    rf"|approximately |exactly |c\. ?|ca\. ?|some )?)({NUMBER})(?:{_RANGE}({NUMBER}))?(?=[\s.,;)!?]|\Z)(?!\s?(?:%"
    rf"|per ?cent|seconds|minutes|bars))",
    re.IGNORECASE,
)
_BPM_BEFORE = re.compile(
    rf"\b(?:bpm|tempo)\s*(?:\(bpm\))?\s*[:=]\s*(?:c\.|ca\.|about"
    rf"|approx\.?)?\s*({NUMBER})(?:{_RANGE}({NUMBER}))?(?!\s?bpm)\b",
    re.IGNORECASE,
)


def _thing(kind: str, match: re.Match[str], low: int = 0, high: int | None = None) -> Thing | None:
    value = read_number(match[low] if low else match[0])
    upper = read_number(match[high]) if high is not None and match[high] else None
    return None if value is None else Thing(kind=kind, value=value, high=upper, text=match[0].strip())


def _loudness(made: _Rewriter) -> None:
    def lufs(match: re.Match[str]) -> Thing | None:
        made_ = _thing("lufs", match, 1, 2)
        if made_ is None:
            return None
        # Levels are below full scale, whether or not a minus is written.
        value = -abs(float(made_.value)) if isinstance(made_.value, float) else made_.value
        return Thing(
            kind="lufs", value=value, high=None if made_.high is None else -abs(float(made_.high)), text=match[0]
        )

    made.sub(_LUFS, lufs)
    made.sub(_ranged("lu", r"(?:lu)\b"), lambda m: _thing("lu", m, 1, 2))
    made.sub(_ranged("db", r"(?:db|decibels?)\b"), lambda m: _thing("db", m, 1, 2))


def _tempi(made: _Rewriter) -> None:
    made.sub(_BPM, lambda m: _thing("bpm", m, 1, 2))
    made.sub(_METRONOME, lambda m: _thing("bpm", m, 1, 2))

    def tempo_of(match: re.Match[str]) -> str | None:
        found = _thing("bpm", match, 2, 3)
        return None if found is None or not 30 <= float(str(found.value)) <= 300 else match[1] + made.sign(found)

    made.sub(_TEMPO_OF, tempo_of)

    def bpm(match: re.Match[str]) -> str | None:
        found = _thing("bpm", match, 1, 2)
        return None if found is None else "tempo " + made.sign(found)

    made.sub(_BPM_BEFORE, bpm)


# --------------------------------------------------------------------------------------- lengths, intervals and counts
_SECONDS_PART = rf"({NUMBER})[-\s]?(?:seconds?|secs?|s)\b"
_MINUTES = re.compile(
    rf"(?<![\w.,:/])(?:(half a minute|half[- ]minute)|((?:an?(?: full| good| whole)?|{NUMBER})(?: and a half| and a "
    rf"quarter)?)[-\s]?(?:minutes?|mins?)( and a half| and a quarter)?"
    rf"(?:,?\s?(?:and\s)?({NUMBER})(?:[-\s]?(?:seconds?|secs?|s)\b|(?=[\s.,;]|\Z)(?!\s?(?:bars|beats|bpm|%"
    rf"|per)))?)?)(?!\w)",
    re.IGNORECASE,
)
_SHORT_LENGTH = re.compile(r"(?<![\w.,:/])(\d{1,2})\s?(?:m|'|min)\s?(\d{1,2})\s?(?:s\b|\"|''|sec\b)", re.IGNORECASE)
_ONLY_SECONDS = re.compile(rf"(?<![\w.,:/])({NUMBER})(?:{_RANGE}({NUMBER}))?[-\s]?(?:seconds?|secs?)\b", re.IGNORECASE)
_CLOCK = re.compile(
    r"(?<![\w:./])(\d{1,2}):([0-5]\d)(?:\s?(?:-|–|to|and)\s?(\d{1,2}):([0-5]\d))?(?![\w:/]|\.\d)(?!\s?[ap]\.?m)"
)
_MINUTE_RANGE = re.compile(rf"(?<![\w.,:/])({NUMBER}){_RANGE}({NUMBER})\s?(?:minutes?|mins?)\b", re.IGNORECASE)


def _lengths(made: _Rewriter) -> None:
    def clock(match: re.Match[str]) -> Thing:
        high = None if match[3] is None else 60.0 * int(match[3]) + int(match[4])
        return Thing(kind="clock", value=60.0 * int(match[1]) + int(match[2]), high=high, text=match[0])

    def minutes(match: re.Match[str]) -> Thing | None:
        if match[1]:
            return Thing(kind="length", value=30.0, text=match[0])
        number = 1.0 if match[2].lower().split()[0] in {"a", "an"} else read_number(match[2])
        if number is None:
            return None
        number += {" and a half": 0.5, " and a quarter": 0.25}.get((match[3] or "").lower(), 0.0)
        seconds = read_number(match[4]) if match[4] else 0.0
        if seconds is None or seconds >= 60:
            return None
        return Thing(kind="length", value=60 * number + seconds, text=match[0])

    def minute_range(match: re.Match[str]) -> Thing | None:
        found = _thing("length", match, 1, 2)
        if found is None or found.high is None:
            return None
        return Thing(kind="length", value=60 * float(str(found.value)), high=60 * float(str(found.high)), text=match[0])

    made.sub(_CLOCK, clock)
    made.sub(_SHORT_LENGTH, lambda m: Thing(kind="length", value=60.0 * int(m[1]) + int(m[2]), text=m[0]))
    made.sub(_MINUTE_RANGE, minute_range)
    made.sub(_MINUTES, minutes)
    made.sub(_ONLY_SECONDS, lambda m: _thing("length", m, 1, 2))


_ORDINAL_INTERVAL = "|".join(name for name in INTERVALS if name != "octave")
_OCTAVES = re.compile(
    rf"(?<![\w.,])(?:(?P<n>an?|one|single|{NUMBER})(?: full| whole| single)?[-\s](?P<half>and a half "
    rf")?octaves?(?P<more> and a half| and a bit)?"
    rf"(?:,? (?:and|plus) an? (?:(?P<size>minor|major|perfect|diminished"
    rf"|augmented)[-\s])?(?P<step>{_ORDINAL_INTERVAL}|semitone|tone|half step|whole tone|whole step))?)(?!\w)",
    re.IGNORECASE,
)
_SEMITONES = re.compile(rf"(?<![\w.,])(an?|{NUMBER})[-\s](semitones?|half[- ]steps?|half[- ]tones?)\b", re.IGNORECASE)
_TONES = re.compile(
    rf"(?<![\w.,])(an?|{NUMBER})[-\s](?:whole[- ](?:steps?|tones?)|full tones?|full steps?|tones?(?= (?:higher"
    rf"|lower|up|down|above|below)))",
    re.IGNORECASE,
)
_BARE_TONE = re.compile(r"(?<=\bup )(an? )?(tone|whole tone|whole step|step)\b", re.IGNORECASE)
_INTERVAL = re.compile(
    rf"\b(?:an?|the interval of an?)\s(?:(minor|major|perfect)[-\s])?(?!second\b(?<!minor second)(?<!major "
    rf"second))({_ORDINAL_INTERVAL})(?![\w-]| (?:of|time|verse|chorus|bridge|single|album|person|voice|guitar|pass"
    rf"|line|song|key|mode|party|hand|wheel|opinion|way|take))",
    re.IGNORECASE,
)


def _interval(step: str, size: str | None) -> float:
    if step in {"semitone", "half step"}:
        return 1.0
    if step in {"tone", "whole tone", "whole step"}:
        return 2.0
    return float(INTERVALS[step] - (size == "minor" and step in _MINOR_INTERVALS))


def _intervals(made: _Rewriter) -> None:
    def octaves(match: re.Match[str]) -> Thing | None:
        number = 1.0 if match["n"].lower() in {"a", "an", "single"} else read_number(match["n"])
        if number is None or number > 8:
            return None
        value = 12 * number + (6 if match["half"] or (match["more"] or "").endswith("half") else 0)
        if match["step"]:
            step = match["step"].lower()
            # A third on top of octaves is a minor one as often as a major one.
            value += 3 if step == "third" and not match["size"] else _interval(step, (match["size"] or "").lower())
        return Thing(kind="semitones", value=value, text=match[0])

    made.sub(_OCTAVES, octaves)
    for pattern, each in ((_SEMITONES, 1.0), (_TONES, 2.0)):
        made.sub(
            pattern,
            lambda m, each=each: (
                None  # type: ignore[misc]
                if (n := 1.0 if m[1].lower() in {"a", "an"} else read_number(m[1])) is None
                else Thing(kind="semitones", value=each * n, text=m[0])
            ),
        )
    made.sub(_BARE_TONE, lambda m: Thing(kind="semitones", value=2.0, text=m[0]))
    made.sub(
        _INTERVAL, lambda m: Thing(kind="interval", value=_interval(m[2].lower(), (m[1] or "").lower()), text=m[0])
    )


_BARS = re.compile(
    rf"(?<![\w.,])({NUMBER})(?:{_RANGE}({NUMBER}))?[-\s]?(?:full |whole )?(bars?|measures?)\b(?! (?:chart|graph|code))",
    re.IGNORECASE,
)
_BEATS = re.compile(rf"(?<![\w.,])({NUMBER})[-\s]?(beats?)\b", re.IGNORECASE)


def _counts(made: _Rewriter) -> None:
    made.sub(_BARS, lambda m: _thing("bars", m, 1, 2))
    made.sub(_BEATS, lambda m: _thing("beats", m, 1))


_PERCENT = re.compile(rf"(?<![\w.,])({NUMBER})(?:{_RANGE}({NUMBER}))?\s?(?:%|per ?cent\b|percent\b)", re.IGNORECASE)
_FRACTION = re.compile(
    r"\b(?:(half)|(?:(?P<n>an?|one|two|three|four|five|seven|nine)[-\s](?P<d>thirds?|quarters?|fifths?|sixths?"
    r"|eighths?|tenths?))|(?P<in>one|two|three|four|five|six|seven|eight|nine) (?:seconds |minutes |bars )?(?:out "
    r"of|in) (?:every )?(?P<of>three|four|five|ten))(?= (?:of|the|in)\b)(?! the (?:notes|people|fans))",
    re.IGNORECASE,
)
_HALFWAY = re.compile(
    r"\b(?:half[- ]?way|midway)(?: (?:through|in|into)(?: the (?:song|track|record))?)?\b", re.IGNORECASE
)
_DENOMINATORS = {"third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}


def _percents(made: _Rewriter) -> None:
    def fraction(match: re.Match[str]) -> Thing | None:
        if match[1]:
            return Thing(kind="fraction", value=50.0, text=match[0])
        if match["d"]:
            number = 1.0 if match["n"].lower() in {"a", "an"} else read_number(match["n"])
            if number is None:
                return None
            return Thing(
                kind="fraction", value=100 * number / _DENOMINATORS[match["d"].lower().rstrip("s")], text=match[0]
            )
        many, whole = read_number(match["in"]), read_number(match["of"])
        return (
            None if many is None or whole is None else Thing(kind="fraction", value=100 * many / whole, text=match[0])
        )

    made.sub(_HALFWAY, lambda m: Thing(kind="fraction", value=50.0, text=m[0]))
    made.sub(_PERCENT, lambda m: _thing("percent", m, 1, 2))
    made.sub(_FRACTION, fraction)


# ------------------------------------------------------------------------------------------------------------ sections
_ORDINAL = "|".join(ORDINALS)
_SECTION = re.compile(
    rf"(?<![\w\x00])(?:(?P<order>{_ORDINAL}|each|every|both|all|either)\s(?:of the |the "
    rf")?)?(?P<name>{'|'.join(sorted(map(re.escape, SECTIONS), key=len, reverse=True))})(?P<many>e?s)?(?:\s(?P<number>[1-4]|one|two|three|four)(?![\w:]))?(?![\w-])",
    re.IGNORECASE,
)
# What follows or goes before a word that is no section here.
_NO_SECTION_AFTER = re.compile(
    r"\s+(?:of\s+(?!the (?:song|track)\b|“|\x00|about|just|exactly|only|nearly|almost|over|under|around|some"
    r"|roughly|\d|"
    + _NUMBER_WORD
    + r")|line\b|lines\b|girl|pedal|effect|career|album|artist|tour|single|record\b|debut|work\b|act\b|date|out\b"
    r"|in\b (?:sales|price|temperature)|between|over\b|across|to (?:the|his|her) (?:story|book|memoir))",
    re.IGNORECASE,
)
_NO_SECTION_BEFORE = re.compile(
    r"(?:\b(?:to|will|would|not|'t|can|may|must|should|could|and|they|we|you|I)\s+|\bgo(?:es|ing)?\s+|\bwent\s+)\Z",
    re.IGNORECASE,
)


def _sections(made: _Rewriter) -> None:
    def section(match: re.Match[str]) -> Thing | None:
        name = SECTIONS[match["name"].lower()]
        before, after = match.string[: match.start()], match.string[match.end() :]
        if _NO_SECTION_AFTER.match(after):
            return None
        if name == "drop" and (
            not re.search(r"\b(?:the|a|each|every|no|that|its)\s+(?:\w+\s+)?\Z", before, re.IGNORECASE)
            and not match["order"]
            and not match["number"]
        ):
            return None
        if name == "solo" and _NO_SECTION_BEFORE.search(before) and match["name"].lower() == "solo":
            return None
        order, number = (match["order"] or "").lower(), match["number"]
        place = ORDINALS.get(order)
        if number is not None:
            place = int(read_number(number) or 0)
        called = name if place is None else f"last {name}" if place < 0 else f"{name} {place}"
        many = bool(match["many"])
        return Thing(kind="sections" if many else "section", value=called, text=match[0])

    made.sub(_SECTION, section)


_MODE_WORD = re.compile(
    r"(?<![\w\x00])(major|minor)(?=(?:[-\s](?:key|mode|tonality|scale)\b)|\s*[,.;:!?)]|\s*\Z|\s(?:and|but|while"
    r"|though|all|throughout|from|for|in|rather|one|at|mood|feel)\b)",
    re.IGNORECASE,
)


def _modes(made: _Rewriter) -> None:
    made.sub(_MODE_WORD, lambda m: Thing(kind="mode", value=m[1].lower(), text=m[0]))


_BARE_NUMBER = re.compile(rf"(?<![\w\x00.,:/-])(?!one(?!\w)){NUMBER}(?![\w\x01])", re.IGNORECASE)

# --------------------------------------------------------------------------------------------------------------- words
_CONTRACTIONS = (
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"\bcan't\b|\bcannot\b"), "can not"),
    (re.compile(r"\bshan't\b"), "shall not"),
    (re.compile(r"\bain't\b"), "is not"),
    (re.compile(r"n't\b"), " not"),
    (
        re.compile(
            r"\b(it|that|there|here|he|she|what|who|this|where|how|everything|nothing|nobody|someone|everyone)'s\b"
        ),
        r"\1 is",
    ),
    (re.compile(r"\blet's\b"), "let us"),
    (re.compile(r"'re\b"), " are"),
    (re.compile(r"'ve\b"), " have"),
    (re.compile(r"'ll\b"), " will"),
    (re.compile(r"'d\b"), " would"),
    (re.compile(r"\bi'm\b"), "i am"),
    (re.compile(r"'s\b"), " 's"),
)
_SIGN = re.compile("\x00(\\d+)\x01")


def _words(made: _Rewriter) -> str:
    """Write the text as words and signs with single spaces."""
    text = made.text.lower()
    for pattern, plain in _CONTRACTIONS:
        text = pattern.sub(plain, text)
    text = re.sub(r"\s[-–—]+\s|—|--+|–(?!\d)", " — ", text)
    text = re.sub(r"(?<=\w)-(?=\w)", " ", text)
    text = re.sub(r"([,;:.!?()—…])", r" \1 ", text)
    text = re.sub(r"[^\w\s\x00\x01,;:.!?()—'&%#♩=/…]", " ", text)
    text = _SIGN.sub(lambda m: f" #{made.things[int(m[1])].kind}{m[1]} ", text)
    return " ".join(text.split())
