"""A Spleeter of a few hundred weights, and the TensorFlow checkpoint that holds it."""

import numpy as np

TABLE_MAGIC = (0xDB4775248B80FB57).to_bytes(8, "little")
CHANNELS_DOWN = (3, 2, 4, 3, 2, 5)
CHANNELS_UP = (3, 2, 2, 3, 2, 1)


def tiny_weights(seed=0, channels_down=CHANNELS_DOWN, channels_up=CHANNELS_UP):
    """Random weights of both nets, by the names in Spleeter's checkpoint."""
    rng = np.random.default_rng(seed)
    weights = {}

    def put(name, *shape, around=0.0, spread=1.0):
        weights[name] = (around + spread * rng.standard_normal(shape)).astype(np.float32)

    def nth(name, number):
        return name if number == 0 else f"{name}_{number}"

    for net in range(2):
        inputs = 2
        for level, outputs in enumerate(channels_down):
            name = nth("conv2d", 7 * net + level)
            put(f"{name}/kernel", 5, 5, inputs, outputs, spread=0.25)
            put(f"{name}/bias", outputs)
            inputs = outputs
        for level, outputs in enumerate(channels_up):
            name = nth("conv2d_transpose", 6 * net + level)
            put(f"{name}/kernel", 5, 5, outputs, inputs, spread=0.25)
            put(f"{name}/bias", outputs)
            inputs = outputs + (channels_down[4 - level] if level < 5 else 0)
        name = nth("conv2d", 7 * net + 6)
        put(f"{name}/kernel", 4, 4, 1, 2, spread=0.3)
        put(f"{name}/bias", 2)
        for level, outputs in enumerate((*channels_down, *channels_up)):
            name = nth("batch_normalization", 12 * net + level)
            put(f"{name}/gamma", outputs, around=1, spread=0.2)
            put(f"{name}/beta", outputs, spread=0.3)
            put(f"{name}/moving_mean", outputs, spread=0.3)
            weights[f"{name}/moving_variance"] = rng.uniform(0.5, 3, outputs).astype(np.float32)
    return weights


# --------------------------------------------------------------------------------------------------------- checkpoint
def varint(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def integer(field, number):
    return varint(8 * field) + varint(number)


def message(field, content):
    return varint(8 * field + 2) + varint(len(content)) + content


def header(shards=1):
    return integer(1, shards) + message(3, integer(1, 1))


def entry(shape, offset, size, kind=1):
    """A BundleEntryProto; a checksum that nobody checks comes last."""
    dimensions = b"".join(message(2, integer(1, length)) for length in shape)
    place = (integer(4, offset) if offset else b"") + integer(5, size)
    return integer(1, kind) + message(2, dimensions) + place + varint(8 * 6 + 5) + b"\1\2\3\4"


def block(entries, restart_every=16):
    """A LevelDB block: keys after the first say how much of the one before they share."""
    out, restarts, before = bytearray(), [], b""
    for number, (key, content) in enumerate(entries):
        shared = 0
        if number % restart_every == 0:
            restarts.append(len(out))
        else:
            while shared < min(len(key), len(before)) and key[shared] == before[shared]:
                shared += 1
        out += varint(shared) + varint(len(key) - shared) + varint(len(content)) + key[shared:] + content
        before = key
    restarts = restarts or [0]
    return bytes(out) + b"".join(at.to_bytes(4, "little") for at in (*restarts, len(restarts)))


def table(entries, per_block=20, compression=b"\0"):
    """A LevelDB table of sorted entries."""
    out, handles = bytearray(), []

    def put(content):
        handle = varint(len(out)) + varint(len(content))
        out.extend(content + compression + b"\0\0\0\0")
        return handle

    entries = list(entries)
    for first in range(0, len(entries), per_block):
        part = entries[first : first + per_block]
        handles.append((part[-1][0] + b"~", put(block(part))))
    footer = put(block([])) + put(block(handles))
    return bytes(out) + footer.ljust(40, b"\0") + TABLE_MAGIC


def write_checkpoint(tensors, per_block=20):
    """Return the index and the data of a checkpoint."""
    data, entries = bytearray(), [(b"", header())]
    for name in sorted(tensors):
        content = np.ascontiguousarray(tensors[name], "<f4").tobytes()
        entries.append((name.encode(), entry(tensors[name].shape, len(data), len(content))))
        data += content
    return table(entries, per_block), bytes(data)
