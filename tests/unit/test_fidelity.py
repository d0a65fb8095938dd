"""What says how faithful a copy of speech is, on sounds whose answer is known."""

import numpy as np
import pytest

from course_lib.media.sound.spectra import NANO
from course_lib.training.speech.fidelity import measured, periodicity, spectral_distance

TIME = np.arange(8000) / 8000
VOICE = sum(np.sin(2 * np.pi * 160 * n * TIME) / n for n in range(1, 20)).astype(np.float32)
NOISE = np.random.default_rng(0).normal(0, 0.5, 8000).astype(np.float32)


def test_a_voice_is_periodic_and_noise_is_not():
    strength, pitch, _ = periodicity(VOICE, 8000)
    assert strength.min() > 0.99
    np.testing.assert_allclose(pitch, 160, rtol=0.01)
    assert periodicity(NOISE, 8000)[0].mean() < 0.35
    mixed = periodicity(VOICE + NOISE, 8000)[0].mean()
    share = VOICE.var() / (VOICE.var() + NOISE.var())
    assert mixed == pytest.approx(share, abs=0.05)


def test_loudness_changes_no_periodicity():
    np.testing.assert_allclose(periodicity(VOICE, 8000)[0], periodicity(0.1 * VOICE, 8000)[0], atol=1e-6)


def test_a_copy_twice_as_loud_is_six_decibels_away():
    assert spectral_distance(NOISE, 2 * NOISE, NANO) == pytest.approx(20 * np.log10(2), abs=1e-3)


def test_a_perfect_copy_and_a_whisper():
    perfect = measured(lambda sound, mel: sound, [VOICE], NANO)
    assert perfect.periodicity > 0.99
    assert (perfect.spectral_distance, perfect.mel_error, perfect.pitch_error) == (0, 0, 0)
    whisper = measured(lambda sound, mel: NOISE, [VOICE], NANO)
    assert whisper.periodicity < 0.35
    assert whisper.mel_error > 0.5


def test_a_semitone_higher_is_a_semitone():
    higher = sum(np.sin(2 * np.pi * 160 * 2 ** (1 / 12) * n * TIME) / n for n in range(1, 20))
    found = measured(lambda sound, mel: higher.astype(np.float32), [VOICE], NANO)
    assert found.pitch_error == pytest.approx(1, abs=0.3)  # periods are whole samples
