"""DenseNet (Huang et al. 2016, arXiv 1608.06993): each layer reads all that the layers before it wrote.

Blocks are numbered as in the paper's table 1, 1 to 4; layers within a block from 1.
"""

from dataclasses import dataclass

import keras
from keras import layers

from course_lib.zoo.layers import batch_norm, classifier_head, conv


@dataclass(frozen=True)
class DenseNetConfig:
    """What tells one DenseNet from another."""

    depths: tuple[int, ...]  # layers in each dense block
    growth: int = 32  # channels that each layer adds, the paper's k
    bottleneck: int = 4  # each layer's 1x1 convolution makes this many times `growth` channels; 0 for none
    compression: float = 0.5  # part of the channels that a transition keeps, the paper's theta
    size: int = 224  # side of the input, pixels
    classes: int = 1000
    stem_width: int = 64
    stem: str = "imagenet"  # 7x7 stride 2 and max pooling; or "small": one 3x3 stride 2
    bn_epsilon: float = 1.001e-5
    bn_momentum: float = 0.99


CONFIGS = {
    "densenet121": DenseNetConfig((6, 12, 24, 16)),
    "densenet169": DenseNetConfig((6, 12, 32, 32)),
    "densenet201": DenseNetConfig((6, 12, 48, 32)),
    "densenet264": DenseNetConfig((6, 12, 64, 48)),
    # Without bottlenecks: with them, at about the same cost, so narrow a network learns far more slowly.
    "densenet_nano": DenseNetConfig(
        (2, 6, 6), growth=16, bottleneck=0, size=32, classes=20, stem_width=16, stem="small",
        bn_epsilon=1e-3, bn_momentum=0.9,
    ),
}  # fmt: skip


def build(config: DenseNetConfig) -> keras.Model:
    """Build a DenseNet with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model from (batch, size, size, 3) float32 to (batch, classes) logits. Layer "pool" holds the features.

    Source: arXiv 1608.06993, section 3 and table 1; with bottleneck and compression, its DenseNet-BC.
    """
    inputs = layers.Input((config.size, config.size, 3), name="image")
    x = _stem(inputs, config)
    for block, depth in enumerate(config.depths, start=1):
        for index in range(depth):
            x = _dense_layer(x, config, f"block{block}_layer{index + 1}")
        if block < len(config.depths):
            x = _transition(x, config, f"transition{block}")
    x = _bn_relu(x, config, "final")
    return keras.Model(inputs, classifier_head(x, config.classes), name="densenet")


def _stem(x, config):
    kernel = 7 if config.stem == "imagenet" else 3
    x = conv(x, config.stem_width, kernel, 2, padding="symmetric", name="stem_conv")
    x = _bn_relu(x, config, "stem")
    if config.stem == "imagenet":
        x = layers.ZeroPadding2D(1, name="stem_pool_pad")(x)
        x = layers.MaxPooling2D(3, strides=2, name="stem_pool")(x)
    return x


def _dense_layer(x, config, name):
    """Append `growth` new channels to x: out = [x, H(x)]."""
    steps = [(config.growth, 3)]
    if config.bottleneck:
        steps.insert(0, (config.bottleneck * config.growth, 1))
    new = x
    for number, (filters, kernel) in enumerate(steps, start=1):
        new = _bn_relu(new, config, name, number)
        new = conv(new, filters, kernel, name=f"{name}_conv{number}")
    return layers.Concatenate(name=f"{name}_out")([x, new])


def _transition(x, config, name):
    """Between blocks: keep a part of the channels, and halve the sides."""
    x = _bn_relu(x, config, name)
    x = conv(x, int(config.compression * x.shape[-1]), 1, name=f"{name}_conv")
    return layers.AveragePooling2D(2, name=f"{name}_pool")(x)


def _bn_relu(x, config, name, number=""):
    # Before the convolution, not behind it: each layer scales what it reads from the others by its own numbers.
    x = batch_norm(x, config.bn_epsilon, f"{name}_bn{number}", config.bn_momentum)
    return layers.ReLU(name=f"{name}_relu{number}")(x)
