"""The page of articles: what is understood of a text, from the topics, and the JSON of a checked one."""

from collections.abc import Mapping

from docs.markdown import Schema, code, fields_table, page, table
from riffscope.articles.article import Relation, Statement
from riffscope.articles.checked import json_schema
from riffscope.articles.topics import Topic, in_words, topics

INTRO = """\
```
riffscope check samples/article.md samples/closet.ogg samples/arena.ogg samples/closet-stripped.ogg
riffscope claims read samples/article.md       # what can be tested in the text; needs no song
```

`check` reads a text about a song (plain text, Markdown or HTML; `-` is standard input), tests what it says against
the recording, and writes the text with the rulings in it: as a page to listen to, as a PDF, and with `--format json`
for programs. Each statement is marked in its sentence. A note beside it says how it was understood, the ruling, the
numbers behind it, and where to listen.

- A comparison with another song, as in "less bass than 'Arena'", is tested if you give the recording of that song as
  well. Songs are recognised by the title in their tags or by their file name.
- What no recording shows, such as where it was sung or whether it is sad, is *not testable*, with the reason.
- Sentences that say nothing about the sound stay as they are. So do sentences that riffscope does not understand: no
  ruling is better than a wrong one.

The rulings are those of [claims](claims.md)."""

TOPICS = """\
A statement is about one topic and says one of the things listed here. Most can also be said of sections ("in the last
chorus"), and compared between sections or songs."""

# What this page describes; the page of a song's JSON has the other types.
OWN = ("CheckedSentence", "CheckedStatement")
# Values to show what may be said, by what a topic's statements say; a number is left open.
OPEN = "…"
EXAMPLES: dict[str, str | tuple[str, ...]] = {
    "number": OPEN,
    "note": "C4",
    "notes": "C4",
    "key": "C minor",
    "mode": "minor",
    "meter": "3/4",
    "chords": ("C", "G", "Am", "F"),
    "form": ("verse", "chorus"),
    "section": "bridge",
}


def pages() -> dict[str, str]:
    """Return the page."""
    schema = json_schema()
    known = schema["$defs"]
    rows = [(topic.label, code(name), "; ".join(_said(topic))) for name, topic in topics().items()]
    return {
        "articles.md": page(
            "# Articles",
            INTRO,
            "## What is understood",
            TOPICS,
            table(("topic", "name", "what may be said"), rows),
            "## The JSON",
            "`riffscope schema check` prints the JSON Schema that these tables are made from.",
            _fields(schema, known),
            *(f"### {name} {{ #{name.lower()} }}\n\n{_fields(known[name], known)}" for name in OWN),
        )
    }


def _fields(definition: Schema, known: Mapping[str, Schema]) -> str:
    return fields_table(definition, known, here="json.md").replace("json.md#checked", "#checked")


def _said(topic: Topic) -> list[str]:
    return [in_words(_example(topic, relation)) for relation in topic.relations]


def _example(topic: Topic, relation: Relation) -> Statement:
    return Statement(
        about=topic.about,
        relation=relation,
        value=EXAMPLES.get(topic.value),
        high={"notes": "G4", "number": OPEN}.get(topic.value),
        against="the verse",
    )
