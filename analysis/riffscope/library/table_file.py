"""Tables of a library's answers, written as they come: as Parquet, CSV or lines of JSON, by the file's ending."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from riffscope.errors import CannotWrite, one_line
from riffscope.files import temporary_folder, written_beside
from riffscope.frames import Column, Row, Table

ENDINGS = (".parquet", ".csv", ".json")
# So many rows are held at a time.
ROWS = 50_000

Write = Callable[[Sequence[Row]], None]


def check_ending(path: Path) -> None:
    """Refuse a file whose ending names no format.

    Raises
    ------
    CannotWrite
        Says which there are.
    """
    if path.suffix.lower() not in ENDINGS:
        raise CannotWrite(f"{path}: ends in none of {', '.join(ENDINGS)} (name the file by its format)")


@contextlib.contextmanager
def written_in_parts(path: Path, columns: tuple[Column, ...]) -> Iterator[Write]:
    """Give what takes rows of a table, however many; when this closes, the file is there in whole.

    Raises
    ------
    CannotWrite
        From `check_ending` and `riffscope.files.written_beside`.
    """
    check_ending(path)
    form = {".parquet": _as_parquet, ".csv": _as_csv, ".json": _as_lines}[path.suffix.lower()]
    with written_beside(path) as beside, form(beside, columns) as write:
        held: list[Row] = []

        def take(rows: Sequence[Row]) -> None:
            held.extend(rows)
            if len(held) >= ROWS:
                write(held)
                held.clear()

        yield take
        write(held)


@contextlib.contextmanager
def _as_csv(path: Path, columns: tuple[Column, ...]) -> Iterator[Write]:
    """Write it as `riffscope.frames.Table` does; the heading comes once."""
    with path.open("wb") as file:
        begun = False

        def write(rows: Sequence[Row]) -> None:
            nonlocal begun
            content = Table(columns=columns, made=rows).to_csv()
            file.write(content.split(b"\r\n", 1)[1] if begun else content)
            begun = True

        yield write


@contextlib.contextmanager
def _as_lines(path: Path, columns: tuple[Column, ...]) -> Iterator[Write]:
    names = [column.name for column in columns]
    with path.open("wb") as file:

        def write(rows: Sequence[Row]) -> None:
            for row in rows:
                file.write(msgspec.json.encode(dict(zip(names, row, strict=True))) + b"\n")

        yield write


@contextlib.contextmanager
def _as_parquet(path: Path, columns: tuple[Column, ...]) -> Iterator[Write]:
    """Write parts beside each other, and put them together at the end."""
    import polars as pl

    with temporary_folder() as folder:
        parts: list[Path] = []

        def write(rows: Sequence[Row]) -> None:
            part = folder / f"{len(parts):06}.parquet"
            with writing(part):
                Table(columns=columns, made=rows).to_frame().write_parquet(part, compression="lz4")
            parts.append(part)

        yield write
        with writing(path):
            pl.scan_parquet(parts).sink_parquet(path)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Say which file was being written where polars fails to: of a full disk it knows only that something is wrong.

    Raises
    ------
    CannotWrite
        In place of what polars raises.
    """
    import polars as pl

    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as why:
        reason = one_line(str(why).strip().partition("\n")[0])
        raise CannotWrite(f"{path.parent}: a table cannot be written there: {reason} (is the disk full?)") from why
