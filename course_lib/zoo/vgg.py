"""VGG (Simonyan and Zisserman 2014, arXiv 1409.1556): nothing but 3x3 convolutions, stacked deep.

Stages are numbered from 1 and end in a pooling that halves the sides of the maps, so that stage 5 ends at 1/32.
"""

from dataclasses import dataclass

import keras
from keras import layers

from course_lib.zoo.layers import batch_norm, conv


@dataclass(frozen=True)
class VGGConfig:
    """What tells one VGG from another."""

    stages: tuple[tuple[int, int], ...]  # (convolutions, channels) of each stage
    dense: tuple[int, ...] = (4096, 4096)  # widths of the dense layers before the head
    size: int = 224  # side of the input, pixels; the first dense layer's weights belong to this size
    classes: int = 1000
    dropout: float = 0.0  # after each dense layer, in training only; .5 in the paper
    batch_norm: bool = False  # the paper is older than batch norm
    bn_epsilon: float = 1e-3
    bn_momentum: float = 0.99


# Columns D and E of the paper's table 1.
CONFIGS = {
    "vgg16": VGGConfig(((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))),
    "vgg19": VGGConfig(((2, 64), (2, 128), (4, 256), (4, 512), (4, 512))),
    # Only one convolution at the full 32 x 32, where each costs the most time.
    "vgg_nano": VGGConfig(
        ((1, 16), (2, 24), (2, 48), (2, 96)), dense=(128,), size=32, classes=20,
        batch_norm=True, bn_momentum=0.9,
    ),
}  # fmt: skip


def build(config: VGGConfig) -> keras.Model:
    """Build a VGG with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model from (batch, size, size, 3) float32 to (batch, classes) logits. The input of "head" are the features.

    Source: arXiv 1409.1556, table 1.
    """
    inputs = layers.Input((config.size, config.size, 3), name="image")
    x = inputs
    for stage, (depth, width) in enumerate(config.stages, start=1):
        for index in range(1, depth + 1):
            x = _conv_relu(x, width, config, f"stage{stage}", index)
        x = layers.MaxPooling2D(2, name=f"stage{stage}_pool")(x)
    # Every place of the last maps has weights of its own here, which is where most of the parameters are.
    x = layers.Flatten(name="flatten")(x)
    for index, width in enumerate(config.dense, start=1):
        x = layers.Dense(width, name=f"dense{index}")(x)
        x = layers.ReLU(name=f"dense{index}_relu")(x)
        if config.dropout:
            x = layers.Dropout(config.dropout, name=f"dense{index}_dropout")(x)
    return keras.Model(inputs, layers.Dense(config.classes, name="head")(x), name="vgg")


def _conv_relu(x, width, config, stage, index):
    """One 3x3 convolution that keeps height and width, and its ReLU."""
    x = conv(x, width, 3, use_bias=not config.batch_norm, name=f"{stage}_conv{index}")
    if config.batch_norm:
        x = batch_norm(x, config.bn_epsilon, f"{stage}_bn{index}", config.bn_momentum)
    return layers.ReLU(name=f"{stage}_relu{index}")(x)
