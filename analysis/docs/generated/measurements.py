"""A page for each measurement: what it is, how it is made, its limits, its sources, its fields and how good it is."""

import inspect
import re
import textwrap
from collections.abc import Sequence

from benchmarks.figures import FILE, Figures, Mean, read_figures
from docs.markdown import code, fields_table, page, prose, table
from riffscope import steps
from riffscope.docstrings import method_sections
from riffscope.judge import built_in_claims, built_in_comparisons
from riffscope.measures import in_words
from riffscope.report.methods import methods_behind
from riffscope.schema import json_schema

JSON_PAGE = "../json.md"
_CITATION = re.compile(r"^\.\. \[\w+\] ", re.MULTILINE)


def pages() -> dict[str, str]:
    """Return the pages by path, with an overview."""
    figures = read_figures()
    found = {f"measurements/{step.name}.md": _page(step, figures) for step in steps.analyzers()}
    return {"measurements/index.md": _overview()} | found


def _overview() -> str:
    rows = [
        (f"[{in_words(step.name)}]({step.name}.md)", prose(_class_text(step)).partition("\n\n")[0])
        for step in steps.analyzers()
    ]
    intro = (
        "riffscope measures all of these in one run, or only those you ask for. Each has a page: what it is, how it is "
        "measured, what it cannot tell, where the method comes from, its fields, and how well it works."
    )
    return page("# Measurements", intro, table(("measurement", "what it is"), rows))


def _class_text(step: steps.Step) -> str:
    return inspect.getdoc(step.produces) or ""


def _page(step: steps.Step, figures: Figures) -> str:
    how = inspect.getdoc(step.function) or ""
    definitions = json_schema()["$defs"]
    return page(
        f"# {in_words(step.name)}",
        prose(_class_text(step)),
        f"In the JSON and in claims it is `{step.name}`, in Python "
        f"`{step.produces.__module__}.{step.produces.__name__}`. This is version {step.version} of the method.",
        "## How it is measured",
        prose(how),
        _made_from(step),
        _section("Limits", prose(how, "Notes")),
        _section("Missing where", _missing(how)),
        _section("Sources", _sources(step)),
        "## Fields",
        fields_table(definitions[step.produces.__name__], definitions, here=JSON_PAGE),
        _section("How well it works", _accuracy(step.name, figures)),
        _section("Built-in claims about it", _claims(step)),
    )


def _section(title: str, text: str) -> str:
    return f"## {title}\n\n{text}" if text else ""


def _sources(step: steps.Step) -> str:
    """List where the method comes from."""
    text = textwrap.dedent("\n".join(method_sections(step.function)["References"])).strip()
    return _CITATION.sub("- ", text)


def _missing(docstring: str) -> str:
    """Return when there is none: what the docstring says of `CannotMeasure`."""
    _, _, text = prose(docstring, "Raises").partition("CannotMeasure\n")
    return " ".join(line.strip() for line in text.splitlines())


def _made_from(step: steps.Step) -> str:
    """List the shared pictures of the sound and the measurements that it is made from."""
    listed = [f"- **{in_words(name)}**: {method.text}" for name, method in methods_behind([step.name])]
    measured = {other.produces: other for other in steps.analyzers()}
    listed += [
        f"- **{in_words(measured[need.type].name)}**: see [its page]({measured[need.type].name}.md)"
        for need in step.needs
        if need.type in measured
    ]
    return "It is made from:\n\n" + "\n".join(listed) if listed else ""


def _claims(step: steps.Step) -> str:
    names = {claim.name: claim for claim in (*built_in_claims(), *built_in_comparisons())}
    return "\n".join(
        f"- {claim.text.replace('{first}', 'the first song').replace('{second}', 'the second song')} ({code(name)})"
        for name, claim in names.items()
        if (claim.measure is not None and claim.measure.measurement == step.name)
        or step.produces in {need.type for need in claim.kind.needs}
    )


# ---------------------------------------------------------------------------------------------------- how well it works
def _accuracy(measurement: str, figures: Figures) -> str:
    """Write the figures of the tasks that read a measurement, set by set; nothing where none were measured."""
    if not FILE.exists() or not figures.programs:
        return ""
    # The tasks need the packages that score them, which only those who build the site have.
    from benchmarks.tasks import find_tasks

    asked = {
        metric: text
        for each in find_tasks().values()
        if each.reads.partition(".")[0] == measurement
        for metric, text in _metrics(inspect.getmodule(each.scorer)).items()
    }
    sets = sorted({name for found in figures.programs.values() for name in found})
    programs = [
        program for program in figures.programs if any(_cell(figures, program, n, m) for m in asked for n in sets)
    ]
    rows: list[Sequence[str]] = []
    for metric, text in asked.items():
        measured = {name: [_cell(figures, program, name, metric) for program in programs] for name in sets}
        first = f"{text} ({code(metric)})"
        for name, cells in measured.items():
            if any(cells):
                rows.append((first, name, *cells))
                first = ""
    if not rows:
        return ""
    intro = (
        "Means over annotated songs (how many, in brackets); a metric of 0 or 1 is a share of the songs. What "
        "the sets are and how to measure again is in `analysis/benchmarks/README.md`. riffscope was developed "
        "with these sets: on other songs of the same kinds expect somewhat less."
    )
    return page(intro, table(("metric", "set", *programs), rows)).strip()


def _metrics(module: object) -> dict[str, str]:
    """Read the Metrics part of a task's docstring: ``name``  what it is."""
    out: dict[str, str] = {}
    inside, name = False, ""
    for line in (inspect.getdoc(module) or "").splitlines():
        if line and not line.startswith(" "):
            inside = line.strip() == "Metrics"
        elif inside and line.strip().startswith("``"):
            name, _, text = line.strip().removeprefix("``").partition("``")
            out[name] = text.strip()
        elif inside and name and line.strip():
            out[name] = f"{out[name]} {line.strip()}"
    return out


def _cell(figures: Figures, program: str, name: str, metric: str) -> str:
    found = figures.of(program, name)
    mean: Mean | None = found.metrics.get(metric) if found is not None else None
    if mean is None or mean.value is None:
        return ""
    return f"{mean.value:.2f}\N{NO-BREAK SPACE}({mean.items})"
