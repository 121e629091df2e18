import pytest

from claim_cases import Example, broken, changed, in_order, ruled
from outcomes import missing
from riffscope.analyzers.loops import LoopKind, Loops
from riffscope.analyzers.tempo import Tempo
from riffscope.errors import Absence
from riffscope.measures import decapitalised
from riffscope.model import Estimate, Missing, Ruling
from songs import example_song, with_outcomes

RIFF = '[riff]\ntext = "a riff"\nkind = "riff_throughout"\n'
STEADY = {"longest_gap_bars": 4.0, "probability": 1.0}
MOST_OF_IT = Estimate(value=0.92, low=0.88, high=0.95)
DOUBTFUL = Estimate(value=0.81, low=0.7, high=0.9)
LITTLE = Estimate(value=0.4, low=0.35, high=0.45)


def looping(coverage, *, drift_percent=0.4, **fields):
    song = changed(example_song(), Loops, **(STEADY | {"coverage_fraction": coverage} | fields))
    return changed(song, Tempo, drift_percent=drift_percent)


def without_loops(reason, code):
    return with_outcomes(example_song(), {"loops": missing("loops", reason, code)})


EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, song=looping(MOST_OF_IT)),
    Example(ruling=Ruling.REFUTED, song=looping(LITTLE)),
    Example(ruling=Ruling.REFUTED, song=looping(MOST_OF_IT, longest_gap_bars=12.0)),
    Example(ruling=Ruling.REFUTED, song=looping(MOST_OF_IT, drift_percent=5.0)),
    Example(ruling=Ruling.REFUTED, song=without_loops("no repeating riff was found (97% sure)", Absence.NO_RIFF)),
    Example(ruling=Ruling.SUPPORTED, song=looping(MOST_OF_IT, kind=LoopKind.CHORDS)),
    Example(ruling=Ruling.INCONCLUSIVE, song=looping(MOST_OF_IT, kind=LoopKind.PASSAGE)),
    Example(ruling=Ruling.REFUTED, song=looping(LITTLE, kind=LoopKind.PASSAGE)),
    Example(ruling=Ruling.INCONCLUSIVE, song=looping(DOUBTFUL)),
    Example(ruling=Ruling.INCONCLUSIVE, song=broken("loops")),
    Example(ruling=Ruling.NOT_TESTABLE, song=without_loops("no riff, for it is too short", Absence.TOO_SHORT)),
)


@pytest.mark.parametrize("example", EXAMPLES[:4])
def test_it_is_heard_where_the_riff_sounds(example):
    verdict = ruled(example.song, RIFF)
    assert verdict.evidence[0].spans == example.song[Loops].spans
    assert (verdict.probability > 0.5) == (verdict.ruling is Ruling.SUPPORTED)


@pytest.mark.parametrize("example", [one for one in EXAMPLES if isinstance(one.song.outcomes["loops"], Missing)])
def test_without_a_riff_it_says_why(example):
    assert example.song.outcomes["loops"].reason in decapitalised(ruled(example.song, RIFF).because)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (LoopKind.RIFF, "A 2-bar riff"),
        (LoopKind.CHORDS, "A 2-bar chord loop"),
        (LoopKind.PASSAGE, "a repeated passage of 2 bars"),
    ],
)
def test_what_repeats_is_called_what_it_is(kind, said):
    assert said in ruled(looping(MOST_OF_IT, kind=kind), RIFF).because


def test_each_condition_is_told_with_what_it_needs():
    because = ruled(looping(MOST_OF_IT, longest_gap_bars=12.0), RIFF).because
    assert in_order(because, "stops for 12 bars", "8 allowed")
