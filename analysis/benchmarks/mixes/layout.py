"""How a form is laid out in sections."""

import math
from collections.abc import Sequence

import numpy as np

from benchmarks.mixes.spec import Content, Form, Section

ROUND_BARS = 4  # of the chords in vamps and loops


def share(total: int, weights: Sequence[float]) -> list[int]:
    """Return whole numbers of at least 1 in about these proportions that sum to `total`; fewer, if it is small."""
    wanted = np.asarray(weights[: max(1, total)], float)
    parts = np.ones(len(wanted), int)
    for _ in range(total - len(wanted)):
        parts[np.argmax(wanted / (parts + 0.5))] += 1
    return [int(part) for part in parts]


def lay_out(
    form: Form, bars: int, *, riff_bars: int, riff_b_bars: int, drums: tuple[str, str], rng: np.random.Generator
) -> list[Section]:
    """Return the sections of a form, of about `bars` bars; `drums`: the style of most sections, and of choruses."""
    free: Content = "vamp" if rng.random() < 0.3 else "through"
    if form == "throughout":
        total = max(2, int(bars / riff_bars)) * riff_bars
        names = ("intro", "verse", "chorus", "verse", "chorus", "outro")
        return _riff_run(total, names, (1.2, 3, 2.4, 2.6, 2.2, 1), (0, 1, 1, 1, 1, 0), riff_bars, drums)
    if form == "bridge_drop":
        return _bridge_drop(bars, riff_bars, free, drums, rng)
    if form in {"choruses_only", "verses_only"}:
        return _in_turns(form, bars, riff_bars, free, drums)
    if form == "two_loops":
        return _two_loops(bars, riff_bars, riff_b_bars, drums)
    if form == "through_composed":
        parts = share(bars, [1, 1, 1] if bars < 26 else [1, 1, 1, 1])
        sung = (1, 1, int(rng.random() < 0.5), 1)
        return [
            _section(name, part, "through", drums, sings)
            for name, part, sings in zip("abcd", parts, sung, strict=False)
        ]
    rounds = ("intro", "verse", "chorus", "verse", "outro")
    parts = share(max(3, int(bars / ROUND_BARS)), [0.8, 2, 1.6, 2, 0.8])
    return [
        _section(name, part * ROUND_BARS, "vamp", drums, sings)
        for name, part, sings in zip(rounds, parts, (0, 1, 1, 1, 0), strict=False)
    ]


def _section(name: str, bars: int, content: Content, drums: tuple[str, str], sung: int = 1) -> Section:
    style = drums[1] if name in {"chorus", "b"} else drums[0]
    return Section(name=name, bars=bars, content=content, sung=bool(sung), drums=style)


def _riff_run(
    total: int,
    names: Sequence[str],
    weights: Sequence[float],
    sung: Sequence[int],
    riff_bars: int,
    drums: tuple[str, str],
) -> list[Section]:
    """Divide a stretch of riff into sections; their borders may cut a pass, but at an even place."""
    unit = 2 if total % 2 == 0 else 1
    if riff_bars > 1:
        unit = next(
            size
            for size in (4, 3, 2, 1)
            if riff_bars % size == 0 and (size <= 2 or riff_bars > 4 or size == riff_bars == 3)
        )
    sizes = share(total // unit, weights)
    return [
        _section(name, size * unit, "riff", drums, sings) for name, size, sings in zip(names, sizes, sung, strict=False)
    ]


def _bridge_drop(
    bars: int, riff_bars: int, free: Content, drums: tuple[str, str], rng: np.random.Generator
) -> list[Section]:
    """Lay out a song whose riff is away in its bridge."""
    units = max(3, int(0.78 * bars / riff_bars))
    first = math.ceil(units * 0.6)
    content: Content = "loop" if rng.random() < 0.2 else free
    before = _riff_run(first * riff_bars, ("intro", "verse", "chorus"), (1, 3, 2), (0, 1, 1), riff_bars, drums)
    bridge = _section("bridge", max(3, bars - units * riff_bars), content, drums, int(rng.random() < 0.7))
    after = _riff_run((units - first) * riff_bars, ("verse", "chorus"), (1.2, 1), (1, 1), riff_bars, drums)
    return [*before, bridge, *after]


def _in_turns(form: Form, bars: int, riff_bars: int, free: Content, drums: tuple[str, str]) -> list[Section]:
    """Lay out verses and choruses in turn, of which the one kind has the riff and the other has not."""
    units = max(4, round((0.42 if form == "choruses_only" else 0.55) * bars / riff_bars))
    count = 3 if units >= 6 and bars >= 28 else 2
    with_riff = share(units, [1] * count)
    without = share(max(2 * count, bars - units * riff_bars), [1.2] + [1] * (count - 1))
    out = []
    for units_here, bars_here in zip(with_riff, without, strict=True):
        riff_bars_here = units_here * riff_bars
        if form == "choruses_only":
            out.append(_section("verse", bars_here, free, drums))
            out.append(_section("chorus", riff_bars_here, "riff", drums))
        else:
            out.append(_section("verse", riff_bars_here, "riff", drums))
            out.append(_section("chorus", bars_here, free, drums))
    return out


def _two_loops(bars: int, riff_bars: int, riff_b_bars: int, drums: tuple[str, str]) -> list[Section]:
    """Lay out verses on one riff and choruses on another."""
    first, second = share(max(4, round(0.6 * bars / riff_bars)), [1.6, 1])
    chorus_bars = max(1, round((bars - (first + second) * riff_bars) / 2 / riff_b_bars)) * riff_b_bars
    intro = max(1, first // 3)
    return [
        _section("intro", intro * riff_bars, "riff", drums, 0),
        _section("verse", (first - intro) * riff_bars, "riff", drums),
        _section("chorus", chorus_bars, "riff_b", drums),
        _section("verse", second * riff_bars, "riff", drums),
        _section("chorus", chorus_bars, "riff_b", drums),
    ]
