"""How faithful a copy of speech is: whether it is voiced, and how far its spectrum lies from the original's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np

from course_lib.media.sound.spectra import Mel, frames, stft

WINDOW, HOP = 0.06, 0.02  # seconds of a piece that is held against itself, and from one to the next
LOWEST, HIGHEST = 70, 400  # Hz of the voices that are looked for
QUIET = 1e-3  # whatever has less than this share of the loudest piece's energy is a pause
VOICED = 0.6  # from this periodicity on, a piece has a pitch
FLOOR = 1e-6  # of power, as loud as a dither of a thousandth or so: below, nobody hears a difference


@dataclass(frozen=True)
class Fidelity:
    """How faithful copies are, each number the mean over all recordings.

    Attributes:
        periodicity: of the pieces in which the original speaks, 0 (noise) to 1 (each period like the one before).
        spectral_distance: of the spectra, in dB.
        mel_error: mean absolute difference of the mel spectrograms, in nats.
        pitch_error: mean absolute difference of pitch where both are voiced, in semitones.
    """

    periodicity: float
    spectral_distance: float
    mel_error: float
    pitch_error: float


def measured(copy: Callable, sounds: Sequence[np.ndarray], sound: Mel) -> Fidelity:
    """Copy recordings by way of their mel spectrograms, and measure the copies.

    Args:
        copy: from (samples, mel spectrogram) to samples.
        sounds: (n,) float32 each, at the rate of `sound`.
        sound: how the spectrograms are made.

    Returns:
        The fidelity.
    """
    rows = []
    for original in sounds:
        made = np.asarray(copy(original, sound.of(original)))
        length = min(len(made), len(original))
        rows.append(_compared(original[:length], made[:length], sound))
    *means, _ = np.mean(rows, axis=0)
    pitched = [row[-1] for row in rows if np.isfinite(row[-1])]  # none, where all copies whisper
    return Fidelity(*(round(float(value), 4) for value in (*means, np.mean(pitched) if pitched else np.nan)))


def periodicity(samples: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hold each piece of a sound against itself, a period later, for all periods of a human voice.

    Args:
        samples: (n,) float.
        rate: samples a second.

    Returns:
        For each piece: the largest correlation, its pitch in Hz, and its energy.
    """
    window, shortest, longest = round(WINDOW * rate), rate // HIGHEST, rate // LOWEST
    pieces = np.asarray(frames(samples, window + longest, round(HOP * rate)), np.float64)
    start = pieces[:, :window] - pieces[:, :window].mean(axis=1, keepdims=True)
    energy, best = (start**2).mean(axis=1), []
    for lag in range(shortest, longest + 1):
        later = pieces[:, lag : lag + window] - pieces[:, lag : lag + window].mean(axis=1, keepdims=True)
        power = (start**2).sum(axis=1) * (later**2).sum(axis=1)
        best.append((start * later).sum(axis=1) / np.sqrt(power + 1e-12))
    strongest = np.max(best, axis=0)
    # What is exactly periodic is as much so at two periods: the shortest counts, whatever the last bit says.
    lags = shortest + np.argmax(best >= strongest - 1e-6, axis=0)
    return strongest, rate / lags, energy


def spectral_distance(original: np.ndarray, copy: np.ndarray, sound: Mel) -> float:
    """Return the log-spectral distance: root mean square over the frequencies, mean over the frames, in dB."""
    decibels = [
        10 * np.log10(np.maximum(np.abs(stft(x, sound.window, sound.hop)) ** 2, FLOOR))
        for x in (original, copy)
    ]
    return float(np.sqrt(np.square(decibels[0] - decibels[1]).mean(axis=1)).mean())


def speaker(model: keras.Model, sigma: float, seed: int = 0) -> Callable[[np.ndarray], np.ndarray]:
    """Return what makes samples (n,) of a mel spectrogram (frames, mels) by a WaveGlow."""
    from course_lib.tasks.vocode import synthesis

    make = synthesis(model)
    return lambda mel: make(mel, sigma, seed)


def _compared(original: np.ndarray, copy: np.ndarray, sound: Mel) -> tuple[float, ...]:
    strength, pitch, energy = periodicity(original, sound.rate)
    copied, copied_pitch, _ = periodicity(copy, sound.rate)
    spoken = energy > QUIET * energy.max()
    both = spoken & (strength > VOICED) & (copied > VOICED)
    semitones = 12 * np.abs(np.log2(copied_pitch / pitch))[both]
    return (
        copied[spoken].mean(),
        spectral_distance(original, copy, sound),
        np.abs(sound.of(copy) - sound.of(original)).mean(),
        semitones.mean() if both.any() else np.nan,
    )
