"""Every kind of claim has examples of all that it can rule, in its own test, and rules on them so."""

import importlib.util
from pathlib import Path

import pytest

from riffscope import steps
from riffscope.model import Ruling

KINDS = steps.claims()


def examples_of(kind):
    path = Path(__file__).parent / "claims" / f"test_{kind.name}.py"
    assert path.is_file(), f"{kind.name} needs examples in {path}"
    spec = importlib.util.spec_from_file_location(f"examples_of_{kind.name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.EXAMPLES


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_kind_is_ruled_on_as_its_examples_say(kind):
    examples = examples_of(kind)
    expected = {Ruling.NOT_TESTABLE} if kind.name == "not_testable" else set(Ruling)
    assert {example.ruling for example in examples} == expected
    for place, example in enumerate(examples):
        verdict = example.verdict(kind.name)
        assert verdict.ruling is example.ruling, f"example {place}: {verdict.because}"
        assert verdict.because
        assert "\n" not in verdict.because
        if verdict.ruling is Ruling.NOT_TESTABLE:
            assert verdict.probability is None
            assert verdict.evidence == ()
        if verdict.probability is not None:
            assert verdict.ruling is not Ruling.SUPPORTED or verdict.probability > 0.5
            assert verdict.ruling is not Ruling.REFUTED or verdict.probability < 0.5
