"""The network for the notes of a riff; its weights come with the package.

``weights/riff-notes.md`` says what it was trained on, how, and how well it does; ``analysis/training/riff/notes.py``
made it. Conventions: `riffscope.dsp.repetition.riff_image` says what it reads.

References
----------
Own: a perceptron of two hidden layers that looks at each note by itself, whatever its height.
"""

from collections.abc import Callable
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from riffscope.arrays import Float32s
from riffscope.models.sessions import giving_back, open_session

RiffReader = Callable[[Float32s], Float32s]
"""What is seen around notes, (623, n), -> log-odds that the riff's line begins one there, and that the bass does:
(2, n)."""

GRAPH = "riff-notes.onnx"


@cache
def load_riff_reader() -> RiffReader:
    """Return the function that reads notes out of pictures of a riff."""
    return riff_reader(resources.files("riffscope.models") / "weights")


def riff_reader(weights: Traversable) -> RiffReader:
    """Return the function that reads notes with the graph of a folder."""
    session = open_session((weights / GRAPH).read_bytes())

    def read(seen: Float32s) -> Float32s:
        (log_odds,) = session.run(["log_odds"], {"seen": seen}, giving_back())
        found: Float32s = log_odds
        return found

    return read
