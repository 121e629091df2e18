"""What the page's scripts know by themselves is what the rest of riffscope knows."""

import re
from pathlib import Path

from riffscope.decoding.containers import ENDINGS
from riffscope.library import corrections
from riffscope.palette import DAY_PAGE, NIGHT_PAGE
from riffscope.web import guard, pages

WEB = Path(pages.__file__).parent


def script(name):
    return (WEB / "static" / name).read_text()


def endings(name, text):
    """Return what a pattern such as /\\.(wav|mp[23])$/i takes, of all that riffscope reads."""
    pattern = re.search(rf"const {name} = /(.+)/i;", text)[1]
    return re.compile(pattern, re.IGNORECASE)


def test_the_page_refuses_what_the_server_would():
    factors = re.search(r"MOST_BYTES = (\d+) \* 2 \*\* (\d+);", script("uploads.js"))
    assert int(factors[1]) << int(factors[2]) == guard.MAX_SOUND_BYTES


def test_a_dropped_folder_gives_the_songs_that_riffscope_reads_and_nothing_else():
    sounds = endings("SOUNDS", script("uploads.js"))
    assert [ending for ending in sorted(ENDINGS) if not sounds.search(f"song{ending}")] == []
    assert not any(map(sounds.search, ("cover.jpg", ".DS_Store", "notes.txt", "song.mp3.part", "wav")))


def test_the_panel_offers_the_corrections_that_the_library_takes():
    text = script("corrections.js")
    slowest, fastest = re.search(r"MIN_BPM = (\d+), MAX_BPM = (\d+);", text).groups()
    assert (float(slowest), float(fastest)) == (corrections.SLOWEST_BPM, corrections.FASTEST_BPM)
    meters = [int(beats) for beats in re.search(r"METERS = \[(.+)\];", text)[1].split(", ")]
    assert meters == list(range(corrections.FEWEST_BEATS, corrections.MOST_BEATS + 1))
    assert f"maxlength: {corrections.MAX_NAME_LETTERS}," in text


def test_no_page_brings_scripts_or_styles_of_its_own_and_no_script_reads_markup():
    for path in (WEB / "templates").glob("*.html"):
        text = path.read_text()
        assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=\"/static/)", text) == [], path.name
    for path in (WEB / "static").glob("*.js"):
        found = re.findall(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|https?://(?!www\.w3\.org/2000/svg)",
            path.read_text(),
        )
        assert found == [], path.name


def test_every_colour_of_the_page_is_one_of_the_palette():
    used = set(re.findall(r"var\((--[\w-]+)\)", script("page.css")))
    colors = (WEB / "templates" / "colors.css").read_text()
    assert used <= set(re.findall(r"(--[\w-]+):", colors))
    assert set(re.findall(r"colors\.(\w+)", colors)) <= set(DAY_PAGE) == set(NIGHT_PAGE)
