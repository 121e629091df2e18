"""Songs to render, one by one, in processes of their own."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.mixes.mixing import make_song
from benchmarks.mixes.spec import Spec
from benchmarks.mixes.truth import write_truth


@dataclass(frozen=True, kw_only=True)
class Job:
    """A song to render."""

    spec: Spec
    out: Path
    voices: Path
    soundfont: Path


def render_song(job: Job) -> str:
    """Render a song with its truth, and return a line about it."""
    truth = write_truth(make_song(job.spec, job.out, voices=job.voices, soundfont=job.soundfont), job.out)
    key, riff, vocal = truth["key"], truth["riff"], truth["vocal"]
    return (
        f"{truth['name']} {truth['duration_s']:5.1f} s {truth['tempo']['bpm']:7.2f} BPM {truth['tempo']['metre']} "
        f"{key['tonic']} {key['mode']} {truth['form']} period {riff['period_bars']} "
        f"covers {riff['coverage_of_file']:.2f} {vocal['arrangement']} {vocal.get('p2_midi')}..{vocal.get('p98_midi')} "
        f"{truth['loudness']['integrated_lufs']} LUFS"
    )
