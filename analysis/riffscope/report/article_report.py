"""A checked article as a document: the text as it was written, its statements marked, what was found beside it."""

import re
import string
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from riffscope import standings, words
from riffscope.articles.article import Paragraph
from riffscope.articles.checked import CheckedArticle, CheckedSentence, CheckedStatement, is_about_another_song
from riffscope.files import safe_name
from riffscope.model import Evidence, Ruling
from riffscope.report.blocks import (
    SIGNS,
    Block,
    Count,
    Document,
    Heading,
    Mark,
    MarkedParagraph,
    MarkedText,
    Note,
    Notice,
    Piece,
    Quote,
    Reason,
    Reasons,
    Remark,
    Tally,
    VerdictItem,
    VerdictList,
)
from riffscope.report.blocks import Paragraph as RunningText
from riffscope.report.played_song import played_song
from riffscope.report.song_report import details
from riffscope.report.tidy import tidy
from riffscope.report.verdicts import figures_of, places_of
from riffscope.song import SongAnalysis

# A sentence in a list is only to be known again.
QUOTE_LETTERS = 100
# Of a file's name, in those of reports: two of them make one name.
NAME_LETTERS = 40
# From so much of the song on a place is the song. Chosen.
WHOLE_SONG = 0.9
# What stands before an item of a list; the renderers set their own.
_ITEM_MARK = re.compile(r"^\s*(?:[-*+•‣◦–]|\d{1,3}[.)])\s+")

LEGEND = {
    Ruling.SUPPORTED: "The recording supports the statement. About 19 in 20 of these rulings are right.",
    Ruling.REFUTED: "The recording contradicts the statement. About 19 in 20 of these rulings are right.",
    Ruling.INCONCLUSIVE: "The measurements allow both, or are themselves in doubt.",
    Ruling.NOT_TESTABLE: "No recording could show it, this one has nothing to test it on, or riffscope does not "
    "measure it. That says nothing against the statement. The letter leads to the reason.",
}


def ruling_together(rulings: Iterable[Ruling]) -> Ruling | None:
    """Return how a sentence is marked as a whole: by the ruling of its statements that asks for most attention."""
    found = set(rulings)
    order = (Ruling.REFUTED, Ruling.INCONCLUSIVE, Ruling.SUPPORTED, Ruling.NOT_TESTABLE)
    return next((ruling for ruling in order if ruling in found), None)


def article_document(checked: CheckedArticle) -> Document:
    """Write a checked article as a document."""
    song = checked.songs[0]
    marked = _Marked(song=song)
    paragraphs = tuple(_paragraphs(checked, marked))
    text = MarkedText(paragraphs=paragraphs, remarks=tuple(_remarks(paragraphs)))
    against = words.joined([f"“{words.plain(one.source.title, 80) or 'Untitled'}”" for one in checked.songs])
    by = f" by {song.source.tags.artist}" if song.source.tags.artist and len(checked.songs) == 1 else ""
    name = checked.text.name
    files = [name, details(song)]
    return tidy(
        Document(
            title=words.plain(checked.text.title or Path(name).stem, words.MAX_TITLE_LETTERS) or "A text",
            subtitle=words.plain(f"Checked against {against}{by}", words.MAX_TITLE_LETTERS),
            details=" · ".join(words.plain(part, words.MAX_TITLE_LETTERS) for part in files),
            name=document_name(checked),
            made_by=f"riffscope {song.made_by.get('riffscope', '')}".strip(),
            blocks=(*_top(checked), text, *_end(checked, marked)),
            songs=(played_song(song),),
        )
    )


def document_name(checked: CheckedArticle) -> str:
    """Name the files of a checked article after its text and its song."""
    return name_of(checked.text.name, checked.songs[0].source.name)


def name_of(text: str, song: str) -> str:
    """Name a checked article after the files of its text and its song: ``article-checked-on-closet``."""
    stems = (
        safe_name(Path(name).stem, otherwise=otherwise)[:NAME_LETTERS]
        for name, otherwise in ((text, "text"), (song, "song"))
    )
    return "-checked-on-".join(stems)


def summary(checked: CheckedArticle) -> str:
    """Say in a sentence or two how the statements of an article are ruled on."""
    tally = checked.tally
    total = sum(tally.values())
    if not total:
        return "This text says nothing about the sound of the song that riffscope could read."
    decided = [
        f"{said} {tally[ruling]}"
        for ruling, said in ((Ruling.SUPPORTED, "supports"), (Ruling.REFUTED, "refutes"))
        if tally[ruling]
    ]
    undecided, untested = tally[Ruling.INCONCLUSIVE], tally[Ruling.NOT_TESTABLE]
    left = [f"{undecided} {'is' if undecided == 1 else 'are'} inconclusive"] if undecided else []
    left += [f"{untested} cannot be tested"] if untested else []
    said = [f"The recording {words.joined(decided)}"] if decided else []
    said += [words.joined(left)] if left else []
    made = f"This text makes {words.count(total, 'statement')} about the sound of the song."
    return f"{made} {words.sentence('; '.join(said))}"


# --------------------------------------------------------------------------------------------------------------- text
@dataclass
class _Marked:
    """What was marked so far: how many notes there are, and what each reason is given for."""

    song: SongAnalysis
    notes: int = 0
    reasons: dict[str, tuple[str, list[Quote]]] = field(default_factory=dict)

    def quotes(self, reason: str) -> tuple[str, list[Quote]]:
        """Return the letter of a reason, the same whenever it comes back, and the sentences that it is given for."""
        return self.reasons.setdefault(reason, (_letter(len(self.reasons)), []))


def _letter(index: int) -> str:
    """Count as columns of a sheet do: ``a`` to ``z``, then ``aa``."""
    before, last = divmod(index, len(string.ascii_lowercase))
    return (_letter(before - 1) if before else "") + string.ascii_lowercase[last]


def _paragraphs(checked: CheckedArticle, marked: _Marked) -> Iterator[MarkedParagraph]:
    paragraphs = checked.text.paragraphs or (Paragraph(start=0, end=len(checked.text.text)),)
    starts = [one.start for one in checked.sentences]
    for number, paragraph in enumerate(paragraphs):
        written = checked.text.text[paragraph.start : paragraph.end]
        if number == 0 and words.plain(written) == words.plain(checked.text.title or ""):
            continue  # it stands above as the title
        within = checked.sentences[bisect_left(starts, paragraph.start) : bisect_left(starts, paragraph.end)]
        notes: list[Note] = []
        pieces = list(_pieces(checked.text.text, paragraph, within, marked, notes))
        if pieces:
            yield MarkedParagraph(pieces=tuple(pieces), form=paragraph.form, notes=tuple(notes))


def _pieces(
    text: str, paragraph: Paragraph, sentences: Sequence[CheckedSentence], marked: _Marked, notes: list[Note]
) -> Iterator[Piece]:
    """Give the sentences of a paragraph, and what stands between them where that is more than space."""
    at, first = paragraph.start, True
    for sentence in sentences:
        before = text[at : sentence.start]
        shown = text[sentence.start : sentence.end]
        if first and paragraph.form == "item":
            before, shown = (_ITEM_MARK.sub("", part) for part in (f"{before} ", shown))
        if any(c.isalnum() for c in before):
            yield Piece(text=before.strip(), joined=not first and not before[0].isspace())
            before = before[-1:]
        joined = not first and not before.endswith(tuple(string.whitespace))
        yield _piece(sentence, shown, marked, notes, joined=joined)
        at, first = sentence.end, False
    rest = text[at : paragraph.end]
    if any(c.isalnum() for c in rest):
        yield Piece(text=rest.strip(), joined=not first and not rest[0].isspace())


def _piece(sentence: CheckedSentence, shown: str, marked: _Marked, notes: list[Note], *, joined: bool) -> Piece:
    marks = []
    if sentence.kind == "not_testable":
        marks.append(_for_reason(sentence, sentence.reason or "No recording shows this", marked))
    for reading in sentence.readings:
        if reading.verdict.ruling is Ruling.NOT_TESTABLE:
            marks.append(_for_reason(sentence, reading.verdict.because, marked))
            continue
        marked.notes += 1
        note = _note(str(marked.notes), reading, marked.song)
        notes.append(note)
        marks.append(Mark(ruling=note.ruling, note=note.name, name=note.name))
    return Piece(text=shown, marks=tuple(marks), ruling=ruling_together(mark.ruling for mark in marks), joined=joined)


def _for_reason(sentence: CheckedSentence, reason: str, marked: _Marked) -> Mark:
    letter, quotes = marked.quotes(words.sentence(reason))
    mark = Mark(ruling=Ruling.NOT_TESTABLE, note=letter, name=f"{letter}{len(quotes) + 1}")
    quotes.append(Quote(text=quoted(sentence.text), mark=mark.name))
    return mark


def quoted(sentence: str, longest: int = QUOTE_LETTERS) -> str:
    """Return a sentence, in short where it is long, to be known again in a list."""
    return words.plain(_ITEM_MARK.sub("", sentence), longest)


def _note(name: str, reading: CheckedStatement, song: SongAnalysis) -> Note:
    verdict = reading.verdict
    elsewhere = is_about_another_song(reading)  # the page plays the article's song alone
    heard = [one for one in verdict.evidence if not _is_all(one, song.source.duration_s)]
    places = [place for evidence in heard if (place := places_of(evidence))]
    return Note(
        name=name,
        ruling=verdict.ruling,
        understood=words.sentence(reading.in_words),
        because=standings.reason(verdict),
        places="" if elsewhere else _listen(places),
        figures=tuple(
            line for evidence in verdict.evidence if (line := figures_of(evidence, verdict.because, song.spelling))
        ),
        caveats=tuple(words.sentence(caveat) for caveat in dict.fromkeys(verdict.caveats)),
    )


def _is_all(evidence: Evidence, duration_s: float) -> bool:
    """Tell whether its places are the song, which is no place to listen at."""
    return sum(span.duration_s for span in evidence.spans) >= WHOLE_SONG * duration_s


def _listen(places: Sequence[str]) -> str:
    """Say where to listen, each place once; of two things that are compared, where each is."""
    found = list(dict.fromkeys(places))
    return f"Listen at {'; compare '.join(found)}." if found else ""


def _remarks(paragraphs: Sequence[MarkedParagraph]) -> Iterator[Remark]:
    """Give each caveat once, with the notes that it belongs to; those of the same notes stand together."""
    belongs: dict[str, list[str]] = {}
    for note in (note for paragraph in paragraphs for note in paragraph.notes):
        for caveat in note.caveats:
            belongs.setdefault(caveat, []).append(note.name)
    together: dict[str, list[str]] = {}
    for caveat, names in belongs.items():
        together.setdefault(words.joined(names), []).append(caveat)
    for notes, caveats in together.items():
        yield Remark(notes=notes, text=" ".join(caveats))


# ---------------------------------------------------------------------------------------------------- top and the end
def _top(checked: CheckedArticle) -> Iterator[Block]:
    yield Tally(counts=tuple(Count(ruling=ruling, number=checked.tally[ruling]) for ruling in SIGNS))
    yield RunningText(text=summary(checked))
    if len(checked.songs) > 1:
        first = words.plain(checked.songs[0].source.title, 80)
        yield RunningText(text=f"Times are those of “{first}”, the song that the text is about.", note=True)


def _end(checked: CheckedArticle, marked: _Marked) -> Iterator[Block]:
    if marked.reasons:
        yield Heading(text="Not testable, and why")
        yield Reasons(
            ruling=Ruling.NOT_TESTABLE,
            reasons=tuple(
                Reason(name=letter, text=reason, quotes=tuple(quotes))
                for reason, (letter, quotes) in marked.reasons.items()
            ),
        )
    lost = [one for one in checked.sentences if one.kind == "checkable" and not one.readings]
    if lost:
        yield Heading(text="Not understood")
        yield Notice(text="These sentences seem to be about the sound, but riffscope could not read them.")
        for sentence in lost:
            yield RunningText(text=quoted(sentence.text))
    yield Heading(text="How to read the marks")
    yield VerdictList(verdicts=tuple(VerdictItem(text=LEGEND[ruling], ruling=ruling, because="") for ruling in SIGNS))
    yield RunningText(
        text="The number after a sentence is that of its note, which says how the sentence was understood. Ranges are "
        "90% ranges. Sentences without a mark say nothing about the sound that riffscope could read."
    )
