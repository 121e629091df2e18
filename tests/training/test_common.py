"""Constants that are tried and set back, the cache of features, and the report."""

import dataclasses
import types

import numpy as np
import pytest

from labelled import known_of, song_of, write_set
from riffscope.errors import Absence, NotMeasured
from training.common.command import read_command_line
from training.common.constants import number, overheard, today, tried
from training.common.features import Shelf
from training.common.fitting import CannotFit
from training.common.report import Group, compare, folds, report


@dataclasses.dataclass(frozen=True, kw_only=True)
class Numbers:
    numbers: np.ndarray


@pytest.fixture
def module():
    made = types.ModuleType("made")
    exec("LIMIT, WEIGHTS = 2.0, __import__('numpy').array([1.0, 3.0])\ndef over(x): return x > LIMIT", made.__dict__)
    return made


def test_constants_are_read_by_name(module):
    assert today(module, ["LIMIT", "WEIGHTS"]) == {"LIMIT": 2.0, "WEIGHTS": (1.0, 3.0)}
    with pytest.raises(AttributeError):
        today(module, ["RENAMED"])
    with pytest.raises(TypeError, match="2 numbers"):
        number(today(module, ["WEIGHTS"]), "WEIGHTS")


def test_what_is_tried_is_set_back_whatever_happens(module):
    def fail():
        with tried(module, {"LIMIT": 5.0, "WEIGHTS": (0.0, 0.0)}):
            assert not module.over(3)
            assert isinstance(module.WEIGHTS, np.ndarray)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert module.over(3)
    np.testing.assert_array_equal(module.WEIGHTS, [1, 3])
    with pytest.raises(AttributeError), tried(module, {"RENAMED": 1.0}):
        pass


def test_calls_are_overheard_and_left_as_they_are(module):
    function = module.over
    with overheard(module, "over") as calls:
        assert module.over(3)
    assert [(call.given, call.gave) for call in calls] == [((3,), True)]
    assert module.over is function


def test_features_are_read_once(tmp_path):
    write_set(tmp_path)
    songs, shelf, reads = [song_of(tmp_path, "sung")], Shelf(folder=tmp_path / "kept"), []

    def read(song):
        reads.append(song.name)
        return Numbers(numbers=np.arange(3.0))

    for _ in range(2):
        (known,) = shelf.gather(Numbers, songs, read, of="numbers")
        np.testing.assert_array_equal(known.features.numbers, [0, 1, 2])
    assert len(reads) == 1
    (tmp_path / "sung.wav").write_bytes(b"another sound")
    shelf.gather(Numbers, songs, read, of="numbers")
    dataclasses.replace(shelf, fresh=True).gather(Numbers, songs, read, of="numbers")
    assert len(reads) == 3


def test_a_song_without_features_is_asked_once_and_left_out(tmp_path, capsys):
    write_set(tmp_path)
    songs, shelf, reads = [song_of(tmp_path, "sung"), song_of(tmp_path, "played")], Shelf(folder=tmp_path), []

    def read(song):
        reads.append(song.name)
        if "sung" in song.name:
            raise NotMeasured("key", Absence.TOO_SHORT, "is too short")

    for _ in range(2):
        assert shelf.gather(Numbers, songs, read, of="numbers") == []
    assert len(reads) == 2
    assert "one/sung: left out" in capsys.readouterr().err


def mean_group(**more):
    """Fits the mean of numbers and judges how far single ones are from it."""

    def learn(songs):
        if not songs:
            raise CannotFit("no song")
        return {"MEAN": float(np.mean([song.numbers for song in songs]))}

    def judge(song, constants):
        return {"error": abs(float(song.numbers) - constants["MEAN"])}

    return Group(title="Means", today={"MEAN": 0.0}, learn=learn, judge=judge, **more)


def numbers(*values):
    return [Numbers(numbers=np.array(value)) for value in values]


def test_sets_are_held_back_whole(tmp_path):
    known = known_of(numbers(1, 10, 2, 20), tmp_path, sets=("one", "two"))
    parts = [([float(f.numbers) for f in learnt], [float(f.numbers) for f in held]) for learnt, held in folds(known)]
    assert parts == [([10, 20], [1, 2]), ([1, 2], [10, 20])]


def test_songs_of_one_set_are_held_back_in_ten_parts(tmp_path):
    known = known_of(numbers(*range(25)), tmp_path)
    parts = list(folds(known))
    assert len(parts) == 10
    assert sorted(float(f.numbers) for _, held in parts for f in held) == list(range(25))
    assert all(len(learnt) + len(held) == 25 for learnt, held in parts)


def test_new_constants_are_judged_on_songs_that_they_were_not_fitted_on(tmp_path):
    compared = compare(mean_group(), known_of(numbers(1, 3), tmp_path))
    assert compared.today == {"error": 2.0}
    assert compared.new == {"error": 2.0}  # each by the other, not .5 by the mean of both
    assert compared.songs == 2


def test_the_report_shows_both(tmp_path, capsys):
    report(mean_group(note="Mind the gap."), known_of(numbers(1, 2, 6), tmp_path))
    told = capsys.readouterr().out
    assert "3 songs of one; songs held back in turn" in told
    assert "MEAN  0  3" in told
    assert "Mind the gap." in told


def test_the_report_says_why_there_is_no_fit(capsys):
    report(mean_group(), [])
    assert "cannot be fitted on these: no song" in capsys.readouterr().out


def test_the_command_line_chooses_songs(tmp_path):
    folder = write_set(tmp_path / "small")
    chosen = read_command_line("", [str(folder), "--limit", "1", "--cache", str(tmp_path), "--separator", "none"])
    assert [song.name for song in chosen.songs] == ["small/sung"]
    assert (chosen.separator, chosen.shelf.folder) == ("none", tmp_path)
