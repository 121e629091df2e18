"""A measurement and a figure that somebody drops in appear in the report, and nothing else is touched."""

import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import riffscope
from chapters_read import captions, said
from outcomes import missing
from riffscope.model import Measured, value
from riffscope.report.chapters.others import others
from songs import example_song, with_outcomes


@value
class Sparkle:
    shine: float

    @property
    def summary(self):
        return f"it shines {self.shine:g} times"


def with_sparkle(outcome=None):
    return with_outcomes(
        example_song(), {"sparkle": outcome or Measured(value=Sparkle(shine=3.0), version=1, seconds=0.0)}
    )


def test_what_no_chapter_shows_and_has_a_figure_is_drawn_with_its_summary(sketches):
    sketches["sparkle"] = sketches["balance"]
    blocks = list(others(with_sparkle()))
    assert said(blocks) == "It shines 3 times."
    assert captions(blocks) == [sketches["balance"].__doc__.partition("\n")[0]]


def test_what_is_missing_says_why(sketches):
    sketches["sparkle"] = sketches["balance"]
    assert "too dull" in said(others(with_sparkle(missing("sparkle", "too dull"))))
    assert sketches.drawn == []


@pytest.mark.usefixtures("sketches")
def test_without_such_a_measurement_the_chapter_is_not_there():
    assert list(others(example_song())) == []
    assert list(others(with_sparkle())) == []  # no figure


ANALYZER = '''
    """Zero-crossing rate: how often the sign of the signal changes."""

    from typing import Annotated

    import numpy as np

    from riffscope.model import Audio, value
    from riffscope.steps import analyzer
    from riffscope.units import PER_SECOND


    @value
    class ZeroCrossingRate:
        """How often the sign changes."""

        crossings_per_s: Annotated[float, PER_SECOND]

        @property
        def summary(self) -> str:
            """The result in one line."""
            return f"the sign changes {self.crossings_per_s:.0f} times a second"


    @analyzer(version=1)
    def measure_zero_crossing_rate(audio: Audio) -> ZeroCrossingRate:
        """Count the changes of sign."""
        changes = np.count_nonzero(np.diff(np.signbit(audio.samples[0])))
        return ZeroCrossingRate(crossings_per_s=float(changes / audio.duration_s))
'''
FIGURE = '''
    """The zero-crossing rate, as a bar."""

    from riffscope.analyzers.zero_crossing_rate import ZeroCrossingRate
    from riffscope.plots import style
    from riffscope.song import SongAnalysis


    @style.figure
    def zero_crossing_rate(song: SongAnalysis) -> style.Drawing:
        """Draw the rate as one bar."""
        figure = style.new_figure(1.0)
        figure.add_axes((0, 0, 1, 1)).bar([0], [song[ZeroCrossingRate].crossings_per_s])
        return figure
'''
CHAPTER = '''
    """A word of farewell."""

    from collections.abc import Iterator

    from riffscope.report.blocks import Block, Paragraph
    from riffscope.report.chapter import chapter
    from riffscope.song import SongAnalysis


    @chapter(place=1000)
    def farewell(song: SongAnalysis) -> Iterator[Block]:
        """Say farewell."""
        yield Paragraph(text="Farewell.")
'''
PROGRAM = """
    import numpy as np

    from riffscope import plots
    from riffscope.analyzers.zero_crossing_rate import ZeroCrossingRate
    from riffscope.model import Audio, Source
    from riffscope.report.song_report import song_document
    from riffscope.song import analyze

    rate_hz = 8000
    tone = np.sin(2 * np.pi * 440 * (np.arange(2 * rate_hz) + 0.5) / rate_hz)
    source = Source(name="a.wav", sha256="0" * 64, duration_s=2.0, sample_rate_hz=rate_hz, channels=1, codec="PCM")
    audio = Audio(samples=tone[None].astype(np.float32), sample_rate_hz=rate_hz, source=source)
    song = analyze(audio, only=[ZeroCrossingRate])
    plots.zero_crossing_rate(song)
    for block in song_document(song, full=True).blocks:
        for part in ("text", "caption", "rows"):
            print(part, getattr(block, part, ""))
"""


def test_three_files_dropped_in_are_a_measurement_a_figure_and_a_chapter_of_the_report(tmp_path):
    package = tmp_path / "riffscope"
    shutil.copytree(Path(riffscope.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__", "*.onnx"))
    for place, content in (
        ("analyzers/zero_crossing_rate.py", ANALYZER),
        ("plots/zero_crossing_rate.py", FIGURE),
        ("report/chapters/farewell.py", CHAPTER),
    ):
        (package / place).write_text(textwrap.dedent(content))
    run = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{textwrap.dedent(PROGRAM)}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    said_in_full = run.stdout
    assert "text The sign changes 880 times a second." in said_in_full
    assert "caption Draw the rate as one bar." in said_in_full
    assert "'zero_crossing_rate.crossings_per_s'" in said_in_full
    assert "text Farewell." in said_in_full
