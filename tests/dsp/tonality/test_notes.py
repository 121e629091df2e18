import numpy as np
import pytest

from riffscope.dsp.harmonic import semitone_filters
from riffscope.dsp.tonality.notes import LOWEST_NOTE, held_frames, note_strengths

RATE_HZ, N_FFT, LOWEST, COUNT = 22050, 4096, 36, 60


def spectrum_of(*notes, harmonics=6):
    """The semitone spectrum of a second of tones with falling harmonics."""
    t = np.arange(N_FFT) / RATE_HZ
    sound = sum(
        np.sin(2 * np.pi * k * 440 * 2 ** ((note - 69) / 12) * t) * 0.7**k
        for note in notes
        for k in range(1, harmonics + 1)
    )
    magnitudes = np.abs(np.fft.rfft(sound * np.hanning(N_FFT)))
    filters = semitone_filters(
        sample_rate_hz=RATE_HZ, n_fft=N_FFT, lowest_midi=LOWEST, count=COUNT, tuning_semitones=0.0
    )
    return (filters @ magnitudes[: filters.shape[1]])[None]


def strengths(spectra):
    return note_strengths(spectra, lowest_midi=LOWEST, sample_rate_hz=RATE_HZ, n_fft=N_FFT)


@pytest.mark.parametrize("note", [48, 55, 60, 69])
def test_a_tone_is_one_note_and_its_overtones_are_none(note):
    spectra = spectrum_of(note)
    (found,) = strengths(spectra)
    assert LOWEST_NOTE + found.argmax() == note
    fifth = found[note + 19 - LOWEST_NOTE]
    assert spectra[0, note + 19 - LOWEST] > 0.3 * spectra[0, note - LOWEST]  # the twelfth sounds, as an overtone
    assert fifth < 0.1 * found.max()


def test_all_notes_of_a_chord_are_found():
    (found,) = strengths(spectrum_of(60, 64, 67))
    assert set(LOWEST_NOTE + np.argsort(found)[-3:]) == {60, 64, 67}


def test_a_bass_below_the_spectrum_is_found_by_its_overtones():
    (found,) = strengths(spectrum_of(31, harmonics=10))
    assert LOWEST_NOTE + found.argmax() in {31, 43}
    assert found[31 - LOWEST_NOTE] > 3 * found[38 - LOWEST_NOTE]


def test_twice_as_loud_is_twice_as_strong_and_silence_is_nothing():
    spectra = spectrum_of(57, 61)
    np.testing.assert_allclose(strengths(2 * spectra), 2 * strengths(spectra), rtol=1e-3, atol=1e-6)
    assert strengths(np.zeros((2, COUNT))).max() < 1e-9


def test_what_is_held_is_told_from_what_moves_on():
    held = np.zeros((40, COUNT), np.float32)
    held[:, 20] = 1.0
    moving = np.zeros((40, COUNT), np.float32)
    moving[np.arange(40), np.arange(40) % 30] = 1.0
    for spectra, share in ((held, 1.0), (moving, 0.0), (0 * held, 0.0)):
        summed, weight = held_frames(spectra, frame_rate_hz=20.0).sum(axis=0)
        assert summed == pytest.approx(share * weight)
    assert held_frames(held[:2], frame_rate_hz=20.0).shape == (2, 2)
