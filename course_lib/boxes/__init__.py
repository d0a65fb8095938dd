"""Boxes: where things are in a picture, how well two boxes agree, and how good a detector is.

Everywhere in the course a box is its corners x0, y0, x1, y1, in pixels from the picture's upper left corner.
"""

from dataclasses import dataclass

import numpy as np

from course_lib.errors import BadInput


@dataclass(frozen=True)
class Boxes:
    """The objects of one picture.

    Attributes:
        corners: (n, 4) float32: x0, y0, x1, y1 in pixels.
        labels: (n,) int32, the class of each.
        scores: (n,) float32, how sure a detector is, 0 to 1; None for true boxes.
    """

    corners: np.ndarray
    labels: np.ndarray
    scores: np.ndarray | None = None

    @classmethod
    def of(cls, corners, labels, scores=None) -> "Boxes":
        """Make boxes of anything that NumPy takes; of empty lists, none. BadInput where it is not as many of each."""
        corners, labels = np.asarray(corners, np.float32), np.asarray(labels, np.int32).reshape(-1)
        scores = None if scores is None else np.asarray(scores, np.float32).reshape(-1)
        if corners.size != 4 * len(labels) or (scores is not None and len(scores) != len(labels)):
            told = f"{len(labels)} labels" + ("" if scores is None else f" and {len(scores)} scores")
            raise BadInput(f"{corners.size} numbers are not the boxes of {told}: a box is x0, y0, x1, y1.")
        return cls(corners.reshape(-1, 4), labels, scores)

    def __len__(self) -> int:
        return len(self.corners)

    def __getitem__(self, chosen) -> "Boxes":
        """Return some of the boxes, in the order of `chosen`: indices, a mask or a slice."""
        scores = None if self.scores is None else self.scores[chosen]
        return Boxes(self.corners[chosen], self.labels[chosen], scores)
