"""Articles made by hand, sentence by sentence, with what each states: no reader and no other text is needed."""

from riffscope.articles.article import Article, Paragraph, Sentence, Statement, Text


def says(about, relation, value=None, **rest):
    """A statement."""
    return Statement(about=about, relation=relation, value=value, **rest)


def article_of(*paragraphs, name="article.md", title=None, songs_title=None):
    """An article of paragraphs, each a form and its sentences.

    A sentence is a text alone (about something else), or a text with its statements, or with the reason why it is not
    testable.
    """
    text, found, kept = "", [], []
    for form, *given in paragraphs:
        text += "\n\n" if text else ""
        start = len(text)
        for number, sentence in enumerate(given):
            said, *content = (sentence,) if isinstance(sentence, str) else sentence
            text += " " if number else ""
            reason = content[0] if content and isinstance(content[0], str) else None
            readings = () if reason else tuple(content)
            kind = "not_testable" if reason else "checkable" if readings else "other"
            place = {"start": len(text), "end": len(text) + len(said)}
            found.append(Sentence(text=said, kind=kind, readings=readings, reason=reason, **place))
            text += said
        kept.append(Paragraph(start=start, end=len(text), form=form))
    return Article(text=Text(text=text, paragraphs=tuple(kept), name=name, title=title), sentences=tuple(found))


ROOM = "A recording does not hold where it was sung; how close and dry the voice is can be measured"
MOOD = "What a song makes one feel is not in its sound"

CLOSET = article_of(
    ("heading", "The song that nobody sang"),
    (
        "text",
        "Most songs begin with somebody in a room.",
        "This one began with a script.",
        "We did not tell our friends.",
    ),
    ("heading", "Between the coats"),
    (
        "text",
        ("The first of them swore that it had been recorded in a closet.", ROOM),
        ("The second heard a breathy voice, right at her ear.", says("breathiness", "high"), says("closeness", "high")),
        ("It is as if she told me a secret, said the third.", ROOM),
        "Nobody asked for the year.",
    ),
    ("heading", "How it is made"),
    (
        "text",
        (
            "The song is in C minor, at about 92 beats per minute.",
            says("chord_count", "is", 3.0),
            says("tempo", "about", 92.0, unit="BPM"),
        ),
        "There are four things that everybody noticed:",
    ),
    (
        "item",
        (
            "The loop: a guitar riff of two bars runs through the whole song like a heartbeat.",
            says("riff", "throughout"),
        ),
    ),
    (
        "item",
        (
            'The voices: layered "oohs" and "aahs" fill the gaps, where others would have put a synth.',
            says("layers", "present"),
            says("gap_fill", "present"),
        ),
    ),
    ("item", ("The range: the melody stays within a small range of notes.", says("vocal_range", "low"))),
    (
        "item",
        ("The chords: it goes round the same four chords from beginning to end.", says("chord_count", "is", 4.0)),
    ),
    (
        "text",
        ("It feels like a conversation, not a performance.", says("steps", "high")),
        ('The whole arrangement is an exercise in "less is more".', says("density", "low")),
        "When we wrote the script, pop was loud and full of EDM.",
        ("Closet goes the opposite way.", says("loudness", "low"), says("pumping", "absent")),
        ("It is calm, and a little sad.", MOOD),
    ),
    ("heading", "What to play next"),
    (
        "item",
        (
            'Compare it with "Arena", which comes from the same script: "Closet" has the lighter bass.',
            says("bass", "less", against="Arena"),
        ),
    ),
    (
        "item",
        (
            "Listen to the stripped-back version: it has the same melody, with the magic taken out.",
            says("same_melody", "present", against="the stripped-back version"),
        ),
    ),
    ("text", "A week later we asked our friends again.", "All of them could hum the riff."),
    title="The song that nobody sang",
)
