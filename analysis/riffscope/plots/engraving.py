"""Signs of musical notation as paths: heads, flags, rests, clefs, ties; drawn by our own hand, no font needed.

Conventions
-----------
One unit is the space between two lines of the staff; y runs up, and 0 is the middle line, but for flags, which hang
from the end of a stem at the origin, and ties, which run between two points.

References
----------
Proportions after Gould, "Behind Bars", Faber 2011: a head is a space high, a stem three and a half, a beam a half.
"""

import functools
import math
from collections.abc import Sequence

import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

from riffscope.arrays import Floats

STEM = 3.5
BEAM = 0.5
BEAMS_APART = 0.75
STEM_WIDTH = 0.13
LINE_WIDTH = 0.11
BAR_WIDTH = 0.17
# Half the width of a black head; whole notes are wider.
HEAD = 0.62
WHOLE_HEAD = 0.85


def _ellipse(width: float, height: float, *, turned: float = 0.0, x: float = 0.0, y: float = 0.0) -> Path:
    place = Affine2D().scale(width / 2, height / 2).rotate_deg(turned).translate(x, y)
    return place.transform_path(Path.unit_circle())


@functools.cache
def head(value: int) -> Path:
    """Return the head of a whole note, a half note, or a shorter one."""
    if value == 1:
        return Path.make_compound_path(_ellipse(1.7, 0.95), _hole(0.72, 0.86, turned=35))
    if value == 2:
        return Path.make_compound_path(_ellipse(1.3, 0.9, turned=22), _hole(1.12, 0.44, turned=32))
    return _ellipse(1.28, 0.88, turned=22)


def _hole(width: float, height: float, *, turned: float) -> Path:
    place = Affine2D().scale(width / 2, -height / 2).rotate_deg(turned)
    return place.transform_path(Path.unit_circle())


@functools.cache
def dot(y: float = 0.0) -> Path:
    """Return a dot, at some height."""
    return _ellipse(0.42, 0.42, y=y)


def _curve(*points: tuple[float, float]) -> Path:
    """Return a closed path of cubic curves: a start, then two handles and an end for each."""
    codes = [Path.MOVETO, *([Path.CURVE4] * (len(points) - 1)), Path.CLOSEPOLY]
    ordered = _anticlockwise(points)
    return Path([*ordered, ordered[0]], codes)


def _polygon(*corners: tuple[float, float]) -> Path:
    ordered = _anticlockwise(corners)
    return Path([*ordered, ordered[0]], closed=True)


def _anticlockwise(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the corners of a shape in the order of circles: where two of one order overlap there is no hole."""
    x, y = np.array(points).T
    area = float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))
    return list(points) if area > 0 else list(reversed(points))


@functools.cache
def flags(value: int, *, up: bool) -> Path:
    """Return the flags of an eighth or a sixteenth that hang from the end of its stem, which points up or down."""
    one = _curve(
        (0, 0), (0.05, -0.75), (1.05, -1.15), (1.0, -2.2), (0.98, -2.55), (0.85, -2.85), (0.72, -3.05),
        (1.05, -2.2), (0.55, -1.45), (0, -1.0), (0, -0.7), (0, -0.3), (0, 0),
    )  # fmt: skip
    count = 2 if value == 16 else 1
    hanging = [Affine2D().translate(0, -0.8 * k).transform_path(one) for k in range(count)]
    path = Path.make_compound_path(*hanging)
    return path if up else Affine2D().scale(1, -1).transform_path(path)


@functools.cache
def rest(value: int) -> Path:
    """Return the rest of a value."""
    if value == 1:  # hangs from the fourth line
        return _polygon((-0.6, 1.0), (0.6, 1.0), (0.6, 0.5), (-0.6, 0.5))
    if value == 2:  # lies on the middle line
        return _polygon((-0.6, 0.0), (0.6, 0.0), (0.6, 0.5), (-0.6, 0.5))
    if value == 4:
        return _curve(
            (-0.28, 1.5), (0.0, 1.2), (0.3, 0.85), (0.52, 0.52), (0.2, 0.2), (0.12, -0.15), (0.55, -0.72),
            (0.2, -0.6), (-0.2, -0.62), (-0.1, -0.98), (-0.05, -1.15), (0.05, -1.25), (0.2, -1.42),
            (-0.35, -1.25), (-0.72, -0.75), (-0.4, -0.45), (-0.25, -0.3), (0.0, -0.3), (0.15, -0.36),
            (-0.05, -0.1), (-0.3, 0.2), (-0.52, 0.42), (-0.1, 0.75), (0.0, 1.1), (-0.28, 1.5),
        )  # fmt: skip
    hooks = 2 if value == 16 else 1
    top, lowest, foot = 0.72, -1.0 * hooks, 0.2 - 0.18 * hooks
    parts = [_polygon((0.42, top), (0.56, top), (foot, lowest), (foot - 0.15, lowest))]
    for k in range(hooks):
        hook = (
            (-0.35, 0.3), (-0.1, 0.18), (0.2, 0.3), (0.46, top), (0.25, 0.5), (0.0, 0.4), (-0.3, 0.5),
            (-0.35, 0.45), (-0.35, 0.4), (-0.35, 0.3),
        )  # fmt: skip
        lower = Affine2D().translate(-0.18 * k, -1.0 * k)
        parts.extend(lower.transform_path(each) for each in (_curve(*hook), _ellipse(0.5, 0.5, x=-0.3, y=0.5)))
    return Path.make_compound_path(*parts)


@functools.cache
def clef(*, bass: bool) -> Path:
    """Return the clef: the treble clef curls around its second line, the bass clef begins on its fourth."""
    if bass:
        body = _brush(
            [(-0.95, 0.95), (-1.0, 1.55), (-0.45, 2.0), (0.15, 1.95), (0.95, 1.85), (1.1, 0.8), (0.85, 0.1),
             (0.55, -0.75), (-0.3, -1.45), (-1.25, -1.9)],
            [0.1, 0.14, 0.2, 0.4, 0.44, 0.36, 0.2, 0.06],
        )  # fmt: skip
        return Path.make_compound_path(
            body,
            _ellipse(0.72, 0.72, x=-0.72, y=0.95),
            _ellipse(0.4, 0.4, x=1.62, y=1.5),
            _ellipse(0.4, 0.4, x=1.62, y=0.5),
        )
    curl = _brush(
        [(0.05, -1.55), (-0.45, -1.6), (-0.62, -0.9), (-0.2, -0.55), (0.35, -0.1), (1.15, -0.5), (1.1, -1.2),
         (1.05, -1.95), (0.1, -2.25), (-0.6, -1.85), (-1.5, -1.3), (-1.45, -0.1), (-0.55, 0.75),
         (0.2, 1.5), (0.75, 2.1), (0.65, 3.1), (0.6, 3.8), (0.2, 3.95), (-0.1, 3.2),
         (-0.4, 2.4), (-0.05, 1.0), (0.1, 0.2), (0.3, -1.0), (0.55, -2.2), (0.5, -3.1),
         (0.45, -4.0), (-0.55, -4.05), (-0.75, -3.4)],
        [0.1, 0.2, 0.26, 0.3, 0.22, 0.16, 0.3, 0.42, 0.3, 0.2, 0.16, 0.16, 0.2, 0.16, 0.14],
    )  # fmt: skip
    return Path.make_compound_path(curl, _ellipse(0.66, 0.66, x=-0.55, y=-3.3))


def _brush(points: list[tuple[float, float]], widths: list[float], *, steps: int = 14) -> Path:
    """Return the outline of a stroke along cubic curves, whose width swells and fades along the way."""
    given = np.array(points)
    t = np.linspace(0, 1, steps, endpoint=False)[:, np.newaxis]
    pieces = []
    for k in range(0, len(given) - 1, 3):
        a, b, c, d = given[k : k + 4]
        pieces.append((1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d)
    line: Floats = np.concatenate([*pieces, given[-1:]])
    along = np.gradient(line, axis=0)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.maximum(np.hypot(*along.T), 1e-9)[:, np.newaxis]
    width = np.interp(np.linspace(0, 1, len(line)), np.linspace(0, 1, len(widths)), widths)[:, np.newaxis]
    edge = np.concatenate([line - across * width / 2, (line + across * width / 2)[::-1]])
    return Path(np.concatenate([edge, edge[:1]]), closed=True)


@functools.cache
def accidental(alteration: int) -> Path:
    """Return a flat, a natural or a sharp (-1, 0, 1), or two of one; its right end is at 0."""
    sign = {-1: "♭", 0: "♮", 1: "♯"}[int(math.copysign(1, alteration)) if alteration else 0]
    path = TextPath((0, 0), sign * max(1, abs(alteration)), size=3.0, prop=FontProperties(family="DejaVu Sans"))
    box = path.get_extents()
    # A flat's bowl, and the middle of the others, lie on the note.
    middle = box.y0 + 0.62 if alteration < 0 else (box.y0 + box.y1) / 2
    return Affine2D().translate(-box.x1, -middle).transform_path(path)


@functools.cache
def digits(number: int) -> Path:
    """Return a number of the time signature, two spaces high, its middle at the origin."""
    path = TextPath((0, 0), str(number), size=10, prop=FontProperties(family="DejaVu Serif", weight="bold"))
    box = path.get_extents()
    scale = 1.92 / box.height
    return Affine2D().translate(-(box.x0 + box.x1) / 2, -(box.y0 + box.y1) / 2).scale(scale).transform_path(path)


def tie(x0: float, x1: float, y: float, *, above: bool) -> Path:
    """Return a tie from one place to another, bent away from the notes."""
    bend = (0.75 if above else -0.75) * min(1.0, 0.45 + (x1 - x0) / 12)
    third = (x1 - x0) / 4
    outer, inner = y + bend, y + 0.72 * bend
    return _curve((x0, y), (x0 + third, outer), (x1 - third, outer), (x1, y), (x1 - third, inner), (x0 + third, inner),
                  (x0, y))  # fmt: skip
