"""Bad input of every kind, made by script, each with its answer. Run by itself, it lists them with what is said.

An answer is ``refused``, ``partial`` or ``fine``, and a piece of what is said. Kinds that need a test of their own are
beside the readers' tests: pipes, links, devices, playlists, claims of a header, protected songs, floods of text.
"""

import gzip
import hashlib
import io
import json
import struct
import sys
import tarfile
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import seeds
from riffscope.articles.load import load_text
from riffscope.articles.reader import read
from riffscope.cli import main
from riffscope.codec import read_analysis
from riffscope.errors import BadClaim, RiffscopeError
from riffscope.judge import read_claims
from riffscope.load import load
from riffscope.models.archives import read_members
from riffscope.models.card import Member
from riffscope.reference.placing import read_references
from riffscope.sections_file import read_sections
from riffscope.song import failures

MEMBER = Member(
    name="model.data",
    paths=("package/model.data",),
    size_bytes=len(seeds.MODEL),
    sha256=hashlib.sha256(seeds.MODEL).hexdigest(),
)


# ---------------------------------------------------------------------------------------------------- how each is read
def song(path: Path) -> tuple[str, list[str]]:
    source = load(path).source
    return ("partial" if source.status == "partial" else "fine"), list(source.warnings)


def analysis(path: Path) -> tuple[str, list[str]]:
    song = read_analysis(path)
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = main(["analyze", str(path), "--all"])
    printed = out.getvalue() + err.getvalue()
    assert status == any(failures(song)), printed
    assert "itself failed" not in printed
    assert printed.replace("\n", "").isprintable(), "nothing that a terminal would obey"
    return "fine", [printed]


def claims(path: Path) -> tuple[str, list[str]]:
    return "fine", [str(len(read_claims(path)))]


def reference(path: Path) -> tuple[str, list[str]]:
    return "fine", [str(len(read_references(path)))]


def article(path: Path) -> tuple[str, list[str]]:
    return "fine", [str(len(read(load_text(path)).sentences))]


def archive(path: Path) -> tuple[str, list[str]]:
    return "fine", list(read_members(path, (MEMBER,)))


def sections(path: Path) -> tuple[str, list[str]]:
    return "fine", [read_sections(path, duration_s=30.0).form]


ENDINGS = {
    song: "bin",
    analysis: "json",
    claims: "toml",
    reference: "toml",
    article: "md",
    archive: "whl",
    sections: "txt",
}


@dataclass(frozen=True, kw_only=True)
class Case:
    """A bad input: what it is, how it is read, its bytes and its answer."""

    name: str
    read: Callable[[Path], tuple[str, list[str]]]
    content: bytes
    answer: str
    says: str

    @property
    def id(self) -> str:
        return f"{self.read.__name__}: {self.name}"


def answer(case: Case, folder: Path) -> tuple[str, list[str]]:
    """Read a bad input: ``refused``, ``partial`` or ``fine``, and what was said, each in a line of bearable length."""
    path = folder / f"input.{ENDINGS[case.read]}"
    path.write_bytes(case.content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found, said = case.read(path)
        except RiffscopeError as why:
            found, said = "refused", list(why.problems) if isinstance(why, BadClaim) else [str(why)]
            for line in said:
                assert line.isprintable(), "one line"
                assert len(line) < 1000
    return found, said


# ------------------------------------------------------------------------------------------------------------- spoiling
def patched(content: bytes, at: int, new: bytes) -> bytes:
    return content[:at] + new + content[at + len(new) :]


def behind(content: bytes, mark: bytes) -> int:
    return content.index(mark) + len(mark)


def edited(*path: str | int, to: object = None, without: bool = False) -> bytes:
    """The saved analysis with one place in it changed, or left out."""
    document = json.loads(seeds.analysis())
    place = document
    for step in path[:-1]:
        place = place[step]
    if without:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return json.dumps(document).encode()


def value(*path: str | int) -> tuple[str | int, ...]:
    return ("measurements", path[0], "value", *path[1:])


def songs() -> Iterator[tuple[str, bytes, str, str]]:
    wav, flac, mp3, ogg, opus = (seeds.song(form) for form in ("wav", "flac", "mp3", "ogg", "opus"))
    aiff, w64, caf, m4a, mka, wma, aac = (
        seeds.song(form) for form in ("aiff", "w64", "caf", "m4a", "mka", "wma", "aac")
    )
    yield "a byte", b"R", "refused", "not an audio file"
    yield "zeros", bytes(5000), "refused", "not an audio file"
    yield "a text", b"Dear diary, today I heard a song.\n" * 100, "refused", "not an audio file"
    yield "a picture", b"\x89PNG\r\n\x1a\n" + bytes(1000), "refused", "not an audio file"
    yield "a program", b"\x7fELF\x02\x01\x01" + bytes(1000), "refused", "not an audio file"
    yield "an archive", seeds.archive(), "refused", "not an audio file"
    yield "a saved analysis", seeds.analysis(), "refused", "not an audio file"
    yield "a WAV of no kind", wav[:8] + b"AVI " + wav[12:], "refused", "not an audio file"
    yield "half a WAV", wav[: len(wav) // 2], "partial", "cut off"
    yield "a WAV without sound", wav[:44], "refused", "no audio"
    yield "a WAV that says 0 Hz", patched(wav, 24, struct.pack("<I", 0)), "refused", "(c"
    yield "a WAV of 0 channels", patched(wav, 22, struct.pack("<H", 0)), "refused", "(c"
    yield "a WAV of 4 billion Hz", patched(wav, 24, struct.pack("<I", 2**32 - 1)), "refused", "(c"
    yield "a WAV of no bits", patched(wav, 34, struct.pack("<H", 0)), "refused", "(c"
    yield "two WAVs behind each other", wav + wav, "fine", ""
    yield "half a FLAC", flac[: len(flac) // 2], "partial", "cut off"
    yield "a FLAC without frames", flac[:42], "refused", "damaged"
    yield "a FLAC with a zero block in it", patched(flac, 30_000, bytes(4000)), "partial", "s of"
    yield "half an MP3", mp3[: len(mp3) // 2], "partial", "cut off"
    yield "an MP3 without its first frame", mp3[200:], "fine", ""
    yield "an MP3 of one frame", mp3[:417], "refused", "damaged"
    yield "half an Ogg", ogg[: len(ogg) // 2], "refused", "damaged"
    yield "an Ogg without its first page", ogg[58:], "refused", "(c"
    yield "an Ogg of headers alone", ogg[:3000], "refused", "damaged"
    yield "half an Opus", opus[: len(opus) // 2], "refused", "damaged"
    yield "half an AIFF", aiff[: len(aiff) // 2], "partial", "cut off"
    yield "half a W64", w64[: len(w64) // 2], "partial", "cut off"
    yield "half a CAF", caf[: len(caf) // 2], "partial", "cut off"
    yield "an M4A without its index", m4a[: m4a.index(b"moov")], "refused", "damaged"
    yield "half an AAC", aac[: len(aac) // 2], "fine", ""
    yield "half a Matroska", mka[: len(mka) // 2], "partial", "could be read"
    yield "half a WMA", wma[: len(wma) // 2], "partial", "could be read"
    yield "a FLAC with zeros behind", flac + bytes(3 << 20), "fine", ""
    yield "an MP3 with zeros behind", mp3 + bytes(3 << 20), "fine", ""
    yield "a WAV in an MP3's ID3", b"ID3\x03\0\0\0\0\0\x0a" + bytes(10) + wav, "fine", ""
    yield "an ID3 and nothing", b"ID3\x03\0\0\0\0\x07\x76" + bytes(1014), "refused", "not an audio file"


def analyses() -> Iterator[tuple[str, bytes, str, str]]:
    whole = seeds.analysis()
    yield "nothing but a brace", b"{", "refused", "not a readable analysis"
    yield "a list of lists", b"[" * 400_000 + b"]" * 400_000, "refused", "not a readable analysis"
    yield "a million lists", b"[" + b"[]," * 1_000_000 + b"0]", "refused", "more than the analysis of one song"
    yield "with a mark of its encoding", b"\xef\xbb\xbf" + whole, "refused", "not a readable analysis"
    yield "schema true", edited("schema", to=True), "refused", "schema True"
    yield "schema 1.0", edited("schema", to=1.0), "refused", "schema 1.0"
    yield "schema in quotes", edited("schema", to="2"), "refused", "schema 2"
    yield "measurements in a list", edited("measurements", to=[]), "refused", "measurements"
    yield "an entry that is a list", edited("measurements", "beats", to=[]), "refused", "beats"
    yield "an entry that is null", edited("measurements", "beats", to=None), "refused", "beats"
    yield "a version that is null", edited("measurements", "beats", "version", to=None), "refused", "version"
    yield "a version of 30 digits", edited("measurements", "beats", "version", to=10**29), "refused", "version"
    yield "no source", edited("source", without=True), "refused", "source"
    yield "a song of 30,000 years", edited("source", "duration_s", to=1e12), "refused", "lasts"
    yield "a song of no time", edited("source", "duration_s", to=0), "refused", "lasts"
    yield "no beats, with bars", edited(*value("beats", "times_s"), to=[]), "refused", "bar"
    yield "beats that run back", edited(*value("beats", "times_s", 1), to=0.0), "refused", "forward"
    yield "a beat that is null", edited(*value("beats", "times_s", 1), to=None), "refused", "without a number"
    yield "a beat after a week", edited(*value("beats", "times_s", -1), to=600_000.0), "refused", "can only be"
    yield "bars of 1000 beats", edited(*value("beats", "beats_per_bar"), to=1000), "refused", "beats"
    yield "a key of H", edited(*value("key", "tonic"), to="H"), "refused", "tonic"
    yield "a chord of nobody", edited(*value("chords", "spans", 0, "label"), to="H:maj99"), "refused", "chord"
    yield "a voice at 0 Hz", edited(*value("vocal_pitch", "f0_hz"), to=[0.0] * 3), "refused", "vocal_pitch"
    yield (
        "a note of a billion",
        edited(*value("vocal_range", "highest_midi", "high"), to=1e9),
        "refused",
        "vocal_range.highest_midi",
    )
    yield "a probability of 90", edited(*value("beats", "confidence_fraction"), to=90.0), "refused", "confidence"
    yield "a range inside out", edited(*value("tempo", "bpm", "low"), to=900.0), "refused", "range"
    yield "a title of 100 kB", edited("source", "tags", "title", to="x" * 100_000), "refused", "letters"
    verdict = {"claim": "a", "text": "It is so", "ruling": "supported", "because": "It is."}
    yield "3,000 verdicts", edited("verdicts", to=[verdict] * 3000), "refused", "verdicts"
    yield "a codec that clears the screen", edited("source", "codec", to="\x1b[2Jflac"), "fine", r"\x1b[2Jflac"
    missing = {"status": "missing", "version": 1, "code": "no_pitch", "reason": "it is \x1b]0;x\x07\nsilent"}
    yield "a reason that renames the window", edited("measurements", "key", to=missing), "fine", r"\x1b]0;x\x07\nsilent"
    failed = {"status": "failed", "version": 1, "error": "\x1b[31mno", "origin": "key", "traceback": "a\nb\x1b"}
    yield "an error in red", edited("measurements", "key", to=failed), "fine", r"\x1b[31mno"
    yield "a section in formulas", edited(*value("structure", "sections", 0, "label"), to="$\\frac{$"), "fine", "frac"
    yield "half a letter", edited("source", "name", to="\ud800.wav"), "refused", "surrogate"
    old = json.loads(edited("measurements", "tempo", "version", to=0))
    del old["measurements"]["tempo"]["value"]["drift_percent"]
    yield "a measurement of long ago", json.dumps(old).encode(), "fine", "older riffscope"
    new = json.loads(json.dumps(old))
    new["measurements"]["tempo"]["version"] = 999
    yield "a field that is not there", json.dumps(new).encode(), "refused", "drift_percent"
    yield "a code of the future", edited("measurements", "key", to=missing | {"code": "too_blue"}), "fine", "silent"


def claims_files() -> Iterator[tuple[str, bytes, str, str]]:
    text = seeds.CLAIMS
    yield "nothing", b"", "refused", "input.toml"
    yield "brackets", b"a=" + b"[" * 100_000, "refused", "brackets"
    yield "a number of 400 digits", text.replace("-10", "9" * 400).encode(), "refused", "18 digits"
    yield "a number of 5000 digits", text.replace("-10", "9" * 5000).encode(), "refused", "18 digits"
    yield "infinity", text.replace("-10", "inf").encode(), "refused", "inf"
    yield "no number", text.replace("-10", "nan").encode(), "refused", "nan"
    yield "a mark of its encoding", b"\xef\xbb\xbf" + text.encode(), "fine", "3"
    yield "UTF-16", text.encode("utf-16"), "refused", "UTF-8"
    yield "zeros", bytes(1000), "refused", "TOML"
    yield "a song", seeds.song("wav"), "refused", "UTF-8"
    yield "no kind of claim", text.replace("at_least", "at_best").encode(), "refused", "at_best"
    yield "no measure", text.replace("integrated_lufs", "integrity").encode(), "refused", "integrity"
    yield "a chord of nobody", text.replace('"E", "B"', '"H", "B"').encode(), "refused", "H"
    yield "a share of 300 percent", text.replace("80%", "300%").encode(), "refused", "300"
    yield "a percentile of 100", text.replace("= 75", "= 100").encode(), "refused", "percentile"
    yield "no such reference", text.replace("chart_melodies", "\\u0000.toml").encode(), "refused", "file name"
    yield (
        "a name in red",
        text.replace("[loud]", '["\\u001b[31mloud"]').replace("at_least", "x").encode(),
        "refused",
        "x1b",
    )
    yield "a chord of 2,000 letters", text.replace("C#m", "C" + "'" * 2000).encode(), "refused", "chords"
    yield "20 MB", b"# " + b"x" * (20 << 20), "refused", "longer"


def references() -> Iterator[tuple[str, bytes, str, str]]:
    text = seeds.REFERENCE
    yield "infinitely many songs", text.replace("= 20", "= inf").encode(), "refused", "whole number"
    yield "no songs", text.replace("= 20", "= 0").encode(), "refused", "there is a song"
    yield "half a song", text.replace("= 20", "= 20.5").encode(), "refused", "songs"
    yield "quantiles that fall", text.replace("-15.0", "15.0").encode(), "refused", "rise"
    yield "a quantile too many", text.replace("-15.0", "-16.0, -15.0").encode(), "refused", "quantiles"
    yield "quantiles in words", text.replace("-15.0", '"low"').encode(), "refused", "pairs"
    yield "percents beyond 100", text.replace("[90,", "[900,").encode(), "refused", "100"
    yield "a list of tables", text.replace("[loudness]", "[[loudness]]").encode(), "refused", "loudness"
    yield "a mark of its encoding", b"\xef\xbb\xbf" + text.encode(), "fine", "1"
    yield "brackets", b"a=" + b"[" * 100_000, "refused", "brackets"


def articles() -> Iterator[tuple[str, bytes, str, str]]:
    text = seeds.ARTICLE
    yield "nothing", b"", "refused", "empty"
    yield "spaces", b"   \n\n", "refused", "no text"
    yield "a song", seeds.song("mp3"), "refused", "not a text"
    yield "zeros", bytes(1000), "refused", "not a text"
    yield "UTF-16", text.encode("utf-16"), "fine", "4"
    yield "Latin-1", text.replace("♭", "é").encode("latin-1"), "fine", "4"
    yield "a mark of its encoding", b"\xef\xbb\xbf" + text.encode(), "fine", "4"
    yield "escape codes", text.replace("Closet", "\x1b[2JClo\x07set").encode(), "fine", "4"


def archives() -> Iterator[tuple[str, bytes, str, str]]:
    whole = seeds.archive()
    yield "half of it", whole[: len(whole) // 2], "refused", "damaged"
    yield "zeros", bytes(1000), "refused", "neither"
    yield "four letters of it", whole[:4], "refused", "damaged"
    yield "a byte of the model changed", patched(whole, len(whole) // 2 - 150, b"\xff\x00\xff"), "refused", ""
    yield "half a tar", tar()[:300], "refused", "damaged"
    yield "a link to a file of yours", tar(kind=tarfile.SYMTYPE), "refused", "not a regular file"
    yield "another wheel", other(), "fine", ""


def tar(kind: bytes = tarfile.REGTYPE) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as made:
        info = tarfile.TarInfo("package/model.data")
        info.type, info.linkname, info.size = kind, "/etc/passwd", len(seeds.MODEL) if kind == tarfile.REGTYPE else 0
        made.addfile(info, io.BytesIO(seeds.MODEL))
    return gzip.compress(file.getvalue(), mtime=0)  # the same at any time


def other() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("../../package/model.data", seeds.MODEL)
    return file.getvalue()


def sections_files() -> Iterator[tuple[str, bytes, str, str]]:
    text = seeds.SECTIONS
    yield "nothing", b"", "refused", "empty"
    yield "zeros", bytes(1000), "refused", "line 1"
    yield "a song", seeds.song("flac"), "refused", "not a text"
    yield "a time beyond the song", text.replace("0:20.5", "9:20.5").encode(), "refused", "0:30"
    yield "times that run back", text.replace("0:10", "0:30").encode(), "refused", "line"
    yield "a label that clears the screen", text.replace("verse", "\x1b[2J").encode(), "fine", r"\x1b[2J"
    yield "a label of 100 kB", text.replace("verse", "x" * 100_000).encode(), "refused", "letters"
    yield "2 MB", b"0:00 x\n" * 300_000, "refused", "too long"


CASES = [
    Case(name=name, read=reader, content=content, answer=expected, says=says)
    for reader, kinds in (
        (song, songs),
        (analysis, analyses),
        (claims, claims_files),
        (reference, references),
        (article, articles),
        (archive, archives),
        (sections, sections_files),
    )
    for name, content, expected, says in kinds()
]

if __name__ == "__main__":
    wrong = 0
    with tempfile.TemporaryDirectory() as place:
        for each in CASES:
            try:
                found, said = answer(each, Path(place))
            except Exception as bug:  # noqa: BLE001 - it is the answer
                found, said = f"{type(bug).__name__}", [str(bug)]
            right = found == each.answer and any(each.says in line for line in said or [""])
            wrong += not right
            first = said[0].replace(place, "")[-150:] if said else ""
            print("" if right else "WRONG ", f"{each.id}: {found}: {first!r}", sep="")
    print(f"{wrong} of {len(CASES)} bad inputs answered wrongly")
    sys.exit(wrong > 0)
