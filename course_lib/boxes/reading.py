"""From a detector's raw numbers to boxes: sure cells alone, their distances as corners, the doubles dropped."""

import numpy as np
from keras import ops

from course_lib.boxes import Boxes, grid
from course_lib.boxes.nms import nms

CANDIDATES = 1000  # the surest boxes, among which doubles are looked for: that takes time with their square


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
        overlap: above this IoU, two boxes of one class count as one object.
        most: largest number of objects.

    Returns:
        Boxes in the pixels of the network's input, the surest first.
    """
    logits = outputs[:, -classes:]
    best = logits.max(axis=1)
    scores = (1 + np.tanh(best / 2)) / 2  # the sigmoid, without its overflow
    sure = np.flatnonzero(scores >= score)
    sure = sure[np.argsort(-best[sure], kind="stable")[:CANDIDATES]]
    # Few cells pass; only their boxes are decoded.
    corners = ops.convert_to_numpy(grid.decode(outputs[sure, :-classes], centres[sure], strides[sure]))
    return nms(Boxes.of(corners, logits[sure].argmax(axis=1), scores[sure]), overlap, most=most)
