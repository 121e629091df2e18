"""The bundled article says of the first sample song what is true of it, and one thing that is not."""

from riffscope.analyzers.beats import Beats
from riffscope.analyzers.chords import Chords
from riffscope.analyzers.key import Key
from riffscope.analyzers.loops import Loops
from riffscope.analyzers.loudness import Loudness
from riffscope.analyzers.tempo import Tempo
from riffscope.analyzers.vocal_range import VocalRange
from riffscope.articles.load import load_text
from riffscope.load import load
from riffscope.model import Ruling, Settings
from riffscope.song import analyze
from riffscope.workflow import check
from songs_heard import SAMPLES

ARTICLE = SAMPLES / "article.md"
NEEDED = (Beats, Chords, Key, Loops, Loudness, Tempo, VocalRange)
TRUE = {"key", "tempo", "duration", "riff", "riff_length", "vocal_range", "loudness"}
FALSE = {"chord_count"}


def test_what_is_true_is_supported_and_the_wrong_number_of_chords_is_refuted():
    song = analyze(load(SAMPLES / "closet.ogg"), settings=Settings(separator="none"), only=NEEDED, threads=2)
    checked = check(ARTICLE, song)
    readings = [reading for sentence in checked.sentences for reading in sentence.readings]
    ruled = {ruling: {one.about for one in readings if one.verdict.ruling is ruling} for ruling in Ruling}
    assert ruled[Ruling.SUPPORTED] >= TRUE
    assert ruled[Ruling.REFUTED] == FALSE
    assert [(one.about, one.against) for one in readings if one.verdict.ruling is Ruling.NOT_TESTABLE][:1] == [
        ("bass", "Arena")
    ]


def test_it_says_things_of_every_kind():
    kinds = [sentence.kind for sentence in check(ARTICLE, analyze(load(SAMPLES / "closet.ogg"), only=[])).sentences]
    assert min(map(kinds.count, ("checkable", "not_testable", "other"))) >= 2


def test_its_paragraphs_are_headings_text_and_items():
    text = load_text(ARTICLE)
    assert {paragraph.form for paragraph in text.paragraphs} == {"heading", "text", "item"}
    assert text.title == "The song that came out of a script"
