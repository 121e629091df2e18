"""Pitches in a sentence: chords, keys, modes, notes and intervals.

Conventions: names are written in ASCII, with # and b; intervals are in semitones, those of a major scale, or perfect,
where they do not say. Source: own; intervals as in common practice, from the unison on.
"""

import re

from riffscope.articles.notation.things import NUMBER, Rewriter, Thing, read_number
from riffscope.chord_names import read_chord, read_roman

# Semitones of the intervals that are written as ordinals: of a major scale, or perfect.
INTERVALS = {
    "second": 2, "third": 4, "fourth": 5, "fifth": 7, "sixth": 9, "seventh": 11, "octave": 12, "ninth": 14,
    "tenth": 16, "eleventh": 17, "twelfth": 19, "thirteenth": 21, "fourteenth": 23, "fifteenth": 24,
}  # fmt: skip
_MINOR_INTERVALS = {"second", "third", "sixth", "seventh", "ninth", "tenth", "thirteenth", "fourteenth"}

_LETTER = r"[A-G]"
_ACCIDENTAL = r"(?:\s?[♯♭]|[#b](?![a-z])|[-\s]?(?:sharp|flat)\b)"
NOTE_NAME = rf"{_LETTER}{_ACCIDENTAL}?"


def note_name(text: str) -> str:
    """Write the name of a note without its octave in ASCII: ``C-sharp`` -> ``C#``, ``B♭`` -> ``Bb``."""
    letter, rest = text.strip()[0].upper(), text.strip()[1:].lower()
    if "sharp" in rest or "♯" in rest or "#" in rest:
        return f"{letter}#"
    if "flat" in rest or "♭" in rest or rest.strip() == "b":
        return f"{letter}b"
    return letter


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


def chords(made: Rewriter) -> None:
    """Find lists of chords, by letters, by degrees or by the numbers of these."""

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
            and re.search(r"\b(?:from|between)\s\Z", made.text[: match.start()])
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
    rf"(?<![\w♯♭#])({NOTE_NAME})[-\s]?(major|minor|maj|min)(?!\w)(?!\s(?:seventh|7|triad|chord|pentatonic|scale))"
)
_SHORT_KEY = re.compile(
    r"(?:(?<=\bin )|(?<=\b[Kk]ey of )|(?<=\b[Kk]ey: )|(?<=\b[Kk]ey ))(?:the key of )?([A-Ga-g])([♯♭#b]?)\s?"
    r"(m|min|minor|maj|major)(?![\w♯♭#])"
)
_BARE_KEY = re.compile(rf"(?<=\bkey of )({NOTE_NAME})(?![\w♯♭#])")
_DORIAN = re.compile(
    rf"(?<![\w♯♭#]){NOTE_NAME}[-\s](?:dorian|mixolydian|lydian|phrygian|locrian|aeolian|ionian|blues)\b", re.IGNORECASE
)
# "The chorus adds a D major", "ends on an E minor.": a chord, which is counted; a song is a "C minor lament".
_COUNTED = re.compile(
    r"\ban?\s(?:(?:single|sudden|surprise|unexpected|borrowed|final|closing|stray|bright|big|bare)\s)?\Z", re.IGNORECASE
)
_NOTHING_IS_IN_IT = re.compile(
    r"\s*(?:[.,;:!?)—]|\Z|in (?:the|bar)"
    r"|(?:over|under|at|where|instead|before|after|and|or|on|for|as|rather|that|which)\b)"
)


def keys(made: Rewriter) -> None:
    """Find keys, and modes that are neither major nor minor."""
    made.sub(_DORIAN, lambda m: Thing(kind="modal", value=None, text=m[0]))

    def key(match: re.Match[str]) -> Thing | None:
        # "A major hit", "a minor key": an article.
        if match[1] == "A" and (
            (not match.string[: match.start()].strip(" \"'(—-") and re.match(r"\s[a-z]", match.string[match.end() :]))
            or re.match(r"\s(?:key|mode|one)\b", match.string[match.end() :])
        ):
            return None
        if _COUNTED.search(match.string[: match.start()]) and _NOTHING_IS_IN_IT.match(match.string[match.end() :]):
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


_NOTE = re.compile(rf"(?<![\w♯♭#])({NOTE_NAME}|[cdefgab](?=[♯♭#b]?\d))([♯♭#b]?)[\s-]?(?<![\s-])(\d)(?![\w/♯♭#:%]|\.\d)")
_WORDED_NOTE = re.compile(rf"(?<![\w♯♭#])({_LETTER})[-\s](sharp|flat|natural)[-\s]?(\d)(?![\w/:%]|\.\d)")
_TWO_NOTES = re.compile(
    "\x00(\\d+)\x01[\\s,]*(?:-|–|—|to|up to|all the way (?:up )?to|right up to|and|through)"
    "\\s*(?:(?:an?|the)\\s)?(?:(?:very )?(?:high|top|highest|peak)(?: note)?(?: of)?)?\\s*\x00(\\d+)\x01"
)
_ABOVE_IT = re.compile(
    rf"\x00(\d+)\x01([^\x00]{{1,40}}?)(?:the |an? )(?<![\w♯♭#])({NOTE_NAME})\s(?:(an octave|two octaves)\s)?(above"
    rf"|below)\s(?:it|that)\b"
)
_ABOUT_MIDDLE_C = re.compile(
    rf"(?:the |an? )?(?<![\w♯♭#])({NOTE_NAME})(?:\s(?:natural))?(?:,)?\s(?:(an octave and a bit|an octave|one "
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


def notes(made: Rewriter) -> None:
    """Find notes, and pairs of them that are the ends of a range."""

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

    made.sub(_TWO_NOTES, span)


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


def intervals(made: Rewriter) -> None:
    """Find intervals."""

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


_MODE_WORD = re.compile(
    r"(?<![\w\x00])(major|minor)(?=(?:[-\s](?:key|mode|tonality|scale)\b)|\s*[,.;:!?)]|\s*\Z|\s(?:and|but|while"
    r"|though|all|throughout|from|for|in|rather|one|at|mood|feel)\b)",
    re.IGNORECASE,
)


def modes(made: Rewriter) -> None:
    """Find ``major`` and ``minor`` that stand for a mode."""
    made.sub(_MODE_WORD, lambda m: Thing(kind="mode", value=m[1].lower(), text=m[0]))
