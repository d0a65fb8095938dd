"""How good a detector is: average precision, by the protocol of the COCO challenge.

A found box is right if it covers a true box of its class well enough that no surer found box has taken. Going down the found
boxes from the surest, precision is the share that was right so far, recall the share of the true boxes that was found so far.
Average precision is the mean of the precision at 101 recalls, with the best precision at this recall or a higher one; mAP is
its mean over the classes, and over ten answers to what "well enough" is.

Ultralytics' figure for a YOLO is near but not equal: it draws straight lines between the measured points and takes the area.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from course_lib.boxes import Boxes
from course_lib.boxes.iou import pairwise
from course_lib.errors import BadInput

THRESHOLDS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0, 1, 101)
MOST = 100  # found boxes of one class in one picture that count, the surest


@dataclass(frozen=True)
class Scores:
    """How good a detector is on some pictures.

    Attributes:
        precisions: (10 thresholds, classes, 101 recalls); NaN for a class without a true box.
        truths: (classes,) how many true boxes there are.
        labels: (n,) class of each found box that counts, picture by picture.
        scores: (n,) how sure the detector was of it.
        right: (10, n) whether it is right, at each threshold.
    """

    precisions: np.ndarray
    truths: np.ndarray
    labels: np.ndarray
    scores: np.ndarray
    right: np.ndarray

    @property
    def map(self) -> float:
        """Mean average precision over IoU 0.50 to 0.95 and all classes that occur; NaN if none does."""
        return _mean(self.per_class)

    @property
    def map50(self) -> float:
        """Mean average precision where IoU 0.5 is enough."""
        return _mean(self.precisions[0].mean(-1))

    @property
    def map75(self) -> float:
        """Mean average precision where IoU 0.75 is wanted."""
        return _mean(self.precisions[5].mean(-1))

    @property
    def per_class(self) -> np.ndarray:
        """(classes,) average precision over IoU 0.50 to 0.95; NaN for a class that does not occur."""
        return self.precisions.mean((0, 2))

    def curve(self, label: int, iou: float = 0.5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return recall, precision and score after each found box of a class, from the surest on.

        Args:
            label: the class.
            iou: what a found box needs to be right: 0.5, 0.55 ... 0.95.
        """
        row = np.flatnonzero(np.isclose(THRESHOLDS, iou))
        if not len(row):
            raise BadInput(f"There is no curve for IoU {iou}: choose 0.5, 0.55 and so on up to 0.95.")
        order = _surest_first(self.labels, self.scores, label)
        recall, precision = precision_recall(self.right[row[0], order], self.truths[label])
        return recall, precision, self.scores[order]


def evaluate(truths: Sequence[Boxes], found: Sequence[Boxes], classes: int) -> Scores:
    """Measure a detector.

    Args:
        truths: the true boxes of each picture.
        found: what the detector found in each picture, in the same order; the more doubtful boxes, the longer the curve.
        classes: how many there are.

    Returns:
        The scores; those of COCO's own program to the last digits, for boxes of any size and without crowds.

    Raises:
        BadInput: Lists of different lengths, a label that is no class, found boxes without scores.

    Source:
        Lin et al. 2014 (arXiv 1405.0312) and cocodataset.org/#detection-eval.
    """
    _check(truths, found, classes)
    found = [_countable(boxes) for boxes in found]
    right = [match(*pair) for pair in zip(truths, found, strict=True)]
    right = np.concatenate([np.zeros((len(THRESHOLDS), 0), bool), *right], axis=1)
    labels = np.concatenate([np.zeros(0, np.int32), *(boxes.labels for boxes in found)])
    scores = np.concatenate([np.zeros(0, np.float32), *(boxes.scores for boxes in found)])
    counts = sum((np.bincount(boxes.labels, minlength=classes) for boxes in truths), np.zeros(classes, int))
    precisions = np.full((len(THRESHOLDS), classes, len(RECALLS)), np.nan)
    for label in np.flatnonzero(counts):
        order = _surest_first(labels, scores, label)
        for row, mask in enumerate(right[:, order]):
            precisions[row, label] = at_recalls(*precision_recall(mask, counts[label]))
    return Scores(precisions, counts, labels, scores, right)


def match(truth: Boxes, found: Boxes) -> np.ndarray:
    """Say which found boxes of one picture are right.

    Args:
        truth: true boxes.
        found: found boxes, the surest first.

    Returns:
        (10, found) bool: whether the box has a true box of its own, at each threshold.
    """
    overlaps = pairwise(found.corners, truth.corners)
    overlaps[found.labels[:, None] != truth.labels] = 0
    right = np.zeros((len(THRESHOLDS), len(found)), bool)
    taken = np.zeros((len(THRESHOLDS), len(truth)), bool)
    for index in np.flatnonzero(overlaps.max(1, initial=0) >= THRESHOLDS[0]):
        free = np.where(taken, 0, overlaps[index])
        best = len(truth) - 1 - free[:, ::-1].argmax(1)  # of equal ones the last, as COCO's program has it
        hit = free.max(1) >= THRESHOLDS
        right[:, index] = hit
        taken[hit, best[hit]] = True
    return right


def precision_recall(right: np.ndarray, truths: int) -> tuple[np.ndarray, np.ndarray]:
    """Return recall and precision after each found box of a class.

    Args:
        right: (n,) bool: whether each found box is right, the surest first.
        truths: how many true boxes there are, at least 1.

    Returns:
        Recall (n,) and precision (n,), 0 to 1.
    """
    hits = np.cumsum(right)
    return hits / max(truths, 1), hits / np.arange(1, len(right) + 1)


def at_recalls(recall: np.ndarray, precision: np.ndarray) -> np.ndarray:
    """Return the best precision at each of the 101 recalls or a higher one; 0 where it is never reached."""
    best = np.maximum.accumulate(precision[::-1])[::-1]
    first = np.searchsorted(recall, RECALLS)
    return np.append(best, 0.0)[first]


def _countable(boxes: Boxes) -> Boxes:
    """Sort boxes from the surest, and leave out what is over the limit for its class."""
    boxes = boxes[np.argsort(-boxes.scores, kind="stable")]
    if len(boxes) <= MOST:
        return boxes
    keep = [np.flatnonzero(boxes.labels == label)[:MOST] for label in np.unique(boxes.labels)]
    return boxes[np.sort(np.concatenate(keep))]


def _surest_first(labels: np.ndarray, scores: np.ndarray, label: int) -> np.ndarray:
    """Return the indices of a class's found boxes, sorted."""
    chosen = np.flatnonzero(labels == label)
    return chosen[np.argsort(-scores[chosen], kind="stable")]


def _mean(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def _check(truths: Sequence[Boxes], found: Sequence[Boxes], classes: int) -> None:
    if len(truths) != len(found):
        raise BadInput(
            f"There are true boxes of {len(truths)} pictures and found boxes of {len(found)}: give both for each picture."
        )
    for name, several in (("true", truths), ("found", found)):
        for index, boxes in enumerate(several):
            if len(boxes) and not 0 <= boxes.labels.min() <= boxes.labels.max() < classes:
                raise BadInput(
                    f"Picture {index} has a {name} box with a label outside 0 to {classes - 1}: give all classes, or drop it."
                )
            if name == "found" and boxes.scores is None:
                raise BadInput(f"The found boxes of picture {index} have no scores: give a detector's boxes.")
