"""What the scripts hear of a short song that is made here."""

import dataclasses

import numpy as np
import pytest

import training.key.fit as key_fit
import training.rhythm.fit as rhythm_fit
import training.riff.fit as riff_fit
import training.structure.fit as structure_fit
from benchmarks.items import Item
from signals import band, write_sound
from training.common.songs import Song

RATE_HZ = 22050


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    """Twelve bars of a band at 120 BPM, labelled."""
    folder = tmp_path_factory.mktemp("set")
    made = band(120.0)
    samples = made[0] if isinstance(made, tuple) else made
    write_sound(folder / "band.wav", samples, RATE_HZ)
    beats_s = 0.3 + np.arange(48) * 0.5
    (folder / "band.beats").write_text("\n".join(f"{beat_s}\t{k % 4 + 1}" for k, beat_s in enumerate(beats_s)))
    truth = {
        "tempo": {"bpm": 120.0},
        "key": {"tonic": "A", "mode": "minor"},
        "riff": {"present": True, "spans": [[0.3, 24.3]]},
        "sections": [{"start": 0.3, "content": "riff"}, {"start": 12.3, "content": "riff"}],
    }
    kinds = frozenset({"tempo", "beats", "downbeats", "key", "riff_spans"})
    item = Item(folder=folder, file="band.wav", duration_s=25.0, kinds=kinds, truth=truth, beats_file="band.beats")
    return Song(set_name="set", item=item)


def test_the_ways_to_count_are_heard(song):
    heard = rhythm_fit.read_levels(song)
    assert heard.evidence.shape == (len(heard.bpm), 6)
    assert heard.right is not None
    assert heard.beat_f > 0.9


def test_the_beats_of_the_level_that_was_chosen_are_heard(song):
    heard = rhythm_fit.read_downbeats(song)
    assert heard.log_odds.shape == heard.times_s.shape == heard.is_downbeat.shape
    assert heard.onsets.shape[1] == len(heard.times_s)
    assert heard.is_beat.mean() > 0.9


def test_the_bars_of_a_song_and_their_chords_are_read(song):
    told = [
        {"start": 0.3 + 2 * bar, "end": 2.3 + 2 * bar, "label": ("C", "A:min", "F", "G")[bar % 4]} for bar in range(12)
    ]
    labelled = dataclasses.replace(song, item=dataclasses.replace(song.item, truth=song.item.truth | {"chords": told}))
    heard = key_fit.read(labelled)
    assert int(heard.truth) == 9 + 12
    assert heard.notes.shape == (len(heard.named), 3, 12, 4, 4)
    known = heard.named >= 0
    assert known.sum() >= 10
    assert (heard.chords.argmax(axis=1)[known] == heard.named[known]).mean() > 0.8


def test_the_lines_of_a_song_have_cues(song):
    heard = structure_fit.read(song)
    assert heard.cues.shape == (len(heard.lines_s) - 2, 8)
    assert heard.is_boundary.sum() == 1
    assert heard.is_same.tolist() == [True]


def test_what_comes_round_is_found(song):
    heard = riff_fit.read(song)
    assert heard is not None
    assert heard.is_riff.all()
