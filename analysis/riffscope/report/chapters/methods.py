"""Methods and limits: how each measurement was made, what it cannot tell, what it did without, and what is missing."""

from collections.abc import Iterator

from riffscope import words
from riffscope.measures import in_words
from riffscope.model import Measured
from riffscope.report.absences import caveats_of, why_missing_in_full
from riffscope.report.blocks import Block, Fact, Facts, Heading, Paragraph
from riffscope.report.chapter import chapter
from riffscope.report.methods import Method, method_of, methods_behind
from riffscope.song import SongAnalysis


@chapter(place=90, full=True)
def methods(song: SongAnalysis) -> Iterator[Block]:
    """Write the method of each measurement and of what it was made from."""
    yield Heading(text="Methods and limits")
    yield Paragraph(
        text="Everything in this report can be checked against the JSON and the sound; a report can be made again from"
        " the JSON alone.",
        note=True,
    )
    measured = [name for name, outcome in song.outcomes.items() if isinstance(outcome, Measured)]
    missing = [(name, outcome) for name, outcome in song.outcomes.items() if not isinstance(outcome, Measured)]
    facts = []
    for name, outcome in song.outcomes.items():
        method = method_of(name)
        if isinstance(outcome, Measured) and method is not None:
            parts = (method.text, method.limits, f"(Version {outcome.version})")
            text = " ".join(part for part in parts if part)
            facts.append(
                Fact(label=in_words(name), text=text, note=" ".join([*caveats_of(outcome), _source(method)]).strip())
            )
    if facts:
        yield Facts(facts=tuple(facts))
    behind = [
        Fact(label=in_words(name), text=method.text, note=_source(method)) for name, method in methods_behind(measured)
    ]
    if behind:
        yield Heading(text="What these are measured from", level=2)
        yield Facts(facts=tuple(behind))
    if missing:
        yield Heading(text="What is missing, and why", level=2)
        yield Facts(
            facts=tuple(Fact(label=in_words(name), text=why_missing_in_full(outcome)) for name, outcome in missing)
        )


def _source(method: Method) -> str:
    return f"Source: {words.sentence(method.source)}" if method.source else ""
