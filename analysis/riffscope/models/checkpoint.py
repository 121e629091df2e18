"""Reads the weights out of a TensorFlow checkpoint (format V2) without TensorFlow.

A checkpoint is an index, which is a LevelDB table from tensor names to places, and the raw numbers. No length or offset
in either is believed before it has been checked against what is there. Checksums are left out: the files' SHA-256 is
checked before they come here, and CRC-32C of 78 MB would take pure Python half a minute.

References
----------
TensorFlow, ``core/protobuf/tensor_bundle.proto`` and ``core/framework/tensor_shape.proto`` (the entries);
LevelDB, ``doc/table_format.md`` (the table, its blocks and its footer).
"""

import math
from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np

from riffscope.arrays import Float32s
from riffscope.errors import BadModel

# How a LevelDB table ends, by its table_format.md ...
TABLE_MAGIC = (0xDB4775248B80FB57).to_bytes(8, "little")
# ... after a footer of this length.
FOOTER_BYTES = 48
# Each block is followed by the kind of its compression and a checksum.
BLOCK_TRAILER_BYTES = 5
# The kind for none.
UNCOMPRESSED = b"\0"
# DT_FLOAT of TensorFlow's types.proto.
FLOAT = 1

# Limits far above what Spleeter's index holds, which is 5 kB ...
MAX_INDEX_BYTES = 100_000
# ... with 150 entries ...
MAX_ENTRIES = 10_000
# ... whose keys have at most 39 bytes ...
MAX_KEY_BYTES = 1000
# ... and whose shapes at most 4 dimensions.
MAX_DIMENSIONS = 8


def read_checkpoint(index: bytes, data: bytes) -> dict[str, Float32s]:
    """Read every float32 tensor of a checkpoint that has one data file.

    Parameters
    ----------
    index, data : bytes
        Contents of ``*.index`` and ``*.data-00000-of-00001``.

    Returns
    -------
    dict of float32 arrays, read-only
        Views of `data`. Tensors of other types (a step count) are left out.

    Raises
    ------
    BadModel
        Anything is not as the format says.
    """
    if len(index) > MAX_INDEX_BYTES:
        raise BadModel("the checkpoint's index is too large")
    tensors: dict[str, Float32s] = {}
    for key, entry in _table(index):
        if key == b"":
            _check_header(entry)
            continue
        tensor = _tensor(entry, data)
        if tensor is None:
            continue
        try:
            tensors[key.decode("ascii")] = tensor
        except UnicodeDecodeError:
            raise BadModel("the checkpoint holds a tensor whose name is not text") from None
    if not tensors:
        raise BadModel("the checkpoint holds no weights")
    return tensors


# ------------------------------------------------------------------------------------------------------------- tensors
def _check_header(content: bytes) -> None:
    """BundleHeaderProto: the numbers lie in one file, the lowest byte first."""
    header = _fields(content)
    if header.number(1) != 1 or header.number(2) != 0:
        raise BadModel("the checkpoint is in several files or big-endian, which riffscope does not read")


def _tensor(content: bytes, data: bytes) -> Float32s | None:
    """BundleEntryProto: type, shape, place. None where it is not float32."""
    entry = _fields(content)
    if entry.number(1) != FLOAT:
        return None
    if entry.number(3) != 0 or entry.messages(7):
        raise BadModel("the checkpoint holds a tensor in slices, which riffscope does not read")
    shape = [_fields(dimension).number(1) for part in entry.messages(2) for dimension in _fields(part).messages(2)]
    offset, size = entry.number(4), entry.number(5)
    if len(shape) > MAX_DIMENSIONS or size == 0 or math.prod(shape) * 4 != size or offset + size > len(data):
        raise BadModel("the checkpoint holds a tensor whose size, shape and place do not agree")
    return np.frombuffer(data, "<f4", count=size // 4, offset=offset).reshape(shape)


# --------------------------------------------------------------------------------------------------------- the table
def _table(table: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give the entries of a LevelDB table, their keys increasing."""
    if len(table) < FOOTER_BYTES or table[-8:] != TABLE_MAGIC:
        raise BadModel("the checkpoint's index is not a table")
    footer = _Bytes(table[-FOOTER_BYTES:-8])
    _handle(footer)  # of the meta index, which TensorFlow leaves empty
    before, count = None, 0
    for _, handle in _block(table, *_handle(footer)):
        for key, content in _block(table, *_handle(_Bytes(handle))):
            if before is not None and key <= before:
                raise BadModel("the checkpoint's index is not in order")
            before, count = key, count + 1
            if count > MAX_ENTRIES:
                raise BadModel("the checkpoint's index has too many entries")
            yield key, content


def _handle(source: "_Bytes") -> tuple[int, int]:
    """Where a block lies, and its size without the trailer."""
    return source.varint(), source.varint()


def _block(table: bytes, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Give the entries of a block: each key says how much of the one before it begins with."""
    if offset + size + BLOCK_TRAILER_BYTES > len(table) - FOOTER_BYTES:
        raise BadModel("the checkpoint's index points outside itself")
    if table[offset + size : offset + size + 1] != UNCOMPRESSED:
        raise BadModel("the checkpoint's index is compressed, which riffscope does not read")
    block = table[offset : offset + size]
    # It ends with the places where keys are written in full, and how many of those there are.
    tail_bytes = 4 + 4 * int.from_bytes(block[-4:], "little")
    if tail_bytes > size:
        raise BadModel("the checkpoint's index is damaged")
    entries = _Bytes(block[: size - tail_bytes])
    key = b""
    while entries.left:
        shared, added, length = entries.varint(), entries.varint(), entries.varint()
        if shared > len(key) or shared + added > MAX_KEY_BYTES:
            raise BadModel("the checkpoint's index holds a key that cannot be")
        key = key[:shared] + entries.take(added)
        yield key, entries.take(length)


# -------------------------------------------------------------------------------------------------------- the bytes
class _Bytes:
    """Bytes that are read forwards, never past their end."""

    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, 0

    @property
    def left(self) -> int:
        return len(self._content) - self._at

    def take(self, count: int) -> bytes:
        if count > self.left:
            raise BadModel("the checkpoint's index is cut short")
        self._at += count
        return self._content[self._at - count : self._at]

    def varint(self) -> int:
        """Seven bits a byte, the lowest first; at most ten bytes."""
        number = 0
        for shift in range(0, 70, 7):
            byte = self.take(1)[0]
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return number
        raise BadModel("the checkpoint's index holds a number that does not end")


class _Fields(NamedTuple):
    """The fields of a protocol buffer message, each with its number."""

    numbers: dict[int, int]
    texts: list[tuple[int, bytes]]

    def number(self, field: int) -> int:
        """An integer field; 0 where it is absent, as in proto3."""
        return self.numbers.get(field, 0)

    def messages(self, field: int) -> list[bytes]:
        """All contents of a field that may be repeated."""
        return [content for number, content in self.texts if number == field]


# The kinds of fields of fixed length in a protocol buffer, and their bytes.
_FIXED_BYTES: dict[int, Literal[4, 8]] = {1: 8, 5: 4}


def _fields(message: bytes) -> _Fields:
    source, numbers, texts = _Bytes(message), dict[int, int](), list[tuple[int, bytes]]()
    while source.left:
        field, kind = divmod(source.varint(), 8)
        if kind == 0:
            numbers[field] = source.varint()
        elif kind == 2:
            texts.append((field, source.take(source.varint())))
        elif kind in _FIXED_BYTES:
            source.take(_FIXED_BYTES[kind])
        else:
            raise BadModel("the checkpoint's index holds a field of an unknown kind")
    return _Fields(numbers, texts)
