"""A small campaign of the fuzzer, and that it sees what it looks for."""

import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import fuzz
import page_fuzz
import spoiling

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="each mutant is read in a forked process"),
]


def test_three_hundred_mutants_do_no_harm():
    """In a process of their own: of one in which other tests ran, threads may hold what a fork of it needs."""
    done = subprocess.run(
        [sys.executable, fuzz.__file__, "--count", "300", "--seed", "2026"],
        env=os.environ | {"PYTHONWARNINGS": "ignore::DeprecationWarning"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    *table, told = done.stdout.split("\n\n")[0].splitlines() + done.stdout.splitlines()[-1:]
    assert re.fullmatch(r"300 mutants of seed 2026 in \d+ s: 0 wrong", told)
    refused = table[0].split().index("refused")
    counts = [[int(count) for count in line[14:].split()] for line in table[1:]]
    assert sum(map(sum, counts)) == 300
    assert sum(row[refused] for row in counts) < 250


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


def test_what_is_put_into_mutants_stays_as_it_is():
    before = repr(spoiling.ODD)
    for number in range(3000):
        spoiling.spoil_json(b'{"a": {"b": [1, 2]}, "c": 3}', random.Random(number))
    assert repr(spoiling.ODD) == before


def test_a_mutant_follows_from_the_seed_and_its_number():
    first, again = ([content for _, _, content, _ in fuzz.mutants(20, 7)] for _ in range(2))
    assert first == again
    assert len(set(first)) > 15


@pytest.mark.parametrize(
    ("status", "kind", "body", "sees"),
    [
        (200, "text/html", b"<p>Songs</p>", ""),
        (404, "application/json", b'{"error": "It is not there."}', ""),
        (507, "application/json", b'{"error": "There is not enough room on the disk for this file."}', ""),
        (500, "application/json", b'{"error": "oh"}', "500"),
        (400, "application/json", b'{"error": "two\\nlines"}', "not one line"),
        (409, "text/html", b"<p>/of-the-page/library/uploads: is damaged</p>", "the answer says"),
        (200, "text/html", b"<pre>Traceback (most recent call last)</pre>", "the answer says"),
    ],
)
def test_it_sees_what_the_page_must_never_answer(status, kind, body, sees):
    page = page_fuzz.Page()
    page._folder = Path("/of-the-page")
    try:
        said = page._looked_at((status, {"content-type": kind}, body), b"GET / HTTP/1.1")
    except AssertionError as why:
        said = str(why)
    assert (sees in said) if sees else said in {"fine", "refused"}


@pytest.mark.parametrize(
    ("content", "method"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET"),
        (b"GET / HTTP/1.1\r\nHost: x", None),
        (b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n123", None),
        (b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n123", "PUT"),
        (b"no request\r\n\r\n", "GET"),
    ],
)
def test_only_what_is_whole_has_to_be_answered(content, method):
    assert page_fuzz._method_if_whole(content) == method
