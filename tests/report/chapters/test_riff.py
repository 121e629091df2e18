import re

import pytest

from chapters_read import captions, changed, said, sentences
from riffscope import words
from riffscope.analyzers.loops import LoopKind, Loops
from riffscope.model import VocalSource
from riffscope.report.chapters.riff import riff
from songs import example_song

SONG = example_song()


@pytest.mark.usefixtures("sketches")
def test_the_riff_comes_with_its_length_its_coverage_and_its_cleanest_repeat():
    text = said(riff(SONG))
    for fact in ("2 bars", "3.9 s", "48 times", "87%", "84 to 90%", "86%", words.span(SONG[Loops].example)):
        assert fact in text
    assert words.span(SONG[Loops].others[0].spans[0]) in text


@pytest.mark.usefixtures("sketches")
@pytest.mark.parametrize(
    ("kind", "called", "why"),
    [
        (LoopKind.CHORDS, "A chord loop of 2 bars", "chords come round"),
        (LoopKind.PASSAGE, "A passage of 2 bars", "not a riff"),
    ],
)
def test_chords_and_passages_are_not_called_a_riff(kind, called, why):
    text = said(riff(changed(Loops, kind=kind)))
    assert called in text
    assert why in text
    assert "A riff of" not in text


@pytest.mark.usefixtures("sketches")
def test_what_was_listened_to_is_said():
    separated = sentences(riff(changed(Loops, method=VocalSource.SPLEETER)))
    assert len(separated - sentences(riff(SONG))) == 1
    assert any("accompaniment" in sentence for sentence in separated)


def test_both_drawings_fit_on_one_page_with_their_words():
    blocks = list(riff(SONG))
    drawn = [block for block in blocks if hasattr(block, "svg")]
    height_mm = sum(float(re.search(r'height="([\d.]+)pt"', figure.svg)[1]) for figure in drawn) / 72 * 25.4
    assert len(captions(blocks)) == 2
    assert height_mm < 297 - 24 - 22 - 55  # the margins; the heading, the words and the captions
