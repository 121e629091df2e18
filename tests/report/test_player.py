"""The page in a real browser: it is played, clicked and driven by keys, and nothing leaves the file."""

import dataclasses
import math
from datetime import UTC, datetime

import numpy as np
import pytest

from browser import PROGRAM, Browser
from outcomes import missing
from riffscope.analyzers.beats import Beats
from riffscope.analyzers.loops import Loops
from riffscope.analyzers.loudness import Loudness
from riffscope.analyzers.structure import Structure
from riffscope.compare import compare
from riffscope.model import Measured, VocalSource
from riffscope.report.comparison_report import comparison_document
from riffscope.report.html import render_html
from riffscope.report.song_report import song_document
from riffscope.units import clock
from riffscope.views.listening_copy import Stream, compress
from riffscope.views.stems import Stems
from signals import audio_of, noise, sine
from songs import HOSTILE_TITLES, example_song, with_outcomes
from songs_heard import listening_copy

pytestmark = [
    pytest.mark.pages,
    pytest.mark.skipif(PROGRAM is None, reason="no Chromium or Chrome is installed"),
]

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
    path.write_bytes(render_html(document, listening=[listening_copy(DURATION_S)], timestamp=MOMENT))
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
    assert len(shown) == 5  # each figure over the whole song, and a row of the riff's bars
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
    first, second = page.run("document.querySelector('.wave').dataset.bars.split(' ').slice(3, 5).map(Number)")
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


def test_a_browser_decodes_both_streams_from_their_first_sample_on(browser, document, tmp_path):
    """To a millisecond, which is what WebM counts in; and both alike, so that they add up to the mix."""
    voice, band = (noise(4.0, 48_000, seed=seed) * 0.2 for seed in (1, 2))
    audio = audio_of(np.stack([voice + band] * 2), 48_000)
    halves = [np.stack([part] * 2).astype(np.float32) for part in (voice, band)]
    stems = Stems(vocals=halves[0], mix=sum(halves), sample_rate_hz=48_000, method=VocalSource.STEM)
    file = tmp_path / "noises.html"
    listening = [Measured(value=compress(audio, stems), version=0, seconds=0.0)]
    file.write_bytes(render_html(document, listening=listening, timestamp=MOMENT))
    browser.open(file)
    browser.run(LISTEN)
    browser.press(" ")
    browser.wait("sources.length === 2")
    heard = [
        np.array(browser.run(f"[...sources[{i}].buffer.getChannelData(0).subarray(0, 96000)].map(x => +x.toFixed(4))"))
        for i in range(2)
    ]
    delays = []
    for sound, original in zip(heard, (voice, band), strict=True):
        alike = np.fft.irfft(np.fft.rfft(sound, 2**18) * np.conj(np.fft.rfft(original[:96_000], 2**18)))
        best = int(np.argmax(alike))
        delays.append(best if best < 2**17 else best - 2**18)
    assert delays[0] == delays[1]
    assert abs(delays[0]) <= 48


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
    assert (
        page.run("document.querySelector('.seek').getAttribute('aria-valuetext')") == "0:09 of 0:24, section B, chord A"
    )
    assert page.run("document.querySelectorAll('.harmony [aria-live], .harmony [role=status]').length") == 0
    # Keys go from bar to bar, so that a song's hundreds of chords are no stops on the way to the next control.
    assert page.run("[...document.querySelectorAll('.strip button')].every(button => button.tabIndex === -1)")


def test_a_song_without_chords_has_none_beside_its_player(browser, tmp_path):
    file = tmp_path / "bare.html"
    bare = song_document(with_outcomes(SONG, {"chords": missing("chords", "nothing has a pitch")}))
    file.write_bytes(render_html(bare, listening=[listening_copy(DURATION_S)], timestamp=MOMENT))
    browser.open(file)
    browser.drag(".seek", 5)
    assert browser.run(AT) == 5
    assert browser.run("document.querySelectorAll('.harmony').length") == 0
    assert browser.complaints() == []


# ---------------------------------------------------------------------------------------------------- screens and paper
@pytest.mark.parametrize("width", [360, 390])
def test_on_a_phone_every_control_is_as_large_as_a_finger(page, width):
    page.screen(width, 800)
    page.press("z")
    page.wait(f"!({CLOSED})")
    small = page.run(
        "[...document.querySelectorAll('.player > :not(dialog, .harmony) button, .wave, .player input')]"
        ".filter(e => e.checkVisibility()).map(e => [e.className, e.getBoundingClientRect()])"
        ".filter(([, {width, height}]) => Math.min(width, height) < 44).map(([name]) => name)"
    )
    assert small == []


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
    # Close, play, place, loop, balance, close-up, keys, and the button of their list.
    assert len(controls) == 8
    assert all(controls)


# ------------------------------------------------------------------------------------------------ waveform and sections
def test_a_click_on_the_waveform_goes_there_and_dragging_goes_along(page):
    page.click(".wave", across=0.25)
    assert page.run(AT) == pytest.approx(DURATION_S / 4, abs=0.01 * DURATION_S)
    left, top, width = page.run(
        "(({left, top, width}) => [left, top, width])(document.querySelector('.wave').getBoundingClientRect())"
    )
    for kind, share in (("mousePressed", 0.3), ("mouseMoved", 0.6), ("mouseReleased", 0.6)):
        page.send(
            "Input.dispatchMouseEvent",
            type=kind,
            x=left + share * width,
            y=top + 5,
            button="left",
            buttons=1,
            clickCount=1,
        )
    assert page.run(AT) == pytest.approx(0.6 * DURATION_S, abs=0.01 * DURATION_S)
    assert page.run("parseFloat(document.querySelector('.wave .done').style.width)") == pytest.approx(60, abs=1)
    assert not page.run(PLAYS)


def test_the_waveform_tells_the_time_and_the_section_under_the_mouse(page):
    section = SONG[Structure].sections[2]
    middle_s = (section.start_s + section.end_s) / 2
    left, top, width = page.run(
        "(({left, top, width}) => [left, top, width])(document.querySelector('.wave').getBoundingClientRect())"
    )
    page.send("Input.dispatchMouseEvent", type="mouseMoved", x=left + width * middle_s / DURATION_S, y=top + 5)
    page.wait("!document.querySelector('.wave .hover').hidden")
    told = page.run("document.querySelector('.wave .hover').textContent")
    assert told.startswith(clock(math.floor(middle_s)))
    assert told.endswith(section.name)
    page.send("Input.dispatchMouseEvent", type="mouseMoved", x=5, y=5)
    page.wait("document.querySelector('.wave .hover').hidden")


def test_keys_go_from_section_to_section_and_to_both_ends(page):
    starts_s = [section.start_s for section in SONG[Structure].sections]
    page.press("]")
    assert page.run(AT) == pytest.approx(next(start for start in starts_s if start > 0.05), abs=0.01)
    page.press("End")
    assert page.run(AT) == pytest.approx(DURATION_S)
    page.press("[")
    assert page.run(AT) == pytest.approx(starts_s[-1], abs=0.01)
    page.press("PageUp")  # scrolls the page, unless the waveform has the keys
    assert page.run(AT) == pytest.approx(starts_s[-1], abs=0.01)
    page.run("document.querySelector('.seek').focus()")
    page.press("PageUp")
    assert page.run(AT) == pytest.approx(starts_s[-2], abs=0.01)
    page.press("PageDown")
    assert page.run(AT) == pytest.approx(starts_s[-1], abs=0.01)
    page.press("]")
    assert page.run(AT) == pytest.approx(DURATION_S)


def test_the_waveform_is_reached_by_tab_after_play_and_before_the_loop(page):
    page.run("document.querySelector('.play').focus()")
    reached = []
    for _ in range(5):
        page.press("Tab")
        reached.append(page.run("document.activeElement.className"))
    assert reached == ["seek", "loop", "balance", "zoom", "help"]


# ----------------------------------------------------------------------------------------------------------- key help
def test_a_question_mark_lists_the_keys_and_escape_brings_the_focus_back(page):
    page.run("document.querySelector('.help').focus()")
    page.press("?")
    assert page.run("document.querySelector('.keys').open")
    listed = page.run("[...document.querySelectorAll('.keys kbd')].map(key => key.textContent)")
    assert {"Space", "←", "→", "Shift", "[", "]", "Home", "End", "L", "Z", "?"} <= set(listed)
    page.press("l")  # is not for the player now
    assert page.run("document.querySelector('.loop').getAttribute('aria-pressed')") == "false"
    page.press("Escape")
    assert not page.run("document.querySelector('.keys').open")
    assert page.run("document.activeElement.className") == "help"
    page.click(".help")
    assert page.run("document.querySelector('.keys').open")
    page.click(".keys form button")
    assert not page.run("document.querySelector('.keys').open")


# ------------------------------------------------------------------------------------------------------------ close-up
DRAWN = "document.querySelector('.closeup canvas').dataset.drawn"
CLOSED = "document.querySelector('.closeup').hidden"


def close_up(page, number):
    """Press one of the times in the text; return its stretch, and that of the picture."""
    page.run(f"document.querySelectorAll('.time')[{number}].click()")
    page.wait(DRAWN)
    start, end = page.run(
        f"(({{s, e}}) => [Number(s), Number(e ?? s)])(document.querySelectorAll('.time')[{number}].dataset)"
    )
    return (start, end), page.run("document.querySelector('.closeup .track').dataset.edges.split(' ').map(Number)")


def test_a_stretch_that_is_played_is_seen_close_up_with_a_margin(page):
    number = page.run("[...document.querySelectorAll('.time')].findIndex(time => time.dataset.e)")
    (start, end), (left, right) = close_up(page, number)
    assert end > start
    assert 0 <= left < start or left == start == 0
    assert end < right <= DURATION_S or right == DURATION_S
    assert right - left >= 4
    assert page.run("document.querySelector('.closeup canvas').getAttribute('aria-label')") == (
        f"Waveform and spectrogram from {clock(left, decimals=1)} to {clock(right, decimals=1)}"
    )
    marked = page.run(
        "(({left, width}) => [parseFloat(left), parseFloat(width)])(document.querySelector('.tint').style)"
    )
    assert marked == pytest.approx(
        [100 * (start - left) / (right - left), 100 * (end - start) / (right - left)], abs=0.1
    )
    page.wait("!document.querySelector('.closeup .playhead').hidden")
    page.press(" ")


def brightest_row(page, column=0.5):
    """Where in a column of the spectrogram it is darkest, from below as a share of its height; and its colours."""
    return page.run(
        f"""(canvas => {{
          const pen = canvas.getContext('2d'), scale = canvas.width / canvas.getBoundingClientRect().width;
          const top = Math.round(38 * scale), high = Math.round(canvas.height - 54 * scale);
          const data = pen.getImageData(Math.round(canvas.width * {column}), top, 1, high).data, tones = [];
          for (let y = 0; y < high; y += 1) tones.push(data[4 * y] + data[4 * y + 1] + data[4 * y + 2]);
          return [1 - (tones.indexOf(Math.min(...tones)) + 0.5) / high, new Set(tones).size];
        }})(document.querySelector('.closeup canvas'))"""
    )


def test_the_spectrogram_shows_a_tone_at_its_frequency(browser, tmp_path, document):
    """A sine of 1000 Hz lies at log(1000 / 60) / log(10000 / 60) of the height."""
    copy = compress(audio_of(np.stack([sine(1000, DURATION_S)] * 2)), None)
    file = tmp_path / "tone.html"
    listening = [Measured(value=copy, version=0, seconds=0.0)]
    file.write_bytes(render_html(document, listening=listening, timestamp=MOMENT))
    browser.screen(1000, 800)
    browser.prefer(color_scheme="light")
    browser.open(file)
    browser.drag(".seek", 10)
    browser.press("z")
    browser.wait(DRAWN)
    share, tones = brightest_row(browser)
    assert share == pytest.approx(math.log(1000 / 60) / math.log(10_000 / 60), abs=0.02)
    assert tones >= 3
    assert browser.complaints() == []


def test_the_close_up_is_drawn_soon_and_in_the_colours_of_the_page(page):
    close_up(page, 1)
    page.press(" ")
    picture = "document.querySelector('.closeup canvas').toDataURL()"
    light = page.run(picture)
    assert len(light) > 10_000  # a blank one takes a tenth of that
    page.prefer(color_scheme="dark")
    page.wait(f"{picture} !== '{light}'")
    # 8 s take a tenth of a second here; many times that on a machine that does much else.
    assert page.run("performance.getEntriesByName('closeup')[0].duration") < 1500


def test_a_close_up_that_was_closed_stays_closed_until_it_is_asked_for(page):
    close_up(page, 1)
    page.press(" ")
    page.press("Escape")
    assert page.run(CLOSED)
    page.run("document.querySelectorAll('.time')[2].click()")
    page.wait(f"starts.length && {PLAYS}")
    page.press(" ")
    assert page.run(CLOSED)
    page.click(".zoom")
    page.wait(f"!({CLOSED})")
    assert page.run("document.querySelector('.zoom').getAttribute('aria-expanded')") == "true"
    page.click(".closeup .close")
    assert page.run(CLOSED)
    page.press("z")
    page.wait(f"!({CLOSED})")


def test_a_click_in_the_close_up_goes_there(page):
    _, (left, right) = close_up(page, 1)
    page.press(" ")
    page.click(".closeup .track", across=0.75)
    assert page.run(AT) == pytest.approx(left + 0.75 * (right - left), abs=0.05)


# -------------------------------------------------------------------------------------------------------- several songs
OTHER = example_song(duration_s=DURATION_S, title="Other")


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """A comparison with a quieter song, whose bars begin half a second later, and whose copy is in two streams."""
    beats = OTHER[Beats]
    quieter = with_outcomes(
        OTHER,
        {
            "loudness": changed(OTHER, Loudness, integrated_lufs=SONG[Loudness].integrated_lufs - 6.0),
            "beats": changed(OTHER, Beats, times_s=beats.times_s + 0.5),
        },
    )
    document = comparison_document(compare([SONG, quieter]), [SONG, quieter])
    path = tmp_path_factory.mktemp("both") / "both.html"
    copies = [listening_copy(DURATION_S, apart=False), listening_copy(DURATION_S)]
    path.write_bytes(render_html(document, listening=copies, timestamp=MOMENT))
    return path


def changed(song, kind, **fields):
    return Measured(value=dataclasses.replace(song[kind], **fields), version=1, seconds=0.0)


@pytest.fixture
def two(browser, both):
    browser.screen(1000, 800)
    browser.prefer(color_scheme="light")
    browser.open(both)
    browser.run(LISTEN)
    yield browser
    assert browser.complaints() == []
    assert browser.requests() == [both.as_uri()]


CHOSEN = "document.querySelector('[data-choose][aria-pressed=true]').dataset.choose"
PLACE = "Number(document.querySelector('.wave:not([hidden]) .seek').value)"


def test_a_letter_plays_the_other_song_from_the_same_place(two):
    two.drag(".seek", 6)
    two.press(" ")
    two.wait("starts.length === 1 && gains.length === 2")
    assert two.run(CHOSEN) == "0"
    two.press("b")
    two.wait("starts.length === 2")
    assert two.run(CHOSEN) == "1"
    assert two.run(PLAYS)
    assert two.run("starts[1][1]") == pytest.approx(6, abs=2)
    assert two.run("starts[1][1] >= 6")
    shown = two.run(
        "[...document.querySelectorAll('.playhead')].filter(e => !e.hidden).map(e => e.parentElement.dataset.song)"
    )
    assert set(shown) == {"1"}
    two.press("x")
    two.wait("starts.length === 3")
    assert two.run(CHOSEN) == "0"


def test_songs_play_equally_loud_unless_the_listener_wants_them_as_they_are(two):
    assert two.run("[...document.querySelectorAll('[data-choose]')].map(e => e.textContent.trim())") == [
        "A −6.0 dB",
        "B ±0 dB",
    ]
    two.press(" ")
    two.wait("starts.length === 1 && gains.length === 2")
    assert two.run("gains.map(node => node.gain.value)") == pytest.approx([10 ** (-6 / 20), 1], abs=1e-3)
    two.click(".evened")
    assert two.run("gains[0].gain.goal") == 1
    two.click(".evened")
    assert two.run("gains[0].gain.goal") == pytest.approx(10 ** (-6 / 20), abs=1e-3)


def test_vocals_and_accompaniment_are_added_up_where_nobody_can_part_them(two):
    assert two.run("document.querySelectorAll('[data-stream]').length") == 3
    assert two.run("document.querySelector('.balance')") is None
    two.press(" ")
    two.wait("starts.length === 1 && gains.length === 2")
    two.press("b")
    two.wait("starts.length === 2")
    # Both copies are of one sound, each with the encoder's own small errors.
    apart, level = two.run(
        "(([a, b]) => { let apart = 0, level = 0;"
        " for (let i = 0; i < a.length; i += 1) { apart += (a[i] - b[i]) ** 2; level += a[i] ** 2; }"
        " return [apart, level]; })(sources.slice(0, 2).map(node => node.buffer.getChannelData(1)))"
    )
    assert 10 * math.log10(apart / level) < -10


def test_the_same_bar_is_kept_where_that_is_wished_for(two):
    bars = two.run("[...document.querySelectorAll('.wave')].map(e => e.dataset.bars.split(' ').map(Number))")
    two.drag(".seek", bars[0][3])
    two.click("[data-choose='1']")
    assert two.run(PLACE) == pytest.approx(bars[0][3])
    two.press("x")
    two.click(".same_bar")
    two.press("b")
    assert two.run(PLACE) == pytest.approx(bars[1][3])
    assert bars[1][3] == pytest.approx(bars[0][3] + 0.5, abs=0.01)


def test_a_click_on_a_figure_of_the_other_song_goes_to_that_song(two):
    two.click(".track[data-song='1']", across=0.5)
    assert two.run(CHOSEN) == "1"
    assert two.run(PLACE) == pytest.approx(DURATION_S / 2, abs=0.02 * DURATION_S)
    assert two.run("document.querySelectorAll('.wave:not([hidden])').length") == 1


# ------------------------------------------------------------------------------------------------- what cannot be heard
def test_a_browser_that_cannot_decode_says_so_and_all_else_works(browser, document, tmp_path):
    copy = dataclasses.replace(listening_copy(DURATION_S).value, streams=(Stream(name="mix", webm=b"no sound"),))
    file = tmp_path / "mute.html"
    listening = Measured(value=copy, version=0, seconds=0.0)
    file.write_bytes(render_html(document, listening=[listening], timestamp=MOMENT))
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
