"""What the page's visitors read and take away is made from what the library holds, and named after the song."""

import json
import re
import zipfile
from dataclasses import replace

import msgspec
import numpy as np
import pytest
import soundfile

from chapters_read import Sketches
from outcomes import missing
from riffscope import plots, workflow
from riffscope.analyzers.beats import Beats
from riffscope.analyzers.structure import Structure
from riffscope.codec import to_json
from riffscope.errors import BadClaim, BadRange, CannotMeasure, RiffscopeError
from riffscope.folders import sha256_of
from riffscope.library.corrections import Corrections, NamedSection, correct
from riffscope.library.kept_files import keep_file
from riffscope.library.seen import write_part
from riffscope.library.store import Seen, Store
from riffscope.model import Settings
from riffscope.steps import exports
from riffscope.web.documents import MEDIA, about, forms_of, make
from riffscope.web.errands import About, Errand
from songs import HOSTILE_TITLES, example_song, with_outcomes
from songs_heard import listening_copy

pytestmark = pytest.mark.pages

FROM_SOUND = {"loop", "stems"}


def called(song, number, **source):
    """A song of its own: another hash, and other names."""
    return replace(song, source=replace(song.source, sha256=f"{number:064x}", **source))


ONE = called(example_song(duration_s=24.0, title="One & only"), 1, name="one.flac")
OTHER = called(example_song(duration_s=24.0, title="Other"), 2, name="other.mp3")
VOICELESS = called(
    with_outcomes(ONE, {name: missing(name, "no one sings") for name in ONE.outcomes if name.startswith("vocal_")}), 3
)


@pytest.fixture(autouse=True)
def sketches(monkeypatch):
    """Put empty figures in the place of all drawings, but where a test asks for them."""
    monkeypatch.setattr(plots, "FIGURES", Sketches())


@pytest.fixture
def drawn(monkeypatch, sketches):
    monkeypatch.undo()


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A library of three songs; of the first two it has a copy to listen to, with the vocals apart."""
    store = Store(tmp_path_factory.mktemp("library"))
    for song in (ONE, OTHER, VOICELESS):
        store.keep(song)
    for song in (ONE, OTHER):
        store.keep_copy(song.source.sha256, listening_copy(24.0).value)
    return store


@pytest.fixture
def made(store, tmp_path):
    """Make what is asked for of songs, and return it with its bytes."""

    def make_it(form, *songs, within=store, **more):
        folder = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        hashes = tuple(song.source.sha256 for song in songs)
        found = make(Errand(library=within.place.address, songs=hashes, form=form, **more), folder)
        (path,) = folder.iterdir()
        assert (str(path), path.name) == (found.path, found.name)
        return found, path.read_bytes()

    return make_it


@pytest.fixture
def written(tmp_path_factory):
    """Write a text somewhere under a name that says nothing, as an upload is kept."""

    def write(content, name):
        path = tmp_path_factory.mktemp("texts") / "text"
        path.write_text(content)
        return {"text": str(path), "text_name": name}

    return write


def spoken(page):
    """The words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page.decode()))


# ------------------------------------------------------------------------------------------------------------- reports
@pytest.mark.usefixtures("drawn")
def test_the_report_of_a_song_is_drawn_and_plays_its_vocals_and_accompaniment(made):
    found, page = made("html", ONE)
    assert (found.name, found.media_type) == ("one.html", "text/html; charset=utf-8")
    assert b"<h1" in page
    assert b"One &amp; only" in page
    assert page.count(b"<figure>") > 3
    assert page.count(b"<path") > 30
    assert page.count(b'data-stream="vocals"') == page.count(b'data-stream="accompaniment"') == 1


def test_a_song_without_a_copy_has_a_report_that_says_so(made):
    _, page = made("html", VOICELESS)
    assert b"data-stream" not in page
    assert "keeps no sound of this song" in spoken(page)


def test_a_song_too_long_to_be_played_in_a_page_is_not_asked_for_again(store, made):
    long = called(replace(VOICELESS, source=replace(VOICELESS.source, duration_s=1201.0)), 8)
    store.keep(long)
    said = spoken(made("html", long)[1])
    assert "longer than 20 minutes" in said
    assert "drop the song" not in said


def test_a_damaged_copy_costs_the_player_alone(store, made):
    damaged = called(VOICELESS, 9)
    store.keep(damaged)
    store.keep_copy(damaged.source.sha256, listening_copy(24.0).value)
    (file,) = store.place.folder.glob(f"copies/*/{damaged.source.sha256}.msgpack")
    file.write_bytes(file.read_bytes()[:1000])
    _, page = made("html", damaged)
    assert "keeps no sound of this song" in spoken(page)


def test_a_song_is_written_as_pdf_and_as_the_json_that_the_command_line_writes(made):
    pdf, content = made("pdf", ONE)
    full, whole = made("full", ONE)
    assert (full.name, full.media_type) == (f"{pdf.name.removesuffix('.pdf')}-full.pdf", pdf.media_type)
    assert len(whole) > 1.5 * len(content)
    assert (pdf.name, pdf.media_type, content[:5]) == ("one.pdf", "application/pdf", b"%PDF-")
    found, saved = made("json", ONE)
    assert (found.name, found.media_type) == ("one.json", "application/json")
    assert saved == to_json(ONE, indent=1)


def test_a_song_is_moved_into_the_range_of_its_reader(made):
    _, saved = made("json", ONE, singer="C3-C5")
    expected = workflow.transposed(ONE, workflow.read_range("C3-C5")).transposition
    assert json.loads(saved)["transposition"]["semitones"] == expected.semitones
    _, page = made("html", ONE, singer="C3-C5")
    assert "C3 to C5" in spoken(page)
    with pytest.raises(BadRange, match="high"):
        made("json", ONE, singer="high to low")


def test_a_song_without_singing_stays_where_it_is(made):
    _, saved = made("json", VOICELESS, singer="C3-C5")
    assert "transposition" not in json.loads(saved)


def test_songs_are_compared_and_all_can_be_played(made):
    found, page = made("html", ONE, OTHER)
    assert found.name == "one-and-other.html"
    said = spoken(page)
    assert "Comparison of 2 songs" in said
    played = re.findall(rb'data-song="(\d)" data-stream="(\w+)"', page)
    assert played == [(b"0", b"vocals"), (b"0", b"accompaniment"), (b"1", b"vocals"), (b"1", b"accompaniment")]
    pdf, content = made("pdf", OTHER, ONE, VOICELESS)
    assert (pdf.name, content[:5]) == ("other-and-one-and-one.pdf", b"%PDF-")


@pytest.mark.parametrize("kind", HOSTILE_TITLES)
def test_what_a_song_calls_itself_names_a_harmless_file(store, made, kind):
    title = HOSTILE_TITLES[kind]
    hostile = called(replace(ONE, source=replace(ONE.source, tags=replace(ONE.source.tags, title=title))), 7)
    hostile = called(hostile, 7, name=f"../../{title}/..\\{title}.ogg")
    store.keep(hostile)
    for form in ("json", "csv"):
        found, _ = made(form, hostile)
        assert re.fullmatch(r"[\w.-]{1,110}", found.name), found.name
        assert not found.name.startswith(".")


# --------------------------------------------------------------------------------------------------------------- texts
ARTICLE = "# One & only\n\nThe tempo is about 123 BPM. It is in F sharp minor. It was recorded in Berlin.\n"


def test_a_text_is_ruled_on_and_named_as_its_user_calls_it(made, written):
    text = written(ARTICLE, "../My <article>.md")
    found, saved = made("json", ONE, **text)
    assert found.name == "My-article-checked-on-one.json"
    document = json.loads(saved)
    rulings = [reading["verdict"]["ruling"] for one in document["sentences"] for reading in one["readings"]]
    assert rulings[:1] == ["supported"]
    assert document["name"] == "My <article>.md"
    _, page = made("html", ONE, **text)
    assert b"<mark" in page
    assert page.count(b'data-stream="vocals"') == 1
    # Markdown by its name: the mark of the heading is none of the text.
    assert "# One" not in spoken(page)
    pdf, content = made("pdf", ONE, **text)
    assert (pdf.name, content[:5]) == ("My-article-checked-on-one.pdf", b"%PDF-")


def test_a_text_compares_its_song_with_the_others(made, written):
    text = written("The song is faster than Other.\n", "text.txt")
    for songs, testable in ((ONE,), False), ((ONE, OTHER), True):
        document = json.loads(made("json", *songs, **text)[1])
        (reading,) = [reading for one in document["sentences"] for reading in one["readings"]]
        assert (reading["verdict"]["ruling"] != "not_testable") == testable
        assert [song["name"] for song in document["songs"]] == [song.source.name for song in songs]


def test_what_is_no_text_is_refused_by_the_name_that_its_user_knows(made, written, tmp_path):
    text = written("\0\1\2" * 50, "song.txt")
    with pytest.raises(RiffscopeError) as refused:
        made("html", ONE, **text)
    assert str(refused.value).startswith("song.txt: ")
    assert text["text"] not in str(refused.value)


SLOW = '[slow]\ntext = "It is slow"\nkind = "at_most"\nmeasure = "tempo.bpm"\nlimit = 100\n'
FASTER = '[faster]\ntext = "The second is faster"\nkind = "higher"\nmeasure = "tempo.bpm"\n'


def test_a_claims_file_rules_on_a_song_and_on_songs_side_by_side(made, written):
    found, saved = made("json", ONE, **written(SLOW, "mine.TOML"))
    assert found.name == "one.json"
    (verdict,) = json.loads(saved)["verdicts"]
    assert (verdict["text"], verdict["ruling"]) == ("It is slow", "refuted")
    _, page = made("html", ONE, **written(SLOW, "mine.toml"))
    assert "It is slow" in spoken(page)
    _, page = made("html", ONE, OTHER, **written(FASTER, "mine.toml"))
    assert "The second is faster" in spoken(page)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (SLOW.replace("tempo.bpm", "tempo.bmp"), "tempo.bpm"),
        (FASTER, "two songs"),
        ("It is slow", "TOML"),
        (SLOW.replace("at_most", "below_reference").replace("limit = 100", 'reference = "/etc/x.toml"'), "/etc/x.toml"),
    ],
)
def test_mistakes_in_claims_are_told_without_a_place_on_this_machine(made, written, content, said):
    text = written(content, "mine.toml")
    with pytest.raises(BadClaim, match=re.escape(said)) as refused:
        made("html", ONE, **text)
    assert text["text"] not in str(refused.value)


# ------------------------------------------------------------------------------------------------------------- exports
@pytest.mark.parametrize("form", [export.name for export in exports() if export.name not in FROM_SOUND])
def test_every_export_is_one_file_with_the_same_bytes_each_time(made, form):
    found, content = made(form, ONE)
    assert found.name.startswith("one")
    assert found.media_type in MEDIA.values()
    assert made(form, ONE)[1] == content
    if found.name.endswith(".zip"):
        assert found.name == f"one-{form}.zip"
        with zipfile.ZipFile(found.path) as packed:
            assert packed.testzip() is None
            assert len(packed.namelist()) > 1
            assert all(name.startswith("one.") for name in packed.namelist())


def voice_and_mix(folder):
    """A song with its vocal stem, as files."""
    random = np.random.default_rng(5)
    voice, rest = random.normal(0, 0.1, (2, 22050, 2)).astype(np.float32)
    for name, sound in ("voice", voice), ("mix", voice + rest):
        soundfile.write(folder / f"{name}.wav", sound, 22050, subtype="FLOAT")
    return folder / "mix.wav", folder / "voice.wav", rest


@pytest.fixture
def heard(tmp_path_factory):
    """A library with a song whose file is here, measured with its vocal stem, and how its accompaniment sounds."""
    mix, voice, rest = voice_and_mix(tmp_path_factory.mktemp("sound"))
    store = Store(tmp_path_factory.mktemp("heard"))
    song = replace(ONE, source=replace(ONE.source, sha256=sha256_of(mix)), settings={"vocals": "voice.wav"})
    store.keep(song)
    return store, song, mix, voice, rest


def test_stems_are_made_from_the_kept_song_and_its_kept_stem(made, heard, tmp_path_factory):
    store, song, mix, voice, rest = heard
    with pytest.raises(RiffscopeError, match=r"one\.flac: its file was not kept"):
        made("stems", song, within=store)
    keep_file(store.place, song.source.sha256, mix)
    keep_file(store.place, song.source.sha256, voice, "vocals")
    found, _ = made("stems", song, within=store)
    assert found.name == "one-stems.zip"
    folder = tmp_path_factory.mktemp("stems")
    with zipfile.ZipFile(found.path) as packed:
        assert packed.namelist() == ["one.vocals.wav", "one.accompaniment.wav"]
        packed.extractall(folder)
    sound, _ = soundfile.read(folder / "one.accompaniment.wav")
    assert np.abs(sound - rest).max() < 1e-5


def test_a_song_that_a_batch_saw_is_read_where_it_lies_if_it_is_still_that_song(made, heard):
    store, song, mix, voice, _ = heard
    found = mix.stat()
    seen = Seen(str(mix), found.st_size, found.st_mtime_ns, song.source.sha256)
    write_part(store.place, [seen])
    # It is the right file: only the stem that it was measured with is not here.
    with pytest.raises(CannotMeasure, match="voice"):
        made("stems", song, within=store)
    mix.write_bytes(voice.read_bytes())
    with pytest.raises(RiffscopeError, match=r"one\.flac: its file was not kept"):
        made("stems", song, within=store)


# --------------------------------------------------------------------------------------------------------------- about
def test_about_a_song_tells_what_can_be_corrected_and_taken_away(store, made):
    sections = (NamedSection(start_s=0.0, end_s=24.0, name="verse"),)
    corrections = Corrections(tempo_bpm=61.5, sections=sections)
    correct(store.place, ONE.source.sha256, corrections)
    found, content = made("about", ONE)
    known = msgspec.json.decode(content, type=About, strict=True)
    assert found.media_type == "application/json"
    assert (known.title, known.file, known.tempo_bpm, known.beats_per_bar) == ("One & only", "one.flac", 123.04, 4)
    assert known.beats_s == pytest.approx(ONE[Beats].times_s, abs=1e-3)
    assert known.downbeats_s == known.beats_s[ONE[Beats].downbeat_index[0] :: 4]
    assert [one.name for one in known.sections] == [one.name for one in ONE[Structure].sections]
    assert known.corrections == corrections
    assert not known.is_corrected  # its file was gone
    assert (known.has_file, known.has_copy) == (False, True)
    assert {form.form: form.needs_file for form in known.forms} == {
        **dict.fromkeys(("pdf", "full", "html", "json"), False),
        **{export.name: export.name in FROM_SOUND for export in exports()},
    }
    assert all(form.label and form.about for form in known.forms)
    labels = {form.form: form.label for form in known.forms}
    assert (labels["midi"], labels["chords"]) == ("MIDI", "Chord sheet")


def test_corrections_wait_until_a_song_was_measured_with_just_them(store):
    sha256 = OTHER.source.sha256
    assert about(store, OTHER).is_corrected
    correct(store.place, sha256, Corrections(tempo_bpm=61.5))
    measured = replace(OTHER, settings=store.corrected(sha256, Settings()).described())
    assert (about(store, OTHER).is_corrected, about(store, measured).is_corrected) == (False, True)
    correct(store.place, sha256, None)
    assert (about(store, OTHER).is_corrected, about(store, measured).is_corrected) == (True, False)


def test_a_song_without_a_riff_offers_no_loop():
    without = with_outcomes(ONE, {"loops": missing("loops", "nothing repeats")})
    assert {form.form for form in forms_of(ONE)} - {form.form for form in forms_of(without)} == {"loop"}


# ------------------------------------------------------------------------------------------------------------- refusals
@pytest.mark.parametrize(
    ("songs", "form", "said"),
    [
        ((), "html", "no song"),
        ((f"{99:064x}",), "html", "not in the library"),
        (("../../../etc/passwd",), "html", "not in the library"),
        ((ONE.source.sha256,), "docx", "midi"),
        ((ONE.source.sha256, OTHER.source.sha256), "midi", "one song"),
        ((ONE.source.sha256, OTHER.source.sha256), "json", "PDF or HTML"),
        ((ONE.source.sha256,) * 7, "html", "7 songs"),
    ],
)
def test_what_cannot_be_made_is_refused_in_one_line(store, tmp_path, songs, form, said):
    with pytest.raises(RiffscopeError, match=said) as refused:
        make(Errand(library=store.place.address, songs=songs, form=form), tmp_path)
    assert "\n" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []
