"""YOLOv9's head: on each of three maps, one branch for the boxes and one for the classes."""

import math

import keras
from keras import layers

from course_lib.boxes.grid import STRIDES
from course_lib.zoo.layers import GroupedConv2D
from course_lib.zoo.yolo_v9.blocks import conv_unit


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
    box_width = max(finest // 4, 4 * config.bins, 16)
    box_width = math.ceil(box_width / 4) * 4  # one group of channels for each edge
    class_width = config.class_width or max(finest, min(2 * config.classes, 128))
    found = []
    for level, (x, stride) in enumerate(zip(maps, STRIDES, strict=True), start=3):
        box = _branch(x, box_width, 4 * config.bins, 4, 1.0, config, f"{name}{level}_box")
        # At the start hardly any cell should claim an object: five in a picture, spread over the classes.
        prior = math.log(5 / config.classes / (config.size / stride) ** 2)
        kind = _branch(x, class_width, config.classes, 1, prior, config, f"{name}{level}_class")
        both = layers.Concatenate(name=f"{name}{level}")([box, kind])
        found.append(layers.Reshape((-1, both.shape[-1]), name=f"{name}{level}_cells")(both))
    return layers.Concatenate(axis=1, name=name)(found)


def _branch(x, width, filters, groups, bias, config, name):
    x = conv_unit(x, width, 3, config, f"{name}1")
    x = conv_unit(x, width, 3, config, f"{name}2", groups=groups)
    layer = GroupedConv2D if groups > 1 else layers.Conv2D
    start = keras.initializers.Constant(bias)
    return layer(filters, 1, groups=groups, bias_initializer=start, name=f"{name}es")(x)
