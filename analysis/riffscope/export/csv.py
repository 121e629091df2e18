"""CSV: the measurements as tables for spreadsheets and statistics."""

from pathlib import Path

from riffscope import tables
from riffscope.errors import Absence, CannotMeasure
from riffscope.export.song_files import write_song_files
from riffscope.model import Measured
from riffscope.song import SongAnalysis
from riffscope.steps import export


@export
def csv(song: SongAnalysis, *, folder: Path) -> list[Path]:
    """Write tables of measures, beats, sections, chords, notes, spans and more: ``NAME.measures.csv`` ...

    They open in any spreadsheet with their signs: UTF-8 with a mark that says so, commas, decimal points, headings with
    units. Fractions are 0..1 and times seconds, as in the JSON; a cell is empty where there is no value. What was not
    measured has no table; in that of the measures its reason is given. Texts that a spreadsheet would run as formulas
    begin with ``'``. The tables are those of `riffscope.tables`, which are data frames in Python.

    Raises
    ------
    CannotMeasure
        Nothing was measured.
    """
    if not any(isinstance(outcome, Measured) for outcome in song.outcomes.values()):
        raise CannotMeasure(Absence.EMPTY, "nothing was measured, so there is nothing to write")
    found = {name: tables.table_of(song, name) for name in tables.names()}
    return write_song_files(
        song.source, folder, {f"{name}.csv": table.to_csv() for name, table in found.items() if table.rows}
    )
