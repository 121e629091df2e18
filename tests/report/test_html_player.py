"""The page with the song in it: what is embedded, what is linked, and what it forbids itself."""

import base64
import dataclasses
import functools
import hashlib
import html
import importlib.resources
import re
from datetime import UTC, datetime

import pytest

from outcomes import failed, missing
from riffscope.analyzers.loops import Loops
from riffscope.model import Measured, Ruling, Span
from riffscope.report.blocks import (
    Column,
    Fact,
    Facts,
    Figure,
    KeyFigure,
    KeyFigures,
    Notice,
    Paragraph,
    Passage,
    Table,
    TimeAxis,
    VerdictItem,
    VerdictList,
)
from riffscope.report.html import linked, render_html, tracks
from riffscope.report.song_report import song_document
from riffscope.report.write import write_report
from riffscope.views.listening_copy import compress
from songs import HOSTILE_TITLES, example_song, judged_song, with_outcomes
from songs_heard import listening_copy, song_excerpt

MOMENT = datetime(2026, 11, 24, 14, 50, tzinfo=UTC)
DURATION_S = 24.0
MINUTES_OF_A_SONG = 3.5


@functools.cache
def document():
    return song_document(example_song(duration_s=DURATION_S))


def page_of(listening=None, **fields):
    changed = dataclasses.replace(document(), **fields)
    return render_html(changed, listening=listening or listening_copy(), timestamp=MOMENT).decode()


def page_without_sound():
    return render_html(document(), timestamp=MOMENT).decode()


def policy(page):
    content = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[1]
    return dict(part.strip().split(" ", 1) for part in content.split(";"))


def scripts(page):
    return re.findall(r"<script>(.*?)</script>", page, re.DOTALL)


# ----------------------------------------------------------------------------------------------------------- the sound
@pytest.mark.parametrize("apart", [True, False])
def test_the_sound_is_in_the_page_as_it_is(apart):
    listening = listening_copy(apart=apart)
    found = re.findall(
        r'<script type="application/ogg;base64" data-stream="(\w+)">([^<]*)</script>', page_of(listening)
    )
    assert [(name, base64.b64decode(ogg, validate=True)) for name, ogg in found] == [
        (stream.name, stream.ogg) for stream in listening.value.streams
    ]
    assert [name for name, _ in found] == (["vocals", "accompaniment"] if apart else ["mix"])


def test_the_slider_is_there_only_where_the_voice_was_taken_out():
    assert 'class="balance"' in page_of()
    assert 'class="balance"' not in page_of(listening_copy(apart=False))


def test_without_sound_there_is_neither_player_nor_script():
    page = page_without_sound()
    for word in ("<script", "<button", "player", "playhead", "data-s="):
        assert word not in page
    assert policy(page)["script-src"] == "'none'"


@pytest.mark.parametrize(
    ("listening", "why"),
    [
        (
            missing("listening_copy", "the song is longer than 20 minutes"),
            "No player: the song is longer than 20 minutes.",
        ),
        (failed("listening_copy", "KeyError: <b>"), "No player: failed: KeyError: &lt;b&gt;."),
    ],
)
def test_a_page_that_cannot_have_a_player_says_why(listening, why):
    page = page_of(listening)
    assert why in page
    assert "<script" not in page


@pytest.mark.parametrize(("streams", "limit_bytes"), [(1, 6e6), (2, 9e6)])
def test_a_song_of_ordinary_length_makes_a_page_of_modest_size(streams, limit_bytes):
    audio = song_excerpt("arena", 5.0, 30.0)
    one = compress(audio, None)
    listening = dataclasses.replace(one, streams=one.streams * streams)
    with_sound, without = (
        len(render_html(document(), listening=heard, timestamp=MOMENT))
        for heard in (Measured(value=listening, version=0, seconds=0.0), None)
    )
    sound = (with_sound - without) * MINUTES_OF_A_SONG * 60 / audio.duration_s
    assert without + sound < limit_bytes


def test_the_same_document_and_copy_and_time_give_the_same_bytes(tmp_path):
    first, second = (
        write_report(document(), tmp_path / name, ["html"], listening=listening_copy(), timestamp=MOMENT)[0]
        for name in "ab"
    )
    assert first.read_bytes() == second.read_bytes()


def test_the_pdf_does_not_depend_on_the_sound(tmp_path):
    heard, unheard = (
        write_report(document(), tmp_path / str(listening is None), ["pdf"], listening=listening, timestamp=MOMENT)[0]
        for listening in (listening_copy(), None)
    )
    assert heard.read_bytes() == unheard.read_bytes()


# ------------------------------------------------------------------------------------------------------ what it may do
@pytest.mark.parametrize("listening", [None, missing("listening_copy", "too long")], ids=["with sound", "without"])
def test_the_page_may_run_its_own_script_and_ask_for_nothing(listening):
    page = page_of(listening)
    rules = policy(page)
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts(page)]
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert rules["script-src"] == (" ".join(hashes) or "'none'")
    assert len(hashes) == (listening is None)
    assert not re.search(r"\son\w+=", re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL))


@pytest.mark.parametrize("kind", HOSTILE_TITLES)
def test_a_hostile_text_adds_no_element_to_a_page_with_a_player(kind):
    def elements(text):
        blocks = (
            Paragraph(text=text),
            Notice(text=text),
            Facts(facts=(Fact(label=text, text=text, note=text),)),
            Table(columns=(Column(heading=text),), rows=((text,),), caption=text),
            KeyFigures(figures=(KeyFigure(label=text, value=text, unit=text, range=text, note=text),)),
            Figure(svg="<svg ></svg>", caption=text, alt=text),
            VerdictList(
                verdicts=(
                    VerdictItem(text=text, ruling=Ruling.REFUTED, because=text, evidence=(text,), caveats=(text,)),
                )
            ),
        )
        loop = Passage(span=Span(start_s=0.0, end_s=1.0), label=text, detail=text)
        page = page_of(title=text, subtitle=text, details=text, made_by=text, blocks=blocks, loop=loop)
        return re.findall(r"<(\w+)", page.replace(' class="long"', ""))

    plain = elements("Plain")
    assert elements(HOSTILE_TITLES[kind]) == plain
    assert plain.count("script") == 3


@pytest.mark.parametrize(("name", "lines", "limit_bytes"), [("player.js", 300, 12_000), ("chords.js", 50, 2_500)])
def test_the_script_is_small_and_could_not_end_early(name, lines, limit_bytes):
    source = (importlib.resources.files("riffscope.report") / "templates" / name).read_text("utf-8")
    assert len(source.splitlines()) < lines
    assert len(source.encode()) < limit_bytes
    assert not re.search(r"</script|<!--|innerHTML|eval\(|fetch\(|https?:", source)


def test_what_is_run_is_strict_and_has_the_chords_only_where_there_are_any():
    with_chords, without = (scripts(page_of(**more))[0] for more in ({}, {"chords": ()}))
    assert with_chords.startswith("'use strict';\n")
    assert with_chords.startswith(without)
    assert "The chords beside the player" in with_chords[len(without) :]
    assert 'class="harmony"' not in page_of(chords=())


# ----------------------------------------------------------------------------------------------------- times and riffs
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("none here", "none here"),
        ("at 0:23, then", "at [23 0:23], then"),
        ("1:02.5", "[62.5 1:02.5]"),
        ("from 0:48.3 to 1:09.6.", "from [48.3 0:48.3 to 1:09.6]."),
        ("0:05 or 0:07", "[5 0:05] or [7 0:07]"),
        ("0:05 to the end", "[5 0:05] to the end"),
        ("<b>0:01</b> & \"", "&lt;b&gt;[1 0:01]&lt;/b&gt; &amp; &#34;"),
        ("9:59 is not a time of this song, 1:40 is", "9:59 is not a time of this song, [100 1:40] is"),
    ],
)  # fmt: skip
def test_times_of_the_song_are_buttons_and_all_else_stays_text(text, expected):
    made = re.sub(
        r'<button type="button" class="time" data-s="([\d.]+)">(.*?)</button>', r"[\1 \2]", linked(text, until_s=100)
    )
    assert made == expected


def test_what_is_said_with_a_time_can_be_heard():
    long = Measured(value=dataclasses.replace(listening_copy().value, duration_s=215.0), version=0, seconds=0.0)
    page = render_html(song_document(judged_song()), listening=long, timestamp=MOMENT).decode()
    assert 'listen at <button type="button" class="time" data-s="0">0:00.0 to 0:04.0</button>' in page
    assert 'at <button type="button" class="time" data-s="102">1:42</button> and comes back' in page
    heading, facts = (
        re.search(r"<header>.*?</header>", page, re.DOTALL)[0],
        re.findall(r"<dl class=\"facts\">.*?</dl>", page, re.DOTALL),
    )
    assert "3:35" in heading
    assert facts
    assert not any("<button" in part for part in (heading, *facts))


def test_the_words_of_a_page_are_the_same_with_a_player_and_without():
    def said(page):
        main = re.search(r"<main>(.*)</main>", page, re.DOTALL)[1]
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"</?(button|div)[^>]*>", "", main)))

    assert said(page_of()) == said(page_without_sound())


def test_the_cleanest_pass_of_the_riff_is_what_is_looped():
    example = example_song(duration_s=DURATION_S)[Loops].example
    found = re.search(r'class="loop"[^>]*data-start="([\d.]+)" data-end="([\d.]+)">(.*?)</button>', page_of())
    assert (float(found[1]), float(found[2])) == (example.start_s, example.end_s)
    assert re.sub("<.*?>", "", found[3]) == "Loop the riff (2 bars, 0:01)"


def test_a_song_without_a_riff_or_beats_has_a_player_all_the_same():
    song = with_outcomes(
        example_song(duration_s=DURATION_S), {name: missing(name, "too short") for name in ("loops", "beats")}
    )
    page = render_html(song_document(song), listening=listening_copy(), timestamp=MOMENT).decode()
    assert 'class="loop"' not in page
    assert 'data-bars=""' in page


# ----------------------------------------------------------------------------------------------------------- playheads
def test_every_figure_over_time_has_a_playhead_and_no_other_has():
    figures = [block for block in document().blocks if isinstance(block, Figure)]
    with_time = {figure.caption.split(",")[0][:20] for figure in figures if figure.time_axes}
    # Timeline, tempo, beats, both of the riff and its notes, chords, sung pitch, loudness, density, sections.
    assert len(with_time) == 11
    page = page_of()
    parts = page.split("<figure>")[1:]
    assert [("playhead" in part.split("</figure>")[0]) for part in parts] == [
        bool(figure.time_axes) for figure in figures
    ]


def test_panels_above_each_other_share_one_line_and_other_stretches_have_their_own():
    def axis(top, edges_s, left=0.1):
        return TimeAxis(left=left, top=top, width=0.8, height=0.1, edges_s=edges_s)

    figure = Figure(
        svg="", caption="", alt="", time_axes=(axis(0.1, (0.0, 9.0)), axis(0.6, (0.0, 9.0)), axis(0.8, (4.0, 6.0)))
    )
    first, second = tracks(figure)
    assert (first.left, first.top, first.width, first.height) == (10.0, 10.0, 80.0, 60.0)
    assert (second.top, second.height, second.edges_s) == (80.0, 10.0, (4.0, 6.0))


@pytest.mark.parametrize("edges_s", [(), (1.0,), (2.0, 1.0)])
def test_a_time_axis_runs_forward(edges_s):
    with pytest.raises(ValueError, match="time axis"):
        TimeAxis(left=0, top=0, width=1, height=1, edges_s=edges_s)


def test_a_text_is_cut_at_no_time():
    document = song_document(example_song(duration_s=DURATION_S))
    paragraph = Paragraph(text="See 0:12 & 0:13 to 0:14.")
    page = render_html(
        dataclasses.replace(document, blocks=(paragraph,)), listening=listening_copy(), timestamp=MOMENT
    ).decode()
    assert (
        html.unescape(re.sub("<[^>]*>", "", re.search(r"<main>(.*)</main>", page, re.DOTALL)[1])).strip()
        == paragraph.text
    )
