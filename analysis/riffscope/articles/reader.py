"""The reader: from a text about a song to what each sentence states about it.

A sentence is rewritten (`notation`), held against the phrases of every topic (`vocabulary`, `matches`), and what they
find is turned by negations, the company of numbers, sections and comparisons into statements (`statements`). Sentences
that ask, wish, suppose, or speak of something else than this song state nothing (`frames`). What is not sure to be
meant is not read: a wrong reading would put a false verdict into a user's text. Source: own.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from riffscope.articles import sentences as splitting
from riffscope.articles.article import Article, Paragraph, Sentence, Statement, Text
from riffscope.articles.clauses import Line, words_and_signs
from riffscope.articles.frames import frames_of
from riffscope.articles.kinds import kind_without_statements, reason_why_not, speaks_of_something_else
from riffscope.articles.notation import Rewritten, rewrite
from riffscope.articles.statements import AT_LARGE, OPPOSITE, said_in_general, statements_of
from riffscope.articles.vocabulary import grammar

# A longer sentence is none: text without full stops, or a flood of letters.
MAX_LETTERS = 1500
# Nor is one of more numbers, notes and names: it is a table. Sentences about songs have ten at most.
MAX_THINGS = 40
# Among so many sentences at the beginning of a text it says what the song is called.
_FIRST_SENTENCES = 12

# A text about one song calls it by its title in one of so many sentences, or more; other titles are those of others.
_CALLED_ONCE_IN = 12
# A headline has so many words at least.
_HEADLINE_WORDS = 4

# "Closet (Remastered)" is called "Closet".
_BRACKETED = re.compile(r"\s*[(\[][^)\]]*[)\]]\s*\Z")
_NAME = r"(?:[A-Z][\w'’&]*)(?: (?:[A-Z][\w'’]*|of|the|a|in|to|and|on|for))"
_IS_A_SONG = re.compile(
    r"#title\d+ (?:,[^,]+, )?(?:is|was) (?:a|an|the) (?:[\w&' ]+ )?(?:song|single|track|ballad|record)\b"
    r"|(?:built|made|wrote|recorded|cut) #title"
)
# A headline: "Rosalind Vane – “Kettle” (Harbour Records)".
_HEADS = re.compile(r"\s*(?:[^#.!?]{0,60} [—:,-] )?#title\d+(?: (?:[—(,:-]|by|review)(?: [^#.!?]*)?)?\s*")
_SONG_BY = re.compile(rf"(?<![.!?] )(?<!\A)\b({_NAME}{{0,7}}) by [A-Z]")
_SINGERS_SONG = re.compile(rf"[A-Z]\w+(?: [A-Z]\w+)?[’']s ({_NAME}{{1,6}}) (?:is|was|has|sounds|runs|starts|opens)\b")
_BEGINS_WITH_IT = re.compile(r" (?:(?:and|but|yet|so|then) )?its?(?= )")
_IS_OF_A_SECTION = re.compile(
    r"(?: (?:and|but|then|next|so|now|,))*(?: (?:comes|there is|here comes))?(?: (?:the|that|this|its|an?))?"
    r"(?: [a-z]+)? #sections?\d+(?= )(?!(?: [,;]|.* it ))"
)
_OTHER_WAY = re.compile(
    r" (?:opposite|other way|reverse|different (?:way|direction|route)|bucks?|bucked|against the (?:grain|tide|trend)"
    r"|none of that|not this one|no part of that|exception)\b"
)


def read(text: Text, *, title: str | None = None) -> Article:
    """Read what each sentence of a text states about the song.

    Parameters
    ----------
    text : Text
    title : str, optional
        Of the song: what is said of it by name is said of this song.
    """
    spans = [
        (paragraph, span)
        for paragraph in text.paragraphs
        for span in splitting.split(
            text.text, splitting.after_bullet(text.text, paragraph.start, paragraph.end), paragraph.end
        )
    ]
    reader = _Reader(_titles([text.text[start:end] for _, (start, end) in spans[:_FIRST_SENTENCES]], title))
    lines = [reader.line_of(text.text[start:end]) for _, (start, end) in spans]
    # Phrases are made for the words of this text alone.
    among = words_and_signs(" ".join([AT_LARGE, *(line.text for line in lines if line is not None)]))
    found = []
    title_known = reader.called >= (1 if title is not None else max(2, len(spans) / _CALLED_ONCE_IN))
    for (paragraph, (start, end)), line in zip(spans, lines, strict=True):
        blank = Sentence(text=text.text[start:end], start=start, end=end, kind="other")
        if line is not None:
            blank = reader.read(blank, replace(line, among=among, title_known=title_known), paragraph)
        found.append(blank)
    return Article(text=text, sentences=tuple(found))


def _titles(sentences: Sequence[str], title: str | None) -> tuple[str, ...]:
    """Return what the song is called: as is given, or as the text says."""
    found = [] if title is None else [title, _BRACKETED.sub("", title)]
    for sentence in sentences:
        if len(sentence) > MAX_LETTERS:
            continue
        made = rewrite(sentence)
        quoted = [str(thing.value) for thing in made.things if thing.kind == "title"]
        found += quoted[:1] if _IS_A_SONG.search(made.text) or _HEADS.fullmatch(made.text) else []
        found += [match[1] for match in _SONG_BY.finditer(sentence)]
        found += [match[1] for match in _SINGERS_SONG.finditer(sentence)]
    return tuple(dict.fromkeys(one for one in found if len(one) > 2))


def _is_headline(sentence: str) -> bool:
    """Tell whether a line is a headline of a text without markup: capitals and no full stop."""
    words = re.findall(r"[^\W\d_][\w'’]*", sentence)
    capitals = sum(word[0].isupper() for word in words)
    return (
        len(words) >= _HEADLINE_WORDS
        and capitals > len(words) / 2
        and not sentence.rstrip("\"'”’)").endswith((".", "!", "?", "…", ":", ","))
    )


class _Reader:
    """Reads sentence after sentence, and remembers what the one before said of songs at large."""

    def __init__(self, titles: tuple[str, ...]) -> None:
        self.titles = titles
        # How many sentences call the song by its title.
        self.called = 0
        self.general: tuple[Statement, ...] = ()
        # The paragraph whose last sentence was about a section, or another song, that "it" goes on to speak of.
        self.it_is_else: Paragraph | None = None

    def line_of(self, sentence: str) -> Line | None:
        """Rewrite a sentence; None where it is too long to be one, or a table of numbers."""
        if len(sentence) > MAX_LETTERS:
            return None
        made = self._of_this_song(rewrite(sentence, self.titles))
        return None if len(made.things) > MAX_THINGS else Line(text=f" {made.text} ", things=made.things)

    def read(self, sentence: Sentence, line: Line, paragraph: Paragraph) -> Sentence:
        """Say what a sentence states, or why it states nothing."""
        frames = frames_of(line.text)
        found = statements_of(line, frames)
        if self._goes_on_about_something_else(line, paragraph):
            found = tuple(one for one in found if one.scope is not None or one.against is not None)
        if found and all(one.value is None and one.against is None for one in found):
            found = () if speaks_of_something_else(line.text, frames) else found
        found = found or self._turned_round(line.text)
        self.general = () if frames.general is None else said_in_general(line, frames)
        if found:
            return replace(sentence, kind="checkable", readings=found)
        # A heading names what is spoken of below it.
        if paragraph.form == "heading" or _is_headline(sentence.text):
            return sentence
        kind = kind_without_statements(line.text, frames)
        return replace(sentence, kind=kind, reason=reason_why_not(line.text) if kind == "not_testable" else None)

    def _goes_on_about_something_else(self, line: Line, paragraph: Paragraph) -> bool:
        """Tell whether ``it``, with which a sentence begins, is the section or other song of the sentence before."""
        goes_on = self.it_is_else is paragraph and _BEGINS_WITH_IT.match(line.text) is not None
        is_else = goes_on or _IS_OF_A_SECTION.match(line.text) is not None or line.other_song(0) is not None
        self.it_is_else = paragraph if is_else else None
        return goes_on

    def _of_this_song(self, made: Rewritten) -> Rewritten:
        """Write ``it`` for the song's own title."""
        own, text = {one.casefold() for one in self.titles}, made.text
        self.called += any(thing.kind == "title" and str(thing.value).casefold() in own for thing in made.things)
        for place, thing in enumerate(made.things):
            if thing.kind == "title" and str(thing.value).casefold() in own:
                text = re.sub(rf"#title{place}(?!\d)", "it", text)
        return replace(made, text=text)

    def _turned_round(self, text: str) -> tuple[Statement, ...]:
        """Return what a sentence says that only says the opposite of the one before, which spoke of songs at large."""
        if not self.general or not _OTHER_WAY.search(text):
            return ()
        said = {one.about: one for one in self.general if one.relation in {"low", "high", "present", "absent"}}
        first = next((said[about] for about in grammar().turned_round if about in said), None)
        return () if first is None else (replace(first, relation=OPPOSITE[first.relation]),)  # type: ignore[arg-type]
