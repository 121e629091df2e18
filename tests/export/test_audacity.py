import dataclasses

import pytest

from melodies import beats_at, contour_of, song_with, sung
from riffscope.analyzers.chords import Chords
from riffscope.analyzers.key import Key, KeyPart
from riffscope.analyzers.loops import Loops
from riffscope.analyzers.structure import Section, Structure
from riffscope.errors import CannotMeasure
from riffscope.export.audacity import audacity
from riffscope.progressions import ChordSpan
from songs import example_song, songs

SONGS = songs()


def labels(song, folder):
    """Each file's labels as Audacity reads them: start, end and text, with a tab between."""
    found = {}
    for path in audacity(song, folder=folder):
        rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
        assert all(len(row) == 3 for row in rows)
        found[path.name.split(".")[1]] = [(float(start), float(end), text) for start, end, text in rows]
        assert all(0 <= start <= end for start, end, _ in found[path.name.split(".")[1]])
    return found


def test_each_kind_is_a_file_named_after_the_song(tmp_path):
    paths = audacity(example_song(), folder=tmp_path)
    assert [path.name for path in paths] == [
        f"closet.{kind}.txt" for kind in ("beats", "bars", "sections", "chords", "riff", "sung", "notes")
    ]


def test_beats_are_points_numbered_within_their_bar_and_bars_from_the_first(tmp_path):
    found = labels(song_with(beats_at([0.5, 1.0, 1.5, 2.0, 2.5], first_downbeat=1, beats_per_bar=3)), tmp_path)
    assert found == {
        "beats": [(0.5, 0.5, "3"), (1.0, 1.0, "1"), (1.5, 1.5, "2"), (2.0, 2.0, "3"), (2.5, 2.5, "1")],
        "bars": [(1.0, 1.0, "1"), (2.5, 2.5, "2")],
    }


def test_the_passes_of_the_riff_follow_one_another_through_its_spans(tmp_path):
    song = example_song()
    found = labels(song, tmp_path)["riff"]
    riff = [label for label in found if label[2].startswith("riff")]
    loops = song[Loops]
    whole = [end - start for start, end, _ in riff]
    assert sorted(whole)[len(whole) // 2] == pytest.approx(loops.period_s, abs=1e-3)
    assert max(whole) == pytest.approx(loops.period_s, abs=1e-3)
    assert sum(whole) == pytest.approx(sum(span.duration_s for span in loops.spans), abs=1e-3)
    assert [text for *_, text in riff] == [f"riff {n}" for n in range(1, len(riff) + 1)]
    assert (loops.others[0].spans[0].start_s, "loop 2") in [(s, t) for s, _, t in found]


def test_a_label_stays_on_its_line_and_in_its_column(tmp_path):
    structure = Structure(sections=(Section(start_s=0.0, end_s=4.25, label="A\tB\n\\\t1\t2"),))
    (section,) = labels(song_with(structure), tmp_path)["sections"]
    assert section == (0.0, 4.25, "A\\tB\\n\\\\t1\\t2")


def test_each_part_is_named_by_its_key(tmp_path):
    parts = (
        KeyPart(start_s=0.5, end_s=64.0, tonic="C", mode="major", confidence_fraction=0.9),
        KeyPart(start_s=64.0, end_s=128.25, tonic="C#", mode="minor", confidence_fraction=0.8),
    )
    found = labels(song_with(dataclasses.replace(example_song()[Key], parts=parts), duration_s=130.0), tmp_path)
    assert found == {"keys": [(0.5, 64.0, "C major"), (64.0, 128.25, "C# minor")]}


def test_chords_are_written_as_musicians_do_and_spelled_for_the_key(tmp_path):
    spans = ((0.5, 2.5, "C#:min7"), (2.5, 3.0, "N"), (3.0, 5.0, "Eb:maj/3"))
    chords = Chords(spans=tuple(ChordSpan(start_s=a, end_s=b, label=label, probability=0.9) for a, b, label in spans))
    flat = dataclasses.replace(example_song()[Key], tonic="Ab", mode="major")
    expected = {False: ["C#m7", "N.C.", "D#/G"], True: ["Dbm7", "N.C.", "Eb/G"]}
    for flats, names in expected.items():
        found = labels(song_with(chords, *([flat] if flats else [])), tmp_path)["chords"]
        assert found == [(a, b, name) for (a, b, _), name in zip(spans, names, strict=True)]


def test_sung_notes_are_named(tmp_path):
    found = labels(song_with(sung(contour_of([(0.5, 1.0, 60), (1.5, 2.0, 61)], 2.5))), tmp_path)
    assert found == {"notes": [(0.5, 1.0, "C4"), (1.5, 2.0, "C#4")]}


def test_what_was_not_found_has_no_file(tmp_path):
    assert set(labels(SONGS["voiceless"], tmp_path)) == {"beats", "bars", "sections", "chords", "riff"}
    with pytest.raises(CannotMeasure, match="nothing to label"):
        audacity(SONGS["missing"], folder=tmp_path / "none")
    assert not (tmp_path / "none").exists()
