"""Two versions take turns, and their ratio comes with its spread."""

import subprocess

import pytest

from benchmarks import speed


def test_songs_add_up_and_memory_peaks():
    songs = [{"key": 0.5, "tempo": 0.1, "peak MB": 300.0}, {"key": 0.25, "peak MB": 500.0}]
    assert speed.together(songs) == {"key": 0.75, "peak MB": 500.0}


def test_the_ratio_is_that_of_each_round():
    ours = [{"key": 0.2, "beats": 0.001}, {"key": 0.3, "beats": 0.001}, {"key": 0.1, "beats": 0.001}]
    theirs = [{"key": 0.2, "beats": 0.002}, {"key": 0.2, "beats": 0.002}, {"key": 0.2, "beats": 0.002}]
    lines = speed.table({"here": ours, "HEAD~5": theirs}).splitlines()
    assert lines[1].split() == ["beats", "0.001", "0.002", "too", "short", "to", "time"]
    assert lines[2].split() == ["key", "0.200", "0.200", "1.00", "(0.50", "to", "1.50)"]


def test_one_version_alone_has_no_ratio():
    assert speed.table({"here": [{"key": 0.2}]}).splitlines()[1].split() == ["key", "0.200"]


def test_a_step_that_the_other_version_lacks_is_said():
    assert "only here" in speed.table({"here": [{"chords": 0.2}], "there": [{"key": 0.1}]})


def test_the_sides_take_turns_on_every_song(monkeypatch, tmp_path):
    turns = []

    def time_song(side, song, separator):
        turns.append((side, song))
        return {"key": 1.0}

    monkeypatch.setattr(speed, "time_song", time_song)
    sides = [speed.Side(name=name, python=tmp_path, sources=tmp_path) for name in ("here", "there")]
    taken = speed.run_rounds(sides, ["one", "two"], "none", 2)
    assert [(side.name, song) for side, song in turns[2:6]] == [
        ("here", "one"), ("there", "one"), ("here", "two"), ("there", "two"),
    ]  # fmt: skip
    assert taken == {"here": [{"key": 2.0}] * 2, "there": [{"key": 2.0}] * 2}


def test_no_such_commit_is_said(tmp_path):
    inside = subprocess.run(["git", "-C", speed.ROOT, "rev-parse"], check=False, capture_output=True)
    if inside.returncode:
        pytest.skip("not a git checkout")
    with pytest.raises(speed.CannotTime, match="no-such-commit: no commit"):
        speed.check_out("no-such-commit", tmp_path)
