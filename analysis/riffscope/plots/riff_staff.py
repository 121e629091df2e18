"""The line of the riff as musical notation: one pass between repeat signs, on one system or two."""

from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from riffscope import palette
from riffscope.analyzers.key import Key
from riffscope.analyzers.riff_notes import RiffNotes
from riffscope.errors import Absence, NotMeasured
from riffscope.plots import engraving, style
from riffscope.plots.notation import (
    BASS_LINES,
    C_MAJOR,
    TICKS,
    TREBLE_LINES,
    KeySignature,
    Measure,
    Meter,
    Sounding,
    Symbol,
    is_bass_clef,
    write,
)
from riffscope.song import SongAnalysis

TITLE_IN = 0.22
# The space between two lines: a staff 6 mm high, somewhat smaller than in songbooks.
SPACE_IN = 0.059
# Above and below the staff there is room for ledger lines and stems, at least this much, in spaces.
AROUND = 3.4
# A beam may lie this far beyond the lowest or highest note that it joins.
BEAM_AWAY = 4.2
MAX_SYSTEMS = 2
# How much room symbols take at least, in spaces, by value.
ROOM = {1: 5.0, 2: 4.0, 4: 3.0, 8: 2.3, 16: 1.9}
# An accidental, a dot, a flag, the ends of a bar, the clef, each sharp or flat of the signature, the meter.
ACCIDENTAL_ROOM = 1.1
DOT_ROOM = 0.5
FLAG_ROOM = 0.6
BAR_ROOM = 1.3
CLEF_ROOM = 3.7
SIGN_ROOM = 0.95
METER_ROOM = 2.2
REPEAT_ROOM = 1.3
# Where sharps and flats stand in the treble clef, as steps; an octave and a third lower in the bass clef.
SHARPS_AT = (38, 35, 39, 36, 33, 37, 34)
FLATS_AT = (34, 37, 33, 36, 32, 35, 31)
BASS_BELOW = 14
# Notes that are less probable are grey.
SURE = 0.5
# Symbols are never farther apart than this times their least room: a riff of a few notes does not fill the line.
WIDEST = 1.7


@dataclass(frozen=True, kw_only=True)
class _Staff:
    """Where things are drawn: axes whose unit is a space, the middle line's height, and the step that lies on it."""

    axes: Axes
    y: float
    middle_step: int

    def height(self, step: int) -> float:
        """Return the height of a step of the scale."""
        return self.y + (step - self.middle_step) / 2

    def put(self, path: Path, x: float, y: float, color: str = palette.INK) -> None:
        """Draw a sign."""
        moved = Affine2D().translate(x, y).transform_path(path)
        self.axes.add_patch(PathPatch(moved, facecolor=color, linewidth=0, clip_on=False))

    def box(self, x0: float, y0: float, x1: float, y1: float, color: str = palette.INK) -> None:
        """Fill a box."""
        self.put(Path([(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)], closed=True), 0, 0, color)

    def rule(self, x0: float, x1: float, y: float) -> None:
        """Draw a line of the staff, or a ledger line, below all else."""
        width_pt = engraving.LINE_WIDTH * SPACE_IN * 72
        self.axes.plot(
            [x0, x1], [y, y], color=palette.LEVEL, linewidth=width_pt, solid_capstyle="butt", zorder=0.5, clip_on=False
        )


@style.figure
def riff_staff(song: SongAnalysis) -> style.Drawing:
    """Write the line of the riff on a staff: notes that are less sure are grey.

    Raises
    ------
    NotMeasured
        The notes of the riff were not measured, or do not fit on two systems.
    """
    riff = song[RiffNotes]
    key = _key_signature(song)
    notes = soundings(riff)
    meter = Meter(beats=riff.beats_per_bar, compound=riff.is_compound)
    bars = write(notes, riff.period_beats * TICKS, meter=meter, key=key)
    bass = is_bass_clef(notes, key)
    width = (style.WIDTH_IN - style.LEFT_IN - style.RIGHT_IN) / SPACE_IN
    systems = _systems(bars, width, key)
    lines = BASS_LINES if bass else TREBLE_LINES
    steps = [symbol.step for bar in bars for symbol in bar.symbols if symbol.note is not None]
    above = max(AROUND, (max(steps) - lines[1]) / 2 + BEAM_AWAY)
    below = max(AROUND, (lines[0] - min(steps)) / 2 + BEAM_AWAY)
    system = above + 4 + below
    figure = style.new_figure(TITLE_IN + len(systems) * system * SPACE_IN)
    axes = style.axes_at(
        figure,
        left_in=style.LEFT_IN,
        top_in=TITLE_IN,
        width_in=width * SPACE_IN,
        height_in=len(systems) * system * SPACE_IN,
    )
    axes.set_xlim(0, width)
    axes.set_ylim(-len(systems) * system, 0)
    axes.set_axis_off()
    style.title(axes, f"The line of the {riff.kind.noun}, written down", _remark(riff))
    color_of = [palette.INK if note.probability >= SURE else palette.LEVEL for note in riff.notes]
    for number, part in enumerate(systems):
        staff = _Staff(axes=axes, y=-number * system - above - 2, middle_step=sum(lines) // 2)
        is_first, is_last = number == 0, number == len(systems) - 1
        _draw_system(staff, part, width, key, meter if is_first else None, is_last=is_last, color_of=color_of)
    return figure


def soundings(riff: RiffNotes) -> list[Sounding]:
    """Return the notes of the line in ticks, on their grid."""
    step = TICKS // riff.steps_per_beat
    last = riff.period_beats * TICKS
    starts = [step * round(note.beat * riff.steps_per_beat) for note in riff.notes]
    ends = [step * round((note.beat + note.beats) * riff.steps_per_beat) for note in riff.notes]
    limits = [*starts[1:], last]
    return [
        Sounding(start=start, ticks=max(min(end, limit) - start, step), midi=note.midi)
        for note, start, end, limit in zip(riff.notes, starts, ends, limits, strict=True)
    ]


def _key_signature(song: SongAnalysis) -> KeySignature:
    key = song.get(Key)
    return C_MAJOR if key is None else KeySignature(tonic=key.tonic, mode=key.mode)


def _remark(riff: RiffNotes) -> str:
    swung = "swung eighths; " if riff.swing_fraction is not None else ""
    grey = "grey: less sure" if any(note.probability < SURE for note in riff.notes) else ""
    return f"{swung}{grey}".removesuffix("; ")


# ------------------------------------------------------------------------------------------------------------- spacing
def _rooms(bar: Measure) -> list[tuple[float, float]]:
    """Return how much room each symbol takes at least, before and from its head on."""
    beamed = {index for group in bar.beams for index in group}
    rooms = []
    for index, symbol in enumerate(bar.symbols):
        has_flag = symbol.note is not None and symbol.value >= 8 and index not in beamed
        before = ACCIDENTAL_ROOM * max(1, abs(symbol.accidental)) if symbol.accidental is not None else 0.0
        rooms.append((before, ROOM[symbol.value] + DOT_ROOM * symbol.dots + FLAG_ROOM * has_flag))
    return rooms


def _bar_room(bar: Measure) -> float:
    return BAR_ROOM + sum(map(sum, _rooms(bar)))


def _head_room(key: KeySignature, *, with_meter: bool) -> float:
    """Return how much room clef, signature and meter take, and the repeat sign after them."""
    head = CLEF_ROOM + SIGN_ROOM * abs(key.count)
    return head + (METER_ROOM + REPEAT_ROOM if with_meter else 0.0)


def _systems(bars: list[Measure], width: float, key: KeySignature) -> list[list[Measure]]:
    """Break the line into as few systems as it needs, of two the more even break.

    Raises
    ------
    NotMeasured
        Two are too few.
    """
    rooms = [_bar_room(bar) for bar in bars]
    first, later = (width - _head_room(key, with_meter=with_meter) - REPEAT_ROOM for with_meter in (True, False))
    if sum(rooms) <= first:
        return [bars]
    breaks = [k for k in range(1, len(bars)) if sum(rooms[:k]) <= first and sum(rooms[k:]) <= later]
    if not breaks:
        raise NotMeasured("riff_notes", Absence.TOO_LONG, "the line does not fit on two systems")
    even = min(breaks, key=lambda k: abs(sum(rooms[:k]) / first - sum(rooms[k:]) / later))
    return [bars[:even], bars[even:]]


# ------------------------------------------------------------------------------------------------------------- drawing
def _draw_system(
    staff: _Staff,
    bars: list[Measure],
    width: float,
    key: KeySignature,
    meter: Meter | None,
    *,
    is_last: bool,
    color_of: list[str],
) -> None:
    """Draw a system from clef to bar line; the first has the meter and the opening repeat sign, the last closes it."""
    x = _draw_head(staff, key, meter)
    rooms = [_bar_room(bar) for bar in bars]
    stretch = min((width - x - (REPEAT_ROOM if is_last else 0.0)) / sum(rooms), WIDEST)
    ties: list[tuple[float, Symbol]] = []
    for number, bar in enumerate(bars):
        places = []
        at = x + BAR_ROOM / 2 * stretch
        for before, after in _rooms(bar):
            places.append(at + before * stretch + engraving.HEAD)
            at += (before + after) * stretch
        x += rooms[number] * stretch
        _draw_bar(staff, bar, places, x - rooms[number] * stretch, x, color_of)
        ties.extend(zip(places, bar.symbols, strict=True))
        if not (is_last and number == len(bars) - 1):
            staff.box(x - engraving.BAR_WIDTH / 2, staff.y - 2, x + engraving.BAR_WIDTH / 2, staff.y + 2)
    if is_last:
        x += REPEAT_ROOM * 0.6
        _draw_repeat(staff, x, closing=True)
    _draw_lines(staff, x)
    _draw_ties(staff, ties, x)


def _draw_lines(staff: _Staff, end: float) -> None:
    for line in range(-2, 3):
        staff.rule(0, end, staff.y + line)


def _draw_head(staff: _Staff, key: KeySignature, meter: Meter | None) -> float:
    """Draw clef, signature, meter and the opening repeat sign; return where they end."""
    bass = staff.middle_step < sum(TREBLE_LINES) // 2
    staff.put(engraving.clef(bass=bass), 1.75, staff.y)
    x = CLEF_ROOM + 0.6
    for at in (SHARPS_AT if key.count > 0 else FLATS_AT)[: abs(key.count)]:
        step = at - (BASS_BELOW if bass else 0)
        staff.put(engraving.accidental(1 if key.count > 0 else -1), x, staff.height(step))
        x += SIGN_ROOM
    if meter is None:
        return x
    x += METER_ROOM / 2 - 0.4
    for number, y in zip(meter.signature, (1.0, -1.0), strict=True):
        staff.put(engraving.digits(number), x, staff.y + y)
    x += METER_ROOM / 2 + 0.5
    _draw_repeat(staff, x, closing=False)
    return x + REPEAT_ROOM - 0.6


def _draw_repeat(staff: _Staff, x: float, *, closing: bool) -> None:
    """Draw a repeat sign: a thick and a thin line and two dots, which stand on the side of what is repeated."""
    side = -1 if closing else 1
    thick = sorted((x, x + side * 0.45))
    thin = sorted((x + side * 0.75, x + side * 0.9))
    for left, right in (thick, thin):
        staff.box(left, staff.y - 2, right, staff.y + 2)
    for y in (-0.5, 0.5):
        staff.put(engraving.dot(), x + side * 1.35, staff.y + y)


def _draw_bar(staff: _Staff, bar: Measure, places: list[float], left: float, right: float, color_of: list[str]) -> None:
    beamed = {index: group for group in bar.beams for index in group}
    for group in bar.beams:
        _draw_beamed(staff, [bar.symbols[i] for i in group], [places[i] for i in group], color_of)
    for index, (x, symbol) in enumerate(zip(places, bar.symbols, strict=True)):
        if symbol.note is None:
            middle = (left + right) / 2 if len(bar.symbols) == 1 else x
            staff.put(engraving.rest(symbol.value), middle, staff.y)
            _draw_dots(staff, middle, staff.y + 0.5, symbol.dots, palette.INK)
            continue
        color = color_of[symbol.note]
        _draw_head_of_note(staff, symbol, x, color)
        if index not in beamed and symbol.value > 1:
            up = symbol.step < staff.middle_step
            end = _draw_stem(staff, symbol, x, up=up, color=color)
            if symbol.value >= 8:
                stem_x = x + (engraving.HEAD if up else -engraving.HEAD) - (engraving.STEM_WIDTH / 2 if up else 0)
                staff.put(engraving.flags(symbol.value, up=up), stem_x, end, color)
    for number, count in enumerate(bar.tuplets, start=1):
        _draw_tuplet(staff, bar, places, number, count)


def _draw_head_of_note(staff: _Staff, symbol: Symbol, x: float, color: str) -> None:
    """Draw head, accidental, dots and ledger lines."""
    y = staff.height(symbol.step)
    away = symbol.step - staff.middle_step
    for step in range(6, abs(away) + 1, 2):
        staff.rule(x - 1.0, x + 1.0, staff.y + (step if away > 0 else -step) / 2)
    staff.put(engraving.head(symbol.value), x, y, color)
    if symbol.accidental is not None:
        staff.put(engraving.accidental(symbol.accidental), x - engraving.HEAD - 0.28, y, color)
    _draw_dots(staff, x, y + (0.5 if away % 2 == 0 else 0.0), symbol.dots, color)


def _draw_dots(staff: _Staff, x: float, y: float, count: int, color: str) -> None:
    for k in range(count):
        staff.put(engraving.dot(), x + 1.15 + 0.6 * k, y, color)


def _draw_stem(staff: _Staff, symbol: Symbol, x: float, *, up: bool, color: str) -> float:
    """Draw a stem, which reaches the middle line from far away; return where it ends."""
    y = staff.height(symbol.step)
    end = max(y + engraving.STEM, staff.y) if up else min(y - engraving.STEM, staff.y)
    _draw_line_of_stem(staff, x, y, end, up=up, color=color)
    return end


def _draw_line_of_stem(staff: _Staff, x: float, y: float, end: float, *, up: bool, color: str) -> None:
    side = engraving.HEAD - engraving.STEM_WIDTH if up else -engraving.HEAD
    staff.box(x + side, y + (0.15 if up else -0.15), x + side + engraving.STEM_WIDTH, end, color)


def _stems_up(staff: _Staff, symbols: list[Symbol]) -> bool:
    """Tell whether the stems of beamed notes point up: the note farthest from the middle decides."""
    farthest = max(symbols, key=lambda symbol: abs(symbol.step - staff.middle_step))
    return farthest.step < staff.middle_step


def _draw_beamed(staff: _Staff, symbols: list[Symbol], places: list[float], color_of: list[str]) -> None:
    """Draw the stems of beamed notes and their beams, which rise or fall by half a space at most."""
    up = _stems_up(staff, symbols)
    side = engraving.HEAD - engraving.STEM_WIDTH / 2 if up else -engraving.HEAD + engraving.STEM_WIDTH / 2
    xs = [x + side for x in places]
    heights = [staff.height(symbol.step) for symbol in symbols]
    rise = max(-0.75, min(0.75, (heights[-1] - heights[0]) / 3))
    slope = rise / (xs[-1] - xs[0])
    sign = 1 if up else -1
    # The note that lies nearest to the beam has a stem of the usual length, less half a space.
    free = [sign * (y - slope * (x - xs[0])) for x, y in zip(xs, heights, strict=True)]
    base = sign * (max(free) + engraving.STEM - 0.5)
    base = max(base, staff.y) if up else min(base, staff.y)

    def beam(x: float) -> float:
        return base + slope * (x - xs[0])

    for x, stem_x, symbol, y in zip(places, xs, symbols, heights, strict=True):
        _draw_line_of_stem(staff, x, y, beam(stem_x), up=up, color=color_of[symbol.note or 0])
    half = engraving.STEM_WIDTH / 2
    _draw_beam(staff, xs[0] - half, xs[-1] + half, beam, 0.0, sign)
    for k, symbol in enumerate(symbols):
        if symbol.value < 16:
            continue
        if k + 1 < len(symbols) and symbols[k + 1].value >= 16:
            _draw_beam(staff, xs[k] - half, xs[k + 1] + half, beam, engraving.BEAMS_APART, sign)
        elif k == 0 or symbols[k - 1].value < 16:
            stub = xs[k] + (1.1 if k == 0 else -1.1)
            _draw_beam(staff, min(xs[k], stub) - half, max(xs[k], stub) + half, beam, engraving.BEAMS_APART, sign)


def _draw_beam(staff: _Staff, x0: float, x1: float, beam: Callable[[float], float], down: float, sign: int) -> None:
    """Draw a beam below the end of stems that point up, or above that of others."""
    outer = [beam(x) - sign * down for x in (x0, x1)]
    inner = [y - sign * engraving.BEAM for y in outer]
    corners = [(x0, outer[0]), (x1, outer[1]), (x1, inner[1]), (x0, inner[0]), (x0, outer[0])]
    staff.axes.add_patch(PathPatch(Path(corners, closed=True), facecolor=palette.INK, linewidth=0, clip_on=False))


def _draw_tuplet(staff: _Staff, bar: Measure, places: list[float], number: int, count: int) -> None:
    """Write the number of a tuplet, with a bracket where no beam holds it together."""
    members = [i for i, symbol in enumerate(bar.symbols) if symbol.tuplet == number]
    symbols = [bar.symbols[i] for i in members]
    notes = [symbol for symbol in symbols if symbol.note is not None]
    up = _stems_up(staff, notes) if notes else True
    x0, x1 = places[members[0]] - engraving.HEAD, places[members[-1]] + engraving.HEAD
    reach = [staff.height(symbol.step) + (engraving.STEM if up else -engraving.STEM) for symbol in notes]
    y = max([*reach, staff.y + 2]) + 0.9 if up else min([*reach, staff.y - 2]) - 0.9
    middle = (x0 + x1) / 2
    staff.axes.text(middle, y, str(count), ha="center", va="center", size=style.SMALL_PT, style="italic", weight="bold")
    if not any(set(members) <= set(group) for group in bar.beams):
        hook = -0.5 if up else 0.5
        half = engraving.LINE_WIDTH / 2
        for left, right in ((x0, middle - 0.9), (middle + 0.9, x1)):
            staff.box(left, y - half, right, y + half)
        for x in (x0, x1):
            staff.box(x - half, min(y, y + hook), x + half, max(y, y + hook))


def _draw_ties(staff: _Staff, row: list[tuple[float, Symbol]], end: float) -> None:
    """Draw ties from each note to the next; one that goes on in the next system ends with this one."""
    for k, (x, symbol) in enumerate(row):
        if not symbol.tied:
            continue
        target = row[k + 1][0] if k + 1 < len(row) else end
        up = symbol.step < staff.middle_step
        y = staff.height(symbol.step) + (-0.6 if up else 0.6)
        staff.put(engraving.tie(x + 0.4, target - 0.4, 0.0, above=not up), 0.0, y)
