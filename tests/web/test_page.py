"""The local page in a real browser: songs are dropped, read, heard, compared, corrected, searched and downloaded."""

import dataclasses
import io
import json
import re
import shutil
import time
import zipfile
from types import SimpleNamespace

import psutil
import pytest
import soundfile

from browser import AXE, NO_AXE, PROGRAM, Browser
from riffscope.analyzers.vocal_activity import VocalActivity
from riffscope.codec import read_analysis
from riffscope.library.store import Store
from riffscope.model import VocalSource
from songs import songs

pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason="no Chromium or Chrome is installed"),
    pytest.mark.processes,  # servers, workers and a browser: the same on every Python
]

WIDTHS = (375, 1440)
SCHEMES = ("light", "dark")
ARTICLE = (
    "“Closet” runs at 92 BPM. It is in C minor. It goes round the same four chords. It was recorded in a closet.\n"
)
CLAIMS = """
[walking_pace]
text = "It goes at a walking pace"
kind = "between"
measure = "tempo.bpm"
lowest = 85
highest = 125
"""
TASKS = "[...document.querySelectorAll('#tasks > li')]"
ROWS = "[...document.querySelectorAll('#rows > tr')]"
TITLES = f"{ROWS}.map(row => row.querySelector('a').textContent).join()"
PLAYS = "document.querySelector('.play').getAttribute('aria-label') === 'Pause'"
AT = "Number(document.querySelector('.seek').value)"
RULINGS = "[...document.querySelectorAll('.verdicts .ruling')].length"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"), wait_s=60)
    browser.screen(1440, 900)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def page(serve):
    """A page that begins with an empty library."""
    return serve()


@pytest.fixture(scope="module")
def dropped(page, browser, short_songs, tmp_path_factory):
    """The two songs of the library, as they were dropped: what was seen meanwhile, their hashes, and their text."""
    browser.open(page.address)
    seen = SimpleNamespace(address=browser.run("location.href"))
    browser.click("#keep")
    browser.run("document.querySelector('#with').open = true")
    browser.choose("#vocals", [short_songs["stem"]])
    seen.closet = watched(browser, [short_songs["closet"]])
    # The other one is not kept, and comes with an article instead of a stem.
    browser.click(".back")
    browser.wait(f"{ROWS}.length === 1")
    browser.click("#keep")
    text = tmp_path_factory.mktemp("texts") / "review.md"
    text.write_text(ARTICLE, "utf-8")
    browser.run("document.querySelector('#with').open = true")
    browser.choose("#text", [text])
    seen.arena = watched(browser, [short_songs["arena"]])
    assert browser.complaints() == []
    assert browser.hosts() == {page.host}
    return seen


@pytest.fixture
def home(page, browser, dropped):
    """The first page, with two songs; it ends without a complaint, and asked for nothing from elsewhere."""
    browser.open(page.root + "/")
    browser.wait(f"{ROWS}.length === 2")
    browser.run("document.querySelector('#unchoose').click()")
    yield browser
    assert browser.complaints() == []
    assert browser.hosts() == {page.host}


def watched(browser, paths):
    """Drop songs, and return what the page said until it shows a report: when, in seconds, and what of the last one."""
    began = time.monotonic()
    browser.drop("#drop", paths)
    said, aloud = [], set()
    words = f"[...{TASKS}.at(-1).children].filter(part => !part.hidden).map(part => part.innerText)"
    news = "document.querySelector('#announcer').textContent"
    while time.monotonic() < began + 60:
        try:
            where, now, heard = browser.run(f"[location.pathname, {TASKS}.length ? {words} : [], {news}]")
        except RuntimeError:
            continue  # between two pages
        if where != "/":
            song = re.findall("[0-9a-f]{64}", browser.run("location.href"))[0]
            return SimpleNamespace(said=said, aloud=aloud, path=where, song=song)
        if now and (not said or said[-1][1] != now):
            said.append((time.monotonic() - began, now))
        aloud.add(heard)
        time.sleep(0.02)
    raise TimeoutError(f"no report: {said}")


def choose(tab, select, value):
    """Choose from a list."""
    tab.run(
        f"(list => {{ list.value = {json.dumps(value)}; list.dispatchEvent(new Event('change', {{bubbles: true}})); }})"
        f"(document.querySelector({json.dumps(select)}))"
    )


def pick(tab, *songs):
    """Choose songs in the list."""
    for song in songs:
        tab.click(f"tr[data-song='{song.song}'] input")


def words_of(report):
    """What a report says."""
    return report.run("document.querySelector('main').innerText")


# ------------------------------------------------------------------------------------------------------- a song dropped
def test_the_secret_does_not_stay_in_the_address(page, dropped):
    assert dropped.address == page.root + "/"


def test_a_dropped_song_shows_progress_then_numbers_then_its_report(dropped, browser, page):
    said = dropped.closet.said
    assert said[0][0] < 2  # seconds; half of one on a machine with nothing else to do
    assert all("closet.flac" in words[0] or words[0] == "closet" for _, words in said)
    shares = [
        int(found[1]) for _, words in said if (found := re.search(r"(\d+)%", words[2])) and "Arriving" not in words[2]
    ]
    assert len(shares) > 5
    assert shares == sorted(shares)
    assert any("TEMPO" in words[-1].upper() and "92.0 BPM" in words[-1] for _, words in said)
    assert dropped.closet.path == f"/songs/{dropped.closet.song}"
    # Not each step is said aloud to those who listen to the page.
    assert any("Measuring closet.flac" in news for news in dropped.closet.aloud)
    assert len(dropped.closet.aloud) < 8


def test_the_report_in_the_page_is_the_report_itself(dropped, browser, page):
    browser.open(f"{page.root}/songs/{dropped.closet.song}")
    report = browser.frame()
    assert report.run("document.querySelector('h1').textContent") == "closet"
    assert "92 BPM" in words_of(report)
    assert report.run("document.querySelectorAll('.verdicts li').length") > 20
    assert report.run("document.querySelector('meta[http-equiv=Content-Security-Policy]').content").startswith(
        "default-src 'none'"
    )


def test_the_report_plays_and_seeks_in_the_page(dropped, browser, page):
    browser.open(f"{page.root}/songs/{dropped.closet.song}")
    report = browser.frame()
    report.click(".play")
    report.wait(f"{PLAYS} && {AT} > 0.2")
    report.click(".wave", across=0.75)
    report.wait(f"{AT} > 17 && {PLAYS}")
    report.click(".play")
    report.wait(f"!({PLAYS})")
    assert browser.complaints() == []


def test_a_file_that_is_dropped_on_a_report_does_not_take_its_place(dropped, browser, page, short_songs):
    browser.open(f"{page.root}/songs/{dropped.closet.song}")
    browser.frame()
    for target in (".bar", "#frame"):
        browser.run("document.querySelector('#word').textContent = ''")
        browser.drop(target, [short_songs["arena"]])
        browser.wait("document.querySelector('#word').textContent.includes('library')")
        assert browser.frame().run("location.pathname") == f"/songs/{dropped.closet.song}/report.html"
    assert browser.complaints() == []


def test_an_upload_is_deleted_unless_it_is_kept(dropped, page):
    assert list((page.library / "uploads").iterdir()) == []
    kept = {path.relative_to(page.library / "files").as_posix() for path in (page.library / "files").glob("*/*")}
    assert kept == {f"{dropped.closet.song}/song", f"{dropped.closet.song}/vocals"}


# ------------------------------------------------------------------------------------------------------------- texts
def test_a_stem_that_came_along_is_what_the_voice_is_measured_on(dropped, page):
    (analysis,) = (page.library / "analyses").rglob(f"{dropped.closet.song}*")
    assert read_analysis(analysis)[VocalActivity].method is VocalSource.STEM


def test_a_text_that_came_along_is_ruled_on(dropped, browser, page):
    assert dropped.arena.path.startswith("/texts/")
    browser.open(f"{page.root}{dropped.arena.path}?songs={dropped.arena.song}")
    words = words_of(browser.frame())
    assert "92 BPM" in words
    assert "refuted" in words.lower()  # the other song is faster


def test_a_text_is_pasted_later_and_ruled_on_from_what_was_kept(home, dropped, tmp_path):
    pick(home, dropped.closet)
    home.click("#check")
    home.write("#text-form textarea", ARTICLE)
    home.click("#text-form button.main")
    home.wait("location.pathname.startsWith('/texts/')")
    report = home.frame()
    words = report.run("document.querySelector('main').innerText.toLowerCase()")
    assert {"supported", "refuted", "not testable"} <= set(re.findall("supported|refuted|not testable", words))
    checked = json.loads(saved(home, "a[href*='/download/json']", tmp_path / "json").read_bytes())
    assert "92 BPM" in json.dumps(checked)


@pytest.mark.parametrize("pasted", [False, True], ids=["as a file", "pasted"])
def test_claims_of_ones_own_are_ruled_on(home, dropped, tmp_path, pasted):
    pick(home, dropped.closet, dropped.arena)
    home.click("#check")
    if pasted:
        home.write("#text-form textarea", CLAIMS)
    else:
        (tmp_path / "claims.toml").write_text(CLAIMS, "utf-8")
        home.choose("#text-form input[type=file]", [tmp_path / "claims.toml"])
    home.click("#text-form button.main")
    home.wait("location.pathname.startsWith('/texts/')")
    words = words_of(home.frame())
    assert "It goes at a walking pace" in words
    assert "supported" in words.lower()
    assert "refuted" in words.lower()
    assert kind_of(saved(home, "a[href*='/download/pdf']", tmp_path / "pdf")) == "PDF"
    assert not home.run("document.querySelector(\"a[href*='/download/json']\")")  # a comparison has none


# ---------------------------------------------------------------------------------------------------------- comparing
def saved(tab, link, folder):
    """Save a file that a page offers, and return its path."""
    folder.mkdir()
    downloads = tab.downloads_into(folder)
    tab.run("document.querySelector('#word').textContent = 'Making'")
    tab.click("#downloads summary")
    tab.click(link)
    tab.wait("!document.querySelector('#word').textContent.startsWith('Making')")
    assert tab.run("document.querySelector('#word').textContent").startswith("Saved"), link
    (path,) = downloads.wait()
    return path


def test_two_songs_are_compared(home, dropped, tmp_path):
    assert not home.run("document.querySelector('#compare').checkVisibility()")
    pick(home, dropped.closet, dropped.arena)
    home.click("#compare")
    home.wait("location.pathname === '/compare'")
    report = home.frame()
    assert "126 against 92" in words_of(report).replace(" BPM", "")
    report.click(".play")
    report.wait(PLAYS)
    report.click(".play")
    for form, kind in (("pdf", "PDF"), ("html", "page")):
        assert kind_of(saved(home, f"a[href*='/compare/download/{form}']", tmp_path / form)) == kind


# -------------------------------------------------------------------------------------------------------- the library
def test_songs_are_searched_and_sorted(home):
    home.write("#search", "aren")
    home.wait(f"{TITLES} === 'arena'")
    home.write("#search", "none such")
    home.wait("document.querySelector('#none').checkVisibility()")
    home.write("#search", "")
    home.wait(f"{ROWS}.length === 2")
    choose(home, "#sort", "tempo")
    home.wait(f"{TITLES} === 'closet,arena'")
    home.click("#order")
    home.wait(f"{TITLES} === 'arena,closet'")
    choose(home, "#sort", "length")
    home.wait(f"{TITLES} === 'arena,closet'")
    choose(home, "#sort", "added")
    home.wait(f"{TITLES} === 'arena,closet'")
    assert home.run(f"{ROWS}[1].innerText").replace("\n", " ").count("92.0 BPM") == 1


def test_two_tabs_show_the_same(home, page, browser, tmp_path):
    other = browser.tab()
    try:
        other.open(page.root + "/")
        broken = tmp_path / "broken.mp3"
        broken.write_bytes(b"no song at all " * 1000)
        home.drop("#drop", [broken])
        for tab in (home, other):
            tab.wait(f"{TASKS}.some(task => task.dataset.state === 'failed' && task.innerText.includes('broken.mp3'))")
        assert home.run(f"{TASKS}.at(-1).querySelector('.doing').textContent") == other.run(
            f"{TASKS}.at(-1).querySelector('.doing').textContent"
        )
        other.click("#tasks > li:last-child .dismiss")
        for tab in (home, other):
            tab.wait(f"!{TASKS}.some(task => task.innerText.includes('broken.mp3'))")
        assert other.complaints() == []
    finally:
        other.close()


def test_a_file_that_is_too_large_is_not_even_sent(home, tmp_path):
    large = tmp_path / "large.wav"
    with large.open("wb") as file:
        file.truncate(600_000_000)  # as large as it says, and yet nothing on the disk
    home.choose("#songs", [large])
    line = home.wait(f"{TASKS}.find(task => task.innerText.includes('large.wav'))?.querySelector('.doing').textContent")
    assert "500 MB" in line
    assert not [address for address in home.requests() if "/api/tasks" in address]


def test_a_file_that_is_no_song_says_in_one_line_what_the_command_line_says(home, tmp_path, capsys):
    from riffscope.cli import main

    broken = tmp_path / "broken.mp3"
    broken.write_bytes(b"no song at all " * 1000)
    assert main(["analyze", str(broken)]) == 1
    line = capsys.readouterr().err.strip().partition(": ")[2]
    home.drop("#drop", [broken])
    home.wait(f"{TASKS}.at(-1)?.dataset.state === 'failed'")
    shown = home.run(f"{TASKS}.at(-1).querySelector('.doing').textContent")
    assert "\n" not in shown
    assert shown.partition(": ")[2].rstrip(".") in line
    home.click("#tasks > li:last-child .dismiss")
    home.wait(f"{TASKS}.every(task => task.dataset.state !== 'failed')")


def test_a_library_that_was_there_is_listed_and_hostile_titles_stay_text(serve, browser, tmp_path):
    """Nothing is measured here: the songs are as a batch leaves them."""
    store = Store(tmp_path / "library")
    for number, song in enumerate(songs().values()):
        source = dataclasses.replace(song.source, sha256=f"{number:064x}")
        store.keep(dataclasses.replace(song, source=source))
    other = serve("--store", str(store.place.folder))
    for width in WIDTHS:
        browser.screen(width, 800)
        browser.open(other.address)
        browser.wait(f"{ROWS}.length === {len(songs())}")
        titles = browser.run(f"{ROWS}.map(row => row.querySelector('a').textContent)")
        assert {"<script>alert(1)</script>", "夜に駆ける", "x" * 300} <= set(titles)
        assert browser.run("document.documentElement.scrollWidth") <= width
    browser.screen(1440, 900)
    browser.write("#search", "script")
    browser.wait(f"{ROWS}.length === 1")
    browser.click("#rows a")
    browser.wait("location.pathname.startsWith('/songs/')")
    report = browser.frame()
    assert report.run("document.querySelector('h1').textContent") == "<script>alert(1)</script>"
    assert "No player: the library keeps no sound of this song" in report.run("document.body.innerText")
    browser.wait("document.querySelector('.bar h1').textContent.startsWith('<script>')")
    assert browser.complaints() == []
    other.stop()


def test_a_song_is_deleted_once_that_is_confirmed(serve, browser, tmp_path):
    store = Store(tmp_path / "library")
    for number, song in enumerate(list(songs().values())[:2]):
        store.keep(dataclasses.replace(song, source=dataclasses.replace(song.source, sha256=f"{number:064x}")))
    other = serve("--store", str(store.place.folder))
    browser.open(other.address)
    browser.wait(f"{ROWS}.length === 2")
    gone = browser.run(f"{ROWS}[0].dataset.song")
    for answer, left in (("cancel", 2), ("delete", 1)):
        browser.click(f"tr[data-song='{gone}'] .away button")
        browser.click(f"#delete-dialog button[value='{answer}']")
        browser.wait(f"!document.querySelector('#delete-dialog').open && {ROWS}.length === {left}")
        assert len(list(store.hashes())) == left
    assert gone not in store.hashes()
    assert browser.complaints() == []
    other.stop()


# -------------------------------------------------------------------------------------------------------- corrections
def corrected(browser):
    """Send the corrections, wait until the song is measured anew, and return its report."""
    browser.run("document.querySelector('#frame').contentWindow.before = true")
    browser.click("#apply")
    return renewed(browser)


def renewed(browser):
    browser.wait("document.querySelector('#word').textContent.includes('Measured anew')")
    browser.wait("!document.querySelector('#frame').contentWindow.before")
    return browser.frame()


def about_of(browser, song):
    """What the server knows of a song."""
    return browser.run(f"fetch('/api/songs/{song}').then(answer => answer.json())")


def test_what_is_corrected_is_kept_and_everything_follows(page, browser, dropped):
    song = dropped.closet.song
    browser.open(f"{page.root}/songs/{song}")
    browser.wait("document.querySelectorAll('#sections input').length")
    report = browser.frame()
    report.wait(f"{AT} === 0")
    measured = about_of(browser, song)
    assert measured["tempo_bpm"] == pytest.approx(92, abs=0.5)
    # Twice as fast, another name for the first section, and the second beat of a bar is tapped as the first one.
    browser.click("#correct")
    browser.click("#tempo-choices label:nth-child(2) input")
    browser.write("#section-0", "overture")
    beat = measured["beats_s"][measured["beats_s"].index(measured["downbeats_s"][1]) + 1]
    report.run(
        f"(slider => {{ slider.value = {beat + 0.1}; slider.dispatchEvent(new Event('input', {{bubbles: true}})); }})"
        "(document.querySelector('.seek'))"
    )
    browser.run("document.querySelector('#panel-title').focus()")
    browser.press("t")
    browser.wait("document.querySelector('#untap').checkVisibility()")
    report = corrected(browser)
    assert "184 BPM" in words_of(report)
    assert report.run("[...document.querySelectorAll('.sections *')].some(one => one.textContent === 'overture')")
    now = about_of(browser, song)
    assert now["tempo_bpm"] == pytest.approx(184, abs=0.5)
    assert len(now["beats_s"]) > 1.8 * len(measured["beats_s"])
    assert min(abs(bar - beat) for bar in now["downbeats_s"]) < 0.02
    assert now["sections"][0]["name"] == "overture"
    kept = json.loads((page.library / "corrections" / f"{song}.json").read_bytes())
    assert kept["tempo_bpm"] == pytest.approx(184, abs=0.5)
    # The list says the same, and the panel takes everything back.
    row = browser.run("fetch('/api/songs?search=closet').then(answer => answer.json())")["songs"][0]
    assert row["tempo_bpm"] == now["tempo_bpm"]
    browser.wait("document.querySelector('#corrected').checkVisibility()")
    browser.run("document.querySelector('#frame').contentWindow.before = true")
    browser.click("#undo")
    assert "92 BPM" in words_of(renewed(browser))
    assert about_of(browser, song)["downbeats_s"] == measured["downbeats_s"]
    assert not (page.library / "corrections" / f"{song}.json").exists()
    assert browser.complaints() == []


def test_a_song_whose_file_was_not_kept_is_corrected_once_its_file_comes_again(page, browser, dropped, short_songs):
    browser.open(f"{page.root}/songs/{dropped.arena.song}")
    browser.wait("document.querySelectorAll('#sections input').length")
    browser.frame()
    browser.click("#correct")
    browser.write("#section-0", "opening")
    browser.run("document.querySelector('#frame').contentWindow.before = true")
    browser.click("#apply")
    browser.wait("document.querySelector('#again').checkVisibility()")
    browser.choose("#again-file", [short_songs["arena"]])
    report = renewed(browser)
    assert report.run("[...document.querySelectorAll('.sections *')].some(one => one.textContent === 'opening')")
    assert not (page.library / "files" / dropped.arena.song).exists()


# ---------------------------------------------------------------------------------------------------------- downloads
def test_everything_that_can_be_saved_is_what_it_says(page, browser, dropped, tmp_path):
    browser.open(f"{page.root}/songs/{dropped.closet.song}")
    forms = browser.wait("[...document.querySelectorAll('#forms a')].map(one => one.pathname.split('/').at(-1))")
    files = {form: saved(browser, f"#forms a[href$='/{form}']", tmp_path / form) for form in forms}
    assert {form: kind_of(path) for form, path in files.items()} == {
        "pdf": "PDF",
        "full": "PDF",
        "html": "page",
        "json": "analysis of closet",
        "midi": "MIDI, MIDI, MIDI",
        "chords": "PDF, page, text",
        "csv": ", ".join(["table"] * 10),
        "audacity": ", ".join(["labels"] * 8),
        "jams": "JAMS",
        "loop": "sound",
        "stems": "sound, sound",  # made with the stem that was kept
    }


def kind_of(path):
    """What a file holds, by its content."""
    content = path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            inside = path.parent / "inside"
            archive.extractall(inside)
        return ", ".join(sorted(kind_of(one) for one in inside.rglob("*.*")))
    if content.startswith(b"%PDF-"):
        return "PDF"
    if content.startswith(b"MThd"):
        return "MIDI"
    if content[:15].lower() == b"<!doctype html>":
        return "page"
    if content.startswith((b"RIFF", b"RF64")):
        return "sound" if soundfile.info(io.BytesIO(content)).frames > 1000 else "silence"
    if path.suffix == ".jams":
        return "JAMS" if json.loads(content)["annotations"] else "nothing"
    if path.suffix == ".json":
        return f"analysis of {read_analysis(path).source.title or 'closet'}"
    if path.suffix == ".csv":
        return "table" if content.startswith("\ufeff".encode()) else "text"
    lines = content.decode("utf-8").splitlines()
    return "labels" if lines and all(line.count("\t") == 2 for line in lines) else "text"


# ------------------------------------------------------------------------------------------------------------ my range
def test_a_range_chosen_on_the_keyboard_is_kept_and_shown_in_reports(home, page, dropped):
    home.click("#piano [data-midi='45']")
    home.click("#piano [data-midi='62']")
    home.wait("document.querySelector('#range-words').textContent === 'A2 to D4'")
    home.settle()
    home.reload()
    assert home.run("document.querySelector('#range-words').textContent") == "A2 to D4"
    home.open(f"{page.root}/songs/{dropped.closet.song}")
    assert re.search(r"A2.{1,6}D4", words_of(home.frame()))
    home.open(page.root + "/")
    home.settle()  # the list of songs moves what lies below it
    home.click("#range-clear")
    home.wait("document.querySelector('#range-words').textContent === 'None given'")
    home.settle()
    home.open(f"{page.root}/songs/{dropped.closet.song}")
    assert not re.search(r"A2.{1,6}D4", words_of(home.frame()))


# ------------------------------------------------------------------------------------------------- what does not end it
@pytest.fixture
def busy(serve, page, dropped, browser, tmp_path, short_songs):
    """Another page with the same songs and one worker, to which two more were just given."""
    library = tmp_path / "library"
    shutil.copytree(page.library, library, ignore=shutil.ignore_patterns("*.lock", "uploads"))
    samples, rate_hz = soundfile.read(short_songs["arena"])
    short = tmp_path / "short.flac"
    soundfile.write(short, samples[: 8 * rate_hz], rate_hz)
    other = serve("--workers", "1", library=library)
    browser.open(other.address)
    browser.wait(f"{ROWS}.length === 2")
    browser.drop("#drop", [short_songs["closet-stripped"], short])
    # Before both have arrived, a page that is left asks whether to.
    browser.wait(f"{TASKS}.map(task => task.dataset.state).join() === 'measuring,waiting'")
    return other


def workers(page):
    """The processes of a page that measure songs."""
    below = psutil.Process(page.pid).children(recursive=True)
    return [one for one in below if "riffscope.library.worker" in one.cmdline()]


def test_a_page_loaded_anew_and_a_riffscope_started_anew_go_on_where_they_were(busy, serve, browser):
    names = browser.run(f"{TASKS}.map(task => task.dataset.task)")
    browser.reload()
    browser.wait(f"{TASKS}.length === 2 && {TASKS}[0].dataset.task === {names[0]!r}")
    assert busy.stop(wait_s=10) == 0
    assert browser.wait("document.querySelector('#stopped').checkVisibility()")
    again = serve(library=busy.library)
    browser.open(again.address)
    browser.wait(f"{ROWS}.length === 4")
    assert set(browser.run(TITLES).split(",")) == {"closet", "arena", "closet-stripped", "short"}
    browser.wait(f"{TASKS}.every(task => task.dataset.state === 'done')")
    again.stop()


def test_a_worker_that_is_killed_costs_its_song_alone(busy, browser):
    first = f"{TASKS}[0].dataset.state"
    (killed,) = workers(busy)
    killed.kill()
    browser.wait(
        f"{TASKS}[0].querySelector('.doing').textContent.startsWith('Waiting for another try: its worker was')"
    )
    # The other song is measured meanwhile; then the first is tried once more.
    browser.wait(f"{TASKS}[1].dataset.state === 'done'")
    browser.wait(f"{first} === 'measuring'")
    (killed,) = workers(busy)
    killed.kill()
    browser.wait(f"{TASKS}.map(task => task.dataset.state).join() === 'failed,done'")
    assert "closet-stripped.flac: " in browser.run(f"{TASKS}[0].querySelector('.doing').textContent")
    browser.wait(f"{ROWS}.length === 3")
    assert set(browser.run(TITLES).split(",")) == {"closet", "arena", "short"}
    assert browser.complaints() == []
    busy.stop()


# ------------------------------------------------------------------------------------------------------ for all readers
def places(dropped):
    """Where the pages are, and what opens further parts of them."""
    pair = f"{dropped.closet.song},{dropped.arena.song}"
    return {
        "home": ("/", "document.querySelector('#with').open = true"),
        "dialog": ("/", "document.querySelector('#text-dialog').showModal()"),
        "delete": ("/", "document.querySelector('#rows .away button').click()"),
        "song": (f"/songs/{dropped.closet.song}", "document.querySelector('#downloads').open = true"),
        "corrections": (f"/songs/{dropped.closet.song}", "document.querySelector('#correct').click()"),
        "compare": (f"/compare?songs={pair}", "0"),
        "text": (f"{dropped.arena.path}?songs={pair}", "0"),
        "lost": ("/songs/none", "0"),
    }


PLACES = ("home", "dialog", "delete", "song", "corrections", "compare", "text", "lost")


@pytest.fixture
def shown(page, browser, dropped):
    """Return a function that shows a place at a width and in a scheme."""

    def show(name, width):
        path, opened = places(dropped)[name]
        browser.screen(width, 800)
        browser.open(page.root + path)
        browser.settle()
        browser.run(f"{opened}; 0")
        return browser

    yield show
    browser.screen(1440, 900)
    browser.prefer()


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_scrolls_sideways_and_the_rules_of_accessible_pages_hold(shown, name, width):
    browser = shown(name, width)
    assert browser.run("document.documentElement.scrollWidth") <= width
    if not AXE.is_file():
        pytest.skip(NO_AXE)
    for scheme in SCHEMES:
        browser.prefer(color_scheme=scheme)
        assert browser.broken_rules() == []


@pytest.mark.parametrize("name", ["home", "song", "corrections"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_tab_key_reaches_every_control(shown, name, width):
    browser = shown(name, width)
    controls = browser.run(
        "(window.controls = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, iframe')]"
        ".filter(one => one.tabIndex >= 0 && !one.disabled && one.checkVisibility({visibilityProperty: true})"
        " && (one.type !== 'radio' || one.checked))).length"
    )
    assert controls > 5
    reached = set()
    browser.run("document.activeElement.blur()")
    for _ in range(3 * controls):
        browser.press("Tab")
        reached.add(browser.run("window.controls.indexOf(document.activeElement)"))
        if reached >= set(range(controls)):
            break
    missed = browser.run(
        f"{sorted(set(range(controls)) - reached)}.map(place => controls[place].outerHTML.slice(0, 90))"
    )
    assert missed == []
