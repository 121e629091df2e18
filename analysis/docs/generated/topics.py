"""The page of topics: what texts say of songs, how it is said back, and the claim that tests it."""

from docs.markdown import code, page, table
from riffscope.articles.article import Statement
from riffscope.articles.topics import Topic, in_words, topics

INTRO = """\
A *topic* is something that texts say of songs. What a text states of it becomes a [claim](claims.md), of the song or of
some of its sections, and a verdict. Where nobody published what counts as high or low, the limit is our own, and the
verdict says so.

Statements may compare the song with another (`more`, `less`): it is ruled on where that recording is given as well."""
# What is stated of each kind of value, to show how it is said back.
VALUES: dict[str, tuple[object, object]] = {
    "nothing": (None, None),
    "number": (4, 8),
    "note": ("C#5", None),
    "notes": ("F#3", "E5"),
    "key": ("C# minor", None),
    "mode": ("minor", None),
    "meter": ("6/8", None),
    "chords": (("C", "G", "Am", "F"), None),
    "form": (("verse", "chorus", "verse", "chorus"), None),
    "section": (3, None),
}


def pages() -> dict[str, str]:
    """Return the page."""
    return {"topics.md": page("# Topics", INTRO, *(_topic(topic) for topic in topics().values()))}


def _topic(topic: Topic) -> str:
    rows = []
    for relation in topic.relations:
        claim = topic.claims.get(relation) or topic.sections[relation]
        scope = "chorus" if topic.parts is not None or relation not in topic.claims else None
        value, high = VALUES[topic.value]
        statement = Statement(
            about=topic.about,
            relation=relation,
            value=value,  # type: ignore[arg-type]
            high=high,  # type: ignore[arg-type]
            scope=scope,
            against="verse" if scope and topic.value == "nothing" else "another song",
        )
        tested = " of ".join(code(str(claim[key])) for key in ("kind", "measure") if isinstance(claim.get(key), str))
        rows.append((code(relation), in_words(statement), tested))
    only = "" if topic.whole_only is None else topic.whole_only
    return page(f"## {topic.label}", table(("relation", "as in", "claim"), rows), only).strip()
