"""An article as it is read: its text, its sentences, and what each states about the song.

Conventions: places in the text are in characters, from 0, the end not included; the values of a statement are in the
unit that it names (BPM, s, bars, beats, semitones, LUFS, %, per s), notes, keys and chords are written in ASCII as in
``C#4``, ``Eb major`` and ``F#m7``. Source: own.
"""

import json
from dataclasses import asdict
from typing import Literal

from riffscope.model import value

Kind = Literal["checkable", "not_testable", "other"]
Relation = Literal[
    "is",
    "about",
    "between",
    "at_least",
    "at_most",
    "low",
    "high",
    "more",
    "less",
    "present",
    "absent",
    "throughout",
]


@value
class Statement:
    """Something that a sentence states about the song and that a recording can show.

    Attributes
    ----------
    about : str
        Its topic (`riffscope.articles.topics`), such as ``tempo`` or ``vocal_range``.
    relation : str
        How the song stands to the value: it ``is`` that, at least that, or is ``high`` without a number.
    value, high : number, str, tuple of str or None
        What it is said to be; with ``high`` the upper end of a range.
    unit : str or None
        Of the value, where it is a number.
    scope : str or None
        The sections that it is said of, such as ``chorus``, ``verse 2`` or ``last chorus``; what enters, for
        ``starts``. None for the whole song.
    against : str or None
        The sections, or the title of the song, that it is compared with.
    """

    about: str
    relation: Relation
    value: float | str | tuple[str, ...] | None = None
    high: float | str | None = None
    unit: str | None = None
    scope: str | None = None
    against: str | None = None


@value
class Sentence:
    """A sentence and what it states.

    Attributes
    ----------
    start, end : int
        Where it stands in the text of the article.
    kind : {"checkable", "not_testable", "other"}
        Whether it states something that can be measured, something about the sound that cannot, or neither.
    readings : tuple of Statement
        In the order in which they are stated; none unless it is checkable.
    reason : str or None
        Why it is not testable, and what comes nearest that is, in a sentence; None for other kinds.
    """

    text: str
    start: int
    end: int
    kind: Kind
    readings: tuple[Statement, ...] = ()
    reason: str | None = None


@value
class Paragraph:
    """A paragraph of an article.

    Attributes
    ----------
    start, end : int
        Where it stands in the text.
    form : {"text", "heading", "item"}
        What it is: running text, a heading, or an item of a list.
    """

    start: int
    end: int
    form: Literal["text", "heading", "item"] = "text"


@value
class Text:
    """A text about a song, as it was loaded: markup is gone, paragraphs are kept.

    Attributes
    ----------
    text : str
        All of it; paragraphs are parted by empty lines.
    name : str
        What its file is called, without folders; ``text`` for standard input.
    title : str or None
        What the text calls itself, such as an HTML page's title.
    """

    text: str
    paragraphs: tuple[Paragraph, ...]
    name: str = "text"
    title: str | None = None


@value
class Article:
    """A text about a song that was read.

    Attributes
    ----------
    sentences : tuple of Sentence
        In the order of the text; between them is nothing but space and marks of lists.
    """

    text: Text
    sentences: tuple[Sentence, ...]


def to_json(article: Article, *, indent: int | None = None) -> bytes:
    """Write the sentences of an article and what they state as JSON; what does not apply is null."""
    sentences = [asdict(sentence) for sentence in article.sentences]
    return json.dumps({"sentences": sentences}, ensure_ascii=False, allow_nan=False, indent=indent).encode()
