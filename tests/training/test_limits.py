"""The script that finds the limits of what is called high and low."""

import training.limits.quartiles as limits
from claim_cases import changed
from riffscope.analyzers.balance import Balance
from riffscope.articles.topics import topics
from riffscope.errors import Absence
from riffscope.measures import all_measures
from songs import example_song
from stated import lacking


def test_a_quarter_of_the_songs_lies_beyond_each_limit_and_songs_without_the_number_do_not_count():
    songs = [changed(example_song(), Balance, bass_lu=float(-level)) for level in range(1, 10)]
    count, found = limits.quartiles([*songs, lacking("balance", Absence.SILENT)], "balance.bass_lu")
    assert count == 9
    assert found == [-7.0, -5.0, -3.0]


def test_no_song_has_no_quartiles():
    assert limits.quartiles([], "balance.bass_lu") == (0, [])


def test_every_limit_that_is_called_a_quarter_is_of_a_measure_that_the_script_reads():
    known = {measure.path for measure in all_measures()}
    assert set(limits.MEASURES) <= known
    quarters = [
        claim["measure"]
        for topic in topics().values()
        for claim in topic.claims.values()
        if any("a quarter of" in caveat for caveat in claim.get("caveats", ()))
    ]
    assert len(quarters) > 8
    assert set(quarters) <= set(limits.MEASURES)
