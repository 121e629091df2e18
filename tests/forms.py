"""Songs synthesised section by section, so that their form is known."""

import functools

import numpy as np

from signals import harmonic_tone, hat, kick, place, snare

RATE_HZ = 22050
# Four bars of chords for each letter, and the quavers on which they are struck.
CHORDS_MIDI = {
    "A": ((45, 57, 60, 64), (41, 57, 60, 65), (48, 60, 64, 67), (43, 55, 59, 62)),
    "B": ((50, 62, 65, 69), (46, 58, 62, 65), (52, 59, 64, 67), (45, 61, 64, 69)),
    "C": ((44, 56, 59, 63), (49, 56, 61, 64), (42, 58, 61, 66), (47, 59, 63, 66)),
}
STRUCK = {"A": (0, 3, 6), "B": (0, 1, 2, 3, 4, 5, 6, 7), "C": (0, 4)}
KICKS = {"A": (0, 4), "B": (0, 2, 4, 6), "C": (0,)}
SNARES = {"A": (2, 6), "B": (2, 6), "C": (4,)}
MELODY_MIDI = (76, 79, 81, 79, 76, 74, 72, 74)


@functools.cache
def song_of(form, bpm=120, bars=8, start_s=0.4):
    """Play a form such as ``A B A' B``, every section of so many bars of four; a prime adds a melody.

    Returns
    -------
    samples (n,), the times at which the sections begin and the last ends (n_sections + 1,)
    """
    bar_s = 4 * 60 / bpm
    pieces = [_section(label, bars, bar_s) for label in form.split()]
    samples = np.concatenate([np.zeros(round(start_s * RATE_HZ)), *pieces, np.zeros(round(0.5 * RATE_HZ))])
    return samples, start_s + bars * bar_s * np.arange(len(pieces) + 1)


@functools.cache
def _section(label, bars, bar_s):
    letter = label[0]
    out = np.zeros(round(bars * bar_s * RATE_HZ))
    for bar in range(bars):
        for quaver in STRUCK[letter]:
            for midi in CHORDS_MIDI[letter][bar % 4]:
                _add(out, midi, bar * bar_s + quaver * bar_s / 8, 0.9 * bar_s / len(STRUCK[letter]), 0.06)
        if label.endswith("'"):
            for beat in range(4):
                midi = MELODY_MIDI[(4 * bar + beat) % len(MELODY_MIDI)]
                _add(out, midi, bar * bar_s + beat * bar_s / 4, 0.22 * bar_s, 0.15)
    starts_s = bar_s * np.arange(bars)[:, None]
    for hits, quavers in ((kick, KICKS[letter]), (snare, SNARES[letter]), (hat, range(8))):
        times_s = (starts_s + bar_s / 8 * np.array(quavers)).ravel()
        out += place(hits(RATE_HZ), times_s, bars * bar_s, RATE_HZ)[: len(out)]
    return out


def _add(out, midi, start_s, duration_s, amplitude):
    first, count = round(start_s * RATE_HZ), round(duration_s * RATE_HZ)
    fade = np.minimum(np.minimum(np.arange(count) / 200, 1), (count - np.arange(count)) / 400)
    tone = fade * harmonic_tone(
        np.full(count, 440 * 2 ** ((midi - 69) / 12)), RATE_HZ, harmonics=6, amplitude=amplitude
    )
    out[first : first + count] += tone[: len(out) - first]
