"""The reader against a writer made for it, and against damage of every kind."""

import random
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.tiny_spleeter import (
    TABLE_MAGIC,
    block,
    entry,
    header,
    integer,
    message,
    table,
    tiny_weights,
    varint,
    write_checkpoint,
)
from riffscope.errors import BadModel
from riffscope.models.checkpoint import read_checkpoint


@pytest.mark.parametrize("per_block", [1, 7, 1000])
def test_weights_come_back_as_they_were_written(per_block):
    weights = tiny_weights()
    found = read_checkpoint(*write_checkpoint(weights, per_block))
    assert found.keys() == weights.keys()
    for name, tensor in weights.items():
        assert found[name].shape == tensor.shape
        np.testing.assert_array_equal(found[name], tensor)


@given(
    shapes=st.dictionaries(
        st.text("abc_/0", min_size=1, max_size=30), st.lists(st.integers(1, 5), max_size=4), min_size=1, max_size=40
    ),
    per_block=st.integers(1, 50),
)
@settings(max_examples=50, deadline=None)
def test_any_names_and_shapes_come_back(shapes, per_block):
    rng = np.random.default_rng(0)
    tensors = {name: rng.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
    found = read_checkpoint(*write_checkpoint(tensors, per_block))
    assert found.keys() == tensors.keys()
    assert all(np.array_equal(found[name], tensors[name]) for name in tensors)


def test_other_types_than_float_are_left_out():
    index = table([(b"", header()), (b"a", entry([2], 0, 8)), (b"global_step", entry([], 8, 8, kind=9))])
    assert read_checkpoint(index, bytes(16)).keys() == {"a"}


def test_weights_cannot_be_changed_by_accident():
    found = read_checkpoint(*write_checkpoint({"a": np.ones(2, np.float32)}))
    assert not found["a"].flags.writeable


def one_entry(content):
    return table([(b"", header()), (b"a", content)])


FAR = 2**63 - 1
DAMAGED = {
    "empty": b"",
    "no table": bytes(200),
    "footer alone": bytes(40) + TABLE_MAGIC,
    "too large": bytes(200_000) + TABLE_MAGIC,
    "no weights": table([(b"", header())]),
    "two files": table([(b"", header(shards=2)), (b"a", entry([2], 0, 8))]),
    "big-endian": table([(b"", header() + integer(2, 1)), (b"a", entry([2], 0, 8))]),
    "in the second file": one_entry(entry([2], 0, 8) + integer(3, 1)),
    "in slices": one_entry(entry([2], 0, 8) + message(7, b"")),
    "compressed": table([(b"", header()), (b"a", entry([2], 0, 8))], compression=b"\1"),
    "beyond the data": one_entry(entry([4], 4, 16)),
    "far beyond the data": one_entry(entry([2], FAR, 8)),
    "larger than the data": one_entry(entry([2**20], 0, 2**22)),
    "shape and size differ": one_entry(entry([3], 0, 8)),
    "shape without size": one_entry(entry([0, FAR], 0, 0)),
    "shape past all numbers": one_entry(entry([FAR, FAR, FAR], 0, 8)),
    "negative length": one_entry(entry([2**64 - 2], 0, 8)),
    "too many dimensions": one_entry(entry([1] * 100 + [2], 0, 8)),
    "name is not text": table([(b"", header()), (b"\xff\xfe", entry([2], 0, 8))]),
    "out of order": table([(b"b", entry([2], 0, 8)), (b"a", entry([2], 0, 8))]),
    "the same twice": table([(b"a", entry([2], 0, 8)), (b"a", entry([2], 0, 8))]),
    "number without end": one_entry(b"\x08" + b"\xff" * 20),
    "field of an unknown kind": one_entry(varint(8 + 3)),
    "text past the end": one_entry(varint(8 * 2 + 2) + varint(FAR)),
    "key past all bounds": table([(b"a" * 2000, entry([2], 0, 8))]),
    "endless many": table([(b"%06d" % n, b"") for n in range(10_010)], per_block=20_000),
    "handle past the end": block([]) + bytes(5) + (varint(0) * 2 + varint(FAR) * 2).ljust(40, b"\0") + TABLE_MAGIC,
    "restarts past the end": b"\xff" * 8 + bytes(5) + (varint(0) * 3 + varint(8)).ljust(40, b"\0") + TABLE_MAGIC,
}


@pytest.mark.parametrize("name", DAMAGED)
def test_what_is_not_a_checkpoint_is_refused_in_words(name):
    with pytest.raises(BadModel, match=r"^the checkpoint"):
        read_checkpoint(DAMAGED[name], bytes(16))


def test_damage_anywhere_is_refused_or_does_no_harm():
    """Bytes changed, lost, doubled and cut: never another error, never more memory than the file is worth."""
    weights = {name: tensor for name, tensor in tiny_weights().items() if name.startswith("conv2d_1")}
    index, data = write_checkpoint(weights, per_block=6)
    rng = random.Random(1)
    refused = 0
    tracemalloc.start()
    try:
        for _ in range(2000):
            damaged = bytearray(index)
            for _ in range(rng.choice([1, 1, 1, 2, 5])):
                at = rng.randrange(len(damaged))
                match rng.randrange(5):
                    case 0:
                        damaged[at] = rng.randrange(256)
                    case 1:
                        damaged[at] ^= 1 << rng.randrange(8)
                    case 2:
                        del damaged[at : at + rng.randrange(1, 9)]
                    case 3:
                        damaged[at:at] = bytes(rng.choices([0, 1, 0x7F, 0x80, 0xFF], k=rng.randrange(1, 12)))
                    case 4:
                        damaged = damaged[: at + 1]
            try:
                found = read_checkpoint(bytes(damaged), data)
            except BadModel:
                refused += 1
            else:
                assert all(tensor.nbytes <= len(data) and tensor.dtype == np.float32 for tensor in found.values())
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
    assert 500 < refused < 2000


@pytest.mark.parametrize("missing", [1, 4, 100])
def test_data_that_was_cut_short_is_refused(missing):
    index, data = write_checkpoint(tiny_weights())
    with pytest.raises(BadModel, match="do not agree"):
        read_checkpoint(index, data[:-missing])
