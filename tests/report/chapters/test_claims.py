from riffscope.model import Ruling
from riffscope.report.blocks import VerdictList
from riffscope.report.chapters.claims import claims
from songs import example_song, judged_song


def test_each_claim_has_its_ruling_and_a_place_to_listen():
    (verdicts,) = (block.verdicts for block in claims(judged_song()) if isinstance(block, VerdictList))
    assert [item.ruling for item in verdicts] == list(Ruling)
    assert "0:00.0 to 0:04.0" in verdicts[0].evidence[0]


def test_a_song_that_was_not_judged_has_no_such_chapter():
    assert list(claims(example_song())) == []
