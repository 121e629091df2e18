import pytest

from claim_cases import Example, broken
from riffscope.analyzers.envelope import Envelope
from riffscope.errors import Absence
from riffscope.model import Ruling
from stated import ending, lacking

EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, song=ending("fade")),
    Example(ruling=Ruling.SUPPORTED, parameters='relation = "absent"', song=ending("cut")),
    Example(ruling=Ruling.REFUTED, song=ending("cut")),
    Example(ruling=Ruling.REFUTED, parameters='relation = "absent"', song=ending("fade")),
    # A last chord that dies away as slowly.
    Example(ruling=Ruling.INCONCLUSIVE, song=ending("chord")),
    Example(ruling=Ruling.INCONCLUSIVE, song=broken("envelope")),
    Example(ruling=Ruling.NOT_TESTABLE, song=lacking("envelope", Absence.SILENT, "it is silent")),
)


def test_it_says_how_long_the_fade_takes_and_where_to_listen():
    verdict = Example(ruling=None, song=ending("fade")).verdict("fades_out")
    assert verdict.because.startswith("The level falls steadily over ")
    (span,) = verdict.evidence[0].spans
    assert span.start_s == pytest.approx(51.0, abs=1.5)
    assert span.duration_s > 4


@pytest.mark.parametrize("kind", ["fade", "cut", "chord", "short"])
def test_nobody_is_told_to_listen_beyond_the_end(kind):
    song = ending(kind)
    (span,) = Example(ruling=None, song=song).verdict("fades_out").evidence[0].spans
    envelope = song[Envelope]
    assert span.start_s < span.end_s <= envelope.rms.size * envelope.step_s + 1e-9
