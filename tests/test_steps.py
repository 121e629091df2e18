import threading
import types
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from outcomes import missing
from riffscope import steps
from riffscope.analyzers.loudness import Loudness
from riffscope.analyzers.vocal_range import VocalRange
from riffscope.arrays import Floats
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Failed, Measured, value
from riffscope.song import NO_MEMORY, ROOTS, SongAnalysis, _heavy_in_a_row, _run, failures, held_bytes
from riffscope.steps import analyzer, heavy_view, large_view, read_step, view
from songs import example_song, judged_song, with_outcomes


@value
class Sound:
    level: float


@value
class Echo:
    level: float


@value
class Chorus:
    level: float


@view
def hear(sound: Sound) -> Echo:
    return Echo(level=sound.level / 2)


@analyzer(version=3)
def sing(echo: Echo, *, voices: int = 4) -> Chorus:
    """Sing along.

    More of it.
    """
    return Chorus(level=echo.level * voices)


@pytest.fixture
def choir(monkeypatch):
    def gather(*functions):
        made = {step.produces: step for step in map(read_step, functions)}
        monkeypatch.setattr(steps, "producers", lambda: made)
        return made

    return gather


def run(made, wanted, **roots):
    given = {Sound: Sound(level=1.0)} | roots
    known = {kind: Measured(value=one, version=0, seconds=0.0) for kind, one in given.items()}
    return _run([made[wanted]], known, 2, lambda *_: None)


def test_a_step_is_read_from_its_annotations():
    step = read_step(sing)
    assert (step.name, step.version, step.produces) == ("chorus", 3, Chorus)
    assert [need.type for need in step.needs] == [Echo]
    assert dict(step.options) == {"voices": 4}
    assert step.summary == "Sing along."


def test_a_step_without_annotations_is_refused():
    @analyzer(version=1)
    def hum(echo):
        return echo

    with pytest.raises(TypeError, match="parameter echo must be annotated"):
        read_step(hum)


def test_order_comes_from_the_types(choir):
    made = choir(sing, hear)
    outcomes = run(made, Chorus)
    assert outcomes[Chorus].value.level == 2
    assert outcomes[Chorus].version == 3


def test_a_view_is_dropped_once_it_was_read(choir):
    made = choir(sing, hear)
    assert Echo not in run(made, Chorus)


@value
class Wide:
    samples: Floats


@value
class Narrow:
    samples: Floats


@value
class Huge:
    samples: Floats


@value
class Counted:
    """How many samples were counted in what."""

    wide: int
    narrow: int
    huge: int


@pytest.fixture
def halls(choir):
    """Steps that leave behind in which order they ran."""
    ran = []

    @large_view
    def make_huge(sound: Sound) -> Huge:
        ran.append("huge")
        return Huge(samples=np.zeros(1000))

    @view
    def make_narrow(sound: Sound) -> Narrow:
        ran.append("narrow")
        return Narrow(samples=np.zeros(10))

    @view
    def make_wide(sound: Sound) -> Wide:
        ran.append("wide")
        return Wide(samples=np.zeros(100))

    @analyzer(version=1)
    def echo_narrow(narrow: Narrow) -> Echo:
        ran.append("narrow is read")
        return Echo(level=narrow.samples.size)

    @analyzer(version=1)
    def sing_wide(wide: Wide) -> Chorus:
        ran.append("wide is read")
        return Chorus(level=wide.samples.size)

    @analyzer(version=1)
    def count(huge: Huge, echo: Echo, chorus: Chorus) -> Counted:
        return Counted(wide=int(chorus.level), narrow=int(echo.level), huge=huge.samples.size)

    return choir(make_huge, make_narrow, make_wide, echo_narrow, sing_wide, count), ran


def test_on_one_thread_what_holds_most_is_let_go_first_and_what_is_large_is_made_last(halls):
    made, ran = halls
    outcomes = _run(
        [made[Counted]], {Sound: Measured(value=Sound(level=1.0), version=0, seconds=0.0)}, 1, lambda *_: None
    )
    assert outcomes[Counted].value == Counted(wide=100, narrow=10, huge=1000)
    assert ran[-1] == "huge"
    # Both are there before the first is read, for neither lets go of anything by being made.
    assert ran.index("wide is read") < ran.index("narrow is read")


def test_on_several_threads_what_is_large_begins_as_soon_as_it_can(halls):
    made, ran = halls
    outcomes = _run(
        [made[Counted]], {Sound: Measured(value=Sound(level=1.0), version=0, seconds=0.0)}, 2, lambda *_: None
    )
    assert outcomes[Counted].value == Counted(wide=100, narrow=10, huge=1000)
    assert "huge" in ran[:4]


def test_of_what_takes_much_memory_only_one_runs_at_a_time_and_the_rest_beside_it(choir):
    running, seen, beside = set(), [], threading.Event()

    def at_work(name):
        running.add(name)
        seen.append(frozenset(running))
        beside.wait(0.2)
        running.remove(name)

    @heavy_view
    def make_wide(sound: Sound) -> Wide:
        at_work("wide")
        return Wide(samples=np.zeros(1))

    @large_view
    def make_huge(sound: Sound) -> Huge:
        at_work("huge")
        return Huge(samples=np.zeros(1))

    @analyzer(version=1, heavy=True)
    def echo_loudly(sound: Sound) -> Echo:
        at_work("echo")
        return Echo(level=0.0)

    @view
    def make_narrow(sound: Sound) -> Narrow:
        at_work("narrow")
        return Narrow(samples=np.zeros(1))

    @analyzer(version=1)
    def count(wide: Wide, huge: Huge, echo: Echo, narrow: Narrow) -> Counted:
        return Counted(wide=1, narrow=1, huge=1)

    made = choir(make_wide, make_huge, echo_loudly, make_narrow, count)
    sound = Measured(value=Sound(level=1.0), version=0, seconds=0.0)
    assert isinstance(_run([made[Counted]], {Sound: sound}, 4, lambda *_: None)[Counted], Measured)
    assert all(len(names - {"narrow"}) <= 1 for names in seen)
    assert any("narrow" in names and len(names) == 2 for names in seen)


def test_on_several_threads_the_longest_row_of_what_takes_much_memory_goes_first(choir):
    ran = []

    @heavy_view
    def make_wide(sound: Sound) -> Wide:
        ran.append("alone")
        return Wide(samples=np.zeros(1000))

    @view
    def make_narrow(sound: Sound) -> Narrow:
        ran.append("before a row")
        return Narrow(samples=np.zeros(1))

    @heavy_view
    def make_huge(narrow: Narrow) -> Huge:
        ran.append("first of a row")
        return Huge(samples=np.zeros(1))

    @analyzer(version=1, heavy=True)
    def echo_huge(huge: Huge) -> Echo:
        ran.append("second of a row")
        return Echo(level=huge.samples.size)

    @analyzer(version=1)
    def count(wide: Wide, narrow: Narrow, huge: Huge, echo: Echo) -> Counted:
        return Counted(wide=1, narrow=1, huge=1)

    made = choir(make_wide, make_narrow, make_huge, echo_huge, count)
    sound = Measured(value=Sound(level=1.0), version=0, seconds=0.0)
    assert _heavy_in_a_row(made) == {Wide: 1, Narrow: 2, Huge: 2, Echo: 1, Counted: 0}
    assert isinstance(_run([made[Counted]], {Sound: sound}, 2, lambda *_: None)[Counted], Measured)
    assert ran[0] == "before a row"


def test_a_value_holds_what_its_arrays_do_and_those_of_the_values_in_it():
    assert held_bytes(Wide(samples=np.zeros(100))) == 800
    assert held_bytes((1, "two")) == 0
    stereo = Measured(value=Narrow(samples=np.zeros(10)), version=1, seconds=0.0)
    assert held_bytes(stereo) == 80


def test_only_what_is_needed_runs(choir):
    @view
    def bang(sound: Sound) -> Chorus:
        raise AssertionError("not asked for")

    made = choir(hear, bang)
    assert set(run(made, Echo)) == {Echo}


def test_what_is_missing_above_is_missing_below(choir):
    @view
    def hear_nothing(sound: Sound) -> Echo:
        raise CannotMeasure(Absence.SILENT, "silent")

    made = choir(hear_nothing, sing)
    assert run(made, Chorus)[Chorus] == replace(missing("chorus"), version=made[Chorus].version)


def test_a_step_may_do_without_what_it_marks_optional(choir):
    @view
    def hear_nothing(sound: Sound) -> Echo:
        raise CannotMeasure(Absence.SILENT, "silent")

    @analyzer(version=1)
    def sing_alone(sound: Sound, echo: Echo | None) -> Chorus:
        return Chorus(level=-1.0 if echo is None else echo.level)

    made = choir(hear_nothing, sing_alone)
    assert run(made, Chorus)[Chorus].value.level == -1


def test_a_bug_in_one_step_is_reported_and_costs_no_other(choir):
    @view
    def stumble(sound: Sound) -> Echo:
        raise ZeroDivisionError("oh")

    made = choir(stumble, sing)
    outcome = run(made, Chorus)[Chorus]
    assert isinstance(outcome, Failed)
    assert (outcome.measurement, outcome.origin, outcome.error) == ("chorus", "echo", "ZeroDivisionError: oh")
    assert outcome.reason == "needs echo, which failed: ZeroDivisionError: oh"
    assert "in stumble" in outcome.traceback
    assert str(Path(__file__).parent) not in outcome.traceback


def test_a_bug_in_an_optional_input_costs_nothing_but_a_caveat(choir):
    @view
    def stumble(sound: Sound) -> Echo:
        raise ZeroDivisionError("oh")

    @analyzer(version=1)
    def sing_alone(sound: Sound, echo: Echo | None) -> Chorus:
        return Chorus(level=-1.0 if echo is None else echo.level)

    outcome = run(choir(stumble, sing_alone), Chorus)[Chorus]
    assert outcome.value.level == -1
    assert outcome.caveats == ("Made without the echo, which failed.",)


def test_memory_that_was_not_there_is_said_without_how_much_was_asked_for(choir):
    @view
    def swell(sound: Sound) -> Echo:
        raise MemoryError("Unable to allocate 4.00 MiB for an array")

    outcome = run(choir(swell, sing), Chorus)[Chorus]
    assert outcome.reason == f"needs echo, which failed: {NO_MEMORY}"


def failed(name, *, error="ZeroDivisionError: oh", origin=None):
    return {name: Failed(measurement=name, error=error, origin=origin or name)}


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        (failed("key"), ["key: failed: ZeroDivisionError: oh"]),
        (
            failed("key") | failed("tempo"),
            ["key: failed: ZeroDivisionError: oh", "tempo: failed: ZeroDivisionError: oh"],
        ),
        (
            failed("chords", origin="key") | failed("key") | failed("tempo", error="KeyError: oh"),
            ["key and chords: failed: ZeroDivisionError: oh", "tempo: failed: KeyError: oh"],
        ),
        (
            {k: v for name in ("beats", "chords", "loops") for k, v in failed(name, origin="voice_track").items()},
            ["beats, chords and loops: needs voice track, which failed: ZeroDivisionError: oh"],
        ),
        (
            {
                k: v
                for number, name in enumerate(("beats", "chords", "key", "loops", "tempo"))
                for k, v in failed(name, error=NO_MEMORY, origin=name if number > 2 else f"view_{number}").items()
            },
            [f"loops, tempo, beats and 2 more: failed: {NO_MEMORY}"],
        ),
    ],
)
def test_what_failed_for_one_cause_is_one_line(outcomes, said):
    assert failures(with_outcomes(example_song(), outcomes)) == said


def test_what_nothing_makes_is_named(choir):
    made = choir(sing)
    with pytest.raises(TypeError, match="chorus needs a Echo, which nothing makes"):
        run(made, Chorus)


def test_every_file_of_the_package_is_discovered():
    names = {step.name for step in steps.analyzers()}
    folder = Path(steps.__file__).parent / "analyzers"
    assert names == {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert not names & {step.name for step in steps.views()}


def test_what_analyzers_need_can_be_made_from_audio_alone():
    assert steps.closure(steps.analyzers(), ROOTS)


def test_a_song_answers_by_type_and_by_path():
    from riffscope.errors import NotMeasured

    source = types.SimpleNamespace()
    song = SongAnalysis(source=source, outcomes={"chorus": Measured(value=Chorus(level=2.0), version=1, seconds=0.0)})
    assert song[Chorus].level == song.measure("chorus.level") == 2
    assert song.get(Loudness) is None
    with pytest.raises(NotMeasured, match="loudness: it was not measured"):
        song[Loudness]
    with pytest.raises(NotMeasured, match="there is no pitch in chorus"):
        song.measure("chorus.pitch")
    quiet = SongAnalysis(source=source, outcomes={"vocal_range": missing("vocal_range", "no one sings")})
    with pytest.raises(NotMeasured, match="vocal_range: no one sings"):
        quiet[VocalRange]


def test_a_song_shows_itself_in_a_notebook():
    shown = judged_song()._repr_html_()
    assert shown.count("<tr>") == len(list(judged_song().summaries())) + len(judged_song().verdicts)
    assert "123.0 BPM" in shown
    assert "not testable" in shown


def test_a_title_with_markup_stays_text_in_a_notebook():
    shown = example_song(title="<script>alert(1)</script>")._repr_html_()
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown


def test_what_is_missing_says_why_in_a_notebook():
    song = with_outcomes(example_song(), {"vocal_range": missing("vocal_range", "no one <sings>")})
    assert "no one &lt;sings&gt;" in song._repr_html_()
