"""The ONNX graph against TensorFlow's definitions, written out in numpy."""

import numpy as np
import onnx
import pytest

from models.tiny_spleeter import CHANNELS_DOWN, CHANNELS_UP, tiny_weights, write_checkpoint
from riffscope.errors import BadModel
from riffscope.models.checkpoint import read_checkpoint
from riffscope.models.sessions import open_session
from riffscope.models.spleeter_graph import build_graph


# ---------------------------------------------------- what TensorFlow's layers do; images are (height, width, channels)
def same_padding(length, kernel, stride, dilation):
    """TensorFlow's "SAME": ceil(length / stride) places come out; what must be padded lies evenly, the odd one last."""
    reach = (kernel - 1) * dilation + 1
    total = max((-(-length // stride) - 1) * stride + reach - length, 0)
    return total // 2, total - total // 2


def conv2d(image, kernel, bias, stride=1, dilation=1):
    """A convolution, tap by tap; kernel (height, width, in, out)."""
    height, width = (-(-length // stride) for length in image.shape[:2])
    paddings = [same_padding(n, k, stride, dilation) for n, k in zip(image.shape[:2], kernel.shape[:2], strict=True)]
    padded = np.pad(image, (*paddings, (0, 0)))
    out = np.tile(bias, (height, width, 1))
    for row in range(kernel.shape[0]):
        for column in range(kernel.shape[1]):
            taken = padded[row * dilation :, column * dilation :][::stride, ::stride][:height, :width]
            out = out + taken @ kernel[row, column]
    return out


def conv2d_transpose(image, kernel, bias):
    """What the convolution of stride 2 does to gradients: each input spreads over what it would have been made from.

    Kernel (height, width, out, in).
    """
    height, width = 2 * image.shape[0], 2 * image.shape[1]
    before = [same_padding(n, k, 2, 1)[0] for n, k in zip((height, width), kernel.shape[:2], strict=True)]
    spread = np.zeros((height + kernel.shape[0], width + kernel.shape[1], kernel.shape[2]))
    for row in range(kernel.shape[0]):
        for column in range(kernel.shape[1]):
            spread[row : row + height : 2, column : column + width : 2] += image @ kernel[row, column].T
    return spread[before[0] : before[0] + height, before[1] : before[1] + width] + bias


def batch_norm(image, weights, name):
    mean, variance = weights[f"{name}/moving_mean"], weights[f"{name}/moving_variance"]
    return (image - mean) / np.sqrt(variance + 1e-3) * weights[f"{name}/gamma"] + weights[f"{name}/beta"]


def nth(name, number):
    return name if number == 0 else f"{name}_{number}"


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def unet(image, weights, net):
    """``apply_unet`` of Spleeter, line by line: the mask (height, width, 2)."""
    weights = {name: tensor.astype(np.float64) for name, tensor in weights.items()}
    skips, at = [], image
    for level in range(6):
        name = nth("conv2d", 7 * net + level)
        conv = conv2d(at, weights[f"{name}/kernel"], weights[f"{name}/bias"], stride=2)
        skips.append(conv)
        normed = batch_norm(conv, weights, nth("batch_normalization", 12 * net + level))
        at = np.where(normed > 0, normed, 0.2 * normed)
    at = skips[5]
    for level in range(6):
        name = nth("conv2d_transpose", 6 * net + level)
        at = np.maximum(conv2d_transpose(at, weights[f"{name}/kernel"], weights[f"{name}/bias"]), 0)
        at = batch_norm(at, weights, nth("batch_normalization", 12 * net + 6 + level))
        if level < 5:
            at = np.concatenate([skips[4 - level], at], axis=2)
    name = nth("conv2d", 7 * net + 6)
    return sigmoid(conv2d(at, weights[f"{name}/kernel"], weights[f"{name}/bias"], dilation=2))


def run(graph, magnitudes):
    session = open_session(graph)
    return session.run(["mask"], {"magnitudes": magnitudes})[0]


def magnitudes_like_music(frames=64, bins=128, seed=3):
    return np.random.default_rng(seed).exponential(2.0, (1, 2, frames, bins)).astype(np.float32)


# ---------------------------------------------------------------------------------------------------------------- tests
@pytest.mark.parametrize(("length", "kernel", "stride", "dilation"), [(64, 5, 2, 1), (2, 5, 2, 1), (64, 4, 1, 2)])
def test_the_graph_pads_as_tensorflow_does(length, kernel, stride, dilation):
    from riffscope.models.spleeter_graph import DILATED, STRIDED

    pads = (STRIDED if stride == 2 else DILATED)["pads"]
    assert (pads[0], pads[2]) == (pads[1], pads[3]) == same_padding(length, kernel, stride, dilation)


def test_the_reference_transposes_its_own_convolution():
    """<conv(x), y> = <x, conv_transpose(y)>: the definition, whatever the padding."""
    rng = np.random.default_rng(0)
    x, kernel = rng.standard_normal((8, 12, 3)), rng.standard_normal((5, 5, 3, 4))
    y = rng.standard_normal((4, 6, 4))
    assert np.sum(conv2d(x, kernel, np.zeros(4), stride=2) * y) == pytest.approx(
        np.sum(x * conv2d_transpose(y, kernel, np.zeros(3)))
    )


@pytest.mark.parametrize("seed", [0, 1])
def test_one_net_is_spleeters_with_a_mask_sharpened_by_itself(seed):
    weights, magnitudes = tiny_weights(seed), magnitudes_like_music()
    mask = unet(magnitudes[0].transpose(1, 2, 0), weights, 0)
    expected = mask**2 / (mask**2 + (1 - mask) ** 2)
    found = run(build_graph(read_checkpoint(*write_checkpoint(weights))), magnitudes)
    assert found.shape == magnitudes.shape
    assert expected.std() > 0.05  # there is something to get wrong
    np.testing.assert_allclose(found[0].transpose(1, 2, 0), expected, atol=2e-4)


def test_two_nets_are_spleeters_ratio_of_voice_and_accompaniment():
    weights, magnitudes = tiny_weights(2), magnitudes_like_music()
    voice, accompaniment = (unet(magnitudes[0].transpose(1, 2, 0), weights, net) for net in range(2))
    expected = voice**2 / (voice**2 + accompaniment**2 + 1e-10)
    found = run(build_graph(weights, nets=2), magnitudes)
    np.testing.assert_allclose(found[0].transpose(1, 2, 0), expected, atol=2e-4)


def test_blocks_of_any_length_and_number_are_taken():
    graph = build_graph(tiny_weights())
    blocks = np.concatenate([magnitudes_like_music(seed=seed) for seed in range(3)])
    apart = [run(graph, block[np.newaxis]) for block in blocks]
    np.testing.assert_allclose(run(graph, blocks), np.concatenate(apart), atol=1e-5)
    assert run(graph, magnitudes_like_music(frames=192, bins=64)).shape == (1, 2, 192, 64)


def test_it_is_valid_onnx():
    for nets in (1, 2):
        onnx.checker.check_model(onnx.load_from_string(build_graph(tiny_weights(), nets=nets)), full_check=True)


def test_a_missing_weight_is_named():
    weights = tiny_weights()
    del weights["conv2d_transpose_3/bias"]
    with pytest.raises(BadModel, match=r"lack conv2d_transpose_3/bias"):
        build_graph(weights)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("conv2d/kernel", (5, 5, 3, CHANNELS_DOWN[0])),  # three channels in
        ("conv2d_2/kernel", (3, 3, CHANNELS_DOWN[1], CHANNELS_DOWN[2])),
        ("conv2d_2/bias", (CHANNELS_DOWN[2], 1)),
        ("conv2d_transpose_1/kernel", (5, 5, CHANNELS_UP[1], CHANNELS_UP[0])),  # no room for the skip
        ("batch_normalization_11/gamma", (2,)),
        ("conv2d_6/kernel", (4, 4, 1, 3)),
    ],
)
def test_weights_that_do_not_fit_together_are_named(name, shape):
    weights = tiny_weights()
    weights[name] = np.zeros(shape, np.float32)
    with pytest.raises(BadModel, match=f"{name} has the shape"):
        build_graph(weights)
