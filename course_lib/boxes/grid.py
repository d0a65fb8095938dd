"""The grid of a detector without anchors: its cells, and the boxes that its numbers mean.

Each level of a network sees the picture as a grid of cells of `stride` pixels. A cell speaks for at most one object, and says
how far that object's left, top, right and bottom edges are from the cell's centre, counted in strides.
"""

from collections.abc import Sequence

import numpy as np
from keras import ops

STRIDES = (8, 16, 32)


def cells(height: int, width: int, strides: Sequence[int] = STRIDES) -> tuple[np.ndarray, np.ndarray]:
    """List the cells of all levels, from the finest to the coarsest, each level row by row.

    Args:
        height, width: of the network's input, pixels; multiples of the largest stride.
        strides: side of a cell of each level, pixels.

    Returns:
        The centres (cells, 2), x and y in pixels, and the strides (cells, 1), both float32.
    """
    centres, sides = [], []
    for stride in strides:
        y, x = np.mgrid[0 : height // stride, 0 : width // stride]
        centres.append((np.stack([x, y], -1).reshape(-1, 2) + 0.5) * stride)
        sides.append(np.full((len(centres[-1]), 1), stride))
    return np.concatenate(centres).astype(np.float32), np.concatenate(sides).astype(np.float32)


def decode(logits, centres, strides):
    """Turn a network's numbers into boxes.

    For each edge the network gives not a distance but a distribution over the distances 0, 1, 2 ... strides; the distance is its mean.

    Args:
        logits: (..., cells, 4 * bins): left, top, right, bottom, `bins` numbers each.
        centres, strides: (cells, 2) and (cells, 1) in pixels, from `cells`.

    Returns:
        Corners (..., cells, 4), pixels; a tensor.

    Source:
        Li et al. 2020, Generalized Focal Loss, section 3 (arXiv 2006.04388).
    """
    distances = expected_distances(logits) * strides
    return ops.concatenate([centres - distances[..., :2], centres + distances[..., 2:]], axis=-1)


def expected_distances(logits):
    """Return the mean of each edge's distribution: (..., 4 * bins) logits -> (..., 4) distances in strides."""
    logits = ops.convert_to_tensor(logits)
    bins = logits.shape[-1] // 4
    shares = ops.softmax(ops.reshape(logits, (*ops.shape(logits)[:-1], 4, bins)), axis=-1)
    return ops.sum(shares * ops.arange(bins, dtype="float32"), axis=-1)


def distances_of(corners, centres, strides):
    """Return how far the edges of boxes are from their cells' centres: the inverse of `decode`.

    Args:
        corners: (..., cells, 4), pixels: a box for each cell.
        centres, strides: (cells, 2) and (cells, 1) in pixels, from `cells`.

    Returns:
        Left, top, right, bottom (..., cells, 4), counted in strides; negative where the centre is outside.
    """
    corners = ops.convert_to_tensor(corners)
    return ops.concatenate([centres - corners[..., :2], corners[..., 2:] - centres], axis=-1) / strides
