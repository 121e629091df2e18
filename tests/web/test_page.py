"""The local page in a real browser: songs are dropped, read, heard, compared, corrected, searched and downloaded."""

import io
import json
import re
import shutil
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
import soundfile

from browser import AXE, NO_AXE, PROGRAM, Browser
from riffscope.codec import read_analysis

pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason="no Chromium or Chrome is installed"),
    pytest.mark.processes,  # servers, workers and a browser: the same on every Python
]

WIDTHS = (375, 1440)
SCHEMES = ("light", "dark")
ARTICLE = "“Closet” runs at 92 BPM. It is in C minor. It goes round the same four chords. It was recorded in a closet.\n"
CLAIMS = """
[[claim]]
name = "walking_pace"
text = "It goes at a walking pace"
kind = "between"
measure = "tempo.bpm"
low = 85
high = 125
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
    seen.closet = watched(browser, [short_songs["closet"]])
    # The other one is not kept, and comes with an article.
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
    yield browser
    assert browser.complaints() == []
    assert browser.hosts() == {page.host}


def watched(browser, paths):
    """Drop songs, and tell what the page said until it shows a report: when, in seconds, and what of the last song."""
    began = time.monotonic()
    browser.drop("#drop", paths)
    said = []
    while time.monotonic() < began + 60:
        words = f"[...{TASKS}.at(-1).children].filter(part => !part.hidden).map(part => part.innerText)"
        try:
            where, now = browser.run(f"[location.pathname, document.querySelector('#tasks > li') ? {words} : []]")
        except RuntimeError:
            continue  # between two pages
        if where != "/":
            return SimpleNamespace(said=said, path=where, song=re.findall("[0-9a-f]{64}", browser.run("location.href"))[0])
        if now and (not said or said[-1][1] != now):
            said.append((time.monotonic() - began, now))
        time.sleep(0.02)
    raise TimeoutError(f"no report: {said}")


def choose(tab, select, value):
    """Choose from a list."""
    tab.run(
        f"(list => {{ list.value = {json.dumps(value)}; list.dispatchEvent(new Event('input', {{bubbles: true}}));"
        f" list.dispatchEvent(new Event('change', {{bubbles: true}})); }})(document.querySelector({json.dumps(select)}))"
    )


# ------------------------------------------------------------------------------------------------------- a song dropped
def test_the_secret_does_not_stay_in_the_address(page, dropped):
    assert dropped.address == page.root + "/"


def test_a_dropped_song_shows_progress_then_numbers_then_its_report(dropped, browser, page):
    said = dropped.closet.said
    assert said[0][0] < 2  # seconds; half of one on a machine with nothing else to do
    assert all("closet.flac" in words[0] or words[0] == "closet" for _, words in said)
    shares = [int(found[1]) for _, words in said if (found := re.search(r"(\d+)%", words[2])) and "Arriving" not in words[2]]
    assert len(shares) > 5
    assert shares == sorted(shares)
    assert any("TEMPO" in words[-1].upper() and "92.0 BPM" in words[-1] for _, words in said)
    assert dropped.closet.path == f"/songs/{dropped.closet.song}"


def test_the_report_in_the_page_is_the_report_itself(dropped, browser, page):
    browser.open(f"{page.root}/songs/{dropped.closet.song}")
    report = browser.frame()
    assert report.run("document.querySelector('h1').textContent") == "closet"
    assert "92 BPM" in report.run("document.querySelector('main').innerText")
    assert report.run("document.querySelectorAll('.verdicts li').length") > 20
    # The document that is downloaded, to the byte but for when it was made.
    assert report.run("document.querySelector('meta[http-equiv=Content-Security-Policy]').content").startswith("default-src 'none'")


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


def test_an_upload_is_deleted_unless_it_is_kept(dropped, page):
    assert list((page.library / "uploads").iterdir()) == []
    assert [path.name for path in (page.library / "files").rglob("song*")] == ["song"]
    assert (page.library / "files" / dropped.closet.song / "song").is_file()


# ------------------------------------------------------------------------------------------------------------- texts
def test_a_text_that_came_along_is_ruled_on(dropped, browser, page):
    assert dropped.arena.path.startswith("/texts/")
    browser.open(f"{page.root}{dropped.arena.path}?songs={dropped.arena.song}")
    words = browser.frame().run("document.querySelector('main').innerText")
    assert "92 BPM" in words
    assert "refuted" in words.lower()  # the other song is faster


def test_a_text_is_pasted_later_and_ruled_on_from_what_was_kept(home, dropped):
    home.click(f"tr[data-song='{dropped.closet.song}'] input")
    home.click("#check")
    home.write("#text-form textarea", ARTICLE)
    home.click("#text-form button.main")
    home.wait("location.pathname.startsWith('/texts/')")
    report = home.frame()
    words = report.run("document.querySelector('main').innerText.toLowerCase()")
    assert {"supported", "refuted", "not testable"} <= set(re.findall("supported|refuted|not testable", words))


def test_claims_of_ones_own_are_ruled_on(home, dropped, tmp_path):
    claims = tmp_path / "claims.toml"
    claims.write_text(CLAIMS, "utf-8")
    for song in (dropped.closet.song, dropped.arena.song):
        home.click(f"tr[data-song='{song}'] input")
    home.click("#check")
    home.choose("#text-form input[type=file]", [claims])
    home.click("#text-form button.main")
    home.wait("location.pathname.startsWith('/texts/')")
    words = home.frame().run("document.querySelector('main').innerText")
    assert "It goes at a walking pace" in words
    assert "supported" in words.lower()
    assert "refuted" in words.lower()


# ---------------------------------------------------------------------------------------------------------- comparing
def test_two_songs_are_compared(home, dropped):
    assert not home.run("document.querySelector('#compare').checkVisibility()")
    for song in (dropped.closet.song, dropped.arena.song):
        home.click(f"tr[data-song='{song}'] input")
    home.click("#compare")
    home.wait("location.pathname === '/compare'")
    report = home.frame()
    assert "slower" in report.run("document.querySelector('main').innerText")
    report.click(".play")
    report.wait(PLAYS)
    report.click(".play")


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
