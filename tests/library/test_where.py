"""Conditions on songs: columns by their own names, and nothing that reaches beyond the songs."""

import re
from pathlib import Path

import polars as pl
import pytest

from riffscope.errors import RiffscopeError
from riffscope.library.where import FUNCTIONS, KEYWORDS, chosen, condition, nearest

SONGS = pl.DataFrame(
    {
        "title": ["it's", "two words", "three", "four"],
        "year": [2013, 2015, 2018, None],
        "tempo.bpm": [120.0, 90.0, None, 60.0],
        "key.tonic": ["E♭", "C", "F♯", "C"],
        "key.mode": ["minor", "major", "minor", None],
    }
).lazy()


def titles(where):
    return chosen(SONGS, where, ["title"])["title"].to_list()


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("year between 2013 and 2017", ["it's", "two words"]),
        ("tempo.bpm > 100 and key.mode = 'minor'", ["it's"]),
        ("TEMPO.BPM>100 AND Year<2014", ["it's"]),
        ('"tempo.bpm" <= 90', ["two words", "four"]),
        ("title = 'it''s'", ["it's"]),
        ("title like '%words'", ["two words"]),
        ("title = 'tempo.bpm' or year = 2018", ["three"]),
        ("key.tonic in ('Eb', 'F#')", ["it's", "three"]),
        ("tempo.bpm is null", ["three"]),
        ("not (year > 2014)", ["it's"]),
        ("year not in (2013, 2018)", ["two words"]),
        ("tempo.bpm > avg(tempo.bpm)", ["it's"]),
        ("lower(title) = 'four' or coalesce(tempo.bpm, 0) = 0", ["three", "four"]),
        ("case when year > 2014 then tempo.bpm > 80 else false end", ["two words"]),
        ("1 = 1", ["it's", "two words", "three", "four"]),
        (None, ["it's", "two words", "three", "four"]),
    ],
)
def test_conditions_choose_the_songs_that_they_hold_for(where, expected):
    assert titles(where) == expected


def test_what_is_not_known_is_neither_true_nor_false():
    assert "three" not in titles("tempo.bpm > 100") + titles("not (tempo.bpm > 100)")


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("titel = 'x'", "the nearest is 'title'"),
        ("tempo > 100", "the nearest is 'tempo.bpm'"),
        ("bpm > 100", "the nearest is 'tempo.bpm'"),
        ('title = "four"', "single quotes"),
        ("title = 'four", "quotation mark is not closed"),
        ("title > 3", "a text is compared with a number"),
        ("year = '2013'", "a text is compared with a number"),
        ("year", "not true or false"),
        ("null", "not true or false"),
        ("", "is empty"),
        ("   ", "is empty"),
        ("year > 1 and", "no condition in SQL"),
        ("year > 1 title", "no condition in SQL"),
        ("year > 1 or or", "no condition in SQL"),
        ("title like 1", "no condition in SQL"),
        ("title regexp '('", "does not work"),
        ("(" * 200 + "1=1" + ")" * 200, "too many brackets"),
        ("year > 1) or (1 = 1", "closes none"),
        ("greatest( ) > 1", "nothing in it"),
        ("1 = 1 " * 5000, "letters long"),
        ("year > \x1b[31m", "cannot stand in a condition"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(where, said):
    with pytest.raises(RiffscopeError, match="where: ") as why:
        titles(where)
    assert said in str(why.value)
    assert "\n" not in str(why.value)
    assert str(why.value).isprintable()
    assert len(str(why.value)) < 400


@pytest.mark.parametrize(
    "where",
    [
        "year in (select a from read_csv('{path}'))",
        "exists (select * from read_csv('{path}'))",
        "(select max(a) from read_parquet('{path}')) > 1",
        "read_csv('{path}') is not null",
        "year > any(select 1)",
        "year > 1; drop table songs",
        "year > 1 -- and so on",
        "year > 1 /* and so on */",
        "columns('.*') is not null",
        "year::text = '2013'",
        "cast(year as text) = '2013'",
        "row_number() over (order by year) > 1",
        "year > 1 as x",
        "unnest(year) > 1",
        "$$a$$ = title",
    ],
)
def test_nothing_but_the_songs_is_reached(where, tmp_path):
    path = tmp_path / "secret.csv"
    path.write_text("a\n2013\n")
    with pytest.raises(RiffscopeError, match="where: "):
        titles(where.format(path=path))


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_that_is_named_works(name):
    for given in ("year", "tempo.bpm, 2", "title", "title, 'f'"):
        try:
            assert len(titles(f"{name}({given}) is not null")) >= 3
        except RiffscopeError:
            continue
        return
    pytest.fail(f"{name} takes none of these")


def test_the_page_names_what_may_stand_in_a_condition():
    page = Path(__file__).parents[2] / "analysis" / "docs" / "pages" / "asking.md"
    named = set(
        re.findall(r"`(\w+)`", page.read_text("utf-8").partition("A condition can use")[2].partition("refused")[0])
    )
    assert named == (FUNCTIONS | KEYWORDS) - {"null", "is", "true", "false", "when", "then", "else", "end", "rlike"}


def test_words_of_sql_are_no_columns_of_songs():
    from riffscope.library.index import songs_frame

    columns = songs_frame([]).columns
    assert not KEYWORDS & set(columns)
    assert all(
        pl.DataFrame(schema=songs_frame([]).schema).filter(condition(f"{one} is null", columns)).is_empty()
        for one in columns
    )


def test_the_nearest_name_is_one_that_begins_so():
    names = ["title", "tempo.bpm", "tempo.drift_percent", "loudness.integrated_lufs", "loudness.range_lu"]
    assert nearest("loudness", names) in names[3:]
    assert nearest("integrated_lufs", names) == "loudness.integrated_lufs"
    assert nearest("Tempo.BMP", names) == "tempo.bpm"
