"""NASNet (Zoph et al. 2017, arXiv 1707.07012): a search found the two cells, people only stack them.

A cell is a table of blocks, so it is data: another table gives another network.
"""

from dataclasses import dataclass

import keras
from keras import layers

from course_lib.zoo.layers import batch_norm, classifier_head, conv


@dataclass(frozen=True)
class Cell:
    """What a search decides: a table of blocks.

    A block is (state, operation, state, operation): both results are added, and the sum is a new state, "b1", "b2", ...
    """

    blocks: tuple[tuple[str, str, str, str], ...]
    outputs: tuple[str, ...]  # the states that are concatenated
    stride: int = 1  # of the operations on "h" and "p": 2 in a reduction cell


# Figure 4 of the paper; "h" is the output of the cell before, "p" of the one before that, both brought to the cell's
# width. "sep5" is a separable convolution of 5x5, "avg3" an average and "max3" a maximum over 3x3; "conv3", an ordinary
# convolution of 3x3, was to be had in the search too.
NORMAL_A = Cell(
    blocks=(
        ("h", "sep5", "p", "sep3"),  # b1
        ("p", "sep5", "p", "sep3"),  # b2
        ("h", "avg3", "p", "identity"),  # b3
        ("p", "avg3", "p", "avg3"),  # b4
        ("h", "sep3", "h", "identity"),  # b5
    ),
    outputs=("p", "b1", "b2", "b3", "b4", "b5"),
)
REDUCTION_A = Cell(
    blocks=(
        ("h", "sep5", "p", "sep7"),  # b1
        ("h", "max3", "p", "sep7"),  # b2
        ("h", "avg3", "p", "sep5"),  # b3
        ("b2", "identity", "b1", "avg3"),  # b4
        ("b1", "sep3", "h", "max3"),  # b5
    ),
    outputs=("b2", "b3", "b4", "b5"),
    stride=2,
)


@dataclass(frozen=True)
class NASNetConfig:
    """What tells one NASNet from another."""

    cells: int  # normal cells in each stage: the N of the paper
    filters: int  # of the cells of stage 1; each later stage has twice as many
    stem_width: int
    stages: int = 3  # a reduction cell stands before each, except the first
    stem_cells: int = 2  # reduction cells between stem and stage 1: 2 for ImageNet, 0 for small pictures
    skip_reduction: bool = False  # True: the cell after a reduction gets the reduction's own "p" as its "p"
    zero_padding: bool = True  # pools of stride 2 count the zeros round the edge; False leaves them out
    size: int = 224  # side of the input, pixels; the official weights only take this one
    classes: int = 1000
    dropout: float = 0.0  # before the head; 0.5 when TF-slim trained it
    bn_epsilon: float = 1e-3
    bn_momentum: float = 0.9997
    normal: Cell = NORMAL_A
    reduction: Cell = REDUCTION_A


CONFIGS = {
    "nasnet_mobile": NASNetConfig(4, 44, stem_width=32),
    "nasnet_large": NASNetConfig(6, 168, stem_width=96, skip_reduction=True, size=331),
    "nasnet_nano": NASNetConfig(1, 64, stages=1, stem_width=16, size=32, classes=20, bn_momentum=0.9),
}


def build(config: NASNetConfig) -> keras.Model:
    """Build a NASNet with random weights; without the auxiliary head and the drop path that training adds.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model from (batch, size, size, 3) float32 to (batch, classes) logits. Layer "pool" holds the features.

    Source: arXiv 1707.07012, figures 2 and 4, and appendix A.
    """
    inputs = layers.Input((config.size, config.size, 3), name="image")
    x = layers.Conv2D(config.stem_width, 3, 2, use_bias=False, name="stem_conv")(inputs)
    x, before = batch_norm(x, config.bn_epsilon, "stem_bn", config.bn_momentum), None
    for number in range(config.stem_cells):
        filters = config.filters // 2 ** (config.stem_cells - number)
        x, before = build_cell(x, before, config.reduction, filters, config, f"stem_cell{number + 1}"), x
    for stage in range(1, config.stages + 1):
        filters = config.filters * 2 ** (stage - 1)
        if stage > 1:
            name = f"stage{stage}_reduction"
            reduced = build_cell(x, before, config.reduction, filters, config, name)
            x, before = reduced, before if config.skip_reduction else x
        for number in range(config.cells):
            name = f"stage{stage}_cell{number + 1}"
            x, before = build_cell(x, before, config.normal, filters, config, name), x
    x = layers.ReLU(name="top_relu")(x)
    return keras.Model(inputs, classifier_head(x, config.classes, config.dropout), name="nasnet")


def build_cell(x, before, cell: Cell, filters: int, config: NASNetConfig, name: str):
    """Build one cell from its table.

    Args:
        x: a Keras tensor (batch, height, width, channels): the output of the cell before this one.
        before: the output of the one before that, of the same or of twice the height and width; None in the first
            cell, which gets x twice.
        cell: the table.
        filters: channels of each state.
        config: for batch norm's epsilon and momentum.
        name: the cell's name; its layers are called by it.

    Returns:
        A Keras tensor, (batch, height / stride, width / stride, outputs x filters): layer `<name>_out`.

    Source: arXiv 1707.07012, figure 4.
    """
    states = {"h": _convolve(x, 1, 1, filters, config, f"{name}_h"), "p": x}
    if before is not None:
        states["p"] = _fit(before, x, filters, config, f"{name}_p")
    for number, (left, left_operation, right, right_operation) in enumerate(cell.blocks, start=1):
        block, terms = f"{name}_block{number}", []
        for side, state, operation in (("left", left, left_operation), ("right", right, right_operation)):
            stride = cell.stride if state in ("h", "p") else 1
            terms.append(_operation(states[state], operation, stride, filters, config, f"{block}_{side}"))
        states[f"b{number}"] = layers.Add(name=f"{block}_add")(terms)
    return layers.Concatenate(name=f"{name}_out")([states[state] for state in cell.outputs])


def _operation(x, operation, stride, filters, config, name):
    """Apply what the table says: "identity", or a kind and a kernel, such as "sep5"."""
    if operation == "identity":
        return x if stride == 1 else _halve(x, filters, config, name)
    kind, kernel = operation[:-1], int(operation[-1])
    if kind == "conv":
        return _convolve(x, kernel, stride, filters, config, name)
    if kind == "sep":  # each separable convolution comes twice; the first one takes the stride
        x = _separable(x, kernel, stride, filters, config, name, 1)
        return _separable(x, kernel, 1, filters, config, name, 2)
    return _pool(x, kind, kernel, stride, config, name)


def _separable(x, kernel, stride, filters, config, name, number):
    x = layers.ReLU(name=f"{name}_relu{number}")(x)
    options = {"strides": stride, "padding": "same", "use_bias": False, "name": f"{name}_sep{number}"}
    x = layers.SeparableConv2D(filters, kernel, **options)(x)
    return batch_norm(x, config.bn_epsilon, f"{name}_bn{number}", config.bn_momentum)


def _pool(x, kind, kernel, stride, config, name):
    pool = {"avg": layers.AveragePooling2D, "max": layers.MaxPooling2D}[kind]
    if stride == 1 or not config.zero_padding:
        return pool(kernel, strides=stride, padding="same", name=f"{name}_pool")(x)
    # keras.applications counts these zeros; TF-slim, which trained its weights, leaves the padding out ("same").
    before = [kernel // 2 - (side % 2 == 0) for side in x.shape[1:3]]
    x = layers.ZeroPadding2D([(pad, kernel // 2) for pad in before], name=f"{name}_pad")(x)
    return pool(kernel, strides=stride, name=f"{name}_pool")(x)


def _convolve(x, kernel, stride, filters, config, name):
    x = layers.ReLU(name=f"{name}_relu")(x)
    x = conv(x, filters, kernel, stride, name=f"{name}_conv")
    return batch_norm(x, config.bn_epsilon, f"{name}_bn", config.bn_momentum)


def _fit(before, x, filters, config, name):
    """Bring the output of the cell before last to the size and width of this cell."""
    if before.shape[1:3] != x.shape[1:3]:
        return _halve(before, filters, config, name)
    return before if before.shape[-1] == filters else _convolve(before, 1, 1, filters, config, name)


def _halve(x, filters, config, name):
    """Halve height and width; half of the channels are taken one pixel further down and right, so that less is lost."""
    x = layers.ReLU(name=f"{name}_relu")(x)
    moved = layers.ZeroPadding2D(((0, 1), (0, 1)), name=f"{name}_pad")(x)
    moved = layers.Cropping2D(((1, 0), (1, 0)), name=f"{name}_shift")(moved)
    halves = [
        conv(side, filters // 2, 1, 2, name=f"{name}_conv{number}")
        for number, side in enumerate((x, moved), 1)
    ]
    x = layers.Concatenate(name=f"{name}_halves")(halves)
    return batch_norm(x, config.bn_epsilon, f"{name}_bn", config.bn_momentum)
