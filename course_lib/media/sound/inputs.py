"""Sound in, whatever people have: a path, samples with their rate, an `Audio`, a folder, or a list of these."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from numbers import Number, Real
from pathlib import Path

import numpy as np

from course_lib.errors import BadInput
from course_lib.files import expanded
from course_lib.media.paths import files_in, given_file, is_empty
from course_lib.media.sound.arrays import checked, open_array
from course_lib.media.sound.audio import Audio
from course_lib.media.sound.files import KINDS, Opened, open_file

OTHERS = (
    ".m4a",
    ".aac",
    ".wma",
    ".amr",
    ".webm",
)  # should be named as unreadable, not passed over in silence
SUFFIXES = frozenset(KINDS + OTHERS)
MOST_SAMPLES = 200_000_000  # of one sound in memory: 800 MB; an hour at 48 kHz has 173 million
SILENT = 3e-4  # of full swing: ten steps of 16 bits
FLAT = 0.99  # of full swing; where two samples are alike so high up, something was cut off
CLIPPED = 1e-3  # share of such samples that is worth a word


class Sound:
    """An opened sound: one channel at the wanted rate, block after block in flat memory.

    Attributes:
        name: its path, or what it is called here.
        rate: Hz, of the blocks.
        seconds: its length as the header says; 0 where it does not.
        blocks: (n,) float32 of -1 to 1, to be read once; may raise BadInput at any of them.
    """

    def __init__(self, name: str, opened: Opened, rate: int | None):
        self.name, self.rate, self._own_rate = name, rate or opened.rate, opened.rate
        self.seconds = opened.frames / opened.rate
        self._peak = self._flat = self._count = 0
        self._each_second = opened.rate * opened.channels
        self.blocks = _resampled(self._mono(opened), opened.rate, self.rate)

    @property
    def position(self) -> float:
        """Seconds of it that were read up to now."""
        return self._count / self._each_second

    @property
    def warning(self) -> str:
        """A sentence where what was read up to now is silent, clipped or recorded too coarsely, else empty."""
        if self._count and self._peak < SILENT:
            return f"{self.name} is silent: its loudest sample is {self._peak:.2g} of full swing. Was the microphone on?"
        share = self._flat / max(1, self._count)
        if share > CLIPPED:
            return f"{self.name} is clipped: {share:.1%} of its samples are cut off at full swing. Record it more quietly."
        if self._own_rate < self.rate:
            return (f"{self.name} is recorded at {self._own_rate:,} Hz, below the {self.rate:,} Hz that are wanted: what lies "
                    f"above {self._own_rate // 2:,} Hz is missing from it. Record it at {self.rate:,} Hz or more.")  # fmt: skip
        return ""

    @property
    def is_silent(self) -> bool:
        """Whether nothing is to be heard in what was read up to now."""
        return self._peak < SILENT

    def _mono(self, opened: Opened) -> Iterator[np.ndarray]:
        said = f"{self.name!r}" if self.name else "This sound"
        for block in opened.blocks:
            checked(block, said)
            self._look_at(block)
            block = np.clip(block, -1, 1)
            yield block[:, 0] if opened.channels == 1 else block.mean(axis=1, dtype=np.float32)

    def _look_at(self, block: np.ndarray) -> None:
        loud = np.minimum(np.abs(block), 1)
        self._peak = max(self._peak, float(loud.max()))
        self._flat += int(np.count_nonzero((loud[1:] >= FLAT) & (loud[1:] == loud[:-1])))
        self._count += block.size


@contextmanager
def open_sound(source, rate: int | None = None, name: str = "") -> Iterator[Sound]:
    """Open one sound.

    Args:
        source: The path of a file, an `Audio` or what has one, or (samples, rate) with samples (n,) or (n, channels).
        rate: Hz that the blocks shall have; by default the sound's own.
        name: How errors name what has no path.

    Yields:
        A `Sound`.

    Raises:
        BadInput: It can't be read; the sentence says what it is, why not, and what to do.
    """
    source = _sound_of(source)
    if isinstance(source, str | Path):
        with open_file(given_file(source, "recording", "hello.wav")) as opened:
            yield Sound(str(source), opened, rate)
        return
    samples, own_rate = _pair(source)
    name = name or "this sound"
    yield Sound(name, open_array(samples, own_rate, name[0].upper() + name[1:]), rate)


def read_audio(source, rate: int | None = None) -> Audio:
    """Read one sound into memory.

    Args:
        source: As for `open_sound`.
        rate: Hz that it shall have; by default its own.

    Returns:
        An `Audio`: one channel, whatever the source has; warned of where it is silent, clipped or too coarse.

    Raises:
        BadInput: It can't be read, or is too long for that.
    """
    with open_sound(source, rate) as sound:
        blocks, count = [], 0
        for block in sound.blocks:
            blocks.append(block)
            count += len(block)
            if count > MOST_SAMPLES:
                raise BadInput(f"{sound.name} is too long to be read at once, more than {MOST_SAMPLES / sound.rate / 60:,.0f} "
                               "minutes: transcribe it in a stream, or cut it.")  # fmt: skip
        warn(sound.warning)
        return Audio(np.concatenate(blocks), sound.rate)


def warn(sentence: str, level: int = 3) -> None:
    """Warn whoever called the caller of this, if there is something to say."""
    import warnings

    if sentence:
        warnings.warn(sentence, stacklevel=level)


def is_single(inputs) -> bool:
    """Say whether the inputs are one sound, rather than many: a file, an `Audio`, an array, samples with their rate."""
    if isinstance(inputs, str | Path):
        return is_empty(inputs) or not os.path.isdir(expanded(inputs))
    return (
        isinstance(_sound_of(inputs), Audio) or _is_array(inputs) or _is_pair(inputs) or _is_numbers(inputs)
    )


def each_sound(inputs, name: str = "sound") -> Iterator[tuple[str, object]]:
    """Yield (name, one source that `open_sound` takes) for each sound among inputs, of which none is opened."""
    if isinstance(inputs, str | Path) and not is_single(inputs):
        found = False
        for path in files_in(expanded(inputs), SUFFIXES):
            found = True
            yield str(path), path
        if not found:
            raise BadInput(f"The folder {str(inputs)!r} holds no recordings: put WAV, FLAC, OGG or MP3 files into it.")  # fmt: skip
    elif is_single(inputs) or isinstance(inputs, bytes | Mapping) or not isinstance(inputs, Iterable):
        yield (str(inputs) if isinstance(inputs, str | Path) else name), inputs
    else:
        for index, one in enumerate(inputs):
            yield from each_sound(one, f"{name}[{index}]")


def _sound_of(source):
    """Return the `Audio` of what has one, as a `Recording` of the corpus does, else the thing itself."""
    return source.audio if isinstance(getattr(source, "audio", None), Audio) else source


def _pair(source) -> tuple[np.ndarray, int]:
    if isinstance(source, Audio):
        return source.samples, source.rate
    if _is_pair(source):  # SciPy returns the rate first
        samples, rate = source if not isinstance(source[0], Real) else source[::-1]
        return np.asarray(samples), rate
    if _is_array(source) or _is_numbers(source):
        raise BadInput("An array of samples says nothing without its rate: give (samples, rate), for instance (samples, 16000).")  # fmt: skip
    raise BadInput(
        f"There is nothing to hear in {type(source).__name__}: give a path, an Audio, or (samples, rate)."
    )


def _is_pair(source) -> bool:
    if not isinstance(source, tuple | list) or len(source) != 2:
        return False
    one, other = source
    return (_holds_samples(one) and isinstance(other, Real)) or (isinstance(one, Real) and _holds_samples(other))  # fmt: skip


def _holds_samples(one) -> bool:
    return (_is_array(one) and np.ndim(one) > 0) or _is_numbers(one)


def _is_array(source) -> bool:
    return hasattr(source, "__array__") and hasattr(source, "shape") and not isinstance(source, Number)


def _is_numbers(source) -> bool:
    return (
        isinstance(source, list | tuple)
        and bool(len(source))
        and all(isinstance(x, Real) for x in source[:8])
    )


def _resampled(blocks: Iterator[np.ndarray], rate: int, wanted: int) -> Iterator[np.ndarray]:
    """Bring blocks from one rate to another; what comes out is the same however they are cut."""
    if rate == wanted:
        yield from blocks
        return
    import soxr

    stream, count = soxr.ResampleStream(rate, wanted, 1, dtype="float32"), 0
    for block in blocks:
        if len(made := stream.resample_chunk(block)):
            count += len(made)
            yield made
    made = stream.resample_chunk(np.zeros(0, np.float32), last=True)
    if len(made) or not count:  # of a sound of one sample nothing may be left: no sound is empty
        yield made if len(made) else np.zeros(1, np.float32)
