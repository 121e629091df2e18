"""Claims files that are written for people to edit: of an article, and the template."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riffscope import steps
from riffscope.articles.article import Article, Paragraph, Sentence, Statement, Text
from riffscope.articles.claims_file import claims_of, template
from riffscope.articles.topics import topics
from riffscope.errors import BadClaim
from riffscope.files import parse_toml, toml_table
from riffscope.judge import check_about_one, judge, parse_claims
from songs import example_song


def article(*said):
    """Make an article of sentences, each with its statements, or with the reason why it is not testable."""
    sentences, at = [], 0
    for text, stated in said:
        kind = "not_testable" if isinstance(stated, str) else "checkable" if stated else "other"
        readings, reason = (
            (() if kind == "not_testable" else tuple(stated)),
            stated if isinstance(stated, str) else None,
        )
        sentences.append(Sentence(text=text, start=at, end=at + len(text), kind=kind, readings=readings, reason=reason))
        at += len(text) + 1
    whole = " ".join(text for text, _ in said)
    return Article(
        text=Text(text=whole, paragraphs=(Paragraph(start=0, end=len(whole)),), name="review.txt"),
        sentences=tuple(sentences),
    )


TEMPO = Statement(about="tempo", relation="about", value=100, unit="BPM")
MINOR = Statement(about="key", relation="is", value="C# minor")
QUIETER = Statement(about="loudness", relation="less", against="Attention")


def test_the_claims_of_an_article_are_ruled_on_as_they_are():
    written = claims_of(
        article(
            ("It came out in 2018.", ()),
            ("It is in C-sharp minor,\nat about 100 BPM.", (MINOR, TEMPO)),
            ("It was sung in a closet.", "No recording shows the room's door."),
            ("Again, about 100.", (TEMPO,)),
        )
    )
    claims = parse_claims(written, name="mine.toml")
    check_about_one(claims)
    assert [claim.name for claim in claims] == ["key", "tempo", "tempo_2"]
    assert [claim.text for claim in claims] == [*["It is in C-sharp minor, at about 100 BPM."] * 2, "Again, about 100."]
    assert len(judge(example_song(), claims)) == 3
    assert "\n# The tempo is about 100 BPM.\n[tempo]\n" in written
    assert "# Not testable; without these marks it is listed with its reason:\n# [not_testable]\n" in written
    assert '\n# reason = "No recording shows the room\'s door."\n' in written
    assert "2018" not in written
    assert max(map(len, (line for line in written.splitlines() if line.startswith("# ")))) <= 100


def test_what_is_commented_out_is_a_claim_when_the_mark_is_taken_away():
    written = claims_of(article(("At 100 BPM.", (TEMPO,)), ("It is magic.", "Magic is not measured.")))
    tables = written.partition("# [not_testable]")
    revived = "\n".join(line.removeprefix("# ") for line in "".join(tables[1:]).splitlines())
    (claim,) = parse_claims(revived, name="mine")
    assert claim.options == {"reason": "Magic is not measured."}


def test_a_comparison_with_another_song_is_a_comment():
    written = claims_of(article(("It is quieter than Attention, at about 100 BPM.", (QUIETER, TEMPO))))
    assert [claim.name for claim in parse_claims(written, name="mine")] == ["tempo"]
    assert "# About two songs, for: riffscope compare SONG SONG --claims FILE\n# [loudness]\n" in written


@pytest.mark.parametrize("said", [(), (("It is magic.", "Magic is not measured."),), (("Quieter.", (QUIETER,)),)])
def test_an_article_without_testable_statements_has_no_claims(said):
    with pytest.raises(BadClaim, match=r"^review\.txt: states nothing that can be tested"):
        claims_of(article(*said))


@given(st.text(min_size=1), st.text(min_size=1))
def test_no_text_of_an_article_breaks_out_of_its_string_or_comment(text, reason):
    written = claims_of(article((text, (TEMPO,)), (text, reason)))
    (claim,) = parse_claims(written, name="mine")
    assert claim.name == "tempo"


def test_the_template_shows_each_kind_and_can_be_ruled_on_at_once():
    written = template()
    claims = parse_claims(written, name="template")
    check_about_one(claims)
    shown = tomllib.loads(written.replace("\n# [", "\n[").replace("\n# text", "\ntext").replace("\n# kind", "\nkind"))
    assert {table["kind"] for table in shown.values()} == {step.name for step in steps.claims()}
    assert {step.name for step in steps.claims()} - {claim.kind.name for claim in claims} <= {"same_melody"}
    assert len(judge(example_song(), claims)) == len(claims)


def test_every_relation_of_every_topic_can_be_written_and_read():
    for topic in topics().values():
        for relation in topic.relations:
            statement = Statement(about=topic.about, relation=relation, value=None)
            parse_claims(claims_of(article(("At 100 BPM.", (TEMPO, statement)))), name=topic.about)


CONTENT = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
)


@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.one_of(CONTENT, st.lists(CONTENT))),
)
def test_a_table_that_is_written_is_the_same_when_read(name, content):
    assert parse_toml(toml_table(name, content), name="it") == {name: content}


def test_only_what_claims_hold_is_written():
    with pytest.raises(TypeError, match="NoneType"):
        toml_table("it", {"reason": None})
