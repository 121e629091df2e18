import pytest

from riffscope import steps
from riffscope.report.methods import method_of, methods_behind, read_docstring


def test_a_docstring_is_read_without_its_markup():
    method = read_docstring(
        """Follow the lead [1]_.

        It *lives*, see `Beats` and ``mix``.

        Raises
        ------
        CannotMeasure
            Never shown.

        Notes
        -----
        Deaf to whispers.

        References
        ----------
        .. [1] Somebody, "A paper", 2020.
        """
    )
    assert method.text == "Follow the lead. It lives, see Beats and mix."
    assert method.limits == "Deaf to whispers."
    assert method.source == 'Somebody, "A paper", 2020.'


@pytest.mark.parametrize("name", [step.name for step in steps.analyzers()])
def test_every_measurement_has_a_method_in_words(name):
    assert len(method_of(name).text) > 20


def test_the_pictures_of_the_sound_come_in_the_order_of_making():
    names = [name for name, _ in methods_behind(["vocal_pitch"])]
    assert names == ["stems", "voice_sound", "voice_detection", "voice_track"]
    assert method_of("no such thing") is None
