"""Reads lead sheets of OpenEWLD: melodies with chord symbols, as compressed MusicXML.

The collection (songs in the public domain; MIT licence) is not part of the project: its folder is given on the command
line.

References
----------
Simonetta, Carnovalini, Orio & Rodà, "Symbolic music similarity through a graph-based representation", Audio Mostly
2018: the Enhanced Wikifonia Leadsheet Dataset, of which this is the part in the public domain.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from training.beats.composition import Chord, Composition, Note
from training.beats.pop909 import PITCH_CLASS
from training.chords.qualities import HARTE, MUSICXML

# Beats are quarters; what is counted otherwise is left out.
METRES = {(4, 4): 4, (2, 2): 4, (2, 4): 2, (3, 4): 3}
MIN_BARS = 12


def sheet_files(root: Path) -> list[Path]:
    """Return the files of all lead sheets, in order."""
    files = sorted(root.rglob("*.mxl"))
    if not files:
        raise SystemExit(f"{root}: holds no lead sheets (*.mxl)")
    return files


def read_sheet(file: Path) -> Composition:
    """Read a lead sheet.

    Raises
    ------
    ValueError
        Its meter is another one, or it has hardly any bars or chords.
    """
    with zipfile.ZipFile(file) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".xml") and not name.startswith("META-INF"))
        # The collection is read by whoever trains the network, and holds no entities.
        part = ET.fromstring(archive.read(name)).find("part")  # noqa: S314
    if part is None:
        raise ValueError(f"{file.name}: no part")
    starts: list[int] = []
    melody: list[Note] = []
    symbols: list[tuple[float, str, int, int]] = []
    begin, metre, divisions = 0, 0, 1.0
    for bar in part.findall("measure"):
        time = bar.find("attributes/time")
        if time is not None:
            metre = METRES.get((int(time.findtext("beats", "0")), int(time.findtext("beat-type", "0"))), 0)
        divisions = float(bar.findtext("attributes/divisions") or divisions)
        if not metre:
            raise ValueError(f"{file.name}: another meter")
        starts.append(begin)
        for at, element in _elements(bar, divisions):
            if element.tag == "harmony":
                symbols += _symbol(element, begin + at)
            elif element.find("pitch") is not None and element.find("chord") is None:
                melody.append(_note(element, begin + at, divisions))
        begin += metre
    if len(starts) < MIN_BARS or len(symbols) < MIN_BARS // 2:
        raise ValueError(f"{file.name}: too short")
    ends = [symbol[0] for symbol in symbols[1:]] + [float(begin)]
    chords = [
        Chord(
            start_beats=start,
            end_beats=end,
            root=root,
            intervals=HARTE[kind][0],
            quality=HARTE[kind][1],
            bass=bass,
        )
        for (start, kind, root, bass), end in zip(symbols, ends, strict=True)
        if end > start
    ]
    return Composition(
        beat_count=begin,
        bar_starts=tuple(starts),
        division=2,
        section_starts=tuple(range(0, len(starts), 8)),
        parts={"lead": melody},
        chords=tuple(chords),
        kind="lead sheet",
    )


def _elements(bar: ET.Element, divisions: float) -> Iterator[tuple[float, ET.Element]]:
    """Yield what a bar holds, with its place in beats."""
    now = 0.0
    for element in bar:
        length = float(element.findtext("duration") or 0) / divisions
        if element.tag == "backup":
            now -= length
        elif element.tag == "forward":
            now += length
        elif element.tag == "harmony":
            yield now + float(element.findtext("offset") or 0) / divisions, element
        elif element.tag == "note" and element.find("grace") is None:
            yield now, element
            if element.find("chord") is None:
                now += length


def _symbol(element: ET.Element, at: float) -> Iterator[tuple[float, str, int, int]]:
    """Yield a chord symbol: where it begins, its name, its root, its bass above the root."""
    kind = MUSICXML.get((element.findtext("kind") or "").strip())
    root = _pitch_class(element, "root")
    if kind is None or root is None:
        return
    bass = _pitch_class(element, "bass")
    yield at, kind, root, 0 if bass is None else (bass - root) % 12


def _pitch_class(element: ET.Element, what: str) -> int | None:
    step = element.findtext(f"{what}/{what}-step")
    if step is None:
        return None
    return (PITCH_CLASS[step] + round(float(element.findtext(f"{what}/{what}-alter") or 0))) % 12


def _note(element: ET.Element, at: float, divisions: float) -> Note:
    step, octave = element.findtext("pitch/step", "C"), int(element.findtext("pitch/octave", "4"))
    midi = 12 * (octave + 1) + PITCH_CLASS[step] + round(float(element.findtext("pitch/alter") or 0))
    return Note(start_beats=at, length_beats=max(0.1, float(element.findtext("duration") or 1) / divisions), midi=midi)
