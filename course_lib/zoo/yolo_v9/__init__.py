"""YOLOv9 (Wang, Yeh, Liao 2024, arXiv 2402.13616): a detector that is trained by a second branch, thrown away afterwards.

Two ideas. GELAN: blocks that split their channels, work on one part again and again, and keep all that came on the way.
Programmable gradient information: in a deep network the loss hears of the picture only through many layers that each lost
some of it; so an auxiliary branch with a head of its own tells the backbone, while it is trained, what else there was to see.

A map of level n is 2**n times smaller than the picture: the three heads sit on levels 3, 4 and 5.
"""

from collections.abc import Mapping

import keras
from keras import layers

from course_lib.zoo.yolo_layers import path_aggregation, picture, pyramid_pooling, top_down
from course_lib.zoo.yolo_v9.blocks import conv_unit, csp_elan, down, elan, links
from course_lib.zoo.yolo_v9.configs import CONFIGS, YoloV9Config
from course_lib.zoo.yolo_v9.fusing import fuse
from course_lib.zoo.yolo_v9.head import detection_head

__all__ = ["CONFIGS", "YoloV9Config", "build", "fuse"]


def build(config: YoloV9Config) -> keras.Model:
    """Build a YOLOv9 with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model from "image" (batch, size, size, 3) float32 to "head" (batch, cells, 4 * bins + classes): for each cell of
        levels 3, 4 and 5, row by row, the logits of its box (see boxes.grid), then of the classes. With
        `config.auxiliary`, to a dict of "head" and "auxiliary", two such tensors. Layer "spp_out" is the coarsest map.

    Source: arXiv 2402.13616, section 4 and appendix A; its authors' code where the paper is silent.
    """
    image = picture(config)
    if config.columns == 2:
        first = _column(image, config, "first_")
        maps = _column(image, config, "", links(first, config, ""))
    else:
        maps = first = _column(image, config, "")
    coarsest = pyramid_pooling(maps[5], config.spp, conv_unit, config)
    head = detection_head(_neck(maps, coarsest, config), config, "head")
    if not config.auxiliary:
        return keras.Model(image, head, name="yolo_v9")
    auxiliary = detection_head(_auxiliary(image, first, config), config, "auxiliary")
    return keras.Model(image, {"head": head, "auxiliary": auxiliary}, name="yolo_v9")


def _column(x, config, prefix: str, more: Mapping[int, list] | None = None) -> dict:
    """Make maps of levels 1 to 5 of a picture; `more` is what is added to a level's map before its block works on it."""
    maps = {}
    for level, width in enumerate(config.downs, start=1):
        name = f"{prefix}p{level}"
        if level <= 2:
            x = conv_unit(x, width, 3, config, name if level == 1 else f"{name}_down", stride=2)
        else:
            x = down(x, width, config, f"{name}_down")
        if more and level in more:
            x = layers.Add(name=f"{name}_sum")([x, *more[level]])
        if level == 2 and config.first_block == "elan":
            x = elan(x, *config.blocks[0], config, name)
        elif level >= 2:
            x = csp_elan(x, *config.blocks[level - 2], config, name)
        maps[level] = x
    return maps


def _neck(maps, coarsest, config):
    """Return levels 3, 4 and 5 that know of each other."""
    widths = dict(zip(("down4", "down5"), config.neck_downs, strict=True))
    return path_aggregation(
        maps[3], maps[4], coarsest, _mixer(config), lambda x, name: down(x, widths[name], config, f"{name}_down")
    )  # fmt: skip


def _mixer(config, prefix=""):
    """Return what mixes maps that were put side by side, as the neck's blocks do."""
    blocks = dict(zip(("up4", "up3", "down4", "down5"), config.neck, strict=True))
    return lambda x, like, name: csp_elan(x, *blocks[name.removeprefix(prefix)], config, name)


def _auxiliary(image, maps, config):
    """Return levels 3, 4 and 5 of the branch that is there for training alone.

    Either it looks at the backbone's maps and makes its own way from coarse to fine; or it looks at the picture itself
    again, the backbone's maps added: then nothing of the picture is lost on the way ("reversible" in the paper).
    """
    if config.auxiliary_branch == "reversible":
        more = links({level: maps[level] for level in (3, 4, 5)}, config, "auxiliary_")
        again = _column(image, config, "auxiliary_", more)
        return again[3], again[4], again[5]
    coarsest = pyramid_pooling(maps[5], config.spp, conv_unit, config, "auxiliary_spp")
    prefix = "auxiliary_"
    return *top_down(maps[3], maps[4], coarsest, _mixer(config, prefix), prefix), coarsest
