"""What the YOLO networks share: their convolution unit, the path aggregation of their neck, and the end of their head.

Layers are named by the pyramid level they belong to: p3 sees cells of 2 ** 3 = 8 pixels, p4 of 16, p5 of 32.
"""

import math

import keras
from keras import layers

from course_lib.boxes.grid import STRIDES
from course_lib.errors import BadInput
from course_lib.zoo.layers import GroupedConv2D, batch_norm, conv

SIDE = STRIDES[-1]  # pixels that a picture's side must be a multiple of
OBJECTS = 5  # in a picture, before anything is learnt: what the class scores' biases start from


def picture(config):
    """Make a network's input, "image", (batch, size, size, 3); raise BadInput for a size of no whole number of cells."""
    if config.size < SIDE or config.size % SIDE:
        raise BadInput(
            f"size is a multiple of {SIDE} pixels, the side of the coarsest cells, not {config.size}."
        )
    return layers.Input((config.size, config.size, 3), name="image")


def conv_bn(x, filters, kernel, stride=1, *, config, name):
    """Convolution and batch norm, "<name>_conv" and "<name>_bn"; pads every side alike, as PyTorch does.

    Args:
        x: a Keras tensor, (batch, height, width, channels).
        filters, kernel, stride: as for `layers.conv`.
        config: has `bn_epsilon` and `bn_momentum`.
        name: of the unit.

    Returns:
        A Keras tensor, (batch, height / stride, width / stride, filters).
    """
    x = conv(x, filters, kernel, stride, padding="symmetric", name=f"{name}_conv")
    return batch_norm(x, config.bn_epsilon, f"{name}_bn", config.bn_momentum)


def conv_unit(x, filters, kernel, stride=1, *, config, name):
    """Convolution, batch norm and SiLU; arguments as for `conv_bn`. The unit's last layer has the unit's own name."""
    return silu(conv_bn(x, filters, kernel, stride, config=config, name=name), name)


def silu(x, name):
    """SiLU, x times its own sigmoid: smooth where ReLU has a corner (arXiv 1702.03118)."""
    return layers.Activation("silu", name=name)(x)


def halves(x):
    """Split the channels in two."""
    return keras.ops.split(x, 2, axis=-1)


def pyramid_pooling(x, filters, unit, config, name="spp"):
    """See 5, 9 and 13 cells around each cell: three poolings of 5 in a row, which costs less than one of each size.

    Args:
        x: (batch, height, width, channels).
        filters: channels of the result; half as many are pooled.
        unit: the family's convolution unit, `conv_unit` here or its like.
        config: of the network.
        name: begins the layers' names; the last is "<name>_out".

    Returns:
        (batch, height, width, filters).

    Source: He et al. 2014, arXiv 1406.4729 (pyramid pooling); in a row: YOLOv5's "SPPF", YOLOv9's "SPPELAN".
    """
    pooled = [unit(x, filters // 2, 1, config=config, name=f"{name}_in")]
    for number in (1, 2, 3):
        pool = layers.MaxPooling2D(5, strides=1, padding="same", name=f"{name}_pool{number}")
        pooled.append(pool(pooled[-1]))
    kept = layers.Concatenate(name=f"{name}_kept")(pooled)
    return unit(kept, filters, 1, config=config, name=f"{name}_out")


def path_aggregation(p3, p4, p5, block, down):
    """Mix three levels: down the pyramid, so that fine cells learn what coarse ones saw, and up again.

    Args:
        p3, p4, p5: the backbone's maps, from the finest to the coarsest; each has half the side of the one before.
        block: `block(x, like, name)` mixes concatenated maps into as many channels as the map `like` has.
        down: `down(x, name)` halves the sides.

    Returns:
        Three maps like the given ones.

    Source: Liu et al. 2018, arXiv 1803.01534, figure 1 (a) and (b); with concatenation in place of sums.
    """
    up3, up4 = top_down(p3, p4, p5, block)
    down4 = block(_beside(down(up3, "down4"), up4, "down4"), p4, "down4")
    down5 = block(_beside(down(down4, "down5"), p5, "down5"), p5, "down5")
    return up3, down4, down5


def top_down(p3, p4, p5, block, prefix=""):
    """Do the first half of `path_aggregation`, down the pyramid: return the two finer levels. `prefix` begins all names."""
    name4, name3 = f"{prefix}up4", f"{prefix}up3"
    up4 = block(_beside(_doubled(p5, name4), p4, name4), p4, name4)
    return block(_beside(_doubled(up4, name3), p3, name3), p3, name3), up4


def head_outputs(boxes, classes, config, name="head", groups=1):
    """Put the last convolutions on the branches of all levels, and their numbers into one tensor.

    Args:
        boxes, classes: for each level, from the finest, the maps that its two branches end in.
        config: has `size` (pixels), `classes` and `bins`.
        name: of the output; its layers are called "<name>3_boxes", "<name>3_classes", ...
        groups: of channels that make box logits apart from each other; 4 for one for each edge.

    Returns:
        (batch, cells, 4 * bins + classes) float32: box logits, then class logits; cells as in `boxes.grid.cells`.
    """
    levels = []
    for level, (box, scores) in enumerate(zip(boxes, classes, strict=True), start=3):
        prior = _rare(config.classes, config.size / STRIDES[level - 3])
        box = _logits(box, 4 * config.bins, 1.0, f"{name}{level}_boxes", groups)
        scores = _logits(scores, config.classes, prior, f"{name}{level}_classes")
        both = layers.Concatenate(name=f"{name}{level}_both")([box, scores])
        levels.append(layers.Reshape((-1, both.shape[-1]), name=f"{name}{level}_cells")(both))
    return layers.Concatenate(axis=1, name=name, dtype="float32")(levels)


def _rare(classes, cells_a_side):
    """The logit of a score so low that all cells together expect a handful of objects: training begins calm.

    Source: Lin et al. 2017, arXiv 1708.02002, section 3.3.
    """
    return math.log(OBJECTS / classes / cells_a_side**2)


def _logits(x, filters, bias, name, groups=1):
    layer = GroupedConv2D if groups > 1 else layers.Conv2D
    start = keras.initializers.Constant(bias)
    return layer(filters, 1, groups=groups, bias_initializer=start, name=name)(x)


def _doubled(x, name):
    return layers.UpSampling2D(2, name=f"{name}_doubled")(x)


def _beside(x, other, name):
    return layers.Concatenate(name=f"{name}_both")([x, other])
