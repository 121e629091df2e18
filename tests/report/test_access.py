"""Pages in a real browser, for all readers: of any width, in the dark, by keys alone, and by ear."""

import functools
import io
import itertools
from datetime import UTC, datetime

import numpy as np
import pytest
from matplotlib.image import imread

from articles_checked import CLOSET
from browser import AXE, NO_AXE, PROGRAM, Browser
from documents import document_of
from riffscope import palette
from riffscope.articles.checked import check
from riffscope.compare import compare
from riffscope.report.article_report import article_document
from riffscope.report.blocks import Figure
from riffscope.report.comparison_report import comparison_document
from riffscope.report.html import render_html
from riffscope.report.page_drawings import page_drawings
from songs import judged_song, songs
from songs_heard import listening_copy

pytestmark = [
    pytest.mark.pages,
    pytest.mark.skipif(PROGRAM is None, reason="no Chromium or Chrome is installed"),
]

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
PAGES = ("song", "song without sound", "comparison", "article")
WIDTHS = (390, 1000, 1440)
SCHEMES = ("light", "dark")
TAP_PX = 44
# The contrast of each word in a drawing with what is painted below it, at three places: the lowest of them.
WORDS = """
(() => {
  const fills = new Set([...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])
    .filter((rule) => rule.style && rule.style.fill).map((rule) => rule.selectorText.slice(1)));
  const parts = (color) => [...color.matchAll(/[\\d.]+/g)].map(Number);
  const light = (rgb) => rgb.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const over = (rgb, below, share) => rgb.map((c, i) => share * c + (1 - share) * below[i]);
  const opacity = (element) => {
    let share = Number(getComputedStyle(element).fillOpacity);
    for (; element.tagName !== 'svg'; element = element.parentElement) {
      share *= Number(getComputedStyle(element).opacity);
    }
    return share;
  };
  const paint = (element) => {  // what fills a shape: its own class, or the one of what it uses
    const used = element.tagName === 'use' && document.querySelector(element.getAttribute('href'));
    const owner = used && fills.has(used.getAttribute('class')) ? used : element;
    const {fill} = getComputedStyle(owner);
    return fill === 'none' ? null : [parts(fill).slice(0, 3), opacity(element) * (parts(fill)[3] ?? 1)];
  };
  for (const cover of document.querySelectorAll('.player, .track')) cover.remove();
  const ground = parts(getComputedStyle(document.body).backgroundColor).slice(0, 3);
  return [...document.querySelectorAll('figure')].flatMap((figure) => {
    figure.scrollIntoView({block: 'start', behavior: 'instant'});
    return [...figure.querySelectorAll('g[transform*="scale("]')].map((word) => {
      const box = word.getBoundingClientRect();
      const ratios = [0.1, 0.5, 0.9].map((share) => {
        const below = document.elementsFromPoint(box.left + share * box.width, box.top + box.height / 2)
          .filter((shape) => shape.ownerSVGElement && !word.contains(shape)
            && shape.compareDocumentPosition(word) & Node.DOCUMENT_POSITION_FOLLOWING)
          .reverse().map(paint).filter(Boolean).reduce((color, [rgb, share]) => over(rgb, color, share), ground);
        const [rgb, share_of_word] = paint(word);
        const [low, high] = [light(over(rgb, below, share_of_word)), light(below)].sort((a, b) => a - b);
        return (high + 0.05) / (low + 0.05);
      });
      return [Math.min(...ratios), word.closest('svg').getAttribute('aria-label').slice(0, 40), box.left, box.top];
    });
  });
})()
"""
# A chapter that has text enough behind it to be scrolled to the top.
CHAPTER = "ol > li:nth-child(4) > a"
CONTROLS = "a[href], button, input, summary, [tabindex='0']"


@functools.cache
def page(name):
    if name == "comparison":
        chosen = [songs()[kind] for kind in ("ordinary", "quiet")]
        document, listening = comparison_document(compare(chosen), chosen), [listening_copy(215.0)] * 2
    elif name == "article":
        document, listening = article_document(check(CLOSET, [judged_song()])), [listening_copy(215.0)]
    else:
        document, listening = document_of("judged"), [listening_copy(215.0)] if name == "song" else []
    return render_html(document, listening=listening, timestamp=MOMENT)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def shown(browser, tmp_path_factory):
    """Return a function that opens a page at a width and in a scheme."""
    folder = tmp_path_factory.mktemp("pages")

    def show(name, width=1000, scheme="light", height=900):
        path = folder / f"{name.replace(' ', '-')}.html"
        if not path.exists():
            path.write_bytes(page(name))
        browser.screen(width, height)
        browser.prefer(color_scheme=scheme)
        browser.open(path)
        return browser

    return show


every_page = pytest.mark.parametrize("name", PAGES)
every_width = pytest.mark.parametrize("width", WIDTHS)
every_scheme = pytest.mark.parametrize("scheme", SCHEMES)


# ------------------------------------------------------------------------------------------------------------ by rules
@pytest.mark.skipif(not AXE.is_file(), reason=NO_AXE)
@every_page
@every_width
@every_scheme
def test_the_rules_of_accessible_pages_hold(shown, name, width, scheme):
    assert shown(name, width, scheme).broken_rules() == []


@every_page
@every_width
@every_scheme
def test_nothing_is_refused_and_nothing_scrolls_sideways_but_in_its_own_frame(shown, name, width, scheme):
    browser = shown(name, width, scheme)
    assert browser.complaints() == []
    assert browser.run("document.documentElement.scrollWidth") <= width
    wide = browser.run(
        "[...document.querySelectorAll('body *')].filter(one => !one.closest('.scroll, svg, .unseen, .skip')"
        " && one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)"
        ".map(one => one.outerHTML.slice(0, 80))"
    )
    assert wide == []


# ------------------------------------------------------------------------------------------------------------- by keys
@every_page
@pytest.mark.parametrize("width", [390, 1440])
def test_the_tab_key_reaches_every_control(shown, name, width):
    browser = shown(name, width)
    controls = browser.run(
        '(window.controls = [...document.querySelectorAll("' + CONTROLS + '")].filter(one => one.tabIndex >= 0'
        " && one.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true}))).length"
    )
    assert controls > 5
    reached = set()
    for _ in range(controls + 1):
        browser.press("Tab")
        reached.add(browser.run("window.controls.indexOf(document.activeElement)"))
    assert reached >= set(range(controls))


@every_page
def test_whatever_takes_the_focus_has_a_name(shown, name):
    tree = shown(name).send("Accessibility.getFullAXTree")["nodes"]
    focusable = [
        node
        for node in tree
        if any(p["name"] == "focusable" and p["value"]["value"] for p in node.get("properties", ()))
    ]
    assert len(focusable) > 5
    assert [node["role"]["value"] for node in focusable if not node.get("name", {}).get("value")] == []


@every_page
def test_headings_go_down_by_one_step_and_every_link_leads_somewhere(shown, name):
    browser = shown(name)
    levels = browser.run("[...document.querySelectorAll('h1, h2, h3, h4')].map(one => Number(one.tagName[1]))")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    targets = "[...document.querySelectorAll('a')].map(one => decodeURIComponent(one.hash.slice(1)))"
    assert browser.run(f"{targets}.filter(id => !document.getElementById(id))") == []


# ----------------------------------------------------------------------------------------------------------- the words
@every_page
@every_scheme
def test_the_words_of_drawings_stand_out_from_what_is_below_them(shown, name, scheme):
    words = shown(name, 1000, scheme, height=1600).run(WORDS)
    assert name == "article" or len(words) > 80
    assert [word for word in words if word[0] < 4.5] == []


# --------------------------------------------------------------------------------------------------------- the outline
def test_a_wide_screen_has_the_contents_beside_the_text_and_marks_where_one_reads(shown):
    browser = shown("song without sound", 1440)
    assert browser.run("getComputedStyle(document.querySelector('.contents.folded')).display") == "none"
    side = "document.querySelector('.contents.side > div').getBoundingClientRect()"
    assert browser.run(f"{side}.right < document.querySelector('main').getBoundingClientRect().left")
    link = f"document.querySelector('.contents.side {CHAPTER}')"
    name, text = browser.run(f"[{link}.hash, {link}.textContent]")
    browser.click(f".contents.side {CHAPTER}")
    browser.wait(f"location.hash === {name!r} && document.querySelector({name!r}).getBoundingClientRect().top < 100")
    assert browser.run(f"{side}.top >= 0 && {side}.bottom <= innerHeight")
    if browser.run("CSS.supports('selector(:target-current)')"):
        current = "[...document.querySelectorAll('.contents.side a:target-current')].map(one => one.textContent)"
        browser.wait(f"{current}.join() === {text!r}")


def test_a_phone_has_the_contents_folded_above_the_text(shown):
    browser = shown("song without sound", 390)
    assert browser.run("getComputedStyle(document.querySelector('.contents.side')).display") == "none"
    link = f"document.querySelector('.contents.folded {CHAPTER}')"
    assert not browser.run(f"{link}.checkVisibility()")
    assert browser.run("document.querySelector('.contents summary').getBoundingClientRect().height") >= TAP_PX
    browser.click(".contents summary")
    browser.wait(f"{link}.checkVisibility()")
    assert browser.run(f"{link}.getBoundingClientRect().height") >= TAP_PX
    browser.click(f".contents.folded {CHAPTER}")
    browser.wait("location.hash && document.querySelector(location.hash).getBoundingClientRect().top < 100")


def test_a_claim_links_to_itself_once_it_is_pointed_at(shown):
    browser = shown("comparison", 1000)
    link = "document.querySelector('.verdicts li[id] .anchor')"
    assert browser.run(f"getComputedStyle({link}).opacity") in {"0", "1"}  # 1 where there is no mouse to point with
    browser.run(f"{link}.focus()")
    assert browser.run(f"getComputedStyle({link}).opacity") == "1"
    browser.press("Enter")
    browser.wait(f"location.hash === '#' + {link}.closest('li').id")
    assert browser.run(f"{link}.closest('li').matches(':target')")
    assert browser.run(
        f"{link}.getAttribute('aria-label').includes({link}.closest('p').textContent.replace('#', '').trim())"
    )


# ----------------------------------------------------------------------------------------------------------- the phone
def test_on_a_phone_what_a_listener_makes_of_it_is_seen_without_scrolling(shown):
    browser = shown("comparison", 390)
    cells = browser.run(
        "[...document.querySelectorAll('.stack td:last-child')].filter(one => one.textContent)"
        ".map(one => one.getBoundingClientRect()).map(({left, right}) => [left, right])"
    )
    assert len(cells) > 10
    assert all(0 <= left < right <= 390 for left, right in cells)


def test_a_figure_on_a_phone_is_large_enough_to_read_and_shows_that_it_scrolls(shown):
    browser = shown("song without sound", 390)
    frames = browser.run(
        "[...document.querySelectorAll('figure > .scroll')].map(one => [one.scrollWidth > one.clientWidth,"
        " one.tabIndex, one.getAttribute('role'), one.getAttribute('aria-label'),"
        " getComputedStyle(one).backgroundAttachment])"
    )
    assert len(frames) > 5
    assert len({name for _, _, _, name, _ in frames}) == len(frames)
    for scrolls, index, role, name, attachment in frames:
        assert scrolls
        assert (index, role) == (0, "region")
        assert name.startswith("Figure: ")
        assert sorted(attachment.split(", ")) == ["local", "local", "scroll", "scroll"]  # a shade, covered at its end


@every_page
def test_on_a_phone_a_finger_meets_what_unfolds_and_small_words_are_not_too_small(shown, name):
    browser = shown(name, 390)
    heights = browser.run("[...document.querySelectorAll('main summary, nav summary')].map(one => one.offsetHeight)")
    assert all(height >= TAP_PX for height in heights)
    sizes = browser.run(
        "[...document.querySelectorAll('main *')].filter(one => !one.closest('svg') && one.checkVisibility()"
        " && [...one.childNodes].some(part => part.nodeType === 3 && part.data.trim()))"
        ".map(one => parseFloat(getComputedStyle(one).fontSize))"
    )
    assert min(sizes) >= 12


# ------------------------------------------------------------------------------------------------------------ the dark
@every_page
def test_what_is_printed_from_a_dark_page_is_light(shown, name):
    browser = shown(name, 1000, "dark")
    colors = "[document.body, document.querySelector('figure g[class] > use')?.parentElement].filter(Boolean)"
    paint = f"{colors}.map(one => getComputedStyle(one)).map(({{color, fill}}, i) => i ? fill : color)"
    dark = browser.run(paint)
    browser.prefer("print", color_scheme="dark")
    printed = browser.run(paint)
    assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.run("['.contents', '.anchor'].every(one => !document.querySelector(one)?.checkVisibility())")
    browser.prefer("screen", color_scheme="light")
    assert printed == browser.run(paint) != dark


# -------------------------------------------------------------------------------------------------------- the drawings
def test_a_page_draws_what_the_figures_hold(browser, tmp_path):
    """Smaller as they are, the drawings of a page look as the figures do that the PDF shows."""
    figures = [block for block in document_of("judged").blocks if isinstance(block, Figure)]
    made = page_drawings(figures)
    for number, (figure, drawing) in enumerate(zip(figures, made.drawings, strict=True)):
        pictures = []
        for kind, svg in (("figure", figure.svg), ("page", f"<style>{made.css}</style>{made.shapes}{drawing}")):
            path = tmp_path / f"{kind}-{number}.html"
            path.write_text(
                f"<!doctype html><style>body{{margin:0}} svg{{position:absolute;width:960px;height:auto}}</style>{svg}"
            )
            browser.screen(960, 1000)
            browser.prefer(color_scheme="light")
            browser.open(path)
            pictures.append(imread(io.BytesIO(browser.picture()))[..., :3])
        apart = np.abs(pictures[0] - pictures[1]).max(axis=2)
        assert pictures[0].min() < 0.5, figure.alt  # something is drawn at all
        assert (apart > 0.5).mean() < 0.002, figure.alt
        assert apart.mean() < 0.004, figure.alt


def test_a_dark_page_has_the_ground_of_its_drawings(shown):
    browser = shown("song", 1000, "dark")
    red, green, blue = (int(palette.NIGHT[palette.GROUND][place : place + 2], 16) for place in (1, 3, 5))
    assert browser.run("getComputedStyle(document.body).backgroundColor") == f"rgb({red}, {green}, {blue})"
