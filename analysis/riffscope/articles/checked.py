"""An article held against recordings: each statement with what was understood and how it is ruled on.

The first song is the one that the article is about; others are there for statements that compare it with them. What is
written as JSON is described by `json_schema`. Source: own.
"""

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import msgspec

from riffscope import schema
from riffscope.articles.article import Article, Sentence, Statement, Text
from riffscope.articles.topics import claim_table, in_words, is_section
from riffscope.judge import judge, judge_pair, read_tables
from riffscope.model import Finding, Ruling, Source, Verdict, value
from riffscope.song import SongAnalysis

# The version of the JSON's form.
SCHEMA = 1

_BRACKETED = re.compile(r"\s*[(\[][^)\]]*[)\]]")
_NUMBER_OF_TRACK = re.compile(r"^\d{1,3}[\s.\-_]+(?=\D)")
# A title in quotes with which a sentence begins, but for a few words that lead to it: 'His earlier "Arena" ...'.
_BEGINS_WITH_TITLE = re.compile(
    r"(?:(?:and|but|the|a|his|her|their|on|in|earlier|later|older|newer|other|next|previous|song|single|track|b-side)"
    r",? ){0,4}[\"“„«‘]\s?([^\"“”„«»]{1,100}?)[,.]?\s?[\"”“»’](?!\w)",
    re.IGNORECASE,
)
# Words of an article's "the stripped-back version" that are in no title.
_NO_TITLE = {"the", "a", "an", "of", "its", "version", "versions", "performance", "performances", "take", "recording"}


@value
class CheckedStatement(Statement):
    """A statement and what the recording says of it.

    Attributes
    ----------
    in_words : str
        What was understood, as one would say it: ``the tempo is about 100 BPM``.
    verdict : Verdict
        How it is ruled on, and why.
    """

    in_words: str
    verdict: Verdict


@value
class CheckedSentence(Sentence):
    """A sentence whose statements were ruled on.

    Attributes
    ----------
    readings : tuple of CheckedStatement
        In the order in which they are stated; none unless it is checkable.
    """

    readings: tuple[CheckedStatement, ...] = ()


@value
class CheckedArticle:
    """An article of which every statement was ruled on.

    Attributes
    ----------
    songs : tuple of SongAnalysis
        The song that it is about, and those that it is compared with.
    sentences : tuple of CheckedSentence
        All of the article's, in its order.
    """

    text: Text
    songs: tuple[SongAnalysis, ...]
    sentences: tuple[CheckedSentence, ...]

    @property
    def tally(self) -> Mapping[Ruling, int]:
        """How many statements are ruled on in each way; a sentence that no recording can show counts as one."""
        counted = Counter(reading.verdict.ruling for sentence in self.sentences for reading in sentence.readings)
        counted[Ruling.NOT_TESTABLE] += sum(sentence.kind == "not_testable" for sentence in self.sentences)
        return {ruling: counted[ruling] for ruling in Ruling}


def check(article: Article, songs: Sequence[SongAnalysis]) -> CheckedArticle:
    """Rule on every statement of an article by the recording of its song.

    A statement that compares the song with another is ruled on where that one is among the songs as well, known by the
    title in its tags or by the name of its file; without it the statement is not testable.
    A sentence that begins with the name of another of the songs is about that one, and is not ruled on.

    Parameters
    ----------
    article : Article
    songs : sequence of SongAnalysis
        The article's song first.

    Raises
    ------
    ValueError
        There is no song.
    """
    if not songs:
        raise ValueError("an article is checked against a song")
    song, *others = songs
    starts = [paragraph.start for paragraph in article.text.paragraphs]
    sentences = []
    for sentence in article.sentences:
        statements = tuple(_checked(statement, sentence, song, others) for statement in sentence.readings)
        kept = {one.name: getattr(sentence, one.name) for one in fields(Sentence)}
        place = bisect_right(starts, sentence.start) - 1
        if sentence.kind == "not_testable" and place >= 0 and article.text.paragraphs[place].form == "heading":
            # A heading such as "Recording" states nothing, and so nothing that could not be tested.
            kept |= {"kind": "other", "reason": None}
        if statements and _is_of_another_song(sentence, song, others):
            statements = ()
            kept["kind"] = "other"
        sentences.append(CheckedSentence(**kept | {"readings": statements}))
    return CheckedArticle(text=article.text, songs=tuple(songs), sentences=tuple(sentences))


def _is_of_another_song(sentence: Sentence, song: SongAnalysis, others: Sequence[SongAnalysis]) -> bool:
    """Tell whether a sentence is about one of the others alone: it begins with its title and compares nothing."""
    if any(is_about_another_song(statement) for statement in sentence.readings):
        return False
    match = _BEGINS_WITH_TITLE.match(sentence.text)
    called = "" if match is None else _letters(match[1])
    return called not in _names(song) and any(called in _names(other) for other in others)


def is_about_another_song(statement: Statement) -> bool:
    """Tell whether a statement compares the song with another, and not two sections of it."""
    return statement.against is not None and not is_section(statement.against)


def song_called(title: str, song: SongAnalysis, others: Sequence[SongAnalysis]) -> SongAnalysis | None:
    """Find the song that an article calls so among those that it is compared with.

    Case, accents and punctuation do not count, nor what stands in brackets in the song's title. "The stripped-back
    version" is that one of the others which has the song's own title and says "stripped back" besides.
    """
    wanted = _letters(title)
    for other in others:
        if wanted and wanted in _names(other):
            return other
    said = [_letters(word) for word in re.split(r"[\s\-]+", title) if _letters(word) not in _NO_TITLE]
    for other in others:
        called = _letters(other.source.title)
        if said and _names(song) & _names(other) and all(word in called for word in said):
            return other
    return None


def _names(song: SongAnalysis) -> set[str]:
    """Return what a song may be called: its title, and its file's name behind the artist and a track's number."""
    stem = song.source.name.rpartition(".")[0] or song.source.name
    untracked = _NUMBER_OF_TRACK.sub("", stem)
    titles = [song.source.tags.title or "", stem, untracked, untracked.rpartition(" - ")[2]]
    return {_letters(form) for title in titles for form in (title, _BRACKETED.sub("", title))} - {""}


def _letters(text: str) -> str:
    """Return the letters and digits of a text, without case and accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text).casefold() if c.isalnum())


# ------------------------------------------------------------------------------------------------------------- rulings
def _checked(
    statement: Statement, sentence: Sentence, song: SongAnalysis, others: Sequence[SongAnalysis]
) -> CheckedStatement:
    said = in_words(statement)
    kept = {one.name: getattr(statement, one.name) for one in fields(Statement)}
    return CheckedStatement(**kept, in_words=said, verdict=_verdict(statement, sentence.text, song, others))


def _verdict(statement: Statement, text: str, song: SongAnalysis, others: Sequence[SongAnalysis]) -> Verdict:
    name = statement.about
    table = claim_table(statement, text=text)
    (claim,) = read_tables({name: table}, name=name)
    if not claim.about_two:
        (verdict,) = judge(song, [claim])
        return verdict
    called = statement.against or ""
    other = song_called(called, song, others)
    if other is None:
        because = f"The text compares the song with {called or 'another'}: give that recording as well"
        return Verdict.on(name, text, Finding(ruling=Ruling.NOT_TESTABLE, because=because))
    (verdict,) = judge_pair(other, song, [claim])
    return replace(verdict, text=text)


# ---------------------------------------------------------------------------------------------------------------- JSON
@value
class _Document:
    """What an article says of a song, and what the recording says of that.

    Attributes
    ----------
    schema : int
        The version of this format.
    made_by : mapping
        The versions that the numbers depend on.
    name : str
        What the file of the text is called; ``text`` for standard input.
    title : str or None
        What the text calls itself.
    songs : tuple of Source
        The song that it is about, and those that it is compared with.
    tally : mapping
        How many statements are ruled on in each way; a sentence that no recording can show counts as one.
    sentences : tuple of CheckedSentence
        All of them, in the order of the text.
    """

    schema: int
    made_by: Mapping[str, str]
    name: str
    title: str | None
    songs: tuple[Source, ...]
    tally: Mapping[str, int]
    sentences: tuple[CheckedSentence, ...]


def to_json(checked: CheckedArticle, *, indent: int = 1) -> bytes:
    """Write a checked article as strict JSON, in UTF-8."""
    document = _Document(
        schema=SCHEMA,
        made_by=dict(checked.songs[0].made_by),
        name=checked.text.name,
        title=checked.text.title,
        songs=tuple(song.source for song in checked.songs),
        tally={ruling.value: count for ruling, count in checked.tally.items()},
        sentences=checked.sentences,
    )
    return msgspec.json.format(msgspec.json.encode(document), indent=indent)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `to_json` writes."""
    return schema.schema_of(
        _Document,
        name=f"checked-article:{SCHEMA}",
        title="What an article says of a song, ruled on by riffscope",
    )
