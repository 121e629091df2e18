"""A small campaign of the fuzzer, and that it sees what it looks for."""

import os
import signal
import time

import pytest

import fuzz

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="each mutant is read in a forked process"),
]


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_three_hundred_mutants_do_no_harm():
    results, wrong = fuzz.campaign(300, seed=2026)
    assert not wrong
    assert results.total() == 300
    assert sum(count for (_, what), count in results.items() if what != "refused") > 50


def dies():
    os.kill(os.getpid(), signal.SIGSEGV)


def speaks():
    os.write(2, b"a library has its opinion\n")
    return "ok"


@pytest.mark.parametrize(
    ("work", "sees"),
    [
        (lambda: "ok", ""),
        (lambda: {}["no such key"], "KeyError"),
        (lambda: fuzz.check_line("two\nlines"), "not one line"),
        (lambda: bytearray(64 << 30) and "ok", "MemoryError"),
        (lambda: os._exit(3), "says nothing"),
        (dies, "crashes"),
        (lambda: time.sleep(60), "hangs"),
        (speaks, "on stderr"),
    ],
)
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_it_sees_what_must_never_happen(tmp_path, monkeypatch, work, sees):
    monkeypatch.setattr(fuzz, "WALL_S", 2)
    _, wrong = fuzz.in_a_child(work, tmp_path)
    assert (sees in wrong) if sees else (not wrong)


def test_a_mutant_follows_from_the_seed_and_its_number():
    first, again = ([content for _, _, content, _ in fuzz.mutants(20, 7)] for _ in range(2))
    assert first == again
    assert len(set(first)) > 15
