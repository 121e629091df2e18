"""Amounts in a sentence: tempi, meters, levels, lengths, bars, beats and shares.

Conventions: lengths and times are in seconds, shares in percent. Source: own.
"""

import re

from riffscope.articles.notation.things import NUMBER, NUMBER_WORD, RANGE, Rewriter, Thing, amount, ranged, read_number

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
_METER_DIGITS = re.compile(r"(?<![\w/.,])(2|3|4|5|6|7|9|11|12)/(2|4|8|16)(?![\w/]|\.\d| of (?:the|all|its|those))")
_BEATS_IN_BAR = re.compile(
    rf"\b({NUMBER_WORD}|\d)[-\s](?:beats?|crotchets?|quarter[- ]notes?|quarters) (?:to|in|per) (?:the|a|each"
    rf"|every) (?:bar|measure)\b|\b(\w+) (?:to|in) (?:the|a|each|every) bar\b(?! line)",
    re.IGNORECASE,
)


def meters(made: Rewriter) -> None:
    """Find meters."""
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
    made.sub(
        _COUNTED_IN,
        lambda m: m[1] + made.sign(Thing(kind="meter", value=_COUNTED[m[2].lower()], text=m[2])),
    )


# "It is in seven": beats to the bar; "one in three" and "in three parts" are not.
_COUNTED_IN = re.compile(
    r"\b((?:is|are|'s|was|goes|moves|lilts|swings|sways|stays|feels|written|played|counts?|counted|count it|counts it"
    r"|set|verse|chorus|bridge)(?: (?:all|firmly|actually|clearly|now|still|mostly|again))? in )"
    r"(three|four|five|six|seven)(?=\s*(?:[,.;:!?)—–]|\Z|-|time\b|and\b|but\b|not\b|until\b))",
    re.IGNORECASE,
)
_COUNTED = {"three": "3/4", "four": "4/4", "five": "5/4", "six": "6/8", "seven": "7/8"}

_LUFS = ranged(r"(?:db )?(?:lufs|lkfs)\b")
_BPM = ranged(
    r"(?:bpms?\b|b\.p\.m\.?|(?:quarter[- ]note |crotchet )?beats[- ](?:per|a|to the|every|each)[- ]minute\b|clicks "
    r"(?:per|a) minute\b|to the minute\b)",
)
_METRONOME = re.compile(
    rf"(?:(?:dotted )?(?:♩|♪|𝅘𝅥|quarter[- ]notes?|crotchets?|quavers?|half[- ]notes?|minims?)\.?\s*(?:=|at"
    rf"|equals)\s*|\bm\.?m\.?\s*=?\s*)(?:c\.?|ca\.?|circa|about|approx\.?)?\s*({NUMBER})(?:{RANGE}({NUMBER}))?\b",
    re.IGNORECASE,
)
_TEMPO_OF = re.compile(
    rf"(?<=\btempo )((?:marking |mark |setting |reading )?(?:of|is|was|at|:|=|sits at|stays at)\s(?:a |an "
    rf")?(?:steady |brisk |relaxed |strict |slow |fast |leisurely |moderate )?(?:about |around |roughly "
    rf"|approximately |exactly |c\. ?|ca\. ?|some )?)({NUMBER})(?:{RANGE}({NUMBER}))?(?=[\s.,;)!?]|\Z)(?!\s?(?:%"
    rf"|per ?cent|seconds|minutes|bars))",
    re.IGNORECASE,
)
_BPM_BEFORE = re.compile(
    rf"\b(?:bpm|tempo)\s*(?:\(bpm\))?\s*[:=]\s*(?:c\.|ca\.|about"
    rf"|approx\.?)?\s*({NUMBER})(?:{RANGE}({NUMBER}))?(?!\s?bpm)\b",
    re.IGNORECASE,
)


def levels(made: Rewriter) -> None:
    """Find levels: LUFS, LU and dB."""

    def lufs(match: re.Match[str]) -> Thing | None:
        made_ = amount("lufs", match, 1, 2)
        if made_ is None:
            return None
        # Levels are below full scale, whether or not a minus is written.
        value = -abs(float(made_.value)) if isinstance(made_.value, float) else made_.value
        return Thing(
            kind="lufs", value=value, high=None if made_.high is None else -abs(float(made_.high)), text=match[0]
        )

    made.sub(_LUFS, lufs)
    made.sub(ranged(r"(?:lu)\b"), lambda m: amount("lu", m, 1, 2))
    made.sub(ranged(r"(?:db|decibels?)\b"), lambda m: amount("db", m, 1, 2))


def tempi(made: Rewriter) -> None:
    """Find tempi."""
    made.sub(_BPM, lambda m: amount("bpm", m, 1, 2))
    made.sub(_METRONOME, lambda m: amount("bpm", m, 1, 2))

    def tempo_of(match: re.Match[str]) -> str | None:
        found = amount("bpm", match, 2, 3)
        return None if found is None or not 30 <= float(str(found.value)) <= 300 else match[1] + made.sign(found)

    made.sub(_TEMPO_OF, tempo_of)

    def bpm(match: re.Match[str]) -> str | None:
        found = amount("bpm", match, 1, 2)
        return None if found is None else "tempo " + made.sign(found)

    made.sub(_BPM_BEFORE, bpm)


_MINUTES = re.compile(
    rf"(?<![\w.,:/])(?:(half a minute|half[- ]minute)|((?:an?(?: full| good| whole)?|{NUMBER})(?: and a half| and a "
    rf"quarter)?)[-\s]?(?:minutes?|mins?)( and a half| and a quarter)?"
    rf"(?:,?\s?(?:and\s)?({NUMBER})(?:[-\s]?(?:seconds?|secs?|s)\b|(?=[\s.,;]|\Z)(?!\s?(?:bars|beats|bpm|%"
    rf"|per)))?)?)(?!\w)",
    re.IGNORECASE,
)
_SHORT_LENGTH = re.compile(r"(?<![\w.,:/])(\d{1,2})\s?(?:m|'|min)\s?(\d{1,2})\s?(?:s\b|\"|''|sec\b)", re.IGNORECASE)
_MINUTE_MARK = re.compile(
    r"\b(?:(minute[- ]and[- ]a[- ]half|minute[- ]and[- ]half)|(?<=first )minute|(?<=the )minute(?= mark))\b",
    re.IGNORECASE,
)
_ONLY_SECONDS = re.compile(rf"(?<![\w.,:/])({NUMBER})(?:{RANGE}({NUMBER}))?[-\s]?(?:seconds?|secs?)\b", re.IGNORECASE)
_CLOCK = re.compile(
    r"(?<![\w:./])(\d{1,2}):([0-5]\d)(?:\s?(?:-|–|to|and)\s?(\d{1,2}):([0-5]\d))?(?![\w:/]|\.\d)(?!\s?[ap]\.?m)"
)
_MINUTE_RANGE = re.compile(rf"(?<![\w.,:/])({NUMBER}){RANGE}({NUMBER})\s?(?:minutes?|mins?)\b", re.IGNORECASE)


def lengths(made: Rewriter) -> None:
    """Find lengths and times."""

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
        found = amount("length", match, 1, 2)
        if found is None or found.high is None:
            return None
        return Thing(kind="length", value=60 * float(str(found.value)), high=60 * float(str(found.high)), text=match[0])

    made.sub(_CLOCK, clock)
    made.sub(_SHORT_LENGTH, lambda m: Thing(kind="length", value=60.0 * int(m[1]) + int(m[2]), text=m[0]))
    made.sub(_MINUTE_RANGE, minute_range)
    made.sub(_MINUTE_MARK, lambda m: Thing(kind="length", value=90.0 if m[1] else 60.0, text=m[0]))
    made.sub(_MINUTES, minutes)
    made.sub(_ONLY_SECONDS, lambda m: amount("length", m, 1, 2))


_BARS = re.compile(
    rf"(?<![\w.,])({NUMBER})(?:{RANGE}({NUMBER}))?[-\s]?(?:full |whole )?(bars?|measures?)\b(?! (?:chart|graph|code))",
    re.IGNORECASE,
)
_BEATS = re.compile(rf"(?<![\w.,])({NUMBER})[-\s]?(beats?)\b", re.IGNORECASE)


def counts(made: Rewriter) -> None:
    """Find numbers of bars and of beats."""
    made.sub(_BARS, lambda m: amount("bars", m, 1, 2))
    made.sub(_BEATS, lambda m: amount("beats", m, 1))


_PERCENT = re.compile(rf"(?<![\w.,])({NUMBER})(?:{RANGE}({NUMBER}))?\s?(?:%|per ?cent\b|percent\b)", re.IGNORECASE)
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


def shares(made: Rewriter) -> None:
    """Find percentages and fractions."""

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
    made.sub(_PERCENT, lambda m: amount("percent", m, 1, 2))
    made.sub(_FRACTION, fraction)
