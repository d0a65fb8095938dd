"""YOLOv8 (Jocher, Chaurasia and Qiu 2023, Ultralytics; no paper): one look at the picture, and a box from every cell.

A backbone of cross-stage partial blocks sees the picture at cells of 8, 16 and 32 pixels; the neck mixes these three levels;
the head says for each cell where the edges of its object are, and in a branch of its own, what it is.
"""

from dataclasses import dataclass

import keras
from keras import layers

from course_lib.zoo.yolo_layers import (
    conv_unit,
    halves,
    head_outputs,
    path_aggregation,
    picture,
    pyramid_pooling,
)


@dataclass(frozen=True)
class YoloV8Config:
    """What tells one YOLOv8 from another."""

    widths: tuple[int, ...]  # channels of the levels p1 to p5
    depths: tuple[int, ...]  # bottlenecks in the blocks of p2 to p5
    neck_depths: tuple[int, ...]  # bottlenecks in the neck's blocks: up4, up3, down4, down5
    size: int = 640  # side of the input, pixels; a multiple of 32
    classes: int = 80
    bins: int = 16  # an edge is 0 to bins - 1 strides from the cell's centre
    bn_epsilon: float = 1e-3
    bn_momentum: float = 0.97


CONFIGS = {
    "yolo_v8_n": YoloV8Config((16, 32, 64, 128, 256), (1, 2, 2, 1), (1, 1, 1, 1)),
    "yolo_v8_s": YoloV8Config((32, 64, 128, 256, 512), (1, 2, 2, 1), (1, 1, 1, 1)),
    "yolo_v8_m": YoloV8Config((48, 96, 192, 384, 576), (2, 4, 4, 2), (2, 2, 2, 2)),
    "yolo_v8_l": YoloV8Config((64, 128, 256, 512, 512), (3, 6, 6, 3), (3, 3, 3, 3)),
    "yolo_v8_x": YoloV8Config((80, 160, 320, 640, 640), (3, 6, 6, 3), (3, 3, 3, 3)),
    "yolo_v8_nano": YoloV8Config(
        (12, 24, 40, 64, 96), (1, 1, 1, 1), (1, 1, 1, 1), size=96, classes=20, bins=8,
    ),
}  # fmt: skip


def build(config: YoloV8Config) -> keras.Model:
    """Build a YOLOv8 with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model from (batch, size, size, 3) float32 to "head", (batch, cells, 4 * bins + classes): for each cell the box
        logits, which `boxes.grid.decode` reads, then the class logits. Layer "spp_out" holds the coarsest maps.

    Source: Ultralytics' yolov8.yaml; Terven et al. 2023, arXiv 2304.00501, the section on YOLOv8.
    """
    inputs = picture(config)
    p3, p4, p5 = path_aggregation(
        *_backbone(inputs, config),
        block=lambda x, like, name: _csp_block(
            x, like.shape[-1], config.neck_depths[_NECK.index(name)], config, name, residual=False
        ),
        down=lambda x, name: conv_unit(x, x.shape[-1], 3, 2, config=config, name=f"{name}_down"),
    )
    branches = [_branches(x, p3.shape[-1], config, level) for level, x in enumerate((p3, p4, p5), start=3)]
    boxes, classes = zip(*branches, strict=True)
    return keras.Model(inputs, head_outputs(boxes, classes, config), name="yolo_v8")


_NECK = ("up4", "up3", "down4", "down5")


def _backbone(x, config):
    """Return the maps of p3, p4 and p5; each level begins by halving the sides."""
    x = conv_unit(x, config.widths[0], 3, 2, config=config, name="p1")
    levels = []
    for level, (width, depth) in enumerate(zip(config.widths[1:], config.depths, strict=True), start=2):
        x = conv_unit(x, width, 3, 2, config=config, name=f"p{level}_down")
        x = _csp_block(x, width, depth, config, f"p{level}", residual=True)
        levels.append(x)
    return levels[1], levels[2], pyramid_pooling(x, width, conv_unit, config)


def _csp_block(x, width, depth, config, name, residual):
    """Split the channels, send one half through bottlenecks, and keep what comes out of each ("C2f").

    Source: Wang et al. 2019, arXiv 1911.11929, section 3.1 (the cross-stage partial connection).
    """
    kept = halves(conv_unit(x, width // 2 * 2, 1, config=config, name=f"{name}_split"))
    for index in range(depth):
        block = f"{name}_block{index + 1}"
        x = conv_unit(kept[-1], width // 2, 3, config=config, name=f"{block}_1")
        x = conv_unit(x, width // 2, 3, config=config, name=f"{block}_2")
        kept = [*kept, layers.Add(name=f"{block}_out")([kept[-1], x]) if residual else x]
    x = layers.Concatenate(name=f"{name}_kept")(kept)
    return conv_unit(x, width, 1, config=config, name=f"{name}_out")


def _branches(x, finest, config, level):
    """The head of a level: one branch for boxes, one for classes, both as wide as the finest level asks for."""
    # At most 100 channels for the classes' sake (Ultralytics); KerasCV has no such limit, which tells with more classes only.
    widths = {"box": max(16, finest // 4, 4 * config.bins), "class": max(finest, min(config.classes, 100))}
    ends = []
    for branch, width in widths.items():
        y = conv_unit(x, width, 3, config=config, name=f"head{level}_{branch}1")
        ends.append(conv_unit(y, width, 3, config=config, name=f"head{level}_{branch}2"))
    return ends
