"""Mel-frequency cepstral coefficients as TensorFlow's audio operations compute them: what DeepSpeech 0.9 hears."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from course_lib.media.sound.spectra import frames

FLOOR = 1e-12  # of what a filter lets through, so that silence has a logarithm


@dataclass(frozen=True)
class Mfcc:
    """How a recording becomes a row of spectra, each of them described by a few numbers.

    Attributes:
        rate: samples a second.
        window, step: length of a frame and distance to the next, in seconds.
        filters: bands of the mel scale, from `low` to `high` hertz; a `high` of 0 is half the rate.
        coefficients: how many numbers describe a frame.

    Source: TensorFlow's AudioSpectrogram and Mfcc, which DeepSpeech 0.9 calls with these numbers.
    """

    rate: int = 16_000
    window: float = 0.032
    step: float = 0.020
    filters: int = 40
    low: float = 20.0
    high: float = 0.0
    coefficients: int = 26

    @property
    def hop(self) -> int:
        """Samples from one frame to the next."""
        return round(self.rate * self.step)

    @property
    def length(self) -> int:
        """Samples of a frame."""
        return round(self.rate * self.window)

    def of(self, samples: np.ndarray) -> np.ndarray:
        """Describe a recording.

        Args:
            samples: (n,), -1 to 1, at this rate. Less than a frame counts as one, filled up with silence.

        Returns:
            (frames, coefficients) float32; what does not fill a last frame is left out.
        """
        return (np.log(np.maximum(self.bands(samples), FLOOR)) @ self.cosines).astype(np.float32)

    def bands(self, samples: np.ndarray) -> np.ndarray:
        """Return how much each filter lets through of each frame: (frames, filters), a sum of magnitudes."""
        return self.magnitudes(samples) @ self.mel

    def magnitudes(self, samples: np.ndarray) -> np.ndarray:
        """Return each frame's spectrum, (frames, frequencies); its frames are not centred, and nothing is padded but a power of two."""
        samples = np.asarray(samples, np.float64)
        samples = np.pad(samples, (0, max(0, self.length - len(samples))))
        pieces = frames(samples, self.length, self.hop)
        return np.abs(np.fft.rfft(pieces * self.hann, self._fft))

    @cached_property
    def hann(self) -> np.ndarray:
        """The window, (length,): it lets a frame begin and end softly."""
        return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(self.length) / self.length)

    @cached_property
    def mel(self) -> np.ndarray:
        """The filters, (frequencies, filters): triangles, each of which ends where the next but one begins."""
        top = self.high or self.rate / 2
        edges = np.linspace(to_mel(self.low), to_mel(top), self.filters + 2)
        hertz = np.arange(self._fft // 2 + 1) * self.rate / self._fft
        place = to_mel(hertz)[:, None]
        rise, fall = place - edges[:-2], edges[2:] - place
        triangles = np.clip(np.minimum(rise, fall) / (edges[1] - edges[0]), 0, None)
        first = int(1.5 + self.low * self._fft / self.rate)  # a frequency below is no part of any filter
        triangles[:first], triangles[int(top * self._fft / self.rate) + 1 :] = 0, 0
        return triangles

    @cached_property
    def cosines(self) -> np.ndarray:
        """The waves, (filters, coefficients), by which a spectrum is described, from the slowest on."""
        angles = np.pi / self.filters * (np.arange(self.filters)[:, None] + 0.5)
        return np.sqrt(2 / self.filters) * np.cos(angles * np.arange(self.coefficients))

    @property
    def _fft(self) -> int:
        return 1 << (self.length - 1).bit_length()


def to_mel(hertz):
    """Return pitch as it is heard, in mel: nearly straight below 1 kHz, a logarithm above."""
    return 1127 * np.log1p(np.asarray(hertz) / 700)
