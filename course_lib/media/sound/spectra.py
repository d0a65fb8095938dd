"""Spectra: how loud each pitch of a sound is, moment by moment, and the way back to a sound."""

from dataclasses import dataclass
from functools import cache

import numpy as np

QUIETEST = 1e-5  # what lies below is told as this: the logarithm of nothing is no number
MOMENTUM = 0.99


def frames(samples: np.ndarray, window: int, hop: int) -> np.ndarray:
    """Cut a sound into pieces that overlap.

    Args:
        samples: (n,), at least a window.
        window, hop: samples of a piece, and from one's beginning to the next one's.

    Returns:
        (frames, window), a view of the samples.
    """
    return np.lib.stride_tricks.sliding_window_view(samples, window)[::hop]


def stft(samples: np.ndarray, window: int, hop: int) -> np.ndarray:
    """Compute the spectrum of each moment; the sound is mirrored at both ends, so that frame i is centred on sample i * hop.

    Args:
        samples: (n,) float, more than half a window.
        window, hop: see `frames`.

    Returns:
        (1 + n // hop, 1 + window // 2) complex.
    """
    around = np.pad(samples, window // 2, mode="reflect")
    return np.fft.rfft(frames(around, window, hop) * _hann(window), axis=1)


def istft(spectra: np.ndarray, window: int, hop: int) -> np.ndarray:
    """Return the sound whose spectra come nearest to these, in the sense of least squares.

    Args:
        spectra: (frames, 1 + window // 2) complex, as `stft` gives them.
        window, hop: see `frames`; the hop divides the window.

    Returns:
        ((frames - 1) * hop,) float64.

    Source: Griffin and Lim, Signal estimation from modified short-time Fourier transform (1984), equation 6.
    """
    pieces = np.fft.irfft(spectra, window, axis=1) * _hann(window)
    weights = np.broadcast_to(_hann(window) ** 2, pieces.shape)
    total, weight = _overlapped(pieces, hop), _overlapped(weights, hop)
    half = window // 2
    return (total / np.maximum(weight, 1e-8))[half : half + (len(spectra) - 1) * hop]


def mel_filters(rate: int, window: int, mels: int, low: float, high: float) -> np.ndarray:
    """Return triangles over the frequencies, evenly spread over pitch as we hear it.

    Args:
        rate: samples a second.
        window: samples of a frame.
        mels: how many.
        low, high: where the first begins and the last ends, in Hz.

    Returns:
        (mels, 1 + window // 2) float32; each triangle has the same area.

    Source: Slaney, Auditory Toolbox (1998), which librosa follows by default.
    """
    frequencies = np.arange(1 + window // 2) * rate / window
    edges = _hertz(np.linspace(_mel(low), _mel(high), mels + 2))
    left, middle, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising, falling = (frequencies - left) / (middle - left), (right - frequencies) / (right - middle)
    return (np.maximum(0, np.minimum(rising, falling)) * 2 / (right - left)).astype(np.float32)


@dataclass(frozen=True)
class Mel:
    """How a mel spectrogram is made.

    Attributes:
        rate: samples a second.
        window, hop: samples of a frame, and from one to the next.
        mels: rows.
        low, high: the lowest and the highest frequency, in Hz.
    """

    rate: int
    window: int
    hop: int
    mels: int
    low: float
    high: float

    def of(self, samples: np.ndarray) -> np.ndarray:
        """Draw a sound.

        Args:
            samples: (n,) float32 at `rate`.

        Returns:
            (1 + n // hop, mels) float32, natural logarithms of magnitudes, none below that of `QUIETEST`.
        """
        magnitudes = np.abs(stft(samples, self.window, self.hop))
        return np.log(np.maximum(magnitudes @ self.filters.T, QUIETEST)).astype(np.float32)

    def griffin_lim(self, mel: np.ndarray, rounds: int = 60, seed: int = 0) -> np.ndarray:
        """Find a sound for a mel spectrogram: magnitudes by the filters' pseudo-inverse, phases by going to and fro.

        Args:
            mel: (frames, mels), as `of` gives it.
            rounds: how often.
            seed: of the phases to begin with.

        Returns:
            ((frames - 1) * hop,) float32.

        Source: Griffin and Lim (1984); with the momentum of Perraudin, Balazs and Sondergaard, A fast Griffin-Lim
            algorithm (2013).
        """
        magnitudes = np.maximum(np.exp(mel) @ self._back.T, 0)
        rng = np.random.default_rng(seed)
        spectra = magnitudes * np.exp(2j * np.pi * rng.random(magnitudes.shape))
        before = 0
        for _ in range(rounds):
            now = stft(istft(spectra, self.window, self.hop), self.window, self.hop)
            turned = now + MOMENTUM * (now - before)
            spectra, before = magnitudes * np.exp(1j * np.angle(turned)), now
        return istft(spectra, self.window, self.hop).astype(np.float32)

    @property
    def filters(self) -> np.ndarray:
        """The filters, (mels, 1 + window // 2)."""
        return _filters(self.rate, self.window, self.mels, self.low, self.high)

    @property
    def centres(self) -> np.ndarray:
        """The frequency that each filter hears best, (mels,) Hz."""
        return _hertz(np.linspace(_mel(self.low), _mel(self.high), self.mels + 2))[1:-1]

    @property
    def _back(self) -> np.ndarray:
        return _inverse(self.rate, self.window, self.mels, self.low, self.high)


NANO = Mel(8_000, 512, 128, 80, 0.0, 4_000.0)  # of the course's own voices
FULL = Mel(22_050, 1_024, 256, 80, 0.0, 8_000.0)  # of NVIDIA's Tacotron 2 and WaveGlow


@cache
def _filters(*settings) -> np.ndarray:
    return mel_filters(*settings)


@cache
def _inverse(*settings) -> np.ndarray:
    return np.linalg.pinv(_filters(*settings))


@cache
def _hann(window: int) -> np.ndarray:
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)


def _overlapped(pieces: np.ndarray, hop: int) -> np.ndarray:
    """Add pieces (frames, window) at their places."""
    count, window = pieces.shape
    total = np.zeros((count + window // hop - 1, hop))
    for part in range(window // hop):  # a hop's width of every piece at once
        total[part : part + count] += pieces[:, part * hop : (part + 1) * hop]
    return total.ravel()


def _mel(hertz: np.ndarray | float) -> np.ndarray:
    """Slaney's scale: even steps up to 1,000 Hz, then equal ratios."""
    hertz = np.asarray(hertz, float)
    return np.where(
        hertz < 1000, hertz * 3 / 200, 15 + 27 * np.log(np.maximum(hertz, 1000) / 1000) / np.log(6.4)
    )


def _hertz(mel: np.ndarray) -> np.ndarray:
    return np.where(mel < 15, mel * 200 / 3, 1000 * 6.4 ** ((np.maximum(mel, 15) - 15) / 27))
