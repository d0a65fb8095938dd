"""From a detector's raw numbers to boxes: sure cells alone, their distances as corners, the doubles dropped."""

import numpy as np

from course_lib.boxes import Boxes, grid
from course_lib.boxes.nms import nms

CANDIDATES = (
    1000  # boxes that the search for doubles looks at, the surest ones: its time grows with their square
)


def read(
    outputs: np.ndarray,
    classes: int,
    centres: np.ndarray,
    strides: np.ndarray,
    score: float = 0.25,
    overlap: float = 0.7,
    most: int = 300,
) -> Boxes:
    """Read the objects out of a network's answer for one picture.

    Args:
        outputs: (cells, 4 * bins + classes), raw numbers.
        classes: how many of them are class logits; each cell speaks for its likeliest class.
        centres, strides: the grid, from `grid.cells`.
        score: how sure a cell has to be, 0 to 1.
        overlap: from this IoU on, two boxes of one class count as one object.
        most: largest number of objects.

    Returns:
        Boxes in the pixels of the network's input, the surest first.
    """
    names = outputs[:, -classes:]
    best = names.max(axis=1)
    scores = 1 / (1 + np.exp(-best))
    chosen = np.argsort(-scores, kind="stable")[:CANDIDATES]
    chosen = chosen[scores[chosen] >= score]
    if not len(chosen):
        return Boxes.of([], [], [])
    corners = grid.decode(outputs[chosen, :-classes], centres[chosen], strides[chosen])
    found = Boxes.of(corners, names[chosen].argmax(axis=1), scores[chosen])
    return nms(found, overlap, most=most)
