"""Task-aligned assignment: which cells of the grid should find which object.

No rule of the place alone decides it. Among the cells whose centre lies in an object's box, those learn to find it that are already
the best at both tasks at once: naming the object and drawing its box. The better a cell's box, the surer it should be.
"""

from dataclasses import dataclass
from typing import Any

from keras import ops

from course_lib.boxes.iou import ciou

TOP = 10  # cells that an object gets, at most
# Powers of a cell's score and of its box's CIoU, whose product says how well the cell suits an object.
NAMING, DRAWING = 0.5, 6.0


@dataclass(frozen=True)
class Targets:
    """What each cell should say; all are tensors.

    Attributes:
        corners: (batch, cells, 4), pixels: the box that the cell should draw; any box for cells without an object.
        scores: (batch, cells, classes), 0 to 1: how sure it should be of each class; 0 for cells without an object.
    """

    corners: Any
    scores: Any


def assign(scores, corners, centres, truth_corners, truth_labels, top: int = TOP) -> Targets:
    """Give each object its cells.

    Args:
        scores: (batch, cells, classes), what the network thinks, 0 to 1.
        corners: (batch, cells, 4), the boxes that it draws, pixels.
        centres: (cells, 2), from `grid.cells`.
        truth_corners: (batch, objects, 4), pixels; rows of padding hold anything.
        truth_labels: (batch, objects) integers; -1 for padding.
        top: cells that an object gets, at most.

    Returns:
        The targets; no gradient goes through them.

    Source:
        Feng et al. 2021, TOOD, section 3.2 (arXiv 2108.07755); powers and `top` as in YOLOv8 and YOLOv9.
    """
    scores, corners = ops.stop_gradient(scores), ops.stop_gradient(corners)
    classes = scores.shape[-1]
    named = ops.one_hot(truth_labels, classes)  # (batch, objects, classes); nothing for -1
    # How well each cell's box fits each object; CIoU below 0 is as bad as 0. (batch, objects, cells)
    overlap = ops.relu(ciou(ops.expand_dims(truth_corners, 2), ops.expand_dims(corners, 1)))
    naming = ops.einsum("boc,bnc->bon", named, scores)
    inside = _inside(centres, truth_corners) & ops.expand_dims(truth_labels >= 0, -1)
    alignment = ops.where(inside, naming**NAMING * overlap**DRAWING, -1.0)
    chosen = _no_cell_twice(_best(alignment, top) & inside, overlap)  # (batch, objects, cells), 0 or 1
    return Targets(
        corners=ops.einsum("bon,boe->bne", chosen, truth_corners),
        scores=ops.einsum("bon,boc->bnc", _sureness(alignment, overlap, chosen), named),
    )


def _inside(centres, boxes):
    """Say which centres lie in which boxes: (batch, objects, cells)."""
    x, y = centres[:, 0], centres[:, 1]
    x0, y0, x1, y1 = (boxes[..., i : i + 1] for i in range(4))
    return (x > x0) & (x < x1) & (y > y0) & (y < y1)


def _best(alignment, top: int):
    """Mark the `top` cells of each object, and those that equal the last of them."""
    top = min(top, alignment.shape[-1])
    last = ops.top_k(alignment, top)[0][..., -1:]
    return alignment >= last


def _no_cell_twice(chosen, overlap):
    """Give a cell that several objects want to the one that its box fits best."""
    rank = ops.where(chosen, overlap, -1.0)
    best = ops.expand_dims(ops.argmax(rank, axis=1), 1) == ops.arange(ops.shape(rank)[1])[:, None]
    return ops.cast(chosen & best, rank.dtype)


def _sureness(alignment, overlap, chosen):
    """Scale each object's alignments so that its best cell should be as sure as its best box is right."""
    alignment, overlap = ops.maximum(alignment, 0.0) * chosen, overlap * chosen
    best = ops.max(alignment, axis=-1, keepdims=True)
    return alignment / (best + 1e-9) * ops.max(overlap, axis=-1, keepdims=True)
