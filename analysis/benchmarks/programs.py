"""The programs that are measured: riffscope in its ways of listening, and what people chain together instead.

A program is a command that prints the JSON of one song. Its answers are kept with what they cost, in a folder named
after the version of the program, so that a run that was cut off goes on, and no answer of other code is taken for one
of this.
"""

import ast
import functools
import hashlib
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from benchmarks.answers import NOTHING, Answer, parse_answer
from benchmarks.children import Cost, run_child
from benchmarks.items import Item

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "analysis" / "riffscope"
PEERS = Path(__file__).parent / "peers"
# What riffscope listens to: its option, and the name of that column.
LISTENING = {"auto": "riffscope, vocals separated", "none": "riffscope, from the mix"}


@dataclass(frozen=True, kw_only=True)
class Program:
    """A command that answers.

    Attributes
    ----------
    name : str
        The column of its figures.
    command : tuple of str
        ``{file}`` stands for the song.
    version : str
        What its answers depend on.
    needs_voice_model : bool
        It is measured with the voice separated; without the weights it would silently listen to the mix.
    """

    name: str
    command: tuple[str, ...]
    version: str
    needs_voice_model: bool = False

    def arguments(self, path: Path) -> list[str]:
        """Return the command for a song."""
        return [part.replace("{file}", str(path)) for part in self.command]


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A program's answer to one song, and what it cost."""

    answer: Answer
    cost: Cost
    error: str = ""


class VoiceModelMissing(Exception):
    """The voice was to be taken out of the mix, and was not."""


def riffscope(separator: str) -> Program:
    """Return riffscope as it lies here, with ``--separator auto`` or ``none``."""
    options = ("--json", "-", "--separator", separator)
    return Program(
        name=LISTENING[separator],
        command=(sys.executable, "-P", "-m", "riffscope", "analyze", "{file}", *options),
        version=version_of_sources(PACKAGE),
        needs_voice_model=separator == "auto",
    )


def peer(name: str, python: Path) -> Program:
    """Return a chain of other people's programs, run by the Python of its own environment.

    Raises
    ------
    ValueError
        There is no such chain.
    """
    scripts = {script.stem.removesuffix("_chain"): script for script in sorted(PEERS.glob("[!_]*.py"))}
    if name not in scripts:
        raise ValueError(f"no chain is called {name} (there are {', '.join(scripts)})")
    script = scripts[name]
    title = (ast.get_docstring(ast.parse(script.read_text("utf-8"))) or name).partition(":")[0]
    version = hashlib.sha256(script.read_bytes() + str(python).encode()).hexdigest()[:12]
    return Program(name=title, command=(str(python), str(script), "{file}"), version=version)


@functools.cache
def version_of_sources(folder: Path) -> str:
    """Return a digest of all files of a package, its weights included."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def commit() -> str:
    """Return the last commit that changed the package, with a + where it was changed since."""
    last = _git("log", "-1", "--format=%h", "--abbrev=7", "--", str(PACKAGE))
    return last + ("+" if _git("status", "--porcelain", "--", str(PACKAGE)) else "")


def _git(*arguments: str) -> str:
    return subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True, check=True).stdout.strip()


def environment(sources: Path = ROOT / "analysis") -> dict[str, str]:
    """Return the environment in which a program runs: the package's sources, and nothing sent anywhere."""
    return os.environ | {"PYTHONPATH": str(sources), "ORT_DISABLE_TELEMETRY": "1"}


def machine(program: Program) -> tuple[int, str]:
    """Return the number of processors, and the version of the Python that runs a program."""
    version = platform.python_version()
    if program.name not in LISTENING.values() and program.command[0] != sys.executable:
        told = [program.command[0], "-c", "import platform; print(platform.python_version())"]
        version = subprocess.run(told, capture_output=True, text=True, check=True).stdout.strip()
    return os.cpu_count() or 1, version


def ask(program: Program, item: Item, kept: Path, *, timeout_s: float) -> Reply:
    """Return a program's answer to a song: the one that was kept, or a new one, which is kept from now on.

    Parameters
    ----------
    kept : Path
        The folder of this program's kept answers to this set.

    Raises
    ------
    VoiceModelMissing
        The program listened to the mix although the voice was to be taken out of it.
    """
    path = answer_path(kept, item.file)
    if path.exists():
        reply = read_reply(path)
    else:
        reply = _ask_anew(program, item, timeout_s)
        if program.needs_voice_model and reply.answer.fields("vocal_activity").get("method") == "mix":
            raise VoiceModelMissing(f"{item.file}: the voice was not separated (riffscope models get spleeter)")
        if not reply.error:  # what failed is tried again
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(msgspec.json.encode(reply))
    return reply


def answer_path(kept: Path, file: str) -> Path:
    """Return where the answer to a file is kept."""
    return kept / f"{file.replace('/', '__')}.json"


def read_reply(path: Path) -> Reply:
    """Read an answer that was kept."""
    return msgspec.json.decode(path.read_bytes(), type=Reply)


def read_replies(kept: Path, items: list[Item]) -> Mapping[str, Reply]:
    """Read the answers that were kept, by file."""
    paths = {item.file: answer_path(kept, item.file) for item in items}
    return {file: read_reply(path) for file, path in paths.items() if path.exists()}


def _ask_anew(program: Program, item: Item, timeout_s: float) -> Reply:
    finished = run_child(program.arguments(item.path), timeout_s=timeout_s, environment=environment())
    if finished.error:
        return Reply(answer=NOTHING, cost=finished.cost, error=finished.error)
    try:
        return Reply(answer=parse_answer(finished.output), cost=finished.cost)
    except ValueError as why:
        return Reply(answer=NOTHING, cost=finished.cost, error=f"not JSON: {why}")
