"""The list of recordings can be read, and names everything that figures are measured on."""

import json

import pytest

from benchmarks.recordings import DATA, as_toml, differences, list_set, read_list


def test_every_recording_has_a_source_and_a_licence():
    recordings = read_list()
    assert len({(each.set, each.file) for each in recordings}) == len(recordings) >= 120
    assert all(each.source and each.licence and len(each.sha256) == 64 and each.duration_s > 0 for each in recordings)


def test_a_list_is_read_as_it_was_written(tmp_path):
    folder = tmp_path / "dev"
    folder.mkdir()
    (folder / "a.ogg").write_bytes(b"sound")
    item = {
        "file": "a.ogg", "source_repo": "them/songs", "source_path": 'say "é".ogg', "licence": "CC BY 4.0",
        "duration_s": 3.0, "annotation_types": ["tempo"], "annotation_quality": "by ear",
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps({"items": [item]}))
    recordings = list(list_set(folder))
    (tmp_path / "list.toml").write_text(as_toml(recordings), "utf-8")
    assert read_list(tmp_path / "list.toml") == recordings
    assert differences(recordings, tmp_path) == []
    (folder / "a.ogg").write_bytes(b"other sound")
    assert differences(recordings, tmp_path) == ["dev/a.ogg: not the file of the list"]


@pytest.mark.skipif(not DATA.exists(), reason="the annotated sets are not beside the project")
def test_every_recording_of_the_sets_is_listed():
    listed = {(each.set, each.file) for each in read_list()}
    for manifest in DATA.glob("*/manifest.json"):
        items = json.loads(manifest.read_text("utf-8"))["items"]
        assert {(manifest.parent.name, item["file"]) for item in items} <= listed
