"""riffscope from Python, for people: analyse, read, judge, tabulate, compare, report, export.

Each function takes what one has at hand: the path of an audio file, a saved analysis (JSON), a loaded `Audio` or a
`SongAnalysis`. The command line is made of these functions; nothing is printed here, and what goes wrong is raised as a
`RiffscopeError` whose message is one line.

Examples
--------
>>> import riffscope
>>> song = riffscope.analyze("song.mp3")  # doctest: +SKIP
>>> song[Loudness].integrated_lufs  # doctest: +SKIP
"""

import contextlib
import os
import threading
import types
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riffscope import steps
from riffscope.choices import MAX_MINUTES, Separator
from riffscope.errors import Absence, CannotMeasure, CannotRead, NotMeasured, RiffscopeError
from riffscope.files import check_output, never_overwriting, replacing, write_atomically
from riffscope.folders import saved_beside, songs_in
from riffscope.load import load
from riffscope.model import Audio, Measured, Missing, Outcome, Settings
from riffscope.song import SongAnalysis, SongRun, make, measurements, not_measured
from riffscope.transposition import SingerRange, read_range, transpose
from riffscope.units import clock
from riffscope.verdicts import Verdicts

if TYPE_CHECKING:
    import polars as pl

    from riffscope.articles.article import Text
    from riffscope.articles.checked import CheckedArticle
    from riffscope.choices import Format
    from riffscope.compare import Comparison
    from riffscope.judge import Claim
    from riffscope.reference.table import Reference
    from riffscope.report.blocks import Paper
    from riffscope.song import Found, Progress
    from riffscope.steps import Step

Song = SongAnalysis | Audio | str | os.PathLike[str]
"""What a song may be given as: an analysis, its sound, or the path of an audio file or of a saved analysis."""

Claims = Iterable["Claim"] | str | os.PathLike[str]
"""Claims as read from a file, or the path of that file (TOML)."""

References = Iterable["Reference"] | str | os.PathLike[str]
"""References as `riffscope.reference.build` makes them, or the path of a file of them (TOML)."""

# How saved analyses are called; those of a library are compressed.
SAVED_ENDINGS = (".json", ".json.gz")


@dataclass(frozen=True, kw_only=True)
class Options:
    """How songs are read and measured.

    Attributes
    ----------
    settings : Settings
        What separates the vocals from the mix, and what the user knows of the beats.
    sections : path or None
        A file with the sections of the song, as `riffscope.sections_file` reads it: they overrule what is heard.
    singer : SingerRange or None
        The range of a singer, into which songs are moved; see `transposed`.
    references : tuple of Reference
        The songs among which songs are placed; see `placed`.
    max_minutes : float
        Longer songs are refused.
    threads : int or None
        How many steps may run at the same time; the number of processors where it is None.
    progress : callable or None
        Told of each step as it ends: its name, how many have ended, how many there are.
    found : callable or None
        Told of each measurement as soon as it is there: its name and outcome.
    known : tuple of results
        Given by the user, as of `riffscope.song.make`.
    """

    settings: Settings = field(default_factory=Settings)
    sections: Path | None = None
    singer: SingerRange | None = None
    references: "tuple[Reference, ...]" = ()
    max_minutes: float = MAX_MINUTES
    threads: int | None = None
    progress: "Progress | None" = None
    found: "Found | None" = None
    known: tuple[Any, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Listened:
    """A song's analysis, and the copy to listen to that goes into a page, or why there is none."""

    song: SongAnalysis
    copy: Outcome | None = None


def choose_settings(
    separator: Separator = "auto",
    vocals: str | os.PathLike[str] | None = None,
    *,
    tempo_bpm: float | None = None,
    beats_per_bar: int | None = None,
    downbeat_s: float | None = None,
    max_minutes: float = MAX_MINUTES,
) -> Settings:
    """Choose how the vocals are separated, and check that what that needs is there.

    Parameters
    ----------
    separator : {"auto", "spleeter", "none"}
        ``auto`` is the model where it is installed.
    vocals : path, optional
        The vocal stem of the song, which wins over any separator.
    tempo_bpm, beats_per_bar, downbeat_s : optional
        The tempo, the meter and the time of a downbeat, as you know them: they overrule what is heard.

    Raises
    ------
    RiffscopeError
        The model is not installed, or the stem cannot be read.
    """
    settings = Settings(separator=separator, tempo_bpm=tempo_bpm, beats_per_bar=beats_per_bar, downbeat_s=downbeat_s)
    if vocals is not None:
        return replace(settings, vocals=load(vocals, max_minutes=max_minutes))
    if separator == "spleeter":
        from riffscope.models import store

        if store.where("spleeter") is None:
            raise RiffscopeError("spleeter is not installed (riffscope models get spleeter)")
        if (why := store.damage("spleeter")) is not None:
            raise RiffscopeError(why)
    return settings


def analyze(
    song: Audio | str | os.PathLike[str],
    *,
    claims: Claims | None = None,
    separator: Separator = "auto",
    vocals: str | os.PathLike[str] | None = None,
    tempo_bpm: float | None = None,
    beats_per_bar: int | None = None,
    downbeat_s: float | None = None,
    sections: str | os.PathLike[str] | None = None,
    my_range: str | None = None,
    reference: References | None = None,
    only: Iterable[type] | None = None,
    max_minutes: float = MAX_MINUTES,
    threads: int | None = None,
    progress: "Progress | None" = None,
) -> SongAnalysis:
    """Measure a song and rule on claims about it.

    Parameters
    ----------
    song : path or Audio
        An audio file, or what `riffscope.load` made of one.
    claims : path or claims, optional
        The built-in ones by default.
    separator, vocals, tempo_bpm, beats_per_bar, downbeat_s
        As of `choose_settings`.
    sections : path, optional
        A file with the sections of the song, which overrule what is heard: a label track of Audacity's, CSV or lines
        such as ``0:35 chorus``.
    my_range : str, optional
        The notes that you can sing, as in ``A2-E4``: the result's `transposition` says how the song fits into them. It
        is None where the song's own range is not known.
    reference : path or references, optional
        Other songs, such as `riffscope reference` keeps: the result's `places` say where the song's numbers stand
        among theirs.
    only : iterable of result types, optional
        Measure just these, and what they need; no claim is ruled on then. All measurements by default.
    max_minutes : float
        Longer songs are refused.
    threads, progress
        As of `Options`.

    Raises
    ------
    RiffscopeError
        The song cannot be read, or the claims file, the range or the reference set is wrong; in one line.
    """
    references = references_of(reference)
    singer = None if my_range is None else read_range(my_range)
    settings = choose_settings(
        separator,
        vocals,
        tempo_bpm=tempo_bpm,
        beats_per_bar=beats_per_bar,
        downbeat_s=downbeat_s,
        max_minutes=max_minutes,
    )
    options = Options(
        settings=settings,
        sections=None if sections is None else Path(sections),
        max_minutes=max_minutes,
        threads=threads,
        progress=progress,
    )
    tested = None if only is not None else claims_about_one(claims)
    wanted = _everything_and() if only is None else only
    made = placed(ruled_on(run(song, wanted, options).analysis(), tested), references)
    if singer is None:
        return made
    try:
        return transposed(made, singer)
    except NotMeasured:
        return made


def transposed(song: SongAnalysis, singer: SingerRange) -> SongAnalysis:
    """Return the analysis with the song moved into a singer's range, as its `transposition`.

    Raises
    ------
    NotMeasured
        The range of the voice is not known; says why.
    """
    from riffscope.analyzers.chords import Chords
    from riffscope.analyzers.key import Key
    from riffscope.analyzers.vocal_range import VocalRange

    fitted = transpose(song[VocalRange], song.get(Key), song.get(Chords), singer)
    return replace(song, transposition=fitted)


def placed(song: SongAnalysis, references: Iterable["Reference"]) -> SongAnalysis:
    """Return the analysis with its numbers placed among other songs, as its `places`; as it is without references."""
    given = tuple(references)
    if not given:
        return song
    from riffscope.reference.placing import places_of

    return replace(song, places=places_of(song, given))


def run(
    song: Audio | str | os.PathLike[str],
    wanted: Iterable[type],
    options: Options,
    *,
    kept: Mapping[type, Outcome] = types.MappingProxyType({}),
) -> SongRun:
    """Make measurements and views of a song, in one run.

    Parameters
    ----------
    wanted : iterable of types
        Read once the song is loaded.
    kept : mapping
        Outcomes of an earlier analysis of the song, as of `riffscope.song.make`.
    """
    if isinstance(song, SongAnalysis):
        raise TypeError(f"{song.source.name} is analysed already (riffscope.judge rules on claims about it)")
    if is_saved(song):
        raise RiffscopeError(f"{song}: is a saved analysis, not a song (riffscope.read reads it)")
    if isinstance(song, Audio):
        audio = song
    else:
        with _steps_imported_beside(options.threads):
            audio = load(_path(song), max_minutes=options.max_minutes)
    known, settings = [*options.known], options.settings
    if settings.downbeat_s is not None and settings.downbeat_s >= audio.duration_s:
        given, end = clock(settings.downbeat_s), clock(audio.duration_s)
        raise CannotRead(f"{audio.source.name}: the downbeat at {given} is after the end of the song ({end})")
    if options.sections is not None:
        from riffscope.sections_file import read_sections

        known.append(read_sections(options.sections, duration_s=audio.duration_s))
        settings = replace(settings, sections=options.sections.name)
    return make(
        audio,
        wanted,
        settings=settings,
        known=known,
        kept=kept,
        threads=options.threads,
        progress=options.progress,
        found=options.found,
    )


def _everything_and(*views: type) -> Iterator[type]:
    """Give the result types of all measurements, and these views: what measures is imported when this is read."""
    yield from measurements()
    yield from views


@contextmanager
def _steps_imported_beside(threads: int | None) -> Iterator[None]:
    """While a song is decoded, import what will measure it, which takes as long; not where one thread was asked for.

    Where the song is refused or its reading interrupted, nobody waits for the rest.
    """
    if (threads or os.cpu_count() or 1) == 1:
        yield
        return
    importer = threading.Thread(target=_import_steps, name="riffscope-import")
    importer.start()
    yield
    importer.join()


def _import_steps() -> None:
    # What cannot be imported is said where it is needed.
    with contextlib.suppress(Exception):
        steps.producers()


def read(path: str | os.PathLike[str]) -> SongAnalysis:
    """Read a saved analysis (JSON).

    Raises
    ------
    BadDocument
        It is no analysis of riffscope's, or of a later schema.
    """
    from riffscope.codec import read_analysis

    return read_analysis(Path(path))


def is_saved(song: Song) -> bool:
    """Tell whether a song is given as the path of a saved analysis."""
    return isinstance(song, (str, os.PathLike)) and os.fspath(song).lower().endswith(SAVED_ENDINGS)


def _resolved(song: Song) -> SongAnalysis | Audio | Path:
    """Return a song as its analysis, read where it is saved, or as what is yet to be measured."""
    if isinstance(song, (SongAnalysis, Audio)):
        return song
    return read(song) if is_saved(song) else Path(_path(song))


def _path(song: Any) -> str | os.PathLike[str]:
    if isinstance(song, (str, os.PathLike)):
        return song
    raise TypeError(f"not a song: {type(song).__name__} (give a path, a loaded sound or an analysis)")


def _listed(songs: Song | Iterable[Song]) -> list[Song]:
    """Return one song or several as a list; refuse none at all."""
    given = [songs] if isinstance(songs, (SongAnalysis, Audio, str, os.PathLike)) else list(songs)
    if not given:
        raise ValueError("there is no song (give paths, loaded sounds or analyses)")
    return given


def listen(
    song: Song,
    *,
    claims: Claims | None = None,
    options: Options | None = None,
    copied: bool = False,
    alone: bool = True,
    warn: Callable[[str], None] = lambda _: None,
) -> Listened:
    """Analyse a song, or read its saved analysis, with a copy to listen to from the same run where that is wanted.

    Parameters
    ----------
    claims
        Ruled on anew in a saved analysis too, where they are given.
    copied : bool
        Also compress the sound for a page. For a saved analysis the song is looked for beside it.
    alone : bool
        Whether the page is about this song alone: where it is about several, each has a smaller copy, in one stream.
    warn : callable
        Told in one line of what was wrong but did no harm.
    """
    chosen, given = options or Options(), _resolved(song)
    listened = _listen(song, given, claims, chosen, _kind_of_copy(copied, alone), warn)
    if chosen.references:
        listened = replace(listened, song=placed(listened.song, chosen.references))
        if not listened.song.places:
            warn(f"{listened.song.source.name}: none of the numbers of the reference set was measured in it")
    if chosen.singer is None:
        return listened
    try:
        return replace(listened, song=transposed(listened.song, chosen.singer))
    except NotMeasured as why:
        warn(f"{listened.song.source.name}: it cannot be moved into your range: {why.reason}")
        return listened


def _listen(
    song: Song,
    given: SongAnalysis | Audio | Path,
    claims: Claims | None,
    chosen: Options,
    copy: type | None,
    warn: Callable[[str], None],
) -> Listened:
    if isinstance(given, SongAnalysis):
        ruled = given if claims is None else ruled_on(given, claims_about_one(claims))
        if copy is None or not isinstance(song, (str, os.PathLike)):
            return Listened(song=ruled)
        return Listened(song=ruled, copy=_copy_beside(Path(song), given, chosen, copy, warn))
    made = run(given, _everything_and(*([] if copy is None else [copy])), chosen)
    for warning in made.audio.source.warnings:
        warn(f"{made.audio.source.name}: {warning}")
    return Listened(
        song=ruled_on(made.analysis(), claims_about_one(claims)), copy=None if copy is None else made.outcomes[copy]
    )


def _kind_of_copy(copied: bool, alone: bool) -> type | None:
    """Return the view that compresses a song for its page, or for one that it shares with others."""
    if not copied:
        return None
    from riffscope.views.listening_copy import ListeningCopy, MixCopy

    return ListeningCopy if alone else MixCopy


def _copy_beside(
    path: Path, saved: SongAnalysis, options: Options, copy: type, warn: Callable[[str], None]
) -> Outcome | None:
    """Make a listening copy from the song beside its saved analysis; say so where there is none."""
    try:
        return run(load_beside(path, saved, options), [copy], options).outcomes[copy]
    except RiffscopeError as why:
        warn(f"{why}; the page cannot play it")
        return None


def load_beside(path: Path, saved: SongAnalysis, options: Options) -> Audio:
    """Load the song that lies beside its saved analysis.

    Raises
    ------
    RiffscopeError
        It is not there, or another song has its name.
    """
    beside = path.parent / Path(saved.source.name).name
    if not beside.is_file():
        raise RiffscopeError(f"{path}: its song {saved.source.name} is not beside it (give the audio file itself)")
    audio = load(beside, max_minutes=options.max_minutes)
    if audio.source.sha256 != saved.source.sha256:
        raise RiffscopeError(f"{path}: {audio.source.name} beside it is another song (give the audio file itself)")
    return audio


def load_elsewhere(path: str | os.PathLike[str], saved: SongAnalysis, options: Options) -> Audio:
    """Load the song of an analysis from a file that may be called anything; it keeps the name that its analysis has.

    Raises
    ------
    RiffscopeError
        It cannot be read, or is another song.
    """
    audio = load(path, max_minutes=options.max_minutes)
    if audio.source.sha256 != saved.source.sha256:
        raise RiffscopeError(f"{path}: is not the song {saved.source.name} (give its audio file)")
    return replace(audio, source=replace(audio.source, name=saved.source.name))


def judge(song: Song, claims: Claims | None = None) -> Verdicts:
    """Rule on claims about a song; on the built-in ones by default."""
    analysis = song if isinstance(song, SongAnalysis) else listen(song).song
    return ruled_on(analysis, claims_about_one(claims)).verdicts


def table(
    songs: Song | Iterable[Song],
    *,
    claims: Claims | None = None,
    reference: References | None = None,
    options: Options | None = None,
) -> "pl.DataFrame":
    """Return a data frame of polars with a row for each song; ``.to_pandas()`` makes one of pandas of it.

    Its columns are ``title``, ``artist``, ``file``, ``duration_s`` and ``sha256``; every number and word that
    `describe_measures` lists by its path, such as ``tempo.bpm``, with ``tempo.bpm.low`` and ``tempo.bpm.high`` for the
    ends of its 90% range; and for each claim ``claim.NAME``, its ruling, and ``claim.NAME.probability``. Where songs
    are placed among others, ``tempo.bpm.percentile`` is the percentage of those that are slower. What was not measured
    is null. Fractions are 0..1.

    Parameters
    ----------
    songs : song, or several
        A folder stands for all songs in it and in the folders within. Those whose saved analyses lie beside them are
        read from there, unless there are options to measure them by.
    claims : path or claims, optional
        The built-in ones by default, or for a saved analysis those that it was saved with.
    reference : path or references, optional
        Other songs, among which the songs are placed, as in `analyze`.

    Raises
    ------
    RiffscopeError
        The reference set cannot be read, a path leads nowhere, or none of the songs can be read. Where only some can, a
        warning names each of the others.
    ValueError
        There are no songs.
    """
    from riffscope.tables import songs_table

    given, references = _listed(songs), references_of(reference)
    found: list[SongAnalysis | Audio | str] = []
    for song in given:
        if isinstance(song, (SongAnalysis, Audio)):
            found.append(song)
        elif Path(_path(song)).is_dir() and options is None:
            found += [saved_beside(one) or one for one in songs_in([os.fspath(song)])]
        else:
            found += songs_in([os.fspath(_path(song))])
    for one in found:
        if isinstance(one, str) and not Path(one).exists():
            raise CannotRead(f"{one}: no such file (check the path)")
    analyses, refused = [], []
    for one in found:
        try:
            analyses.append(placed(listen(one, claims=claims, options=options).song, references))
        except RiffscopeError as why:
            refused.append(why)
    if not analyses:
        raise refused[0]
    for one_refused in refused:
        warnings.warn(str(one_refused), SongLeftOut, stacklevel=2)
    return songs_table(analyses).to_frame()


class SongLeftOut(UserWarning):
    """A song is not in a table, for it could not be read; its message is one line for people."""


def describe_measures() -> "pl.DataFrame":
    """Return a data frame of every number and word that songs may have: path, label, unit, kind and description.

    These are columns of `table`, and the first column of ``song.to_frame()``.
    """
    from riffscope.tables import described_measures

    return described_measures().to_frame()


def compare(songs: Sequence[Song], claims: Claims | None = None) -> "Comparison":
    """Set two songs or more side by side, and rule on claims about them; on the built-in comparisons by default.

    Raises
    ------
    ValueError
        Fewer than two songs.
    """
    from riffscope.compare import compare as compare_analyses

    tested = _comparative(claims)
    given = _listed(songs)
    if len(given) < 2:
        raise ValueError("a comparison needs two songs or more")
    return compare_analyses([song if isinstance(song, SongAnalysis) else listen(song).song for song in given], tested)


def report(
    songs: Song | Sequence[Song],
    folder: str | os.PathLike[str] = "reports",
    *,
    claims: Claims | None = None,
    reference: References | None = None,
    formats: "Sequence[Format]" = ("pdf", "html"),
    audio: bool = True,
    each: bool = False,
    full: bool = False,
    paper: "Paper" = "a4",
    force: bool = False,
    options: Options | None = None,
    warn: Callable[[str], None] = lambda _: None,
    timestamp: datetime | None = None,
) -> list[Path]:
    """Write the report of one song, or the comparison of several, and return the paths of its files.

    Parameters
    ----------
    songs : song, or sequence of two songs to six
    folder : path
        Made if it is not there.
    claims : path or claims, optional
        Ruled on in the report; of several songs, about each of the others against the first. The built-in ones by
        default, or for a saved analysis those that it was saved with.
    reference : path or references, optional
        Other songs, among which the song is placed, as in `analyze`. It goes with the report of one song.
    formats : sequence of {"pdf", "html"}
    audio : bool
        Put the sound, and with it a player, into the page.
    each : bool
        Write a report of each song, however many there are, rather than a comparison.
    full : bool
        Add to the report of a song all its measurements, the methods and where it comes from.
    paper : {"a4", "us-letter"}
    force : bool
        Replace reports that are already there.
    timestamp : datetime, optional
        When the report says it was made; now by default.

    Raises
    ------
    RiffscopeError
        A song cannot be read, the claims or the reference set are wrong, or a report of that name is already there; in
        one line.
    ValueError
        More songs than a comparison takes, or a reference set with a comparison; said before any of them is analysed.
    """
    from riffscope.compare import MAX_SONGS, too_many_songs

    given, chosen = _listed(songs), options or Options()
    if reference is not None:
        chosen = replace(chosen, references=references_of(reference))
    if each:
        one_by_one = (
            report(
                one,
                folder,
                claims=claims,
                formats=formats,
                audio=audio,
                full=full,
                paper=paper,
                force=force,
                options=chosen,
                warn=warn,
                timestamp=timestamp,
            )
            for one in given
        )
        return [path for paths in one_by_one for path in paths]
    if len(given) > MAX_SONGS:
        raise ValueError(f"{too_many_songs(len(given))} (or write one report for each song: each=True)")
    if len(given) > 1 and reference is not None:
        raise ValueError("a reference set goes with the report of one song (or write one for each song: each=True)")
    copied, alone = audio and "html" in formats, len(given) == 1
    tested = claims_about_one(claims) if claims is not None and alone else None
    compared = _comparative(claims) if len(given) > 1 else None
    with replacing(force):
        listened = [
            listen(song, claims=tested, options=chosen, copied=copied, alone=alone, warn=warn) for song in given
        ]
        return write_reports(
            listened, Path(folder), formats, claims=compared, full=full, paper=paper, timestamp=timestamp
        )


def write_reports(
    listened: Sequence[Listened],
    folder: Path,
    formats: "Sequence[Format]",
    *,
    claims: "tuple[Claim, ...] | None" = None,
    full: bool = False,
    paper: "Paper" = "a4",
    name: str | None = None,
    timestamp: datetime | None = None,
) -> list[Path]:
    """Write the report of one song that was listened to, or the comparison of several.

    Parameters
    ----------
    claims : optional
        Ruled on in a comparison; the built-in comparisons by default. The verdicts on one song are its analysis's own.
    full, paper
        As of `report`.
    name : str, optional
        Of its files, without ending; after the files of its songs by default.
    """
    from riffscope.compare import compare as compare_analyses
    from riffscope.report.comparison_report import comparison_document
    from riffscope.report.song_report import song_document
    from riffscope.report.write import write_report

    songs = [one.song for one in listened]
    one_song = len(songs) == 1
    document = (
        song_document(songs[0], full=full, paper=paper)
        if one_song
        else replace(comparison_document(compare_analyses(songs, claims), songs), paper=paper)
    )
    if name is not None:
        document = replace(document, name=name)
    copies = [one.copy for one in listened] if one_song else shared_copies(listened)
    return write_report(document, folder, formats, listening=copies, timestamp=timestamp or datetime.now(UTC))


def shared_copies(listened: Sequence[Listened]) -> list[Outcome | None]:
    """Return the copies of songs that share a page; or of each, where all are too long for one, that they are."""
    from riffscope.views.listening_copy import MAX_DURATION_S

    copies = [one.copy for one in listened]
    length_s = sum(one.song.source.duration_s for one in listened if isinstance(one.copy, Measured))
    if length_s <= MAX_DURATION_S:
        return copies
    reason = f"the songs last more than {MAX_DURATION_S / 60:.0f} minutes together, too long to go into a page"
    too_long = Missing(measurement="mix_copy", code=Absence.TOO_LONG, reason=reason)
    return [None if copy is None else too_long for copy in copies]


def load_text(path: str | os.PathLike[str], *, called: str | None = None) -> "Text":
    """Load a text about a song: plain text, Markdown or HTML; ``-`` is standard input.

    Parameters
    ----------
    called : str, optional
        The name that its user knows the file by, where that is not the name that it has here.

    Raises
    ------
    RiffscopeError
        It cannot be read, or is no text; in one line.
    """
    from riffscope.articles.load import load_text as load_article

    return load_article(os.fspath(path), called=called)


def check(
    article: "Text | str | os.PathLike[str]", songs: Song | Sequence[Song], *, options: Options | None = None
) -> "CheckedArticle":
    """Rule on what a text says about a song.

    Parameters
    ----------
    article : path or Text
        The text: plain text, Markdown or HTML.
    songs : song, or sequence of songs
        The song that it is about, and those that it compares that one with.

    Raises
    ------
    RiffscopeError
        The text or a song cannot be read; in one line.
    """
    from riffscope.articles.checked import check as rule_on
    from riffscope.articles.reader import read as read_article

    text = load_text(article) if isinstance(article, (str, os.PathLike)) else article
    given = _listed(songs)
    analyses = [
        song if isinstance(song, SongAnalysis) else listen(song, claims=(), options=options).song for song in given
    ]
    return rule_on(read_article(text, title=analyses[0].source.title), analyses)


def write_checked(
    checked: "CheckedArticle",
    folder: str | os.PathLike[str] = "reports",
    formats: Sequence[str] = ("pdf", "html"),
    *,
    listening: Outcome | None = None,
    paper: "Paper" = "a4",
    force: bool = False,
    timestamp: datetime | None = None,
) -> list[Path]:
    """Write a checked article, named after its text and its song, and return the paths of its files.

    Parameters
    ----------
    formats : sequence of {"pdf", "html", "json"}
    paper : {"a4", "us-letter"}
    force : bool
        Replace files that are already there.
    listening : Outcome, optional
        The copy of the song to listen to in the page, or why there is none.
    timestamp
        As of `riffscope.report.write.write_report`.

    Raises
    ------
    CannotWrite
        A file of that name is already there; then none is written.
    """
    from riffscope.articles.checked import to_json
    from riffscope.choices import FORMATS
    from riffscope.report.article_report import article_document
    from riffscope.report.write import report_paths, write_report

    document = replace(article_document(checked), paper=paper)
    paths = report_paths(document.name, Path(folder), formats)
    with replacing(force):
        for path in paths:
            check_output(path)
        for form, path in zip(formats, paths, strict=True):
            if form == "json":
                write_atomically(path, to_json(checked))
                continue
            shown = next((one for one in FORMATS if one == form), None)
            if shown is None:
                raise ValueError(f"a checked article is written as {' or '.join((*FORMATS, 'json'))}, not as {form}")
            write_report(document, Path(folder), [shown], listening=[listening], timestamp=timestamp)
    return paths


def export(
    song: Song,
    to: str,
    folder: str | os.PathLike[str] = ".",
    *,
    sound: str | os.PathLike[str] | None = None,
    which: int | None = None,
    capo: int | None = None,
    force: bool = False,
    options: Options | None = None,
) -> list[Path]:
    """Write a song, or its measurements, for other programs, and return the paths of the files.

    Parameters
    ----------
    to : str
        A format that `riffscope.steps.exports` lists, such as ``midi``.
    folder : path
        Made if it is not there.
    sound : path, optional
        The audio file of a song that is given as its analysis, whatever the file is called; beside the saved analysis
        by default. It is read only where the format is made from the sound.
    which : int or None
        Which of several, where a format writes one of them: 2 is the second loop; None the first.
    capo : int or None
        The fret of a capo, where a format writes what is played on a guitar; None: without one.
    force : bool
        Replace files that are already there, but never the song.

    Raises
    ------
    CannotMeasure
        The song does not hold what the format is for.
    ValueError
        There is no such format, or there is nothing to choose in it.
    """
    formats = {step.name: step for step in steps.exports()}
    if to not in formats:
        raise ValueError(f'Unknown format "{to}". Choose: {", ".join(formats)}.')
    chosen = {name: choice for name, choice in {"which": which, "capo": capo}.items() if choice is not None}
    for name in chosen:
        if name not in formats[to].options:
            raise ValueError(f"{to} has no {name} to choose (leave it out)")
    inputs = _inputs_of(formats[to], song, options or Options(), sound)
    given = [Path(one) for one in (song, sound) if isinstance(one, (str, os.PathLike))]
    with never_overwriting(given), replacing(force):
        written: list[Path] = formats[to].function(*inputs, folder=Path(folder), **chosen)
    return written


def _inputs_of(step: "Step", song: Song, options: Options, sound: str | os.PathLike[str] | None = None) -> list[Any]:
    """Return what an export takes: what a saved analysis holds from there, all else from the song's sound.

    The sound is read only where it is needed, so what was measured can be exported without the song being there.
    """
    resolved = _resolved(song)
    saved = resolved if isinstance(resolved, SongAnalysis) else None
    outcomes: Mapping[type, Outcome] = {} if saved is None else by_type(saved)
    given: dict[type, Any] = {} if saved is None else {SongAnalysis: saved}
    wanted = [need.type for need in step.needs]
    from_sound = [kind for kind in wanted if kind not in outcomes and kind not in given]
    if from_sound:
        views = [kind for kind in from_sound if kind is not SongAnalysis]
        made = run(
            _sound_of(song, resolved, step, options, sound),
            [*(measurements() if SongAnalysis in from_sound else []), *views],
            options,
        )
        outcomes = {**outcomes, **made.outcomes}
        given |= {Audio: made.audio, Settings: made.settings}
        if SongAnalysis in from_sound:
            given[SongAnalysis] = ruled_on(made.analysis(), claims_about_one(None))
    return [
        given[need.type] if need.type in given else _usable(outcomes[need.type], optional=need.optional)
        for need in step.needs
    ]


def _sound_of(
    song: Song,
    resolved: SongAnalysis | Audio | Path,
    step: "Step",
    options: Options,
    sound: str | os.PathLike[str] | None,
) -> Audio | Path:
    if not isinstance(resolved, SongAnalysis):
        return resolved
    if sound is not None:
        return load_elsewhere(sound, resolved, options)
    if not isinstance(song, (str, os.PathLike)):
        raise RiffscopeError(f"{resolved.source.name}: {step.name} is made from the sound (give the audio file itself)")
    return load_beside(Path(song), resolved, options)


def by_type(song: SongAnalysis) -> dict[type, Outcome]:
    """Return the outcomes of an analysis by their result types."""
    return {step.produces: song.outcomes[step.name] for step in steps.analyzers() if step.name in song.outcomes}


def _usable(outcome: Outcome, *, optional: bool) -> Any:
    """Return the value of an outcome; None where there is none and the one who asks can do without."""
    if isinstance(outcome, Measured):
        return outcome.value
    if optional:
        return None
    why = not_measured(outcome.measurement, outcome)
    raise CannotMeasure(why.code, why.reason)


def claims_about_one(claims: Claims | None) -> "tuple[Claim, ...]":
    """Return claims about one song, read from their file where that is given; the built-in ones for None."""
    from riffscope.judge import built_in_claims, check_about_one

    if claims is None:
        return built_in_claims()
    read_in = _comparative(claims) or ()
    check_about_one(read_in)
    return read_in


def _comparative(claims: Claims | None) -> "tuple[Claim, ...] | None":
    """Read claims that may be about two songs; None where the built-in comparisons are meant."""
    from riffscope.judge import read_claims

    if claims is None:
        return None
    return read_claims(Path(claims)) if isinstance(claims, (str, os.PathLike)) else tuple(claims)


def references_of(given: References | None) -> "tuple[Reference, ...]":
    """Return references as they are given, or as their file has them; none where there are none.

    Raises
    ------
    BadReference
        The file is no reference set; in one line.
    """
    if given is None or not isinstance(given, (str, os.PathLike)):
        return tuple(given or ())
    from riffscope.reference.placing import read_references

    return read_references(Path(given))


def ruled_on(song: SongAnalysis, claims: "tuple[Claim, ...] | None") -> SongAnalysis:
    """Return an analysis with the verdicts on these claims; with those that it has where they are None."""
    from riffscope.judge import judge as rule

    return song if claims is None else replace(song, verdicts=Verdicts(rule(song, claims)))
