"""Octave bands in figures and words: their middles, names and colours."""

import itertools
import math

from riffscope import palette
from riffscope.analyzers.balance import BASS_HZ
from riffscope.arrays import Floats

NOMINAL_HZ = (16, 31.5, 63, 125, 250, 500, 1000, 2000, 4000, 8000, 16000)


def middles_of(band_edges_hz: Floats) -> list[float]:
    """Return the middle of each band, between its edges in octaves: (n + 1,) -> n."""
    return [math.sqrt(low * high) for low, high in itertools.pairwise(band_edges_hz.tolist())]


def colors_of(band_edges_hz: Floats) -> list[str]:
    """Colour the bands below 100 Hz, which hold most of the bass, apart from the others."""
    return [palette.HARMONY if edge_hz <= BASS_HZ[1] else palette.LEVEL for edge_hz in band_edges_hz[1:].tolist()]


def bass_hz(band_edges_hz: Floats) -> tuple[int, int]:
    """Return from where to where the bands reach that have the colour of the bass."""
    edges_hz = [edge_hz for edge_hz in band_edges_hz.tolist() if edge_hz <= BASS_HZ[1]]
    return round(edges_hz[0]), round(edges_hz[-1])


def hertz(frequency_hz: float) -> str:
    """Name a band by its middle; octave bands by the round figures of the standard (IEC 61260-1)."""
    nominal = min(NOMINAL_HZ, key=lambda middle_hz: abs(math.log(middle_hz / max(frequency_hz, 1.0))))
    shown = nominal if abs(nominal / frequency_hz - 1) < 0.06 else float(f"{frequency_hz:.2g}")
    return f"{shown / 1000:g}k" if shown >= 1000 else f"{shown:g}"
