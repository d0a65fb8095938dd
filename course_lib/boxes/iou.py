"""How well two boxes agree: the share of their union that both cover, and its two descendants that a network can learn from.

NumPy arrays and lists are computed in float64 and give NumPy; the backend's tensors are computed in float32 and give tensors,
with gradients. The leading axes of the two sides broadcast as usual.
"""

import math

import keras
import numpy as np
from keras import ops

# What is divided by is at least this, in pixels squared, so that boxes without area give zeros, not NaN.
SMALLEST_AREA = 1e-7
SMALLEST_SIDE = 1e-4  # px; keeps the slope of width / height within bounds where a box has neither


def area(boxes):
    """Return the areas of boxes (..., 4): (...) in pixels squared; 0 where a box is inside out."""
    library, boxes = _prepare(boxes)
    width, height = _sides(library, boxes)
    return width * height


def iou(a, b):
    """Return intersection over union: 1 for the same box, 0 for boxes that do not touch.

    Args:
        a, b: corners (..., 4), pixels; the leading axes broadcast.

    Returns:
        (...) from 0 to 1; 0 where neither box has an area.
    """
    library, a, b = _prepare(a, b)
    return _iou_and_union(library, a, b)[0]


def giou(a, b):
    """Return generalized IoU: IoU less the share of the smallest box around both that neither covers.

    Unlike IoU it still says which way is better when the boxes do not touch.

    Args:
        a, b: corners (..., 4), pixels; the leading axes broadcast.

    Returns:
        (...) above -1, up to 1.

    Source:
        Rezatofighi et al. 2019, algorithm 1 (arXiv 1902.09630).
    """
    library, a, b = _prepare(a, b)
    share, union = _iou_and_union(library, a, b)
    width, height = _sides(library, _around(library, a, b))
    around = library.maximum(width * height, SMALLEST_AREA)
    return share - (around - library.maximum(union, SMALLEST_AREA)) / around


def ciou(a, b):
    """Return complete IoU: IoU less a penalty for centres that lie apart and one for another shape.

    Args:
        a, b: corners (..., 4), pixels; the leading axes broadcast.

    Returns:
        (...) up to 1. No gradient flows through the weight alpha of the shape's penalty.

    Source:
        Zheng et al. 2020, equations 7 to 11 (arXiv 1911.08287).
    """
    library, a, b = _prepare(a, b)
    share, _ = _iou_and_union(library, a, b)
    apart = (a[..., :2] + a[..., 2:] - b[..., :2] - b[..., 2:]) / 2
    width, height = _sides(library, _around(library, a, b))
    diagonal = library.maximum(width**2 + height**2, SMALLEST_AREA)
    distance = library.sum(apart**2, axis=-1) / diagonal
    shape = 4 / math.pi**2 * (_slant(library, a) - _slant(library, b)) ** 2
    alpha = shape / library.maximum(1 - share + shape, SMALLEST_AREA)
    if library is ops:
        alpha = ops.stop_gradient(alpha)
    return share - distance - alpha * shape


def pairwise(a, b):
    """Return the IoU of each of the boxes a (..., n, 4) with each of b (..., m, 4): (..., n, m)."""
    library, a, b = _prepare(a, b)
    return iou(library.expand_dims(a, -2), library.expand_dims(b, -3))


def _prepare(*boxes) -> tuple:
    """Return NumPy or keras.ops, whichever the boxes are for, and the boxes as its arrays."""
    if any(ops.is_tensor(each) or isinstance(each, keras.KerasTensor) for each in boxes):
        return ops, *(ops.cast(each, "float32") for each in boxes)
    return np, *(np.asarray(each, np.float64) for each in boxes)


def _sides(library, boxes):
    width, height = boxes[..., 2] - boxes[..., 0], boxes[..., 3] - boxes[..., 1]
    return library.maximum(width, 0), library.maximum(height, 0)


def _iou_and_union(library, a, b):
    upper_left = library.maximum(a[..., :2], b[..., :2])
    lower_right = library.minimum(a[..., 2:], b[..., 2:])
    overlap = library.maximum(lower_right - upper_left, 0)
    both = overlap[..., 0] * overlap[..., 1]
    union = area(a) + area(b) - both
    return both / library.maximum(union, SMALLEST_AREA), union


def _around(library, a, b):
    """Return the smallest box around both."""
    upper_left = library.minimum(a[..., :2], b[..., :2])
    lower_right = library.maximum(a[..., 2:], b[..., 2:])
    return library.concatenate([upper_left, lower_right], axis=-1)


def _slant(library, boxes):
    """Return the angle of width over height, radians: 0 for a post, pi / 2 for a plank."""
    width, height = _sides(library, boxes)
    return library.arctan(width / library.maximum(height, SMALLEST_SIDE))
