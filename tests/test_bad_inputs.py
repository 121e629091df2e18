"""Each bad input of the corpus has its answer: refused in one line, partial with a warning, or fine."""

import pytest

import bad_inputs


def test_there_are_ninety_kinds_of_bad_input_and_no_two_of_one_name():
    names = {case.id for case in bad_inputs.CASES}
    assert len(names) == len(bad_inputs.CASES) >= 90


@pytest.mark.parametrize("case", bad_inputs.CASES, ids=lambda case: case.id)
def test_a_bad_input_has_its_answer(case, tmp_path):
    found, said = bad_inputs.answer(case, tmp_path)
    assert found == case.answer, said
    assert any(case.says in line for line in said or [""]), said
