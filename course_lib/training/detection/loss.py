"""The loss of YOLOv8 and YOLOv9: right names, right boxes, and distances that are sure of themselves."""

from keras import ops

from course_lib.boxes import grid
from course_lib.boxes.iou import ciou
from course_lib.training.detection.assign import assign

NAMING, DRAWING, DISTANCES = 0.5, 7.5, 1.5  # weights of the three parts, as in both upstream projects


def detection_loss(outputs, classes: int, centres, strides, truth_corners, truth_labels):
    """Compute the loss of one batch.

    Args:
        outputs: (batch, cells, 4 * bins + classes), a detector's raw numbers.
        classes: how many of them are class logits.
        centres, strides: the grid, from `grid.cells`.
        truth_corners: (batch, objects, 4), pixels.
        truth_labels: (batch, objects) integers; -1 for padding.

    Returns:
        The loss, divided by the sum of the scores that the cells should have; a scalar tensor.
    """
    distances, names = outputs[..., :-classes], outputs[..., -classes:]
    corners = grid.decode(distances, centres, strides)
    wanted = assign(ops.sigmoid(names), corners, centres, truth_corners, truth_labels)
    weight = ops.sum(wanted.scores, axis=-1)  # (batch, cells); 0 where there is nothing to draw
    drawn = weight * (1 - ciou(wanted.corners, corners))
    told = weight * distribution_focal_loss(distances, grid.distances_of(wanted.corners, centres, strides))
    named = ops.binary_crossentropy(wanted.scores, names, from_logits=True)
    total = NAMING * ops.sum(named) + DRAWING * ops.sum(drawn) + DISTANCES * ops.sum(told)
    return total / ops.maximum(ops.sum(weight), 1.0)


def distribution_focal_loss(logits, distances):
    """Ask the two bins on both sides of each true distance for their share of it.

    A distance of 2.75 wants a quarter of the probability in bin 2 and three quarters in bin 3.

    Args:
        logits: (..., 4 * bins), as a detector gives them.
        distances: (..., 4), the true ones, counted in strides; cut to what the bins can say.

    Returns:
        The cross-entropy, the mean over the four edges: (...).

    Source:
        Li et al. 2020, Generalized Focal Loss, equation 6 (arXiv 2006.04388).
    """
    bins = logits.shape[-1] // 4
    logits = ops.reshape(logits, (*ops.shape(logits)[:-1], 4, bins))
    distances = ops.clip(distances, 0.0, bins - 1.01)
    # The share of each bin falls from 1 at the true distance to 0 one bin away from it.
    gap = ops.abs(ops.arange(bins, dtype="float32") - ops.expand_dims(distances, -1))
    shares = ops.relu(1.0 - gap)
    return ops.mean(-ops.sum(shares * ops.log_softmax(logits, axis=-1), axis=-1), axis=-1)
