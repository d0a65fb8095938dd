"""Boxes: where things are in a picture, how well two boxes agree, and how good a detector is.

Everywhere in the course a box is its corners x0, y0, x1, y1, in pixels from the picture's upper left corner.
"""

from dataclasses import dataclass

import numpy as np


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
        """Make boxes of anything that NumPy takes; of empty lists, none."""
        corners = np.asarray(corners, np.float32).reshape(-1, 4)
        labels = np.asarray(labels, np.int32).reshape(-1)
        return cls(corners, labels, None if scores is None else np.asarray(scores, np.float32).reshape(-1))

    def __len__(self) -> int:
        return len(self.corners)

    def __getitem__(self, chosen) -> "Boxes":
        """Return some of the boxes, in the order of `chosen`: indices, a mask or a slice."""
        scores = None if self.scores is None else self.scores[chosen]
        return Boxes(self.corners[chosen], self.labels[chosen], scores)
