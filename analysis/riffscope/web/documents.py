"""What the page's visitors read and take away, made from what a library holds: reports, comparisons, texts, exports.

Conventions: a song is named by the hash of its file. What is written is named after the file as its analysis has it,
never after where it lies. Nothing is measured here; only `loop` and `stems` read the song's sound.
"""

import inspect
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from riffscope import steps, workflow
from riffscope.analyzers.beats import Beats
from riffscope.analyzers.structure import Structure
from riffscope.analyzers.tempo import Tempo
from riffscope.choices import SEPARATORS, Separator
from riffscope.codec import to_json
from riffscope.compare import MAX_SONGS, too_many_songs
from riffscope.errors import Absence, BadClaim, CannotRead, NotMeasured, RiffscopeError
from riffscope.files import parse_toml, read_written, replacing, safe_name, write_atomically
from riffscope.judge import Claim, parse_claims
from riffscope.library.corrections import NamedSection, corrections_of
from riffscope.library.heads import is_hash
from riffscope.library.kept_files import kept_file
from riffscope.library.store import Store
from riffscope.model import Measured, Missing, Outcome, Settings
from riffscope.song import SongAnalysis
from riffscope.transposition import read_range
from riffscope.views.listening_copy import MAX_DURATION_S
from riffscope.web.errands import ABOUT, About, Errand, Form, Made
from riffscope.web.texts import CLAIMS_ENDING

# The report of a song with all that there is to say.
FULL = "full"
# The forms of documents: what a button says, and what is in it.
REPORTS = {
    "pdf": ("PDF", "The report to print and to send"),
    FULL: ("Full PDF", "The report with every number, the caveats, the methods with their sources, and more figures"),
    "html": ("HTML", "The report as one page that needs nothing else, with the song to play where it was kept"),
    "json": ("JSON", "Every number with its range, for programs"),
}
MEDIA = {
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".jams": "application/json",
    ".json": "application/json",
    ".mid": "audio/midi",
    ".pdf": "application/pdf",
    ".txt": "text/plain; charset=utf-8",
    ".wav": "audio/wav",
    ".zip": "application/zip",
}
ANY_MEDIA = "application/octet-stream"
# Sound as floats hardly gets smaller by being compressed.
UNCOMPRESSED = {".wav", ".pdf"}
# The oldest time that a zip file can tell: the same files make the same bytes.
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


def make(errand: Errand, folder: Path) -> Made:
    """Make what an errand asks for.

    Parameters
    ----------
    errand : Errand
    folder : path
        An empty one, which takes the file.

    Raises
    ------
    RiffscopeError
        In one line: a song is not in the library, the text or the claims are wrong, the form is none, or the songs do
        not hold what it is for.
    """
    store = Store(errand.library)
    if not errand.songs:
        raise RiffscopeError("no song is chosen (choose one)")
    if len(errand.songs) > MAX_SONGS:
        raise RiffscopeError(too_many_songs(len(errand.songs)))
    songs = [_analysis(store, sha256) for sha256 in errand.songs]
    if errand.form == ABOUT:
        return _written(folder / "about.json", msgspec.json.encode(about(store, songs[0])))
    if errand.text is not None:
        return _ruled(store, songs, errand, folder, Path(errand.text))
    if errand.form in REPORTS:
        return _report(store, songs, errand, folder)
    return _exported(store, songs, errand.form, folder)


def about(store: Store, song: SongAnalysis) -> About:
    """Return what the page shows of a song beside its report."""
    file = store.file_of(song.source.sha256)
    source, beats, tempo, structure = song.source, song.get(Beats), song.get(Tempo), song.get(Structure)
    sections = () if structure is None else structure.sections
    return About(
        sha256=source.sha256,
        title=source.title,
        artist=source.tags.artist,
        file=source.name,
        duration_s=source.duration_s,
        tempo_bpm=None if tempo is None else tempo.bpm.value,
        beats_per_bar=None if beats is None else beats.beats_per_bar,
        beats_s=() if beats is None else tuple(beats.times_s.round(3).tolist()),
        downbeats_s=() if beats is None else tuple(beats.times_s[beats.downbeat_index].round(3).tolist()),
        sections=tuple(NamedSection(start_s=one.start_s, end_s=one.end_s, name=one.name) for one in sections),
        corrections=corrections_of(store.place, source.sha256),
        is_corrected=_by_hand(song.settings) == _by_hand(store.corrected(source.sha256, Settings()).described()),
        has_file=file is not None,
        path=None if file is None else str(file),
        has_copy=store.has_copy(source.sha256),
        forms=tuple(forms_of(song)),
    )


def _by_hand(settings: Mapping[str, str]) -> dict[str, str]:
    """Return what settings say of a song that its user corrects."""
    return {name: settings[name] for name in ("tempo", "meter", "downbeat", "sections") if name in settings}


def forms_of(song: SongAnalysis) -> Iterator[Form]:
    """Give the forms that a song can be taken away in; those that it surely holds nothing for are left out."""
    for form, (label, text) in REPORTS.items():
        yield Form(form=form, label=label, about=text)
    names = {step.produces: step.name for step in steps.analyzers()}
    for export in steps.exports():
        needed = [names[need.type] for need in export.needs if need.type in names and not need.optional]
        if all(isinstance(song.outcomes.get(name), Measured) for name in needed):
            label, text = _described(export)
            yield Form(form=export.name, label=label, about=text, needs_file=_reads_sound(export))


def _reads_sound(export: steps.Step) -> bool:
    """Tell whether an export is made from the song's sound: it needs what no analysis keeps."""
    kept = {SongAnalysis, *(step.produces for step in steps.analyzers())}
    return any(need.type not in kept for need in export.needs)


def _described(export: steps.Step) -> tuple[str, str]:
    """Return what an export is called, and what is in it, as its module says: ``MIDI: the sung melody and ...``."""
    first = (inspect.getdoc(inspect.getmodule(export.function)) or "").partition("\n")[0]
    label, colon, text = first.partition(": ")
    if not colon:
        label, text = export.name, export.summary
    return _capital(label.removeprefix("A ").removeprefix("An ")), _capital(text.removesuffix("."))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# ------------------------------------------------------------------------------------------------------- of the library
def _analysis(store: Store, sha256: str) -> SongAnalysis:
    song = store.read(sha256) if is_hash(sha256) else None
    if song is None:
        raise RiffscopeError("this song is not in the library any more (drop it on the page again)")
    return song


def copy_of(store: Store, song: SongAnalysis) -> Outcome:
    """Return the copy of a song to listen to, or why there is none."""
    copy = store.copy(song.source.sha256)
    if copy is not None:
        return Measured(value=copy, version=0, seconds=0.0)
    code, reason = Absence.NOT_RUN, "the library keeps no sound of this song (drop the song on the page again)"
    if song.source.duration_s > MAX_DURATION_S:
        code, reason = Absence.TOO_LONG, f"the song is longer than {MAX_DURATION_S / 60:.0f} minutes"
    return Missing(measurement="listening_copy", code=code, reason=reason)


# ----------------------------------------------------------------------------------------------------------- documents
def _report(
    store: Store,
    songs: Sequence[SongAnalysis],
    errand: Errand,
    folder: Path,
    claims: tuple[Claim, ...] | None = None,
) -> Made:
    """Make the report of a song, or the comparison of several, ruled on by claims where there are some."""
    if len(songs) == 1:
        _check_about_one(claims or ())
        song = _in_range(workflow.ruled_on(songs[0], claims), errand.singer)
        if errand.form == "json":
            return _written(folder / f"{_stem(song)}.json", to_json(song, indent=1))
        songs = [song]
    if errand.form == "json":
        raise RiffscopeError("a comparison is written as PDF or HTML, not as JSON (take the JSON of each song)")
    wanted, full = errand.form == "html", errand.form == FULL
    if full and len(songs) > 1:
        raise RiffscopeError("a comparison is written as PDF or HTML (take the full report of each song)")
    listened = [workflow.Listened(song=song, copy=copy_of(store, song) if wanted else None) for song in songs]
    (path,) = workflow.write_reports(
        listened,
        folder,
        ["html" if wanted else "pdf"],
        claims=None if len(songs) == 1 else claims,
        full=full,
        name=f"{_stem(songs[0])}-full" if full else None,
    )
    return _made(path)


def _in_range(song: SongAnalysis, singer: str | None) -> SongAnalysis:
    """Return a song moved into a singer's range; as it is where nobody sings in it."""
    if singer is None:
        return song
    try:
        return workflow.transposed(song, read_range(singer))
    except NotMeasured:
        return song


def _ruled(store: Store, songs: Sequence[SongAnalysis], errand: Errand, folder: Path, text: Path) -> Made:
    """Make what a text, or a claims file, says of the first song, and of that against the others, with its rulings."""
    if errand.form not in REPORTS or errand.form == FULL:
        raise RiffscopeError(f"what a text says is written as PDF, HTML or JSON, not as {errand.form}")
    called = errand.text_name or text.name
    if called.lower().endswith(CLAIMS_ENDING):
        return _report(store, songs, errand, folder, _claims(text, called))
    checked = workflow.check(workflow.load_text(text, called=called), list(songs))
    copy = copy_of(store, songs[0]) if errand.form == "html" else None
    (path,) = workflow.write_checked(checked, folder, [errand.form], listening=copy)
    return _made(path)


def _claims(path: Path, called: str) -> tuple[Claim, ...]:
    """Read a claims file that came without the files beside it.

    Raises
    ------
    BadClaim
        There is something wrong with it, or it names a file of references.
    """
    try:
        text = read_written(path)
    except BadClaim as why:
        raise BadClaim(*(problem.replace(str(path), called) for problem in why.problems)) from why
    for name, table in parse_toml(text, name=called).items():
        reference = table.get("reference") if isinstance(table, dict) else None
        if isinstance(reference, str) and reference.endswith(CLAIMS_ENDING):
            raise BadClaim(
                f"{called}: {name}: the page cannot open {reference} (name a published reference, or use riffscope"
                " report --claims)"
            )
    return parse_claims(text, name=called)


def _check_about_one(claims: Sequence[Claim]) -> None:
    """Refuse claims about two songs where there is only one."""
    if two := [claim for claim in claims if claim.about_two]:
        raise BadClaim(
            *(f"[{claim.name}]: {claim.kind.name} is about two songs (choose one to compare with)" for claim in two)
        )


# ------------------------------------------------------------------------------------------------------------- exports
def _exported(store: Store, songs: Sequence[SongAnalysis], form: str, folder: Path) -> Made:
    formats = {step.name: step for step in steps.exports()}
    if form not in formats:
        raise RiffscopeError(f"{form} is no form to take a song away in (choose {', '.join((*REPORTS, *formats))})")
    if len(songs) > 1:
        raise RiffscopeError(f"{form} is written of one song (choose one)")
    (song,) = songs
    from_sound = _reads_sound(formats[form])
    sound = store.file_of(song.source.sha256) if from_sound else None
    if from_sound and sound is None:
        raise CannotRead(
            f"{song.source.name}: its file was not kept, or is gone (drop the song again, and choose to keep it)"
        )
    options = _options(store, song) if from_sound else None
    paths = workflow.export(song, form, folder, sound=sound, options=options)
    return _made(paths[0] if len(paths) == 1 else _zipped(paths, folder / f"{_stem(song)}-{form}.zip"))


def _options(store: Store, song: SongAnalysis) -> workflow.Options:
    """Return how the vocals are separated: as when the song was measured, from their own track where it is kept."""
    chosen = song.settings.get("separator")
    separator: Separator = next((one for one in SEPARATORS if one == chosen), "auto")
    vocals = kept_file(store.place, song.source.sha256, "vocals") if "vocals" in song.settings else None
    return workflow.Options(settings=workflow.choose_settings(separator, vocals))


def _zipped(paths: Sequence[Path], into: Path) -> Path:
    """Put files into one, the same bytes for the same files, and remove them."""
    with zipfile.ZipFile(into, "w") as packed:
        for path in paths:
            entry = zipfile.ZipInfo(path.name, ZIP_EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_STORED if path.suffix in UNCOMPRESSED else zipfile.ZIP_DEFLATED
            with path.open("rb") as content, packed.open(entry, "w", force_zip64=True) as out:
                while block := content.read(1 << 20):
                    out.write(block)
            path.unlink()
    return into


def _stem(song: SongAnalysis) -> str:
    return safe_name(Path(song.source.name).stem)


def _written(path: Path, content: bytes) -> Made:
    with replacing():
        write_atomically(path, content)
    return _made(path)


def _made(path: Path) -> Made:
    return Made(path=str(path), name=path.name, media_type=MEDIA.get(path.suffix, ANY_MEDIA))
