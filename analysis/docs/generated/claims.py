"""The page of claims: kinds with their parameters and examples, measures, references and the built-in claims."""

import inspect
import re
from importlib.resources import files
from inspect import Parameter
from typing import Any, Literal, get_args, get_origin

from docs.markdown import code, page, prose, table
from riffscope import steps
from riffscope.claims.options import OPTION_TYPES
from riffscope.claims.scope import FUNCTIONS, Scope
from riffscope.judge import built_in_claims, built_in_comparisons, parameters_of_measure
from riffscope.measures import all_measures, claimed_measures, claimed_measures_of_sections, section_measures
from riffscope.reference.table import Reference, published

INTRO = """\
A claim is a sentence about a song that numbers can support or refute. A claims file is TOML, with a table for each
claim: the sentence, the kind of claim, and the options of that kind. It is checked before any song is read: every
mistake is listed at once, with the nearest existing name for each misspelt one. Shares are numbers from 0 to 1, or
percent in quotes: `limit = "80%"`.

```
riffscope claims                                        # the built-in claims, all kinds and all measures
riffscope claims new -o mine.toml                       # a file with an example of each kind, for you to change
riffscope claims check mine.toml                        # look for mistakes; needs no song
riffscope claims read review.txt -o review.toml         # the claims that a text makes, as a file
riffscope analyze song.mp3 --claims mine.toml
riffscope report song.mp3 --claims mine.toml
riffscope compare one.mp3 other.mp3 --claims mine.toml
```

- *Supported* and *refuted* rulings are right about 19 times in 20.
- *Inconclusive* means that the number's range reaches across the limit. If one side is at least three times as
  likely, the verdict says so: "probably true, 8 in 10".
- *Not testable* means that no recording could show it, or that this song has nothing to test it on: the range of a
  singer cannot be tested if nobody sings, or for less than 5 s.

If it is unclear whether the lead is a voice or an instrument, nothing about the voice is decided. A claim may have
`caveats = ["..."]`, which are shown beside its verdict.

A reference set is the distribution of a number over other songs, with its source. The fewer songs it has, the wider
the range. Vocal ranges in scores are up to two semitones narrower than ranges measured from sound; riffscope allows
for half of that either way."""
SECTIONS = """\
With `scope`, a claim is about some sections of the song: `scope = "chorus"` takes one of the measures below over all
choruses, weighted by their lengths. Name sections by what they do (FUNCTIONS) or by their letter (`A`, `B'`), and one
of several by `first`, `last` or a number (`last chorus`, `verse 2`). `against` compares two parts of one song:

```toml
[lift]
text = "The last chorus is louder than the first verse"
kind = "higher"
measure = "loudness_lufs"
scope = "last chorus"
against = "first verse"
by = 2
```

The more sections of one name differ, the wider the range. A claim about a section that the song does not have is not
testable. If a section's name is less than 80% likely to be right, the claim is inconclusive.
"""
# What goes with a number: what it is, and whether it is needed.
MEASURED = {
    "measure": ("a measure, see below", "needed"),
    "scope": ("sections, see below", "the whole song"),
    "against": ("sections, see below", "another song"),
}

# What an option is, by its type.
ASKED = {
    float: "a number",
    str: "a text",
    Reference: "a reference, see below",
    Scope: "sections, see below",
    **{kind: option.described for kind, option in OPTION_TYPES.items()},
}
EXAMPLES = {
    float: "50",
    str: '"..."',
    Scope: '"chorus"',
    **{kind: option.example for kind, option in OPTION_TYPES.items()},
}


def pages() -> dict[str, str]:
    """Return the page."""
    kinds = "\n\n".join(_kind(step) for step in steps.claims())
    return {
        "claims.md": page(
            "# Claims",
            INTRO,
            "## Kinds of claims",
            kinds,
            "## Measures",
            "What `measure` may name.",
            table(
                ("measure", "what it is", "unit"),
                [
                    (code(measure.path), measure.label, measure.unit.stored_symbol)
                    for measure in (*all_measures(), *claimed_measures())
                ],
            ),
            "## Sections",
            SECTIONS.replace("FUNCTIONS", ", ".join(map(code, FUNCTIONS))).strip(),
            table(
                ("measure of a section", "what it is", "unit"),
                [
                    (code(measure.path.partition(".")[2]), measure.label, measure.unit.stored_symbol)
                    for measure in section_measures()
                ]
                + [
                    (code(measure.path), measure.label, measure.unit.stored_symbol)
                    for measure in claimed_measures_of_sections()
                ],
            ),
            "## References",
            "What `reference` may name: the numbers of other songs, published or your own. "
            "`riffscope reference FOLDER -o mine.toml` makes one of your own analyses; then write `mine.toml`.",
            table(
                ("reference", "what it is", "of the measures"),
                [
                    (
                        code(one.name),
                        f"{one.about}, {one.songs} songs; {one.source}",
                        ", ".join(map(code, one.measures)),
                    )
                    for one in published().values()
                ],
            ),
            "## Built-in claims",
            table(("name", "claim", "kind"), [(code(c.name), c.text, code(c.kind.name)) for c in built_in_claims()]),
            "## Built-in claims about two songs",
            table(
                ("name", "claim", "kind"),
                [(code(c.name), _two(c.text), code(c.kind.name)) for c in built_in_comparisons()],
            ),
        )
    }


def _two(text: str) -> str:
    return text.replace("{first}", "the first song").replace("{second}", "the second song")


def _kind(step: steps.Step) -> str:
    docstring = inspect.getdoc(step.function) or ""
    rows = [(code(name), _asked(step, name), _default(name, default)) for name, default in step.options.items()]
    rows = [(code(name), *MEASURED[name]) for name in parameters_of_measure(step)] + rows
    return page(
        f"### {step.name}",
        prose(docstring),
        table(("parameter", "is", "default"), rows),
        f"```toml\n{example_of(step)}\n```",
    ).strip()


def _asked(step: steps.Step, option: str) -> str:
    wanted: Any = step.function.__annotations__[option]
    if get_origin(wanted) is Literal:
        return " or ".join(map(code, get_args(wanted)))
    return ASKED[next(kind for kind in (wanted, *get_args(wanted)) if kind in ASKED)]


def _default(option: str, default: object) -> str:
    return (
        "needed"
        if default is Parameter.empty
        else ("the whole song" if option == "scope" else "none")
        if default is None
        else code(f"{default:g}" if isinstance(default, float) else str(default))
    )


def example_of(step: steps.Step) -> str:
    """Return a claim of a kind in TOML: a built-in one, or one that is made from its parameters."""
    for name in ("article.toml", "comparison.toml"):
        text = (files("riffscope.claims") / name).read_text("utf-8")
        for table_ in re.findall(r"^\[.+?(?=\n\n|\n?\Z)", text, re.MULTILINE | re.DOTALL):
            if f'kind = "{step.name}"' in table_:
                return str(table_)
    reference = next(iter(published().values()))
    lines = ["[my_claim]", 'text = "What is said of the song"', f'kind = "{step.name}"']
    if "measure" in parameters_of_measure(step):
        lines.append(f'measure = "{reference.measures[0]}"')
    for option, default in step.options.items():
        if default is Parameter.empty:
            wanted: Any = step.function.__annotations__[option]
            named = get_args(wanted)[0] if get_origin(wanted) is Literal else reference.name
            example = EXAMPLES.get(wanted, f'"{named}"')
            lines.append(f"{option} = {example}")
    return "\n".join(lines)
