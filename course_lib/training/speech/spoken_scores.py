"""How well a voice reads sentences of which there are recordings: does it stop, does it read all, is it near the sound?"""

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np

from course_lib.media.sound.corpus import Recording
from course_lib.media.sound.spectra import Mel
from course_lib.text import tokenizer
from course_lib.text.spoken import written_out
from course_lib.zoo.tacotron2 import Generated, generator

DECIBELS = 20 / np.log(10)  # in one unit of the natural logarithm of a magnitude
GLANCE = 0.1  # of a step's attention; a letter that got more in any step was read


@dataclass(frozen=True)
class Score:
    """One sentence.

    Attributes:
        in_time: it stopped by itself, about when the recording does.
        read: share of the letters that were looked at.
        forward: share of the steps whose eye did not go back.
        length: of the recording's.
        decibels: how far the spectrogram is from the recording's in the mean, each moment beside the one that fits best.
    """

    in_time: bool
    read: float
    forward: float
    length: float
    decibels: float


def score(
    model: keras.Model, spoken: Sequence[Recording], sound: Mel, tolerance: float = 0.1, seed: int = 0
) -> list[Score]:
    """Let a network speak the sentences of recordings, each by itself.

    Args:
        model: of the zoo's tacotron2.
        spoken: recordings at the rate of `sound`.
        sound: how its spectrograms are made.
        tolerance: how much shorter or longer than the recording is still in time.
        seed: of the pre-net's dropout.

    Returns:
        A `Score` for each.
    """
    generate, cut = generator(model), tokenizer("tacotron2")
    found = []
    for item in spoken:
        true = sound.of(item.audio.samples)
        letters = cut.tokenize(written_out(item.text))
        (said,) = generate([letters], seed=seed)
        found.append(compared(said, true, tolerance))
    return found


def compared(said: Generated, true: np.ndarray, tolerance: float) -> Score:
    """Hold what was said against the spectrogram (frames, mels) of the recording."""
    length, eye = len(said.mel) / len(true), said.alignment.argmax(axis=1)
    return Score(
        in_time=said.stopped and abs(length - 1) <= tolerance,
        read=float(np.mean(said.alignment.max(axis=0) > GLANCE)),
        forward=float(np.mean(np.diff(eye) >= 0)) if len(eye) > 1 else 1.0,
        length=length,
        decibels=warped_distance(said.mel, true) * DECIBELS,
    )


def another_sentence(spoken: Sequence[Recording], sound: Mel) -> float:
    """Return how far apart recordings of different sentences are in the mean, in decibels: what says nothing is as far."""
    mels = [sound.of(item.audio.samples) for item in spoken]
    return DECIBELS * float(np.mean([warped_distance(mel, mels[i - 1]) for i, mel in enumerate(mels)]))


def warped_distance(one: np.ndarray, other: np.ndarray) -> float:
    """Return the mean difference of two spectrograms along the path on which they fit best: dynamic time warping.

    Args:
        one, other: (frames, mels), not equally long.

    Returns:
        The mean absolute difference, in the unit of the spectrograms.

    Source: Sakoe and Chiba, Dynamic programming algorithm optimization for spoken word recognition (1978), with steps of one
        frame in either or both.
    """
    apart = np.abs(one[:, None] - other[None]).mean(axis=-1)
    rows, columns = apart.shape
    # Cells of one anti-diagonal depend on the two before it alone, so each is computed at once: (cost, length) of a path.
    cost, length = np.full((rows + 1, columns + 1), np.inf), np.zeros((rows + 1, columns + 1))
    cost[0, 0] = 0
    for diagonal in range(rows + columns - 1):
        i = np.arange(max(0, diagonal - columns + 1), min(rows, diagonal + 1))
        j = diagonal - i
        before = np.stack([cost[i, j], cost[i, j + 1], cost[i + 1, j]])
        steps = np.stack([length[i, j], length[i, j + 1], length[i + 1, j]])
        best = before.argmin(axis=0)
        cost[i + 1, j + 1] = before[best, np.arange(len(i))] + apart[i, j]
        length[i + 1, j + 1] = steps[best, np.arange(len(i))] + 1
    return float(cost[-1, -1] / length[-1, -1])
