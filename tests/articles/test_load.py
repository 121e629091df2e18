"""What is left of a text file, of Markdown and of a web page; and what is refused in its place."""

import io
import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riffscope.articles.load import (
    HEAD_BYTES,
    MAX_BYTES,
    MAX_CHARACTERS,
    MAX_MARKS,
    MAX_PARAGRAPHS,
    MAX_SENTENCES,
    MAX_TAGS,
    load_text,
)
from riffscope.errors import CannotRead
from signals import sine

STORY = "It is written in C-sharp minor.\nThe tempo is 100 BPM.\n\nThe singer stays within an octave.\n"


@pytest.fixture
def loaded(tmp_path):
    def load(content, name="article.txt"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return load_text(path)

    return load


@pytest.fixture
def refusal(loaded, tmp_path):
    def refuse(content, name="article.txt"):
        with pytest.raises(CannotRead) as why:
            loaded(content, name)
        message = str(why.value)
        assert message.startswith(f"{tmp_path / name}: ")
        assert "\n" not in message
        return message.removeprefix(f"{tmp_path / name}: ")

    return refuse


def said(text):
    return [text.text[one.start : one.end] for one in text.paragraphs]


def forms(text):
    return [(one.form, text.text[one.start : one.end]) for one in text.paragraphs]


# ----------------------------------------------------------------------------------------------------------- plain text
def test_plain_text_is_left_as_it_stands_so_that_places_are_those_in_the_file(loaded):
    text = loaded(STORY)
    assert text.text == STORY
    assert (text.name, text.title) == ("article.txt", None)
    assert said(text) == [
        "It is written in C-sharp minor.\nThe tempo is 100 BPM.",
        "The singer stays within an octave.",
    ]


@given(st.lists(st.text("ab .#C-\t*=1)é♯🎸'\"<&", min_size=1), min_size=1).filter(lambda lines: "".join(lines).strip()))
def test_no_character_of_a_plain_text_moves_and_every_letter_is_in_one_paragraph(lines):
    written = "\n\n".join(lines)
    text = loaded_from(written)
    assert len(text.text) == len(written)
    assert text.text == written.replace("\t", " ")
    end = 0
    for one in text.paragraphs:
        assert end <= one.start < one.end
        assert not any(c.isalpha() for c in text.text[end : one.start])
        assert text.text[one.start : one.end].strip() == text.text[one.start : one.end]
        end = one.end
    assert not any(c.isalpha() for c in text.text[end:])


def loaded_from(written):
    before, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(written.encode()))
    try:
        return load_text("-")
    finally:
        sys.stdin = before


@pytest.mark.parametrize(
    "content",
    [
        STORY.replace("\n", "\r\n").encode(),
        STORY.replace("\n", "\r").encode(),
        b"\xef\xbb\xbf" + STORY.encode(),
        STORY.encode("utf-16"),
        b"\xfe\xff" + STORY.encode("utf-16-be"),
        STORY.encode("utf-32"),
    ],
)
def test_line_ends_and_byte_order_marks_are_no_part_of_the_text(loaded, content):
    assert loaded(content).text == STORY


def test_a_text_in_the_encoding_of_old_windows_keeps_its_accents_and_quotes(loaded):
    written = "“Déjà vu” is Beyoncé’s"
    assert loaded(written.encode("cp1252")).text == written
    assert loaded(written.encode()).text == written
    assert loaded(b"caf\xe9 \x81").text == "café  "


def test_a_text_that_was_cut_within_a_letter_is_still_utf_8(loaded):
    assert (
        loaded("Beyoncé sings in C♯ minor, Zoë".encode()[:-1]).text
        == "Beyoncé sings in C♯ minor, Zo\N{REPLACEMENT CHARACTER}"
    )


def test_what_cannot_be_seen_becomes_a_space_in_its_place(loaded):
    written = "\u202e100\0 BPM\u200b\x1b[31m in\tC\ufeff minor\u2066 👩\u200d🎤"
    text = loaded(written)
    assert text.text == " 100  BPM  [31m in C  minor  👩\u200d🎤"
    assert len(text.text) == len(written)


def test_a_hard_wrapped_paragraph_is_one_and_long_lines_are_one_each(loaded):
    assert said(loaded("It is in\nC minor, at\n100 BPM.")) == ["It is in\nC minor, at\n100 BPM."]
    long = (
        "The verse and the chorus share their chords, and the bridge has chords of its own, which come as a surprise "
        * 2
    )
    assert said(loaded(f"Composition\n{long}\nThe end")) == ["Composition", long.strip(), "The end"]


def test_headings_and_items_are_told_from_running_text(loaded):
    written = (
        "# Music\n\nSound\n-----\n\nIt is in 4/4.\n\n- a riff\n- a voice\n  in the closet\n\n1. intro\n2) verse\n\n"
        "#1 in the charts\n\n100 BPM it is.\n\n## Form\nA verse.\n"
    )
    text = loaded(written)
    assert text.text == written
    assert text.title == "Music"
    assert forms(text) == [
        ("heading", "Music"),
        ("heading", "Sound"),
        ("text", "It is in 4/4."),
        ("item", "a riff"),
        ("item", "a voice\n  in the closet"),
        ("item", "intro"),
        ("item", "verse"),
        ("text", "#1 in the charts"),
        ("text", "100 BPM it is."),
        ("heading", "Form"),
        ("text", "A verse."),
    ]


def test_standard_input_is_called_text():
    text = loaded_from(STORY)
    assert (text.text, text.name) == (STORY, "text")
    assert loaded_from("<!doctype html><title>Song</title><p>At 100 BPM.").text == "At 100 BPM."


@pytest.mark.parametrize("stream", [None, io.TextIOWrapper(io.BytesIO())])
def test_nothing_on_standard_input_is_refused(monkeypatch, stream):
    monkeypatch.setattr(sys, "stdin", stream)
    with pytest.raises(CannotRead, match=r"^standard input: is empty"):
        load_text("-")


# ------------------------------------------------------------------------------------------------------------- Markdown
def test_markdown_is_read_without_its_marks(loaded):
    text = loaded(
        "# *Attention*, measured\n\nIt is **not** [loud](http://example.com/a_b) and in `F# minor`,\nat 100 BPM.\n\n"
        "> Quoted &amp; kept\n\n* a *riff*\n* [a voice](x)\n\n    1. within\n\n![cover](cover.png)\n\n"
        "| part | key |\n|---|---|\n| verse | A |\n\n<script>no()</script>\n\n<b>Bold</b> snake_case 4 * 4\n",
        "a.md",
    )
    assert text.title == "Attention, measured"
    assert forms(text) == [
        ("heading", "Attention, measured"),
        ("text", "It is not loud and in F# minor, at 100 BPM."),
        ("text", "Quoted & kept"),
        ("item", "a riff"),
        ("item", "a voice"),
        ("item", "within"),
        ("item", "part key"),
        ("item", "verse A"),
        ("text", "Bold snake_case 4 * 4"),
    ]
    assert text.text == "\n\n".join(said(text))


@pytest.mark.parametrize("title", ["A song", '"A song"', "'A song'"])
def test_front_matter_of_markdown_is_not_read_but_for_its_title(loaded, title):
    text = loaded(f"---\nlayout: post\ntitle: {title}\nbpm: 90\n---\n\nIt is at 100 BPM.\n", "a.markdown")
    assert (text.title, said(text)) == ("A song", ["It is at 100 BPM."])
    assert "bpm: 90" in loaded("---\nbpm: 90\n\nno end", "b.md").text


# ------------------------------------------------------------------------------------------------------------ web pages
PAGE = """<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>A song &ndash; review</title>
<style>p { tempo: 90 }</style><script>if (1 < 2) document.write("<p>90 BPM</p>")</script></head>
<body class="single comments-open"><header><h1>The Site</h1></header><nav><ul><li>Home</ul></nav>
<main><article><header><h1>A song</h1></header>
<p>It is in C<span class=sharp>&#9839;</span>&nbsp;minor<sup class="reference">[1]</sup>, at <b>100</b>
 beats per&shy; minute.<p>One<br>two<br><br>three &lt;b&gt; &zzz;
<ul><li>a riff<li>a <q>voice</q></ul>
<aside><p>Pull quote</p></aside><div hidden>hidden</div><!-- <p>90 BPM</p> -->
<table><tr><th>Length</th><td>3:31</td></tr></table>
<section id=comments><p>First!</p></section></article></main>
<footer>Imprint</footer></body></html>"""


@pytest.mark.parametrize("name", ["a.html", "a.htm", "a.txt", "a.md"])
def test_a_page_is_read_without_menus_scripts_and_comments(loaded, name):
    text = loaded(PAGE, name)
    assert text.title == "A song – review"
    assert forms(text) == [
        ("heading", "A song"),
        ("text", "It is in C♯ minor, at 100 beats per minute."),
        ("text", "One\ntwo"),
        ("text", "three <b> &zzz;"),
        ("item", "a riff"),
        ("item", "a “voice”"),
        ("item", "Length 3:31"),
    ]
    assert text.text == "\n\n".join(said(text))


@pytest.mark.parametrize(
    ("page", "left"),
    [
        ("<p>A long story about the song<article>Ad</article>", ["A long story about the song", "Ad"]),
        ("<div>Menu</div><article>Short</article><article>The longer story</article>", ["The longer story"]),
        ("<div>Menu</div><div role=main><h2>Song</h2>Story</div>", ["Song", "Story"]),
        ("<div>Menu</div><main>Story</main>", ["Story"]),
        ("<nav>All of it</nav>", ["All of it"]),
        ("<nav>Menu<p>Menu</div></nav>Story", ["Story"]),
        ("<p class='toc'>Contents<p>Story", ["Story"]),
        ("<a href='x'><p>Story</a> goes on</p>", ["Story goes on"]),
        ("<svg/>Story", ["Story"]),
        ("<p>Story <a href=x>goes on</a><ul><li><a href=y>The next</a></ul>", ["Story goes on"]),
        ("<h1><a href=x>Song</a></h1><p><a name=top>Story</a>", ["Song", "Story"]),
        ("<p><a href=x>" + "Story " * 200 + "</p>Story", [("Story " * 200).strip(), "Story"]),
        ("<p>Story<p style='display: none'>90 BPM<p style=color:red>goes on", ["Story", "goes on"]),
        ("<svg><title>Icon</title><text>Icon</text></svg>Story", ["Story"]),
        ("Story<!-- never closed <p>90 BPM", ["Story"]),
        ("Story <a href=never closed", ["Story"]),
        ("Story<script>never closed", ["Story"]),
        ("Story <b title=\"a > b\" data-x='>'>goes</b> on", ["Story goes on"]),
        ("1 < 2 <3 & 3 > 2", ["1 < 2 <3 & 3 > 2"]),
        ("<pre>one\n  two\n\nthree</pre>", ["one\ntwo", "three"]),
        ("<p>&#0;&#xD800;&#99999999999;&#x110000; Story", ["\N{REPLACEMENT CHARACTER}" * 4 + " Story"]),
        (f"<p>&#{'9' * 9000}; Story", ["\N{REPLACEMENT CHARACTER} Story"]),
        ("<p>\u202eStory\u200b lines</p>", ["Story lines"]),
        (
            '<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]><p>&lol2; Story',
            ["]>", "&lol2; Story"],
        ),
    ],
)
def test_what_a_page_says_is_told_from_what_is_around_it(loaded, page, left):
    assert said(loaded(page, "a.html")) == left


@given(st.text("<>/!-=\"' apbrnvdivscript&;#x9\n"))
def test_no_page_is_a_riddle(page):
    text = loaded_from(f"<!doctype html>It{page}")
    assert text.text.startswith("It")
    assert text.text == "\n\n".join(said(text))


# -------------------------------------------------------------------------------------------------------------- refused
def test_what_is_no_article_is_refused_by_what_it_is(refusal, tmp_path):
    wav = b"RIFF\0\0\0\0WAVEfmt " + (sine(440, 0.1) * 9000).astype("<i2").tobytes()
    assert refusal(wav).startswith("is a sound file (wav), not a text")
    assert refusal(b"%PDF-1.7 ...").startswith("is a PDF, not a text")
    assert refusal(b"PK\3\4word/document.xml").startswith("is an archive such as .docx")
    assert refusal(rb"{\rtf1 text}").startswith("is RTF, not a text")
    assert refusal(bytes(range(256)) * 9).startswith("is not a text")
    assert refusal('# mine\n\n[loud]\ntext = "Loud"\nkind = "at_least"\n').startswith("is a claims file, not a text")
    assert refusal('{"schema": 2, "made_by": {}, "measurements": {}}').startswith("is a saved analysis, not a text")
    assert refusal(" \n\t\n").startswith("holds no text")
    assert refusal("<!doctype html><script>all()</script>").startswith("holds no text")
    assert refusal("").startswith("is empty")


@pytest.mark.parametrize(
    ("name", "why"), [("nothing.txt", "no such file"), (".", "is a folder"), ("pipe", "is a pipe")]
)
def test_what_is_no_file_is_refused_at_once(tmp_path, name, why):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(CannotRead, match=why):
        load_text(tmp_path / name)


def test_what_is_too_long_for_an_article_is_refused(refusal, loaded):
    assert refusal("a" * (MAX_CHARACTERS + 1)).startswith("is too long for an article: 200,001 characters")
    assert refusal("a\n\n" * (MAX_PARAGRAPHS + 1)).startswith("is too long for an article: 5,001 paragraphs")
    assert refusal("A b! " * (MAX_SENTENCES + 1)).startswith("is too long for an article: 8,001 sentences")
    assert refusal("<br><br>a" * (MAX_PARAGRAPHS + 1), "a.html").startswith("is too long for an article: 5,001 para")
    assert refusal("<!doctype html>" + "a" * (MAX_CHARACTERS + 1)).startswith("is too long for an article")
    assert refusal("word " * (MAX_BYTES // 5 + 1)).startswith("is too long for an article (at most 8 MB)")
    assert refusal(bytes(1) + os.urandom(MAX_BYTES)).startswith("is not a text")
    assert refusal("<!doctype html>" + "<p>a" * (MAX_TAGS + 1)).startswith("is too large a page")
    assert len(loaded("a" * MAX_CHARACTERS).text) == MAX_CHARACTERS


def test_a_claims_file_in_a_text_about_claims_is_text(loaded):
    assert loaded('# Claims\n\nWrite:\n\n[loud]\ntext = "Loud"\nkind = "at_least"\n').title == "Claims"


def test_markdown_with_more_marks_than_words_is_read_as_it_stands(loaded):
    assert loaded("*" * (MAX_MARKS + 1), "a.md").text == "*" * (MAX_MARKS + 1)


def test_what_a_file_is_need_not_be_known_to_its_end(refusal):
    assert refusal(b"\0" * HEAD_BYTES + b"text" * MAX_BYTES).startswith("is not a text")
