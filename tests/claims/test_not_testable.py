from claim_cases import Example
from riffscope.model import Ruling
from songs import example_song

WHY = 'reason = "No recording shows the room\'s door."'
EXAMPLES = (Example(ruling=Ruling.NOT_TESTABLE, parameters=WHY, song=example_song()),)


def test_the_reason_is_given_as_it_was_written():
    assert EXAMPLES[0].verdict("not_testable").because == "No recording shows the room's door."
