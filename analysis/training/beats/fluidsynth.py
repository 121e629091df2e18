"""Plays notes through a sound font, with the system's libfluidsynth kept loaded between songs.

Starting the command anew for each song costs more than the song: a sound font takes seconds to read.
"""

import ctypes
import ctypes.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Float32s = npt.NDArray[np.float32]

VOLUME = 7  # MIDI controller
DRUM_CHANNEL = 9
# Events closer than this are sent together: 3 ms at 22.05 kHz is fluidsynth's own block.
BLOCK_SAMPLES = 64


@dataclass(frozen=True, kw_only=True)
class Sounding:
    """A note as played: seconds, MIDI channel, pitch and velocity (1..127)."""

    start_s: float
    end_s: float
    channel: int
    midi: int
    velocity: int


class Synthesizer:
    """One sound font, ready to play.

    Parameters
    ----------
    soundfont : Path
    sample_rate_hz : int

    Raises
    ------
    OSError
        libfluidsynth or the sound font is not there.
    """

    def __init__(self, soundfont: Path, *, sample_rate_hz: int) -> None:
        found = ctypes.util.find_library("fluidsynth")
        if found is None or not soundfont.exists():
            raise OSError(f"needs libfluidsynth and {soundfont}")
        library = ctypes.CDLL(found)
        for name in ("new_fluid_settings", "new_fluid_synth"):
            getattr(library, name).restype = ctypes.c_void_p
        library.fluid_settings_setnum.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_double]
        library.fluid_settings_setint.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
        library.fluid_set_log_function(ctypes.c_int(2), None, None)  # warnings of odd presets
        settings = ctypes.c_void_p(library.new_fluid_settings())
        library.fluid_settings_setnum(settings, b"synth.sample-rate", float(sample_rate_hz))
        library.fluid_settings_setnum(settings, b"synth.gain", 0.4)
        library.fluid_settings_setint(settings, b"synth.chorus.active", 0)
        library.fluid_settings_setint(settings, b"synth.reverb.active", 0)
        library.fluid_settings_setint(settings, b"synth.polyphony", 96)
        self._library = library
        self._synth = ctypes.c_void_p(library.new_fluid_synth(settings))
        self._rate_hz = sample_rate_hz
        if library.fluid_synth_sfload(self._synth, str(soundfont).encode(), 1) < 0:
            raise OSError(f"{soundfont}: not a sound font")

    def render(
        self,
        notes: Sequence[Sounding],
        *,
        programs: dict[int, int],
        volumes: dict[int, int],
        length_samples: int,
    ) -> Float32s:
        """Play the notes on one channel of sound: (length_samples,) float32.

        Parameters
        ----------
        notes : sequence of Sounding
        programs, volumes : dict of int to int
            By MIDI channel, 0..127.
        """
        library, synth = self._library, self._synth
        library.fluid_synth_system_reset(synth)  # nothing of the song before sounds on
        for channel, program in programs.items():
            library.fluid_synth_program_change(synth, channel, program)
            library.fluid_synth_cc(synth, channel, VOLUME, volumes.get(channel, 100))
        events = [(note.start_s, 1, note) for note in notes] + [(note.end_s, 0, note) for note in notes]
        events.sort(key=lambda event: (event[0], event[1]))
        left = np.zeros(length_samples, np.float32)
        right = np.zeros(length_samples, np.float32)
        done = 0
        for time_s, on, note in events:
            sample = min(int(time_s * self._rate_hz), length_samples)
            if sample - done >= BLOCK_SAMPLES:
                self._write(left, right, done, sample)
                done = sample
            if on:
                library.fluid_synth_noteon(synth, note.channel, note.midi, note.velocity)
            else:
                library.fluid_synth_noteoff(synth, note.channel, note.midi)
        self._write(left, right, done, length_samples)
        return 0.5 * (left + right)

    def _write(self, left: Float32s, right: Float32s, begin: int, end: int) -> None:
        if end > begin:
            pointers = [side[begin:end].ctypes.data_as(ctypes.c_void_p) for side in (left, right)]
            self._library.fluid_synth_write_float(self._synth, end - begin, pointers[0], 0, 1, pointers[1], 0, 1)
