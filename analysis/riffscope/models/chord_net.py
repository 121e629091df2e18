"""The network for chords; its weights come with the package.

``weights/chords.md`` says what it was trained on, how, and how well it does; ``analysis/training/chords`` made it.
Conventions: features are those of `riffscope.dsp.tonality.chord_features`; chords are numbered root + 12 * quality, in
the order of `riffscope.chord_names.QUALITIES`, and no chord comes last.

References
----------
McFee & Bello, "Structured training for large-vocabulary chord recognition", ISMIR 2017.
"""

from collections.abc import Callable
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from riffscope.arrays import Float32s
from riffscope.models.sessions import giving_back, open_session

ChordReader = Callable[[Float32s], tuple[Float32s, Float32s]]
"""Features (3, 72, n) -> logits of the chord (133, n) and of the bass's pitch class (12, n)."""

CHORD_GRAPH = "chords.onnx"


@cache
def load_chord_reader() -> ChordReader:
    """Return the function that reads chords out of features."""
    return chord_reader(resources.files("riffscope.models") / "weights")


def chord_reader(weights: Traversable) -> ChordReader:
    """Return the function that reads chords with the graph of a folder."""
    session = open_session((weights / CHORD_GRAPH).read_bytes())

    def read(features: Float32s) -> tuple[Float32s, Float32s]:
        chord, bass = session.run(["chord", "bass"], {"features": features[None]}, giving_back())
        return chord[0], bass[0]

    return read
