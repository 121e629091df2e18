import pytest

from claim_cases import Example, broken, changed, ruled
from riffscope.analyzers.tempo import MetricalLevel, Tempo
from riffscope.model import Estimate, Ruling
from stated import NO_BEAT, TWO_TEMPI, at_tempo, in_bars_of

EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, parameters="bpm = 123", song=at_tempo(123.0)),
    Example(ruling=Ruling.SUPPORTED, parameters="bpm = 120\nwithin_percent = 5", song=at_tempo(123.0)),
    Example(ruling=Ruling.SUPPORTED, parameters="bpm = 120\nto = 125", song=at_tempo(123.0)),
    # Likely counted at half of it as well.
    Example(ruling=Ruling.SUPPORTED, parameters="bpm = 61.5", song=at_tempo(123.0)),
    Example(ruling=Ruling.REFUTED, parameters="bpm = 112", song=at_tempo(123.0)),
    Example(ruling=Ruling.REFUTED, parameters="bpm = 100\nto = 110", song=at_tempo(123.0)),
    Example(ruling=Ruling.REFUTED, parameters='bpm = 100\nscope = "last chorus"', song=TWO_TEMPI),
    # The same beat, but hardly anybody counts it so.
    Example(ruling=Ruling.INCONCLUSIVE, parameters="bpm = 61.5", song=at_tempo(123.0, half=0.02)),
    # The tempo of the rest of the song.
    Example(ruling=Ruling.INCONCLUSIVE, parameters="bpm = 120", song=TWO_TEMPI),
    Example(ruling=Ruling.INCONCLUSIVE, parameters="bpm = 120", song=broken("tempo")),
    Example(ruling=Ruling.NOT_TESTABLE, parameters="bpm = 120", song=NO_BEAT),
    Example(ruling=Ruling.NOT_TESTABLE, parameters='bpm = 120\nscope = "solo"', song=TWO_TEMPI),
)


@pytest.mark.parametrize("bpm", [61.5, 246.0])
def test_the_same_beat_counted_otherwise_is_told(bpm):
    verdict = ruled(at_tempo(123.0, half=0.02), f'[it]\ntext = "so"\nkind = "tempo_is"\nbpm = {bpm}\n')
    assert verdict.ruling is Ruling.INCONCLUSIVE
    assert f"counted at {bpm} or 123.0 BPM" in verdict.caveats[0]


@pytest.mark.parametrize(("bpm", "low", "high", "other"), [(210.0, 104.8, 210.4, 104.8), (62.0, 61.8, 124.0, 124.0)])
def test_a_tempo_whose_range_holds_another_level_is_still_the_one_that_was_found(bpm, low, high, other):
    song = changed(
        at_tempo(bpm),
        Tempo,
        bpm=Estimate(value=bpm, low=low, high=high),
        alternatives_bpm=(MetricalLevel(bpm=other, weight_fraction=0.37),),
    )
    claim = '[it]\ntext = "so"\nkind = "tempo_is"\nbpm = {}\n'
    rulings = [ruled(song, claim.format(said)).ruling for said in (bpm, other, 160.0)]
    assert rulings == [Ruling.SUPPORTED, Ruling.SUPPORTED, Ruling.REFUTED]


def test_a_section_has_the_tempo_of_its_own_part():
    claim = '[it]\ntext = "so"\nkind = "tempo_is"\nbpm = 120\nscope = "last chorus"\n'
    assert ruled(TWO_TEMPI, claim).ruling is Ruling.SUPPORTED


def test_three_beats_may_be_counted_as_two_in_six_eight_but_not_in_common_time():
    claim = '[it]\ntext = "so"\nkind = "tempo_is"\nbpm = 82\n'
    six_eight, common = (ruled(in_bars_of(size), claim) for size in (2, 4))
    assert six_eight.ruling is Ruling.INCONCLUSIVE
    assert "counted at 82.0 or 123.0 BPM" in six_eight.caveats[0]
    assert common.ruling is Ruling.REFUTED
