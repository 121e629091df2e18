"""Takes known files out of downloaded archives that may be hostile: by exact name, of known size, with known content.

Nothing is extracted to the disk, no name in an archive becomes a path, and no size that it claims is believed.
"""

import gzip
import hashlib
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

from riffscope.errors import BadModel, one_line
from riffscope.models.card import Member

# How a zip begins (PKWARE's APPNOTE, 4.3.7) ...
ZIP_MAGIC = b"PK\x03\x04"
# ... and a gzip (RFC 1952, 2.3.1).
GZIP_MAGIC = b"\x1f\x8b"
# Both archives of Spleeter hold less than a fiftieth more than what is taken out of them.
MAX_TIMES_NEEDED = 2
# The directory of a zip is read in one piece; a wheel of 30 files needs 3 kB.
MAX_PIECE_BYTES = 1 << 20

# What the standard library quotes of an archive may be as long as the archive.
MAX_REASON_LETTERS = 200

# What the standard library raises when an archive is damaged, by intent or not.
_DAMAGE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
    LookupError,
    MemoryError,
)


class _Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


def read_members(archive: Path, members: Sequence[Member]) -> dict[str, bytes]:
    """Return the content of each member that a wheel (zip) or ``.tar.gz`` holds, by the member's name.

    Raises
    ------
    BadModel
        The archive is no regular file, is damaged, too large or neither of the two kinds; a member is encrypted, a
        link, or not what it should be.
    """
    if not archive.is_file():
        raise BadModel(f"{archive}: {'is not a regular file' if archive.exists() else 'no such file (check the path)'}")
    most_bytes = MAX_TIMES_NEEDED * sum(member.size_bytes for member in members) + MAX_PIECE_BYTES
    try:
        with archive.open("rb") as file:
            magic = file.read(4)
            if magic == ZIP_MAGIC:
                return _from_zip(_Fenced(file, most_bytes), members)
            if magic[:2] == GZIP_MAGIC:
                file.seek(0)
                with gzip.GzipFile(fileobj=file) as unpacked:
                    return _from_tar(_Fenced(unpacked, most_bytes), members)
    except BadModel as why:
        raise BadModel(f"{archive}: {why}") from None
    except _DAMAGE as why:
        reason = one_line(str(why))[:MAX_REASON_LETTERS] or type(why).__name__
        raise BadModel(f"{archive}: the archive is damaged or cannot be read ({reason})") from None
    raise BadModel(f"{archive}: is neither a wheel nor a .tar.gz")


def _from_zip(file: "_Fenced", members: Sequence[Member]) -> dict[str, bytes]:
    found = {}
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            for member in members:
                if info.filename not in member.paths or member.name in found:
                    continue
                if info.flag_bits & 1:
                    raise BadModel(f"{info.filename} is encrypted")
                _check_size(member, info.file_size)
                with archive.open(info) as content:
                    found[member.name] = _read_checked(content, member)
    return found


def _from_tar(file: "_Fenced", members: Sequence[Member]) -> dict[str, bytes]:
    found = {}
    with tarfile.open(fileobj=file, mode="r|") as archive:  # type: ignore[call-overload]
        for info in archive:
            for member in members:
                if info.name not in member.paths or member.name in found:
                    continue
                if info.type not in {tarfile.REGTYPE, tarfile.AREGTYPE} or info.issparse():
                    raise BadModel(f"{info.name} is not a regular file")
                _check_size(member, info.size)
                content = archive.extractfile(info)
                found[member.name] = _read_checked(content or io.BytesIO(), member)
    return found


def _check_size(member: Member, size_bytes: int) -> None:
    if size_bytes != member.size_bytes:
        raise BadModel(f"{member.name} has {size_bytes} bytes instead of {member.size_bytes}")


def _read_checked(content: _Stream, member: Member) -> bytes:
    """Read a member's known size and one byte more, and compare its hash."""
    pieces, left, digest = [], member.size_bytes + 1, hashlib.sha256()
    while left and (piece := content.read(min(left, MAX_PIECE_BYTES))):
        pieces.append(piece)
        digest.update(piece)
        left -= len(piece)
    if left != 1 or digest.hexdigest() != member.sha256:
        raise BadModel(f"{member.name} is not the file that riffscope knows (its SHA-256 differs)")
    return b"".join(pieces)


class _Fenced:
    """A file that can be read only in small pieces and only so far: no archive can ask for more memory than that."""

    def __init__(self, file: BinaryIO | gzip.GzipFile, most_bytes: int) -> None:
        self._file, self._most_bytes = file, most_bytes
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(MAX_PIECE_BYTES + 1 if size < 0 else min(size, MAX_PIECE_BYTES + 1))
        if len(content) > MAX_PIECE_BYTES:
            raise BadModel("the archive's directory is too large")
        if self._file.tell() > self._most_bytes:
            raise BadModel("the archive holds far more than the model")
        return content
