"""The page with the song in it: what is embedded, what is linked, and what it forbids itself."""

import base64
import dataclasses
import functools
import hashlib
import html
import importlib.resources
import re
from datetime import UTC, datetime

import numpy as np
import pytest

from outcomes import failed, missing
from riffscope.analyzers.envelope import Envelope
from riffscope.analyzers.loops import Loops
from riffscope.analyzers.structure import Structure
from riffscope.compare import compare
from riffscope.model import Measured, Ruling, Span, VocalSource
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
    PlayedSection,
    PlayedSong,
    Table,
    TimeAxis,
    VerdictItem,
    VerdictList,
)
from riffscope.report.comparison_report import comparison_document
from riffscope.report.html import linked, linked_by_song, render_html, tracks
from riffscope.report.played_song import played_song
from riffscope.report.player import player_of
from riffscope.report.song_report import song_document
from riffscope.report.write import write_report
from riffscope.views.listening_copy import compress
from riffscope.views.stems import Stems
from songs import HOSTILE_TITLES, example_song, judged_song, with_outcomes
from songs_heard import listening_copy, song_excerpt

MOMENT = datetime(2026, 11, 24, 14, 50, tzinfo=UTC)
DURATION_S = 24.0
MINUTES_OF_A_SONG = 3.5


@functools.cache
def document():
    return song_document(example_song(duration_s=DURATION_S))


def page_of(listening=None, *, shown=None, **fields):
    """The page of the example; some of its fields, and of what its player shows, are others."""
    songs = tuple(dataclasses.replace(song, **(shown or {})) for song in document().songs)
    changed = dataclasses.replace(document(), songs=songs, **fields)
    return render_html(changed, listening=[listening or listening_copy()], timestamp=MOMENT).decode()


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
        r'<script type="audio/webm;base64" data-song="0" data-stream="(\w+)">([^<]*)</script>', page_of(listening)
    )
    assert [(name, base64.b64decode(webm, validate=True)) for name, webm in found] == [
        (stream.name, stream.webm) for stream in listening.value.streams
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


@pytest.mark.parametrize("apart", [True, False])
def test_a_song_of_ordinary_length_makes_a_page_that_can_be_mailed(apart):
    audio = song_excerpt("arena", 5.0, 30.0)
    half = audio.samples / 2
    stems = Stems(vocals=half, mix=audio.samples, sample_rate_hz=audio.sample_rate_hz, method=VocalSource.STEM)
    listening = Measured(value=compress(audio, stems if apart else None), version=0, seconds=0.0)
    with_sound, without = (
        len(render_html(document(), listening=heard, timestamp=MOMENT)) for heard in ([listening], [])
    )
    sound = (with_sound - without) * MINUTES_OF_A_SONG * 60 / audio.duration_s
    assert without + sound < 5e6


def test_the_same_document_and_copy_and_time_give_the_same_bytes(tmp_path):
    first, second = (
        write_report(document(), tmp_path / name, ["html"], listening=[listening_copy()], timestamp=MOMENT)[0]
        for name in "ab"
    )
    assert first.read_bytes() == second.read_bytes()


def test_the_pdf_does_not_depend_on_the_sound(tmp_path):
    heard, unheard = (
        write_report(document(), tmp_path / str(listening is None), ["pdf"], listening=[listening], timestamp=MOMENT)[0]
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
        sections = (PlayedSection(start_s=0.0, end_s=9.0, name=text, kind=0),)
        shown = {"title": text, "loop": loop, "sections": sections}
        page = page_of(title=text, subtitle=text, details=text, made_by=text, blocks=blocks, shown=shown)
        return re.findall(r"<(\w+)", page.replace(' class="long"', ""))

    plain = elements("Plain")
    assert elements(HOSTILE_TITLES[kind]) == plain
    assert plain.count("script") == 3


@pytest.mark.parametrize(
    ("name", "lines", "limit_bytes"),
    [("player.js", 480, 22_000), ("closeup.js", 270, 13_000), ("chords.js", 55, 2_700)],
)
def test_the_script_is_small_and_could_not_end_early(name, lines, limit_bytes):
    source = (importlib.resources.files("riffscope.report") / "templates" / name).read_text("utf-8")
    assert len(source.splitlines()) < lines
    assert len(source.encode()) < limit_bytes
    assert not re.search(r"</script|<!--|innerHTML|eval\(|fetch\(|https?:", source)


def test_what_is_run_is_strict_and_has_the_chords_only_where_there_are_any():
    with_chords, without = (scripts(page_of(**more))[0] for more in ({}, {"shown": {"chords": ()}}))
    assert with_chords.startswith("'use strict';\n")
    assert with_chords.startswith(without)
    assert "The chords beside the player" in with_chords[len(without) :]
    assert 'class="harmony"' not in page_of(shown={"chords": ()})


# ----------------------------------------------------------------------------------------------------- times and riffs
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("none here", "none here"),
        ("at 0:23, then", "at [23 0:23], then"),
        ("1:02.5", "[62.5 1:02.5]"),
        ("from 0:48.3 to 1:09.6.", "from [48.3 69.6 0:48.3 to 1:09.6]."),
        ("0:05 or 0:07", "[5 0:05] or [7 0:07]"),
        ("0:05 to the end", "[5 0:05] to the end"),
        ("<b>0:01</b> & \"", "&lt;b&gt;[1 0:01]&lt;/b&gt; &amp; &#34;"),
        ("9:59 is not a time of this song, 1:40 is", "9:59 is not a time of this song, [100 1:40] is"),
    ],
)  # fmt: skip
def test_times_of_the_song_are_buttons_and_all_else_stays_text(text, expected):
    made = re.sub(
        r'<button type="button" class="time" data-s="([\d.]+)"(?: data-e="([\d.]+)")?>(.*?)</button>',
        lambda found: f"[{' '.join(part for part in found.groups() if part)}]",
        linked(text, until_s=100),
    )
    assert made == expected


def test_what_is_said_with_a_time_can_be_heard():
    long = Measured(value=dataclasses.replace(listening_copy().value, duration_s=215.0), version=0, seconds=0.0)
    page = render_html(song_document(judged_song()), listening=[long], timestamp=MOMENT).decode()
    assert 'Listen at <button type="button" class="time" data-s="0" data-e="4">0:00.0 to 0:04.0</button>' in page
    assert 'at <button type="button" class="time" data-s="102">1:42</button> and comes back' in page
    heading = re.search(r"<header>.*?</header>", page, re.DOTALL)[0]
    assert "3:35" in heading
    assert "<button" not in heading


def test_the_words_of_a_page_are_the_same_with_a_player_and_without():
    def said(page):
        main = re.search(r"<main[^>]*>(.*)</main>", page, re.DOTALL)[1]
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
    page = render_html(song_document(song), listening=[listening_copy()], timestamp=MOMENT).decode()
    assert 'class="loop"' not in page
    assert 'data-bars=""' in page


# --------------------------------------------------------------------------------------------- waveform and sections
def test_the_waveform_is_the_songs_and_its_loudest_step_is_the_highest():
    song = example_song(duration_s=DURATION_S)
    envelope, shown = song[Envelope], played_song(song).waveform
    assert shown.step_s == envelope.step_s
    assert len(shown.heights) == envelope.peak.size
    assert max(shown.heights) == 1
    assert int(np.argmax(shown.heights)) == int(np.argmax(envelope.peak))


def test_a_long_song_has_a_waveform_of_no_more_columns_than_a_player_is_wide():
    song = example_song(duration_s=DURATION_S)
    peak = np.zeros(4321)
    peak[3000] = 0.5
    shown = played_song(
        with_outcomes(
            song, {"envelope": Measured(value=Envelope(peak=peak, rms=peak, step_s=0.1), version=1, seconds=0.0)}
        )
    ).waveform
    assert len(shown.heights) <= 800
    assert shown.heights.index(1.0) * shown.step_s == pytest.approx(300.0, abs=shown.step_s)
    assert sum(height > 0 for height in shown.heights) == 1


def test_sections_lie_in_the_strip_where_they_lie_in_the_song():
    sections = example_song(duration_s=DURATION_S)[Structure].sections
    found = re.findall(
        r'data-start="([\d.]+)" data-end="([\d.]+)" style="left:([\d.]+)%;width:([\d.]+)%;[^"]*">([^<]*)<', page_of()
    )
    assert [html.unescape(name) for *_, name in found] == [section.name for section in sections]
    for section, (start, _, left, width, _) in zip(sections, found, strict=True):
        assert float(start) == pytest.approx(section.start_s, abs=0.001)
        assert float(left) == pytest.approx(100 * section.start_s / DURATION_S, abs=0.01)
        assert float(width) == pytest.approx(100 * (section.end_s - section.start_s) / DURATION_S, abs=0.01)


def test_a_song_without_envelope_or_sections_can_be_played_all_the_same():
    lacking = {name: missing(name, "silence") for name in ("envelope", "structure")}
    song = with_outcomes(example_song(duration_s=DURATION_S), lacking)
    page = render_html(song_document(song), listening=[listening_copy()], timestamp=MOMENT).decode()
    assert 'class="wave"' in page
    assert 'class="sections"' not in page


# ------------------------------------------------------------------------------------------------------ several songs
def compared(*levels_lufs, gain=1.0):
    """The page's player of songs of these levels, each with its own copy."""
    songs = tuple(
        PlayedSong(title=letter, letter=letter, integrated_lufs=level)
        for letter, level in zip("ABCDEF", levels_lufs, strict=False)
    )
    copy = listening_copy(apart=False)
    turned = dataclasses.replace(copy, value=dataclasses.replace(copy.value, gain=gain))
    return player_of(dataclasses.replace(document(), songs=songs), [copy, *[turned] * (len(songs) - 1)])


def test_songs_are_turned_down_to_the_quietest():
    player = compared(-9.0, -20.0, -14.5)
    assert [song.level_db for song in player.songs] == [-11.0, 0.0, -5.5]
    assert [song.level for song in player.songs] == ["−11.0 dB", "±0 dB", "−5.5 dB"]


def test_what_a_copy_was_turned_down_by_counts():
    assert [song.level_db for song in compared(-9.0, -9.0, gain=0.5).songs] == [-6.0, 0.0]


def test_one_song_or_one_of_unknown_loudness_is_left_as_it_is():
    assert compared(-9.0).songs[0].level_db == 0
    assert [song.level_db for song in compared(-9.0, None).songs] == [0, 0]
    assert not compared(-9.0, None).evened


def test_a_time_in_a_comparison_is_that_of_the_song_it_is_said_of():
    songs = [PlayedSong(title=title, letter=letter) for title, letter in zip(("One", "Two (b)"), "AB", strict=True)]
    text = "At 0:01. Song B: 0:02 to 0:04, 0:30; song A at <0:50>; song C at 0:03; in Two (b): 0:05"
    made = linked_by_song(text, songs=songs, lengths_s=(100.0, 10.0))
    found = re.findall(r'data-s="(\d+)"(?: data-e="(\d+)")? data-song="(\d)"', made)
    assert found == [("2", "4", "1"), ("50", "", "0"), ("5", "", "1")]
    assert html.unescape(re.sub("</?button[^>]*>", "", made)) == text


def test_songs_of_one_title_are_told_apart_by_their_letters_alone():
    songs = [PlayedSong(title="Same", letter=letter) for letter in "AB"]
    made = linked_by_song("In song B: 0:02; in Same: 0:03", songs=songs, lengths_s=(9.0, 9.0))
    assert re.findall(r'data-s="(\d)" data-song="(\d)"', made) == [("2", "1")]


def test_a_comparison_has_a_player_with_both_songs_and_figures_know_theirs():
    both = [example_song(duration_s=DURATION_S), example_song(duration_s=DURATION_S, title="Other")]
    page = render_html(
        comparison_document(compare(both), both), listening=[listening_copy(apart=False)] * 2, timestamp=MOMENT
    ).decode()
    assert re.findall(r'data-song="(\d)" data-stream="mix"', page) == ["0", "1"]
    assert re.findall(r'data-choose="(\d)"', page) == ["0", "1"]
    assert set(re.findall(r'class="track" data-song="(\d)"', page)) == {"0", "1"}
    assert page.count('class="wave') == 2


def test_a_song_of_a_comparison_that_cannot_be_played_is_named():
    both = [example_song(duration_s=DURATION_S), example_song(duration_s=DURATION_S, title="Other")]
    too_long = missing("mix_copy", "the song is longer than 20 minutes")
    listening = [listening_copy(apart=False), too_long]
    page = render_html(comparison_document(compare(both), both), listening=listening, timestamp=MOMENT).decode()
    assert "No player for B: the song is longer than 20 minutes." in page
    assert set(re.findall(r'class="track" data-song="(\d)"', page)) == {"0"}
    assert 'class="choice"' not in page


# ----------------------------------------------------------------------------------------------------------- playheads
def test_every_figure_over_time_has_a_playhead_and_no_other_has():
    figures = [block for block in document().blocks if isinstance(block, Figure)]
    with_time = {figure.caption.split(",")[0][:20] for figure in figures if figure.time_axes}
    # Timeline, tempo, bars of the riff, chords, loudness.
    assert len(with_time) == 5
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
        dataclasses.replace(document, blocks=(paragraph,)), listening=[listening_copy()], timestamp=MOMENT
    ).decode()
    assert (
        html.unescape(re.sub("<[^>]*>", "", re.search(r"<main[^>]*>(.*)</main>", page, re.DOTALL)[1])).strip()
        == paragraph.text
    )
