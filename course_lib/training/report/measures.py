"""What can be measured of a fine-tuned model on held-out pictures, and how sure one may be of it."""

from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np

from course_lib.training.report.outcome import Answers, Epoch, Outcome

NORMAL_95 = 1.959964  # standard deviations to either side that hold 95 % of a normal distribution
ROWS = 256  # of logits at a time: with 10,000 classes all of them at once would fill the memory


@dataclass(frozen=True)
class Mistake:
    """A held-out picture that was taken for something else.

    Attributes:
        index: its position among the held-out pictures.
        was, said: the class that it has, and the one that was named.
        probability: that the model gave to what it said, 0 to 1.
        of_truth: that it gave to the class that the picture has.
    """

    index: int
    was: int
    said: int
    probability: float
    of_truth: float


class Measures:
    """The answers to held-out pictures, counted.

    Attributes:
        labels: (n,) int, the true classes.
        said: (n,) int, the classes named; -1 where the model gave no numbers.
        sure: (n,) float, the probability of what was said; not a number where said is -1.
        of_truth: (n,) float, the probability of the true class.
    """

    def __init__(self, answers: Answers, classes: int):
        self.classes, self.labels = classes, np.asarray(answers.labels, np.int64)
        count = len(self.labels)
        self.said, self.sure, self.of_truth = np.full(count, -1), np.full(count, np.nan), np.zeros(count)
        for start in range(0, count, ROWS):
            self._read(start, np.asarray(answers.logits[start : start + ROWS], np.float64))

    def _read(self, start: int, logits: np.ndarray) -> None:
        sound = np.flatnonzero(np.isfinite(logits).all(axis=1))
        logits, rows = logits[sound], sound + start
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares = odds / odds.sum(axis=1, keepdims=True)
        self.said[rows] = shares.argmax(axis=1)
        self.sure[rows] = shares.max(axis=1)
        self.of_truth[rows] = shares[np.arange(len(rows)), self.labels[rows]]

    @cached_property
    def right(self) -> np.ndarray:
        """(n,) bool."""
        return self.said == self.labels

    @cached_property
    def hits(self) -> np.ndarray:
        """(classes,) int, pictures of each class that were named rightly."""
        return np.bincount(self.labels[self.right], minlength=self.classes)

    @cached_property
    def held_out(self) -> np.ndarray:
        """(classes,) int, pictures of each class."""
        return np.bincount(self.labels, minlength=self.classes)

    @cached_property
    def named(self) -> np.ndarray:
        """(classes,) int, how often each class was named."""
        return np.bincount(self.said[self.said >= 0], minlength=self.classes)

    @property
    def recall(self) -> np.ndarray:
        """(classes,) float, how many of a class were found; not a number where it has no picture."""
        return _shares(self.hits, self.held_out)

    @property
    def precision(self) -> np.ndarray:
        """(classes,) float, how many of those so named were of the class; not a number where none was."""
        return _shares(self.hits, self.named)

    def matrix(self) -> np.ndarray:
        """Return (classes, classes) int: rows are what pictures were, columns what was said."""
        table = np.zeros((self.classes, self.classes), int)
        sound = self.said >= 0
        np.add.at(table, (self.labels[sound], self.said[sound]), 1)
        return table

    def confused(self, most: int) -> list[tuple[int, int, int]]:
        """Return (was, said, how often) of wrong answers, the commonest first; no more than `most`."""
        wrong = (self.said >= 0) & ~self.right
        # Never a matrix: of 10,000 classes it would be 800 MB
        pairs, counts = np.unique(self.labels[wrong] * self.classes + self.said[wrong], return_counts=True)
        first = np.argsort(-counts, kind="stable")[:most]
        return [(*divmod(int(pairs[i]), self.classes), int(counts[i])) for i in first]

    def mistakes(self, most: int) -> list[Mistake]:
        """Return the wrong answers that the model was surest of, the surest first; no more than `most`."""
        wrong = np.flatnonzero((self.said >= 0) & ~self.right)
        first = wrong[np.argsort(-self.sure[wrong], kind="stable")[:most]]
        columns = (self.labels, self.said, self.sure, self.of_truth)
        return [Mistake(int(i), *(column[i].item() for column in columns)) for i in first]


def wilson(right: int, count: int) -> tuple[float, float]:
    """Return where a share probably lies of which a sample has been seen.

    Args:
        right: how many of the sample had it.
        count: how many there were, 1 or more.

    Returns:
        The ends of the 95 % interval, 0 to 1.

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".
    """
    share, spread = right / count, NORMAL_95**2 / count
    middle = (share + spread / 2) / (1 + spread)
    half = NORMAL_95 * sqrt(share * (1 - share) / count + spread / (4 * count)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def best_epoch(epochs: tuple[Epoch, ...]) -> Epoch | None:
    """Return the epoch with the lowest held-out loss, the earlier of two; None where none was measured."""
    measured = [epoch for epoch in epochs if np.isfinite(epoch.held_out_loss)]
    return min(measured, key=lambda epoch: epoch.held_out_loss, default=None)


def measures_of(outcome: Outcome) -> Measures | None:
    """Return what was measured; None where nothing was held out."""
    answers = outcome.answers
    if answers is None or not len(answers.labels):
        return None
    return Measures(answers, len(outcome.classes))


def _shares(some: np.ndarray, of: np.ndarray) -> np.ndarray:
    return np.divide(some, of, out=np.full(len(of), np.nan), where=of > 0)
