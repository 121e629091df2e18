"""The examples for contributors do what they say."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import numpy as np
import pytest

from riffscope.analyzers.tempo import Tempo
from riffscope.articles.topics import problems_of
from riffscope.articles.vocabulary import read_topic
from riffscope.claims.reading import Reading
from riffscope.files import safe_name, write_atomically
from riffscope.measures import all_measures
from riffscope.model import Estimate, Finding, Measured, Ruling, value
from riffscope.plots import style
from riffscope.report.blocks import Block, Heading, Paragraph
from riffscope.report.chapter import chapter
from riffscope.song import SongAnalysis
from riffscope.steps import analyzer, claim, export, read_step
from riffscope.units import FRACTION
from riffscope.views.mono import Mono
from songs import example_song

PAGE = Path(__file__).parents[2] / ".github" / "CONTRIBUTING.md"
(TOPIC,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
ANALYZER, CLAIM, PLOT, CHAPTER, EXPORT = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
NAMES = {
    one.__name__: one for one in (Finding, Heading, Iterator, Mono, Paragraph, Path, Reading, SongAnalysis, Tempo)
} | {
    "Annotated": Annotated,
    "Block": Block,
    "FRACTION": FRACTION,
    "analyzer": analyzer,
    "chapter": chapter,
    "claim": claim,
    "export": export,
    "safe_name": safe_name,
    "style": style,
    "value": value,
    "write_atomically": write_atomically,
}


def defined(*codes):
    """The names that pieces of code define, one after the other."""
    names = dict(NAMES)
    for code in codes:
        exec(compile(code, PAGE.name, "exec"), names)
    return names


@pytest.fixture
def half_silent():
    """A song whose silence was measured by the example."""
    names = defined(ANALYZER)
    step = read_step(names["measure_silence"])
    sound = np.concatenate([np.zeros(500, np.float32), np.full(500, 0.1, np.float32)])
    found = step.function(Mono(samples=sound, sample_rate_hz=22050))
    song = example_song()
    outcomes = {**song.outcomes, step.name: Measured(value=found, version=step.version, seconds=0.0)}
    return replace(song, outcomes=MappingProxyType(outcomes)), names


def test_the_analyzer_measures(half_silent):
    song, names = half_silent
    assert song[names["Silence"]].silent_fraction == 0.5


@pytest.mark.parametrize(
    ("to", "ruling"), [(12.0, Ruling.SUPPORTED), (20.0, Ruling.REFUTED), (12.9, Ruling.INCONCLUSIVE)]
)
def test_the_claim_rules(to, ruling):
    step = read_step(defined(CLAIM)["near"])
    (measure,) = (one for one in all_measures() if one.path == "vocal_range.span_semitones")
    reading = Reading(measure=measure, found=Estimate(value=12.0, low=11.5, high=12.5))
    assert step.function(reading, to=to).ruling is ruling


def test_the_plot_draws(half_silent):
    song, names = half_silent
    exec(compile(PLOT, PAGE.name, "exec"), names)
    assert names["silence"](song).axes


def test_the_chapter_tells(half_silent):
    song, names = half_silent
    exec(compile(CHAPTER, PAGE.name, "exec"), names)
    _, paragraph = names["silence"](song)
    assert paragraph.text == "50% of it is silent."


def test_the_export_writes(tmp_path):
    step = read_step(defined(EXPORT)["tempo_text"])
    (path,) = step.function(example_song(), folder=tmp_path)
    assert path.read_text() == "123.0\n"


def test_set_up_is_two_commands():
    assert "```\nmake demo\nmake test\n```" in PAGE.read_text("utf-8")


def test_the_topic_is_one_and_its_claim_names_the_measurement_of_the_example():
    table = tomllib.loads(TOPIC)
    assert problems_of(table, "silence.toml") == []
    step = read_step(defined(ANALYZER)["measure_silence"])
    assert table["claims"]["high"]["measure"].startswith(f"{step.name}.")
    first, second = read_topic(table["about"], table["english"]).phrases
    assert first.pattern.regex.search(f" {table['says']['high']} ")
    assert second.relation == "high"
    assert second.pattern.regex.search(" it is full of silence ")
