"""Sound in memory: samples and their rate, to be played, resampled and saved."""

import base64
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course_lib.errors import BadInput
from course_lib.files import expanded, write_atomically


@dataclass(frozen=True, eq=False)
class Audio:
    """A sound; shown in a notebook, it plays.

    Attributes:
        samples: (n,) float32, -1 to 1, one channel.
        rate: samples a second.
    """

    samples: np.ndarray
    rate: int

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / self.rate

    def resampled(self, rate: int) -> "Audio":
        """Return the same sound at another rate; what the new rate can't hold is filtered away first.

        Args:
            rate: samples a second.
        """
        if rate == self.rate:
            return self
        import soxr

        return Audio(soxr.resample(self.samples, self.rate, rate).astype(np.float32), rate)

    def save(self, path: str | Path) -> Path:
        """Write it to a file.

        Args:
            path: ends in .wav, .flac, .ogg or .mp3.

        Returns:
            The path.

        Raises:
            BadInput: another ending, or a folder that isn't there or can't be written.
        """
        path = expanded(path)
        kind = path.suffix[1:].lower()
        if kind not in KINDS:
            raise BadInput(
                f"{path.name!r} should end in {', '.join('.' + name for name in KINDS)}, to say how to write the sound."
            )
        sound = self.encoded(kind)
        write_atomically(path, lambda file: file.write(sound))
        return path

    def encoded(self, kind: str) -> bytes:
        """Return what a file of a kind would hold: a key of `KINDS`, such as "wav"."""
        import soundfile

        with io.BytesIO() as file:
            soundfile.write(file, np.clip(self.samples, -1, 1), self.rate, format=KINDS[kind])
            return file.getvalue()

    def _repr_html_(self) -> str:
        # As MP3, which every browser plays, and a fraction of a WAV: a lesson holds many sounds.
        sound = base64.b64encode(self.encoded("mp3")).decode()
        return f'<audio controls src="data:audio/mpeg;base64,{sound}" aria-label="sound, {self.seconds:.1f} seconds"></audio>'

    def __repr__(self) -> str:
        return f"Audio({self.seconds:.2f} s at {self.rate:,} Hz)"


KINDS = {"wav": "WAV", "flac": "FLAC", "ogg": "OGG", "mp3": "MP3"}
