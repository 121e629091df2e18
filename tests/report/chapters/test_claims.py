from riffscope.model import Ruling
from riffscope.report.blocks import VerdictList
from riffscope.report.chapters.claims import claims
from songs import example_song, judged_song


def verdicts_of(song, *, full):
    (verdicts,) = (block.verdicts for block in claims(song, full=full) if isinstance(block, VerdictList))
    return verdicts


def test_each_claim_that_was_tested_has_its_reason_and_a_place_to_listen():
    verdicts = verdicts_of(judged_song(), full=False)
    assert [item.ruling for item in verdicts] == [Ruling.SUPPORTED, Ruling.REFUTED, Ruling.INCONCLUSIVE]
    assert "91 %" in verdicts[0].because
    assert "0:00.0 to 0:04.0" in verdicts[0].places
    assert not any(item.caveats for item in verdicts)


def test_in_full_each_claim_has_its_numbers_and_caveats():
    verdicts = verdicts_of(judged_song(), full=True)
    assert [item.ruling for item in verdicts] == list(Ruling)
    assert "0:00.0 to 0:04.0" in verdicts[0].evidence[0]
    assert all(item.caveats for item in verdicts)


def test_a_song_that_was_not_judged_has_no_such_chapter():
    assert list(claims(example_song())) == []
