from claim_cases import Example, broken, changed, in_order, instrumental, ruled, with_span
from riffscope.analyzers.vocal_range import VocalRange
from riffscope.model import Estimate, Ruling
from songs import example_song

SPAN = 'measure = "vocal_range.span_semitones"\nvalue = 14\nwithin = 2'
DURATION = '[it]\ntext = "so"\nkind = "about"\nmeasure = "source.duration_s"\nvalue = {}\nwithin = 2\n'
EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, parameters=SPAN, song=with_span(14.5)),
    Example(ruling=Ruling.REFUTED, parameters=SPAN, song=with_span(9)),
    Example(ruling=Ruling.REFUTED, parameters=SPAN, song=with_span(19)),
    Example(ruling=Ruling.INCONCLUSIVE, parameters=SPAN, song=with_span(16)),
    Example(ruling=Ruling.INCONCLUSIVE, parameters=SPAN, song=broken("vocal_range")),
    Example(ruling=Ruling.NOT_TESTABLE, parameters=SPAN, song=instrumental()),
)


def test_the_songs_own_length_is_a_number_that_can_be_claimed():
    assert ruled(example_song(), DURATION.format(214)).ruling is Ruling.SUPPORTED
    verdict = ruled(example_song(), DURATION.format(180))
    assert verdict.ruling is Ruling.REFUTED
    assert in_order(verdict.because, "The song lasts 215.0 s", "180 ± 2 s")
    assert verdict.evidence[0].unit == "s"


def test_a_note_that_is_held_for_a_moment_beyond_the_range_refutes_no_claim_that_names_it():
    song = changed(example_song(), VocalRange, highest_midi=Estimate(value=60.0, low=59.8, high=60.4))
    claim = '[it]\ntext = "so"\nkind = "about"\nmeasure = "vocal_range.highest_note_midi"\nvalue = {}\nwithin = 1\n'
    assert song[VocalRange].highest_sustained.midi == 64.0
    assert ruled(song, claim.format(60)).ruling is Ruling.INCONCLUSIVE
    assert ruled(song, claim.format(64)).ruling is Ruling.INCONCLUSIVE
    assert ruled(song, claim.format(67)).ruling is Ruling.REFUTED
    assert "the claim says G4" in ruled(song, claim.format(67)).because
