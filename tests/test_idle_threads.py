"""Parts of a step that idle threads do: the same answers in the same order, and an end when nobody waits for them."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from riffscope import idle_threads, song
from riffscope.idle_threads import AT_ONCE, Abandoned, in_order, lent_by
from riffscope.model import Measured, value
from riffscope.steps import read_step, view

PARTS = range(20)


@pytest.fixture
def pool():
    with ThreadPoolExecutor(2) as threads:
        yield threads


def asked_by_a_step(pool, work, items=PARTS):
    """What the parts give where a step that runs on the pool asks for them."""

    def step():
        with lent_by(pool):
            return list(in_order(work, items))

    return pool.submit(step).result(10)


def test_the_answers_come_in_order_whoever_is_quicker(pool):
    def work(part):
        time.sleep(0.01 * (part % 3))
        return part * part

    assert asked_by_a_step(pool, work) == [part * part for part in PARTS]
    assert list(in_order(work, PARTS)) == [part * part for part in PARTS]


def test_an_idle_thread_helps_and_a_step_that_is_alone_does_it_all_itself(pool):
    by = set()
    together = threading.Barrier(2)

    def work(part):
        by.add(threading.get_ident())
        if part < 2:
            together.wait(5)  # two parts are worked on at once, or this breaks

    asked_by_a_step(pool, work)
    assert len(by) == 2
    by.clear()
    list(in_order(lambda _: by.add(threading.get_ident()), PARTS))
    assert by == {threading.get_ident()}


def test_where_the_other_threads_are_busy_nothing_waits_for_them(pool):
    over = threading.Event()
    busy = pool.submit(over.wait, 20)
    assert asked_by_a_step(pool, lambda part: part) == list(PARTS)
    assert not busy.done()
    over.set()


def test_only_so_many_parts_are_there_at_a_time(pool):
    begun, taken, most = [], [], []

    def step():
        with lent_by(pool):
            for part in in_order(begun.append, PARTS):
                most.append(len(begun) - len(taken))
                taken.append(part)

    pool.submit(step).result(10)
    assert max(most) <= AT_ONCE


def test_without_helpers_a_part_is_begun_when_it_is_asked_for():
    begun = []
    parts = in_order(begun.append, PARTS)
    next(parts)
    next(parts)
    assert begun == [0, 1]


def test_what_a_part_raises_comes_when_it_is_its_turn(pool):
    def work(part):
        if part == 3:
            raise ValueError("three")
        return part

    seen = []

    def step():
        with lent_by(pool):
            seen.extend(in_order(work, PARTS))

    with pytest.raises(ValueError, match="three"):
        pool.submit(step).result(10)
    with pytest.raises(ValueError, match="three"):
        list(in_order(work, PARTS))


@value
class Sound:
    level: float


@value
class Long:
    level: float


@value
class Short:
    level: float


def test_an_interrupt_ends_a_step_that_works_part_by_part(monkeypatch, caplog):
    """As the interrupt would come to the thread that waits for the steps."""
    done, ended = [], threading.Event()

    def part(number):
        done.append(number)
        time.sleep(0.02)

    @view
    def work_long(sound: Sound) -> Long:
        try:
            for _ in in_order(part, range(1000)):
                pass
        except Abandoned:
            ended.set()
            raise
        return Long(level=sound.level)

    @view
    def work_short(sound: Sound) -> Short:
        while len(done) < 3:
            time.sleep(0.01)
        return Short(level=sound.level)

    def interrupted(*_):
        raise KeyboardInterrupt

    made = {step.produces: step for step in map(read_step, (work_long, work_short))}
    monkeypatch.setattr(song.steps, "producers", lambda: made)
    sound = Measured(value=Sound(level=1.0), version=0, seconds=0.0)
    with pytest.raises(KeyboardInterrupt):
        song._run([made[Long], made[Short]], {Sound: sound}, 2, interrupted)
    assert ended.wait(2)
    assert len(done) < 500
    assert not caplog.records  # it is no fault of the step's


def test_on_one_thread_a_step_has_no_helpers(monkeypatch):
    lent = []

    @view
    def work_long(sound: Sound) -> Long:
        lent.append(idle_threads._HELPERS.get())
        return Long(level=sound.level)

    made = {Long: read_step(work_long)}
    monkeypatch.setattr(song.steps, "producers", lambda: made)
    sound = Measured(value=Sound(level=1.0), version=0, seconds=0.0)
    for threads in (1, 2):
        song._run([made[Long]], {Sound: sound}, threads, lambda *_: None)
    alone, with_another = lent
    assert alone is None
    assert with_another is not None
