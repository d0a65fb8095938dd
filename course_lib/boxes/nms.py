"""Non-maximum suppression: of the many boxes that a detector finds for one object, keep the surest."""

import numpy as np

from course_lib.boxes import Boxes
from course_lib.boxes.iou import pairwise
from course_lib.errors import BadInput


def nms(boxes: Boxes, threshold: float = 0.7, per_class: bool = True, most: int = 300) -> Boxes:
    """Take the surest box, drop those that overlap it too much, and go on with what is left.

    Args:
        boxes: what a detector found in one picture, in any order.
        threshold: boxes whose IoU with a surer one is above this are dropped, 0 to 1.
        per_class: a box is only dropped for a surer one of its own class.
        most: how many boxes to keep.

    Returns:
        The boxes kept, the surest first; of equally sure ones, the first given.

    Raises:
        BadInput: The boxes have no scores.
    """
    if boxes.scores is None:
        raise BadInput("These boxes have no scores, so none is surer than another: give a detector's boxes.")
    left = np.argsort(-boxes.scores, kind="stable")
    kept = []
    while len(left) and len(kept) < most:
        surest, left = left[0], left[1:]
        kept.append(surest)
        doubles = pairwise(boxes.corners[[surest]], boxes.corners[left])[0] > threshold
        if per_class:
            doubles &= boxes.labels[left] == boxes.labels[surest]
        left = left[~doubles]
    return boxes[np.array(kept, int)]
