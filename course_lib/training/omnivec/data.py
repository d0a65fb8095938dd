"""The ten digits in three modalities, split; a few labels; and what is hidden in masked pre-training."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from course_lib.media import digits
from course_lib.training import fit
from course_lib.zoo.omnivec import MODALITIES

COUNTS = {"train": 1_000, "validation": 297, "test": 500}  # of each modality
# Share of the tokens; a word needs more letters than a picture patches.
HIDDEN = {"image": 0.5, "audio": 0.5, "text": 0.3}


@dataclass(frozen=True)
class Digits:
    """One modality: inputs as the net takes them, (n, *shape), and the digits (n,) that they show."""

    inputs: np.ndarray
    labels: np.ndarray

    def __getitem__(self, chosen) -> "Digits":
        return Digits(self.inputs[chosen], self.labels[chosen])


@cache
def splits(modality: str) -> dict[str, Digits]:
    """Return the 1,797 examples of a modality in three parts that share none.

    Args:
        modality: "image", "audio" or "text".

    Returns:
        "train", "validation" and "test", `COUNTS` of each. No two words are spelt the same, so those held out are
        misspellings that no net has met.
    """
    total, order = sum(COUNTS.values()), np.random.default_rng(0)
    if modality == "image":
        pictures, labels = digits.pictures()
        shuffled = order.permutation(total)
        whole = Digits(digits.standardised(pictures[shuffled]), labels[shuffled])
    elif modality == "audio":
        clips, labels = digits.tones(total)
        whole = Digits(digits.log_spectrogram(clips), labels)
    else:
        typed, labels = digits.words(total)
        whole = Digits(digits.spell(typed), labels)
    ends = np.cumsum([0, *COUNTS.values()])
    return {name: whole[a:b] for name, a, b in zip(COUNTS, ends, ends[1:], strict=False)}


def labelled(modality: str, seed: int, each: int = 5) -> Digits:
    """Draw the few training examples whose labels may be used.

    Args:
        modality: as for `splits`.
        seed: of the draw.
        each: how many of each digit.

    Returns:
        10 * each examples of the training part, digit by digit.
    """
    train, rng = splits(modality)["train"], np.random.default_rng([seed, 7])
    mine = [rng.permutation(np.flatnonzero(train.labels == digit))[:each] for digit in range(10)]
    return train[np.concatenate(mine)]


def hide(modality: str, inputs: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Choose the tokens to hide, (n, tokens) float32, 1 where one is; of a word only letters, not the space behind it."""
    share = rng.random((len(inputs), MODALITIES[modality].tokens)) < HIDDEN[modality]
    return (share & (inputs > 0) if modality == "text" else share).astype(np.float32)


def batches(examples: Digits, size: int, rng: np.random.Generator) -> Iterator[Digits]:
    """Yield batches for ever: every example once, in random order, then all again."""
    for chosen in fit.batches(len(examples.labels), size, rng):
        yield examples[chosen]
