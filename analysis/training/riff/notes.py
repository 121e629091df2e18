"""Train the network that reads the notes of a riff, and fit how sure its answers are.

    python -m training.riff.notes SET [SET ...]

Writes
    ``build/riff-notes.onnx``, to be put into ``riffscope/models/weights`` if it is better than today's.
Constants
    ``SURE_SLOPE``, ``SURE_PER_DOUBLING``, ``SURE_BASE``: what makes a probability of the network's log-odds and of the
    number of passes (`riffscope.dsp.repetition.riff_line`).
Data
    Rendered songs whose riff was found with the right period, on the passes that riffscope finds behind the voice that
    it separates; and `BACKINGS` bands without a singer (`training.riff.backings`). Of the sets, the last is held out:
    it fits the constants alone.
Method
    What is seen around each note at each place of the grid, in all passes, and in some of them through an equaliser;
    binary cross-entropy, songs counting the same; AdamW, one cycle of the learning rate. Logistic regression for the
    constants, on the notes that are told in the set held out.
Prints
    ``F``: of the notes of the riff, right pitch within a sixth of a beat, in the set held out; ``F, any octave``;
    ``bass F``; the constants.
"""

import itertools
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from scipy.special import logit

from benchmarks.mixes.draw import draw_spec
from benchmarks.mixes.soundfont import FOLDERS
from benchmarks.tasks.riff_notes import ONSET_BEATS
from riffscope.analyzers import riff_notes as analyzer
from riffscope.analyzers.riff_notes import RiffNotes, read_pass
from riffscope.arrays import Float32s, Floats, Ints
from riffscope.dsp.repetition import riff_line
from riffscope.dsp.repetition.riff_image import CANDIDATES, NOTES, PATCH, TICKS, patches, picture
from riffscope.dsp.tonality.notes import LOWEST_NOTE
from riffscope.models import riff_net
from riffscope.views.mono import MONO_RATE_HZ
from training.common.command import read_command_line
from training.common.constants import overheard, tried
from training.common.features import run
from training.common.fitting import logistic
from training.common.songs import Song
from training.riff.backings import bass_of, render_backings

OUT = Path("build/riff-notes.onnx")
BACKINGS, SEED = 700, 911
SOUNDFONTS = ("FluidR3_GM.sf2", "FluidR3_GM.sf2", "TimGM6mb.sf2", "sf_GMbank.sf2")
# Places within the beat on which sixteenths, thirds and sixths lie.
PLACES = np.array([0, 2, 3, 4, 6, 8, 9, 10])
# Of the notes that do not begin, this share is learnt from; of those beside one that does, with this weight.
KEPT, BESIDE_WEIGHT = 0.12, 0.3
LONGEST_KEPT = 250
VIEWS, EPOCHS, BATCH, RATE = 2, 9, 1024, 3e-3
HIDDEN, SECOND = 96, 32
NOISE, DECAY = 0.2, 5e-3
TILT_DB, WAVE_DB = 18.0, 3.0
MORE_BASS_SHARE, MORE_BASS_DB, BASS_TO = 0.3, (4.0, 12.0), 45
# Passes begin within this share of a beat of the truth's, most of them on one beat of the riff.
SAME_PLACE, MOST = 0.12, 0.6
OPSET, IR_VERSION = 17, 8

# The network's own probability, and the surest that a regression may see.
AS_IT_IS = {"SURE_SLOPE": 1.0, "SURE_PER_DOUBLING": 0.0, "SURE_BASE": 0.0}
SUREST = 1 - 1e-6

Line = Sequence[tuple[float, int]]


@dataclass(frozen=True, kw_only=True)
class Passes:
    """The passes of a riff as they are read, and what they play.

    Attributes
    ----------
    spectra : float32 array, shape (n_passes, 12 + n_frames + 12, 84, 2)
    line, bass : int64 array, shape (n, 2)
        Frame in which a note begins, and MIDI number.
    is_compound : bool
    """

    spectra: Float32s
    line: Ints
    bass: Ints
    is_compound: bool

    @property
    def frames(self) -> int:
        """The length of the pass."""
        return self.spectra.shape[1] - 2 * TICKS


def read(song: Song) -> Passes | None:
    """Read the passes of a song; None where no riff of the right period was found."""
    truth = song.item.whole_truth()
    if not truth.get("riff_notes"):
        return None
    with overheard(analyzer, "frame_times") as placed, overheard(analyzer, "pass_spectra") as heard:
        run(song, [RiffNotes])
    if not heard:
        return None
    beats_s, starts, period = placed[0].given[:3]
    turn = _turn(truth, beats_s, starts, period)
    if turn is None:
        return None
    seed, _, index = truth["seed"].partition(" index ")
    spec = draw_spec(int(seed), int(index))
    notes = tuple((note["beat"], note["midi"]) for note in truth["riff_notes"])
    line, bass = (_in_frames(each, period, turn) for each in (notes, bass_of(spec, notes)))
    return Passes(spectra=heard[0].gave, line=line, bass=bass, is_compound=spec.in_threes)


def _turn(truth: Mapping[str, Any], beats_s: Floats, starts: Ints, period: int) -> int | None:
    """Return the beat of the pass, as found, on which the riff begins; None where the period is not the truth's."""
    true_s = np.asarray(truth["beats"])
    if period != truth["riff"]["period_bars"] * truth["tempo"]["meter"]:
        return None
    if abs(np.median(np.diff(true_s)) / np.median(np.diff(beats_s)) - 1) > SAME_PLACE:
        return None
    turns = [
        float(
            np.interp(each["start"], true_s, np.arange(len(true_s))) - np.interp(time_s, true_s, np.arange(len(true_s)))
        )
        for time_s in beats_s[starts].tolist()
        for each in truth["riff"]["occurrences"]
        if each["start"] - SAME_PLACE <= time_s < each["end"] - SAME_PLACE
    ]
    if not turns or np.median(np.abs(np.array(turns) - np.round(turns))) > SAME_PLACE:
        return None
    counts = np.bincount(np.round(turns).astype(np.int64) % period, minlength=period)
    return int(counts.argmax()) if counts.max() >= MOST * len(turns) else None


def _in_frames(notes: Line, period: int, turn: int) -> Ints:
    rows = [(round((beat + turn) * TICKS) % (period * TICKS), midi) for beat, midi in notes]
    return np.array(rows, np.int64).reshape(-1, 2)


def backings() -> Iterator[Passes]:
    """Render bands without a singer."""
    fonts = [next(folder / name for folder in FOLDERS if (folder / name).exists()) for name in SOUNDFONTS]
    for each in render_backings(SEED, BACKINGS, fonts):
        period = each.spec.riff_bars * each.spec.meter
        line, bass = (_in_frames(notes, period, 0) for notes in (each.notes, bass_of(each.spec, each.notes)))
        yield Passes(spectra=each.spectra, line=line, bass=bass, is_compound=each.spec.in_threes)


# ------------------------------------------------------------------------------------------------------------ training
@dataclass(frozen=True, kw_only=True)
class Examples:
    """What is seen around notes (n, 623), whether line and bass begin them (n, 2), and what that counts (n, 2)."""

    seen: Float32s
    begins: Float32s
    weights: Float32s


def examples(song: Passes, random: np.random.Generator) -> Iterator[Examples]:
    """Give the notes of a riff and a share of what are none, seen in all passes and in some."""
    frames = (np.arange(0, song.frames, TICKS)[:, np.newaxis] + PLACES).ravel()
    begins, weights = labels(song, frames)
    share = min(KEPT, LONGEST_KEPT * KEPT / len(frames))
    for view in range(VIEWS):
        count = len(song.spectra)
        taken = (
            np.arange(count) if view == 0 else random.choice(count, int(random.integers(1, count + 1)), replace=False)
        )
        images = picture(song.spectra[taken], sample_rate_hz=MONO_RATE_HZ)
        kept = (begins.max(axis=2) > 0) | (random.random(begins.shape[:2]) < share)
        counts = np.where(begins[kept].max(axis=1) > 0, 1, 1 / share)[:, np.newaxis]
        yield Examples(
            seen=patches(images, frames + TICKS)[:, kept].T.astype(np.float16),
            begins=begins[kept],
            weights=(weights[kept] * counts / (len(song.line) + 8)).astype(np.float32),
        )


def equaliser(random: np.random.Generator) -> Float32s:
    """Draw the gain of each note, (84,): a tilt, three waves, and three times in ten more bass."""
    place = np.linspace(0, 1, NOTES)
    gain_db = random.uniform(-TILT_DB, TILT_DB) * (place - 0.5)
    for waves in (2, 3, 5):
        gain_db += random.normal(0, WAVE_DB) * np.cos(np.pi * waves * place + random.uniform(0, 2 * np.pi))
    if random.random() < MORE_BASS_SHARE:
        gain_db += random.uniform(*MORE_BASS_DB) * (LOWEST_NOTE + np.arange(NOTES) <= BASS_TO)
    gain: Float32s = (10 ** (gain_db / 20)).astype(np.float32)
    return gain


def labels(song: Passes, frames: Ints) -> tuple[Float32s, Float32s]:
    """Tell for each note at some frames whether line and bass begin it, and what that counts: (n, 65, 2) each."""
    begins = np.zeros((len(frames), CANDIDATES, 2), np.float32)
    weights = np.ones_like(begins)
    row_of = {int(frame): row for row, frame in enumerate(frames)}
    for part, notes in enumerate((song.line, song.bass)):
        for frame, midi in notes.tolist():
            note = midi - LOWEST_NOTE
            if not 0 <= note < CANDIDATES:
                continue
            for beside in (-1, 1):
                row = row_of.get((frame + beside) % song.frames)
                if row is not None and not begins[row, note, part]:
                    weights[row, note, part] = BESIDE_WEIGHT
            if frame in row_of:
                begins[row_of[frame], note, part] = weights[row_of[frame], note, part] = 1
    return begins, weights


class NoteNet(torch.nn.Module):
    """Two hidden layers, and the log-odds of the line and of the bass."""

    def __init__(self) -> None:
        super().__init__()
        sizes = (PATCH, HIDDEN, SECOND, 2)
        self.layers = torch.nn.ModuleList(torch.nn.Linear(a, b) for a, b in itertools.pairwise(sizes))

    def forward(self, seen: torch.Tensor) -> torch.Tensor:
        """Return the log-odds (n, 2) for what is seen, (n, 623)."""
        for layer in self.layers[:-1]:
            seen = torch.relu(layer(seen))
        return self.layers[-1](seen)


def train(songs: Sequence[Passes], random: np.random.Generator) -> list[tuple[Float32s, Float32s]]:
    """Train the network; returns the weights and the offsets of each layer, for what is seen as it comes."""
    given = [each for song in songs for each in examples(song, random)]
    seen, begins, weights = (
        np.concatenate([getattr(each, name) for each in given]) for name in ("seen", "begins", "weights")
    )
    sample = seen[random.choice(len(seen), min(len(seen), 60_000), replace=False)].astype(np.float32)
    mean, spread = torch.from_numpy(sample.mean(axis=0)), torch.from_numpy(sample.std(axis=0) + 0.01)
    net = NoteNet()
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    batches = len(seen) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=EPOCHS * batches + 1)
    for epoch in range(EPOCHS):
        total = 0.0
        for rows in np.array_split(random.permutation(len(seen))[: batches * BATCH], batches):
            x = (torch.from_numpy(seen[rows].astype(np.float32)) - mean) / spread
            loss = torch.nn.functional.binary_cross_entropy_with_logits(
                net(x + NOISE * torch.randn_like(x)),
                torch.from_numpy(begins[rows]),
                weight=20 / VIEWS * torch.from_numpy(weights[rows]),
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += float(loss)
        print(f"epoch {epoch + 1}: loss {total / batches:.4f}", file=sys.stderr)
    with torch.no_grad():
        first = net.layers[0].weight / spread
        offset = net.layers[0].bias - first @ mean
        later = [(layer.weight, layer.bias) for layer in net.layers[1:]]
        return [(weight.numpy(), bias.numpy()) for weight, bias in [(first, offset), *later]]


def write_graph(layers: Sequence[tuple[Float32s, Float32s]], path: Path) -> None:
    """Write the network as ONNX: what is seen is (623, n), the log-odds are (2, n)."""
    nodes, constants, before = [], [], "seen"
    for number, (weight, offset) in enumerate(layers):
        last = number == len(layers) - 1
        constants += [
            numpy_helper.from_array(np.ascontiguousarray(weight, np.float32), f"w{number}"),
            numpy_helper.from_array(np.ascontiguousarray(offset[:, np.newaxis], np.float32), f"b{number}"),
        ]
        nodes += [
            helper.make_node("MatMul", [f"w{number}", before], [f"m{number}"]),
            helper.make_node("Add", [f"m{number}", f"b{number}"], ["log_odds" if last else f"a{number}"]),
        ]
        if not last:
            nodes.append(helper.make_node("Relu", [f"a{number}"], [f"h{number}"]))
        before = f"h{number}"
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [size, "n"])
        for name, size in (("seen", PATCH), ("log_odds", 2))
    ]
    graph = helper.make_graph(nodes, "riff_notes", [ends[0]], [ends[1]], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    onnx.checker.check_model(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString())


# ------------------------------------------------------------------------------------------------------------- judging
def judge(song: Passes) -> dict[str, float]:
    """Read a riff by the network that is in use, and judge its notes."""
    _, line, bass = read_pass(song.spectra, sample_rate_hz=MONO_RATE_HZ, is_compound=song.is_compound)
    found, low = ([(note.start, note.midi) for note in each] for each in (line, bass))
    wanted = song.line.tolist()
    figures = {
        "F": f_measure(found, wanted, song.frames),
        "F, any octave": f_measure([(a, b % 12) for a, b in found], [(a, b % 12) for a, b in wanted], song.frames),
    }
    return figures | ({"bass F": f_measure(low, song.bass.tolist(), song.frames)} if song.bass.size else {})


def f_measure(found: Sequence[Sequence[int]], wanted: Sequence[Sequence[int]], frames: int) -> float:
    """F-measure of notes (frame, pitch) in a pass that goes round, each found once."""
    left, hits = list(wanted), 0
    for note in found:
        hit = next((other for other in left if is_note(note, other, frames)), None)
        if hit is not None:
            left.remove(hit)
            hits += 1
    return 2 * hits / max(1, len(found) + len(wanted))


def is_note(note: Sequence[int], other: Sequence[int], frames: int) -> bool:
    """Tell whether two notes have one pitch and begin within a sixth of a beat."""
    apart = abs(note[0] - other[0])
    return note[1] == other[1] and min(apart, frames - apart) <= ONSET_BEATS * TICKS


def fit_sureness(songs: Sequence[Passes]) -> dict[str, float]:
    """Fit what makes a probability of log-odds and passes, on notes that are told in all passes or in the first."""
    cases, is_right = [], []
    tries = [(song, count) for song in songs for count in sorted({1, 2, 4, len(song.spectra)})]
    for song, count in tries:
        if count > len(song.spectra):
            continue
        with tried(riff_line, AS_IT_IS):
            _, line, bass = read_pass(song.spectra[:count], sample_rate_hz=MONO_RATE_HZ, is_compound=song.is_compound)
        for told, wanted in ((line, song.line.tolist()), (bass, song.bass.tolist())):
            for note in told:
                cases.append((logit(min(note.probability, SUREST)), np.log2(count)))
                is_right.append(any(is_note((note.start, note.midi), other, song.frames) for other in wanted))
    slopes, base = logistic(np.array(cases, np.float64), np.array(is_right, np.bool_))
    return {"SURE_SLOPE": float(slopes[0]), "SURE_PER_DOUBLING": float(slopes[1]), "SURE_BASE": base}


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, train, write, judge."""
    chosen = read_command_line(__doc__, arguments)
    known = chosen.shelf.gather(Passes, chosen.songs, read, of="riff-notes")
    held_out = chosen.songs[-1].set_name
    kept = [each.features for each in known if each.song.set_name == held_out]
    learnt = [each.features for each in known if each.song.set_name != held_out]
    torch.manual_seed(SEED)
    write_graph(train([*learnt, *backings()], np.random.default_rng(SEED)), OUT)
    reader = riff_net.riff_reader(OUT.parent)
    vars(analyzer)["load_riff_reader"] = lambda: reader
    for name, constant in fit_sureness(kept).items():
        print(f"{name:20} {getattr(riff_line, name):8.3f} today, {constant:8.3f} new")
    figures = [judge(song) for song in kept]
    for name in ("F", "F, any octave", "bass F"):
        print(f"{name:20} {np.mean([each[name] for each in figures if name in each]):.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
