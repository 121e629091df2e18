"""The drawings of a page: small, in the page's own colours by day and by night, and with what they share written once.

matplotlib writes each letter, tick and curve of each figure anew, with absolute numbers and a style of its own. A page
holds fifteen figures, so here every shape that is used by reference (letters, ticks, clips) is kept once for the page,
every style becomes a class, and every path relative numbers, without the points that lie on a straight line. Lengths
are points of the printed figure, as in its SVG; shapes keep to what they were within `TOLERANCE_PT`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from markupsafe import Markup

from riffscope.plots import style
from riffscope.report.blocks import Figure

# What a line may be off by where a point is left out: a fourteenth of a pixel at the width of a page.
TOLERANCE_PT = 0.04
# Paths are written in tenths of a point.
TENTHS = 10

_TAG = re.compile(r"\{[^}]*\}")
_HEX = re.compile(r"#[0-9a-fA-F]{6}\b")
_PATH_PART = re.compile(r"([MLQCz])([^MLQCz]*)")
_SHIFT = re.compile(r"translate\((-?[\d.]+)(?: (-?[\d.]+))?\)")
_SCALE = re.compile(r"scale\((-?[\d.]+) (-?[\d.]+)\)$")
# How matplotlib scales the outline of a letter, which is drawn in 64ths of the units of its font.
_LETTER_SCALE = "scale(0.015625)"
_LETTER_UNITS = 64
# Pictures are turned by the browser as `style.at_night` turns a colour.
NIGHT_FILTER = (
    '<filter id="night" color-interpolation-filters="sRGB"><feColorMatrix values="'
    + " ".join(f"{factor:.3g}" for row in style.NIGHT_MATRIX for factor in row)
    + ' 0 0 0 1 0"/></filter>'
)
# What a figure of its own needs, and one within a page does not.
_LEFT_OUT = {"version", "width", "height"}

Point = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class PageDrawings:
    """The drawings of a page, and what stands beside them once.

    Attributes
    ----------
    drawings : tuple
        Each figure's SVG element, in their order; a page that sets them needs the other two as well.
    shapes : Markup
        The element, not seen itself, that holds the shapes they share; empty where there are none.
    css : Markup
        The rules of their classes, and their colours on a light page and a dark one.
    """

    drawings: tuple[Markup, ...]
    shapes: Markup
    css: Markup


def page_drawings(figures: Iterable[Figure]) -> PageDrawings:
    """Set the figures of a page, each with its alternative text.

    Their SVG is made by `riffscope.plots` from numbers; what it says in words is drawn as paths, so that nothing from
    outside is in it.
    """
    shared = _Shared()
    drawings = tuple(_drawing(figure, shared) for figure in figures)
    shapes = "".join([*shared.written, NIGHT_FILTER if shared.pictures else ""])
    return PageDrawings(
        drawings=drawings,
        shapes=Markup(  # noqa: S704 - our own shapes
            f'<svg class="shapes" width="0" height="0" aria-hidden="true"><defs>{shapes}</defs></svg>' if shapes else ""
        ),
        css=Markup(shared.css()),  # noqa: S704 - our own styles
    )


@dataclass
class _Shared:
    """What the drawings of a page have in common, gathered while they are written.

    Attributes
    ----------
    names : dict
        Shapes as they are written, without a name, and the name of each.
    classes : dict
        Declarations of a style, and the class that stands for them.
    """

    names: dict[str, str] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    classes: dict[str, str] = field(default_factory=dict)
    colors: dict[str, None] = field(default_factory=dict)
    pictures: bool = False

    def name_of(self, tag: str, attributes: str, content: str = "") -> str:
        """Return the name of a shape, which is written the first time that it is met."""
        known = f"{tag}{attributes}>{content}"
        if known not in self.names:
            self.names[known] = f"_{len(self.names)}"
            end = f">{content}</{tag}>" if content else "/>"
            self.written.append(f'<{tag} id="{self.names[known]}"{attributes}{end}')
        return self.names[known]

    def class_of(self, look: str) -> str:
        """Return the class of a style, its colours those of the page."""
        parts = (part.split(":", 1) for part in look.split(";") if ":" in part)
        declared = ";".join(f"{name.strip()}:{value.strip().lower()}" for name, value in parts)
        self.colors.update(dict.fromkeys(_HEX.findall(declared)))
        return self.classes.setdefault(declared, f"d{len(self.classes)}")

    def css(self) -> str:
        """Write the classes, and what each colour is by day and by night."""
        rules = [f".{name}{{{_HEX.sub(_variable, look)}}}" for look, name in self.classes.items()]
        day = "".join(f"--{color[1:]}:{color};" for color in self.colors)
        night = "".join(f"--{color[1:]}:{style.at_night(color)};" for color in self.colors)
        if not rules:
            return ""
        dark = f":root{{{night}}}"
        if self.pictures:
            dark += "image{filter:url(#night)}"
        return f":root{{{day}}}\n{''.join(rules)}\n@media screen and (prefers-color-scheme:dark){{{dark}}}"


def _variable(color: re.Match[str]) -> str:
    return f"var(--{color[0][1:]})"


# ------------------------------------------------------------------------------------------------------------ elements
def _drawing(figure: Figure, shared: _Shared) -> Markup:
    """Write one figure."""
    root = ET.fromstring(figure.svg)  # noqa: S314 - our own drawing
    names = _share_shapes(root, shared)
    attributes = "".join(
        f' {name}="{value}"' for name, value in _attributes(root, shared, names) if name not in _LEFT_OUT
    )
    content = "".join(_written(root, shared, names))
    label = Markup.escape(figure.alt)
    return Markup(f'<svg role="img" aria-label="{label}"{attributes}>{content}</svg>')  # noqa: S704 - see `page_drawings`


def _share_shapes(root: ET.Element, shared: _Shared) -> dict[str, str]:
    """Give what a drawing refers to its names in the page; letters are told by how they are scaled, with a sign."""
    names: dict[str, str] = {}
    for parent in root.iter():
        if _tag(parent) != "defs":
            continue
        for shape in parent:
            name = shape.attrib.pop("id", "")
            if shape.get("transform") == _LETTER_SCALE:
                del shape.attrib["transform"]
                names[name] = f"{_LETTER_SCALE}{_name_in(shape, shared)}"
            else:
                names[name] = _name_in(shape, shared)
    return names


def _name_in(shape: ET.Element, shared: _Shared) -> str:
    attributes = "".join(f' {name}="{value}"' for name, value in _attributes(shape, shared, {}))
    return shared.name_of(_tag(shape), attributes, "".join(_written(shape, shared, {})))


def _written(parent: ET.Element, shared: _Shared, names: dict[str, str]) -> Iterator[str]:
    """Write what an element holds; groups that say nothing are left out, their content is not."""
    for element in parent:
        tag = _tag(element)
        if tag == "defs":
            continue
        if tag == "g" and _is_word(element, names):
            yield _word(element, shared, names)
            continue
        attributes = "".join(f' {name}="{value}"' for name, value in _attributes(element, shared, names))
        content = "".join(_written(element, shared, names))
        if tag == "image":
            shared.pictures = True
        if tag == "g" and not attributes:
            yield content
        elif tag == "path" and not element.get("d", "").strip():
            continue
        elif content or tag != "g":
            yield f"<{tag}{attributes}>{content}</{tag}>" if content else f"<{tag}{attributes}/>"


def _attributes(element: ET.Element, shared: _Shared, names: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield an element's attributes as a page has them."""
    for long_name, value in element.attrib.items():
        name = _TAG.sub("", long_name)
        if name == "style":
            yield "class", shared.class_of(value)
        elif name == "d":
            yield "d", shorter(value)
        elif name == "href" and value.startswith("#"):
            yield "href", f"#{names[value[1:]].removeprefix(_LETTER_SCALE)}"
        elif name == "href":
            yield "href", re.sub(r"\s", "", value)
        elif name == "clip-path":
            yield "clip-path", f"url(#{names[value[5:-1]]})"
        elif name in {"x", "y"}:
            yield name, _number(round(float(value) * TENTHS))
        elif name != "id":
            yield name, value


def _is_word(group: ET.Element, names: dict[str, str]) -> bool:
    """Tell whether a group is a line of letters, all scaled alike."""
    letters = [letter for letter in group if _tag(letter) != "defs"]
    return (
        bool(letters)
        and _SCALE.search(group.get("transform", "")) is not None
        and all(
            _tag(letter) == "use"
            and names.get(_href(letter)[1:], "").startswith(_LETTER_SCALE)
            and _SHIFT.fullmatch(letter.get("transform", "translate(0)"))
            for letter in group
            if _tag(letter) != "defs"
        )
    )


def _word(group: ET.Element, shared: _Shared, names: dict[str, str]) -> str:
    """Write a line of letters in the units of their font, so that none has a scale of its own."""
    scale = _SCALE.search(group.attrib["transform"])
    if scale is None:
        raise ValueError("a word is scaled")
    before = re.sub(r"-?\d+\.\d+", lambda number: f"{float(number[0]):.4g}", group.attrib["transform"][: scale.start()])
    across, down = (f"{float(factor) / _LETTER_UNITS:.6g}" for factor in scale.groups())
    letters = []
    for letter in group:
        if _tag(letter) == "defs":
            continue
        shift = _SHIFT.fullmatch(letter.get("transform", "translate(0)"))
        places = (round(float(place or 0) * _LETTER_UNITS) for place in (shift.groups() if shift else ()))
        shifts = "".join(f' {axis}="{place}"' for axis, place in zip("xy", places, strict=False) if place)
        letters.append(f'<use href="#{names[_href(letter)[1:]].removeprefix(_LETTER_SCALE)}"{shifts}/>')
    look = f' class="{shared.class_of(group.attrib["style"])}"' if "style" in group.attrib else ""
    return f'<g{look} transform="{before}scale({across} {down})">{"".join(letters)}</g>'


def _tag(element: ET.Element) -> str:
    return _TAG.sub("", element.tag)


def _href(element: ET.Element) -> str:
    return next((value for name, value in element.attrib.items() if _TAG.sub("", name) == "href"), "")


# --------------------------------------------------------------------------------------------------------------- paths
def shorter(path: str) -> str:
    """Write a path of absolute moves, lines and curves with relative numbers, without points on a straight line.

    Examples
    --------
    >>> shorter("M10 10L11.5 10L13 10L13 20.5z")
    'M10 10l3 0 0 10.5z'
    """
    parts: list[str] = []
    here, start = (0, 0), (0, 0)
    line: list[Point] = []

    def flush() -> None:
        nonlocal here
        steps: list[int] = []
        for point in _without_straight([here, *line])[1:]:
            steps += (point[0] - here[0], point[1] - here[1])
            here = point
        if steps:
            parts.append(f"l{_numbers(steps)}")
        line.clear()

    for command, numbers in _PATH_PART.findall(path):
        points = _points(numbers)
        if command == "L":
            line += points
            continue
        flush()
        if command == "M":
            here = start = points[0]
            parts.append(f"M{_numbers(list(here))}")
            line += points[1:]
        elif command == "z":
            parts.append("z")
            here = start
        else:
            parts.append(f"{command.lower()}{_numbers([n for x, y in points for n in (x - here[0], y - here[1])])}")
            here = points[-1]
    flush()
    return "".join(parts)


def _points(numbers: str) -> list[Point]:
    tenths = [round(float(number) * TENTHS) for number in numbers.split()]
    return list(zip(tenths[::2], tenths[1::2], strict=True))


def _without_straight(line: list[Point]) -> list[Point]:
    """Leave out the points of a line that lie within the tolerance of what is left (Douglas and Peucker, 1973)."""
    keep = [False] * len(line)
    keep[0] = keep[-1] = True
    spans = [(0, len(line) - 1)]
    while spans:
        first, last = spans.pop()
        farthest, place = TOLERANCE_PT * TENTHS, 0
        for middle in range(first + 1, last):
            distance = _distance(line[middle], line[first], line[last])
            if distance > farthest:
                farthest, place = distance, middle
        if place:
            keep[place] = True
            spans += [(first, place), (place, last)]
    return [point for point, kept in zip(line, keep, strict=True) if kept]


def _distance(point: Point, start: Point, end: Point) -> float:
    """Return how far a point lies from a stretch between two others."""
    along, across = end[0] - start[0], end[1] - start[1]
    x, y = point[0] - start[0], point[1] - start[1]
    length = along * along + across * across
    share = min(1.0, max(0.0, (x * along + y * across) / length)) if length else 0.0
    return float(((x - share * along) ** 2 + (y - share * across) ** 2) ** 0.5)


def _numbers(tenths: list[int]) -> str:
    """Write numbers as closely as a path lets them stand."""
    text = ""
    for number in map(_number, tenths):
        text += number if not text or number.startswith("-") else f" {number}"
    return text


def _number(tenths: int) -> str:
    whole, rest = divmod(abs(tenths), TENTHS)
    digits = f"{whole or ''}.{rest}" if rest else f"{whole}"
    return f"-{digits}" if tenths < 0 else digits
