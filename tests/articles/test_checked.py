"""Statements of an article are ruled on by the song that it is about, and by others where it compares them."""

import dataclasses
import json

import jsonschema
import pytest

from articles_checked import ROOM, article_of, says
from riffscope.articles.checked import check, json_schema, song_called, to_json
from riffscope.articles.topics import topics
from riffscope.model import Ruling, Tags
from songs import example_song, songs

SONG = example_song()  # 123 BPM
SLOW_OR_FAST = article_of(
    ("heading", "On the song"),
    (
        "text",
        ("It runs at 123 BPM.", says("tempo", "is", 123.0, unit="BPM")),
        ("It runs at 80 BPM.", says("tempo", "is", 80.0, unit="BPM")),
        ("It was sung in a barn.", ROOM),
        "It came out in May.",
    ),
    (
        "item",
        (
            "It runs at 123 BPM, faster than Attention.",
            says("tempo", "is", 123.0, unit="BPM"),
            says("tempo", "more", against="Attention"),
        ),
    ),
)


def called(title, *, file="song.flac", artist=None):
    """The example under another title."""
    source = dataclasses.replace(SONG.source, name=file, tags=Tags(title=title, artist=artist))
    return dataclasses.replace(SONG, source=source)


def rulings(article, given):
    return [r.verdict.ruling for sentence in check(article, given).sentences for r in sentence.readings]


def test_the_true_tempo_is_supported_and_a_wrong_one_refuted():
    checked = check(SLOW_OR_FAST, [SONG])
    first, second = (checked.sentences[i].readings[0] for i in (1, 2))
    assert (first.verdict.ruling, second.verdict.ruling) == (Ruling.SUPPORTED, Ruling.REFUTED)
    assert first.verdict.text == "It runs at 123 BPM."
    assert "123" in first.in_words
    assert "123" in first.verdict.because


def test_the_tally_counts_statements_and_sentences_that_no_recording_shows():
    assert check(SLOW_OR_FAST, [SONG]).tally == {
        Ruling.SUPPORTED: 2,
        Ruling.REFUTED: 1,
        Ruling.INCONCLUSIVE: 0,
        Ruling.NOT_TESTABLE: 2,
    }


def test_a_heading_states_nothing_that_cannot_be_tested():
    article = article_of(("heading", ("Recording", ROOM)), ("text", ("It was sung in a barn.", ROOM)))
    checked = check(article, [SONG])
    assert [(one.kind, one.reason) for one in checked.sentences] == [("other", None), ("not_testable", ROOM)]
    assert checked.tally[Ruling.NOT_TESTABLE] == 1


def test_a_sentence_keeps_its_place_and_its_kind():
    checked = check(SLOW_OR_FAST, [SONG])
    assert [(s.text, s.start, s.end, s.kind) for s in checked.sentences] == [
        (s.text, s.start, s.end, s.kind) for s in SLOW_OR_FAST.sentences
    ]
    assert checked.text == SLOW_OR_FAST.text


def test_what_compares_the_song_with_another_needs_that_recording():
    verdict = check(SLOW_OR_FAST, [SONG]).sentences[-1].readings[-1].verdict
    assert verdict.ruling is Ruling.NOT_TESTABLE
    assert "Attention" in verdict.because
    assert "give that recording" in verdict.because


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("“Attention” runs at 80 BPM.", 0),
        ('On the earlier "Attention," the tempo is 80 BPM.', 0),
        ("“Closet” runs at 80 BPM.", 1),
        ("“Charlie” runs at 80 BPM.", 1),
        ("It runs at 80 BPM, as “Attention” does.", 1),
        ("Unlike “Attention”, it runs at 80 BPM.", 1),
    ],
)
def test_what_is_said_of_another_of_the_songs_is_not_held_against_this_one(text, statements):
    article = article_of(("text", (text, says("tempo", "is", 80.0, unit="BPM"))))
    (sentence,) = check(article, [called("Closet"), called("Attention")]).sentences
    assert len(sentence.readings) == statements
    assert sentence.kind == ("checkable" if statements else "other")


def test_what_compares_two_songs_is_ruled_on_though_it_begins_with_the_other():
    article = article_of(("text", ("“Attention” is slower.", says("tempo", "more", against="Attention"))))
    (sentence,) = check(article, [called("Closet"), called("Attention")]).sentences
    assert len(sentence.readings) == 1


def test_a_song_is_compared_with_the_one_that_the_text_names_and_not_with_itself():
    """As fast as itself is not faster; the others on the command line are passed over."""
    assert rulings(SLOW_OR_FAST, [SONG, called("Another"), called("Attention")])[-1] is Ruling.REFUTED
    assert rulings(SLOW_OR_FAST, [called("Attention")])[-1] is Ruling.NOT_TESTABLE


@pytest.mark.parametrize(
    ("said", "title", "file"),
    [
        ("Attention", "Attention", "x.mp3"),
        ("ATTENTION!", "attention", "x.mp3"),
        ("Attention", "Attention (Remastered 2020)", "x.mp3"),
        ("Attention", None, "attention.flac"),
        ("Attention", None, "03 - Attention.flac"),
        ("Attention", None, "Somebody - Attention.flac"),
        ("Déjà vu", "Deja Vu", "x.mp3"),
        ("Don't Stop", "Don’t stop", "x.mp3"),
        ("夜に駆ける", "夜に駆ける", "x.mp3"),
    ],
)
def test_a_song_is_known_by_its_title_or_file_whatever_the_case_and_the_punctuation(said, title, file):
    other = called(title, file=file)
    assert song_called(said, SONG, [called("Something else"), other]) is other


@pytest.mark.parametrize("said", ["Attention", "the acoustic version", "", "?", "the"])
def test_a_song_of_another_title_is_not_taken_for_it(said):
    assert song_called(said, SONG, [called("Tension"), called("Inattention")]) is None


def test_a_version_is_known_by_what_its_title_says_besides():
    song, acoustic, live = called("Closet"), called("Closet (acoustic)"), called("Closet (live in Rome)")
    assert song_called("the acoustic version", song, [live, acoustic]) is acoustic
    assert song_called("the live performances", song, [acoustic, live]) is live
    assert song_called("the remix", song, [acoustic, live]) is None
    assert song_called("the acoustic version", song, [called("Arena (acoustic)", file="arena.flac")]) is None


def test_an_article_is_checked_against_a_song():
    with pytest.raises(ValueError, match="song"):
        check(SLOW_OR_FAST, [])


def test_every_topic_can_be_ruled_on_for_every_song_at_hand():
    """A song without voice, beat or key gives a ruling with a reason as well."""
    article = article_of(
        (
            "text",
            *(
                (f"{topic.label} {relation}.", says(name, relation))
                for name, topic in topics().items()
                for relation in topic.relations
            ),
        )
    )
    for song in songs().values():
        for sentence in check(article, [song]).sentences:
            for reading in sentence.readings:
                assert reading.verdict.because
                assert reading.in_words


# ---------------------------------------------------------------------------------------------------------------- JSON
def closed(schema):
    """The same schema with every object closed: a field that is written and not described is refused."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(part) for key, part in schema.items()}
    return {"additionalProperties": False} | inner if schema.get("properties") else inner


def refuse(constant):
    raise ValueError(constant)


def test_the_json_is_strict_and_fits_its_schema():
    for song in songs().values():
        document = json.loads(to_json(check(SLOW_OR_FAST, [song, called("Attention")])), parse_constant=refuse)
        jsonschema.Draft202012Validator(closed(json_schema())).validate(document)


def test_the_json_holds_readings_as_they_were_stated_with_a_verdict_each():
    document = json.loads(to_json(check(SLOW_OR_FAST, [SONG])))
    sentence = document["sentences"][-1]
    assert [reading["about"] for reading in sentence["readings"]] == ["tempo", "tempo"]
    first, second = sentence["readings"]
    assert {key: first[key] for key in ("relation", "value", "high", "unit", "scope", "against")} == {
        "relation": "is",
        "value": 123.0,
        "high": None,
        "unit": "BPM",
        "scope": None,
        "against": None,
    }
    assert second["against"] == "Attention"
    assert first["verdict"]["ruling"] == "supported"
    assert first["verdict"]["evidence"]
    assert document["tally"] == {"supported": 2, "refuted": 1, "inconclusive": 0, "not_testable": 2}
    assert [song["name"] for song in document["songs"]] == [SONG.source.name]
    assert document["sentences"][3] == {
        "text": "It was sung in a barn.",
        "start": SLOW_OR_FAST.sentences[3].start,
        "end": SLOW_OR_FAST.sentences[3].end,
        "kind": "not_testable",
        "readings": [],
        "reason": ROOM,
    }


def test_what_the_article_that_began_this_states_can_all_be_ruled_on(shared_data):
    """Its sentences and what they state were labelled by hand; every ruling has a reason."""
    rows = [
        json.loads(line)
        for line in (shared_data / "data" / "sentences" / "articles.jsonl").read_text("utf-8").splitlines()
    ]
    rows = [row for row in rows if row["id"].startswith("seed-")]
    given = [
        (row["text"], *(says(**reading) for reading in row["readings"])) if row["readings"] else row["text"]
        for row in rows
    ]
    checked = check(article_of(("text", *given)), [SONG, called("Attention")])
    found = [reading for sentence in checked.sentences for reading in sentence.readings]
    assert len(found) == sum(len(row["readings"]) for row in rows)
    assert all(reading.verdict.because and reading.in_words for reading in found)
    against = [reading.verdict for reading in found if reading.against == "Attention"]
    assert against
    assert all(verdict.ruling is not Ruling.NOT_TESTABLE for verdict in against)
