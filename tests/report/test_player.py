"""The page in a real browser: it is played, clicked and driven by keys, and nothing leaves the file."""

import dataclasses
from datetime import UTC, datetime

import pytest

from browser import PROGRAM, Browser
from outcomes import missing
from riffscope.analyzers.loops import Loops
from riffscope.model import Measured
from riffscope.report.html import render_html
from riffscope.report.song_report import song_document
from riffscope.views.listening_copy import Stream
from songs import HOSTILE_TITLES, example_song, with_outcomes
from songs_heard import listening_copy

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no Chromium or Chrome is installed")

MOMENT = datetime(2026, 11, 24, 14, 50, tzinfo=UTC)
DURATION_S = 24.0
TITLE = HOSTILE_TITLES["script"]
SONG = example_song(duration_s=DURATION_S, title=TITLE)
RIFF = SONG[Loops].example
# Keeps what the player makes and when it starts, since it keeps that to itself.
LISTEN = """
window.gains = []; window.sources = []; window.starts = [];
for (const [name, kept] of [['createGain', gains], ['createBufferSource', sources]]) {
  const make = AudioContext.prototype[name];
  AudioContext.prototype[name] = function () { const node = make.call(this); kept.push(node); return node; };
}
// Where a level is going; it goes there by the sound's clock, which a busy machine may hold up.
for (const name of ['setValueAtTime', 'linearRampToValueAtTime']) {
  const set = AudioParam.prototype[name];
  AudioParam.prototype[name] = function (level, when) { this.goal = level; return set.call(this, level, when); };
}
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (...when) { starts.push(when); start.apply(this, when); };
"""
AT = "Number(document.querySelector('.seek').value)"
PLAYS = "document.querySelector('.play').getAttribute('aria-label') === 'Pause'"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def document():
    return song_document(SONG)


@pytest.fixture(scope="module")
def file(tmp_path_factory, document):
    path = tmp_path_factory.mktemp("page") / "song.html"
    path.write_bytes(render_html(document, listening=listening_copy(DURATION_S), timestamp=MOMENT))
    return path


@pytest.fixture
def page(browser, file):
    """The page, just opened on a desk, which ends without a complaint."""
    browser.screen(1000, 800)
    browser.prefer(color_scheme="light")
    browser.open(file)
    browser.run(LISTEN)
    yield browser
    assert browser.complaints() == []
    assert browser.requests() == [file.as_uri()]


def play_from(page, time_s):
    page.drag(".seek", time_s)
    page.press(" ")
    begins_at(page, time_s)


def begins_at(page, time_s, *, times=1):
    """Wait until both streams have begun so many times, and see that they began together, the last time at a place."""
    page.wait(f"starts.length === {2 * times}")
    voice, backing = page.run("starts.slice(-2)")
    assert voice == backing
    assert voice[1] == pytest.approx(time_s, abs=0.01 * DURATION_S)


def heads(page):
    """Where each visible playhead is, in percent of its track."""
    return page.run(
        "[...document.querySelectorAll('.playhead')].filter(e => !e.hidden).map(e => parseFloat(e.style.left))"
    )


# ------------------------------------------------------------------------------------------------------- nothing leaves
def test_a_script_in_a_title_stays_text_and_nothing_is_fetched(page):
    assert page.run("document.querySelector('h1').textContent") == TITLE
    assert page.run("document.title").startswith(TITLE)
    assert page.run("document.scripts.length") == 3
    assert (
        page.run("performance.getEntriesByType('resource').map(e => e.name).filter(n => !n.startsWith('data:'))") == []
    )


def test_no_other_script_can_run_and_nothing_can_be_sent(browser, file):
    browser.open(file)
    browser.run(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'}))"
    )
    assert browser.run("window.ran") is None
    assert browser.run("fetch('https://example.org/').then(() => 'sent', () => 'refused')") == "refused"
    assert browser.requests() == [file.as_uri()]


# ------------------------------------------------------------------------------------------------------------- seeking
def test_a_click_in_the_middle_of_the_timeline_seeks_to_the_middle(page):
    page.click(".track", across=0.5)
    assert page.run(AT) == pytest.approx(DURATION_S / 2, abs=0.01 * DURATION_S)
    shown = heads(page)
    assert len(shown) >= 6  # each figure over the whole song, and those of the riff
    assert shown[0] == pytest.approx(50, abs=1)
    assert not page.run(PLAYS)
    assert page.run("document.querySelector('.clock').textContent").startswith("0:1")


def test_a_click_on_a_bar_of_the_map_seeks_to_that_bar(page, document):
    starts_s = SONG[Loops].bar_starts_s
    row = next(b for b in document.blocks if getattr(b, "caption", "").startswith("Every bar")).time_axes[0]
    assert row.edges_s[0] == pytest.approx(starts_s[0])
    edges = " ".join(f"{edge_s:.3f}".rstrip("0").rstrip(".") for edge_s in row.edges_s)
    page.click(f'.track[data-edges="{edges}"]', across=0.5 / (len(row.edges_s) - 1))
    assert page.run(AT) == pytest.approx((starts_s[0] + starts_s[1]) / 2, abs=0.05)


def test_a_time_that_is_pressed_is_played(page):
    wanted = float(page.run("document.querySelectorAll('.time')[1].dataset.s"))
    page.run("document.querySelectorAll('.time')[1].id = 'second'")
    page.click("#second")
    begins_at(page, wanted)
    page.press(" ")  # pauses: the mouse has left no focus on the time
    page.wait(f"!({PLAYS})")
    page.run("document.querySelector('#second').focus()")
    page.press(" ")  # presses the time that the keyboard has gone to
    begins_at(page, wanted, times=2)
    assert page.run(PLAYS)


def test_arrows_skip_five_seconds_or_a_bar(page):
    first, second = page.run("document.querySelector('.player').dataset.bars.split(' ').slice(3, 5).map(Number)")
    page.press("ArrowRight")
    page.press("ArrowRight")
    assert page.run(AT) == pytest.approx(10)
    page.press("ArrowLeft")
    assert page.run(AT) == pytest.approx(5)
    page.drag(".seek", first)
    page.press("ArrowRight", shift=True)
    assert page.run(AT) == pytest.approx(second)
    page.press("ArrowLeft", shift=True)
    assert page.run(AT) == pytest.approx(first)
    page.run("document.querySelector('.seek').focus()")
    page.press("ArrowRight")
    assert page.run(AT) == pytest.approx(first + 5)
    page.press("Home")
    assert page.run(AT) == 0
    page.run("document.querySelector('.balance').focus()")
    page.press("ArrowRight")
    assert page.run(AT) == 0
    assert page.run("document.querySelector('.balance').value") == "0.1"


# ------------------------------------------------------------------------------------------------------------- playing
def test_space_plays_and_pauses_and_the_playheads_move(page):
    play_from(page, 4)
    before = heads(page)[0]
    page.wait(f"parseFloat(document.querySelector('.playhead').style.left) > {before} + 0.5")
    page.press(" ")
    rests = page.run(AT)
    assert page.run(f"new Promise(later => setTimeout(() => later({AT}), 100))") == rests
    assert not page.run(PLAYS)


def test_voice_and_backing_begin_together_and_the_slider_leaves_one(page):
    play_from(page, 1)
    assert [round(level, 3) for level in page.run("gains.map(node => node.gain.value)")] == [1, 1]
    for side, voice, backing in ((-1, 1, 0), (1, 0, 1), (0.5, 0.5, 1), (0, 1, 1)):
        page.drag(".balance", side)
        assert page.run("gains.map(node => node.gain.goal)") == [voice, backing]
    assert page.run("document.querySelector('.balance').getAttribute('aria-valuetext')") == "the mix"


def test_the_riff_goes_round_until_another_place_is_asked_for(page):
    page.press("l")
    begins_at(page, RIFF.start_s)
    assert page.run("sources.map(s => [s.loop, s.loopStart, s.loopEnd])") == [[True, RIFF.start_s, RIFF.end_s]] * 2
    page.drag(".seek", RIFF.end_s - 0.25)
    page.wait(f"{AT} < {RIFF.start_s} + 1 && {AT} > {RIFF.start_s}")
    pressed = "document.querySelector('.loop').getAttribute('aria-pressed')"
    assert page.run(pressed) == "true"
    page.click(".track", across=0.9)
    assert page.run(pressed) == "false"
    begins_at(page, 0.9 * DURATION_S, times=3)


def test_at_its_end_it_rests_and_begins_anew(page):
    play_from(page, DURATION_S - 0.3)
    page.wait(f"!({PLAYS})")
    assert page.run(AT) == pytest.approx(DURATION_S)
    page.press(" ")
    begins_at(page, 0, times=2)


def test_who_wants_less_motion_sees_the_playheads_step(page):
    page.prefer(reduced_motion="reduce")
    page.run("window.frames_asked = 0; window.requestAnimationFrame = () => { window.frames_asked += 1; }")
    play_from(page, 2)
    assert page.run("frames_asked") == 0


# -------------------------------------------------------------------------------------------------------------- chords
def chord_beside(page, time_s):
    """Go to a time; return the chord that is shown, the next, and those that are marked in the strip."""
    page.drag(".seek", time_s)
    return page.run(
        "[...document.querySelectorAll('.harmony b, .strip [aria-current]')].map(element => element.textContent)"
    )


def test_the_chord_that_sounds_and_the_next_stand_beside_the_player(page):
    """Bars are 1.95 s long: a pick-up and one of F#m, then two each of D, A, and E with G# in the bass."""
    assert chord_beside(page, 2) == ["F♯m", "D", "F♯m"]
    assert chord_beside(page, 4.5) == ["D", "A", "D"]
    assert chord_beside(page, 9.2) == ["A", "E/G♯", "A"]
    assert chord_beside(page, 0) == ["–", "F♯m"]
    assert chord_beside(page, DURATION_S)[1] == "the end"


def test_a_chord_that_is_pressed_is_gone_to_and_not_played(page):
    page.drag(".seek", 20)
    page.run("document.querySelectorAll('.strip button')[3].id = 'fourth'")
    page.click("#fourth")
    assert page.run(AT) == pytest.approx(float(page.run("document.querySelector('#fourth').dataset.s")))
    assert page.run("document.querySelector('#fourth').getAttribute('aria-current')") == "true"
    assert not page.run(PLAYS)
    page.press(" ")  # the mouse has left no focus on the chord
    page.wait(PLAYS)


def test_the_strip_goes_along_unless_the_reader_has_moved_it(page):
    page.prefer(reduced_motion="reduce")
    left = "document.querySelector('.strip').scrollLeft"
    page.drag(".seek", 12)
    page.wait(f"{left} > 100")
    strip, cell = page.run(
        "['.strip', '.strip [aria-current]'].map(s => document.querySelector(s).getBoundingClientRect())"
        ".map(({left, right}) => [left, right])"
    )
    assert strip[0] <= cell[0] < cell[1] <= strip[1]
    page.run("document.querySelector('.strip').dispatchEvent(new Event('wheel'))")
    rests = page.run(left)
    page.drag(".seek", 2)
    assert page.run(left) == rests


def test_the_chords_are_told_when_asked_for_and_never_by_themselves(page):
    chord_beside(page, 9.2)
    assert page.run("document.querySelector('.seek').getAttribute('aria-valuetext')") == "0:09 of 0:24, A"
    assert page.run("document.querySelectorAll('.harmony [aria-live], .harmony [role=status]').length") == 0
    # Keys go from bar to bar, so that a song's hundreds of chords are no stops on the way to the next control.
    assert page.run("[...document.querySelectorAll('.strip button')].every(button => button.tabIndex === -1)")


def test_a_song_without_chords_has_none_beside_its_player(browser, tmp_path):
    file = tmp_path / "bare.html"
    bare = song_document(with_outcomes(SONG, {"chords": missing("chords", "no pitched sound was found")}))
    file.write_bytes(render_html(bare, listening=listening_copy(DURATION_S), timestamp=MOMENT))
    browser.open(file)
    browser.drag(".seek", 5)
    assert browser.run(AT) == 5
    assert browser.run("document.querySelectorAll('.harmony').length") == 0
    assert browser.complaints() == []


# ---------------------------------------------------------------------------------------------------- screens and paper
def test_on_a_phone_nothing_is_wider_than_the_screen_and_the_end_can_be_read(page):
    page.screen(360, 640)
    assert page.run("document.documentElement.scrollWidth") == 360
    page.run("scrollTo(0, document.documentElement.scrollHeight)")
    foot, top, bottom = page.run(
        "[document.querySelector('footer').getBoundingClientRect().bottom,"
        " ...(({top, bottom}) => [top, bottom])(document.querySelector('.player').getBoundingClientRect())]"
    )
    assert foot <= top + 1
    assert bottom == pytest.approx(640, abs=1)
    assert bottom - top < 640 / 4


def test_the_player_is_dark_in_the_dark_and_gone_on_paper(page):
    style = "getComputedStyle(document.querySelector('.player'))"
    light = page.run(f"{style}.backgroundColor")
    page.prefer(color_scheme="dark")
    assert page.run(f"{style}.backgroundColor") not in {light, "rgba(0, 0, 0, 0)"}
    page.prefer("print")
    assert page.run(f"{style}.display") == "none"
    assert page.run("getComputedStyle(document.querySelector('.time')).textDecorationLine") == "none"


def test_every_control_has_a_name(page):
    controls = page.run(
        "[...document.querySelectorAll('.player button:not(.strip *), .player input')]"
        ".map(e => e.getAttribute('aria-label') || e.textContent.trim())"
    )
    assert len(controls) == 4
    assert all(controls)


# ------------------------------------------------------------------------------------------------- what cannot be heard
def test_a_browser_that_cannot_decode_says_so_and_all_else_works(browser, document, tmp_path):
    copy = dataclasses.replace(listening_copy(DURATION_S).value, streams=(Stream(name="mix", ogg=b"no sound"),))
    file = tmp_path / "mute.html"
    listening = Measured(value=copy, version=0, seconds=0.0)
    file.write_bytes(render_html(document, listening=listening, timestamp=MOMENT))
    browser.open(file)
    browser.press(" ")
    browser.wait("document.querySelector('.word').textContent.includes('cannot play')")
    assert not browser.run(PLAYS)
    browser.click(".track", across=0.5)
    assert browser.run(AT) == pytest.approx(DURATION_S / 2, abs=0.3)
    assert browser.complaints() == []


def test_a_page_without_sound_runs_nothing(browser, document, tmp_path):
    file = tmp_path / "silent.html"
    file.write_bytes(render_html(document, timestamp=MOMENT))
    browser.open(file)
    assert browser.run("document.scripts.length") == 0
    assert browser.complaints() == []
    assert browser.requests() == [file.as_uri()]
