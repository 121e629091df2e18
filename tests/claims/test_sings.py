import re

from claim_cases import Example, broken, changed, instrumental
from riffscope.analyzers.vocal_pitch import VocalPitch
from riffscope.errors import Absence
from riffscope.model import Ruling
from songs import example_song
from stated import lacking

DOUBTFUL = changed(example_song(), VocalPitch, singer_probability=0.6)
EXAMPLES = (
    Example(ruling=Ruling.SUPPORTED, song=example_song()),
    Example(ruling=Ruling.SUPPORTED, parameters='relation = "absent"', song=instrumental()),
    Example(ruling=Ruling.SUPPORTED, parameters='scope = "verse"', song=example_song()),
    Example(ruling=Ruling.SUPPORTED, parameters='relation = "absent"\nscope = "intro"', song=example_song()),
    Example(ruling=Ruling.REFUTED, song=instrumental()),
    Example(ruling=Ruling.REFUTED, parameters='scope = "intro"', song=example_song()),
    Example(ruling=Ruling.REFUTED, parameters='relation = "absent"\nscope = "chorus"', song=example_song()),
    Example(ruling=Ruling.INCONCLUSIVE, song=DOUBTFUL),
    Example(ruling=Ruling.INCONCLUSIVE, song=broken("vocal_activity")),
    Example(ruling=Ruling.NOT_TESTABLE, parameters='scope = "solo"', song=example_song()),
    Example(ruling=Ruling.NOT_TESTABLE, parameters='scope = "solo"', song=instrumental()),
    Example(ruling=Ruling.NOT_TESTABLE, song=lacking("vocal_activity", Absence.SILENT, "it is silent")),
)


def test_a_song_in_which_nobody_sings_is_an_instrumental_for_the_reason_that_was_found():
    verdict = EXAMPLES[1].verdict("sings")
    assert verdict.because == "No one sings"
    assert verdict.probability > 0.8


def test_how_much_is_sung_and_how_sure_that_is_are_told():
    because = EXAMPLES[0].verdict("sings").because
    assert re.fullmatch(r"Singing fills \d+% of the song \(.*\d+% sure\)", because)
