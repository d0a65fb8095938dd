"""YOLOv9's head: on each of three maps, one branch for the boxes and one for the classes."""

import math

from course_lib.zoo.yolo_layers import head_outputs
from course_lib.zoo.yolo_v9.blocks import conv_unit

EDGES = 4  # each of a box's edges has channels of its own


def detection_head(maps, config, name):
    """Say for each cell of the maps where its box is, and what is in it.

    Args:
        maps: of levels 3, 4 and 5, (batch, height, width, channels).
        config: of the network.
        name: of the last layer; begins the others' names.

    Returns:
        (batch, cells, 4 * bins + classes) logits, level by level, row by row.
    """
    finest = maps[0].shape[-1]
    box_width = math.ceil(max(finest // 4, EDGES * config.bins, 16) / EDGES) * EDGES
    class_width = config.class_width or max(finest, min(2 * config.classes, 128))
    boxes, classes = [], []
    for level, x in enumerate(maps, start=3):
        boxes.append(_branch(x, box_width, config, f"{name}{level}_box", groups=EDGES))
        classes.append(_branch(x, class_width, config, f"{name}{level}_class"))
    return head_outputs(boxes, classes, config, name, groups=EDGES)


def _branch(x, width, config, name, groups=1):
    x = conv_unit(x, width, 3, config, f"{name}1")
    return conv_unit(x, width, 3, config, f"{name}2", groups=groups)
