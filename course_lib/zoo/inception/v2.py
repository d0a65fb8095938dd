"""Inception v2, BN-Inception (Ioffe and Szegedy 2015, arXiv 1502.03167): batch norm, and two 3x3 for each 5x5.

This is the network that TensorFlow-slim published: its first convolution is separable and has no batch norm.
"""

from dataclasses import dataclass

import keras
from keras import layers

from course_lib.zoo.inception.layers import conv_bn
from course_lib.zoo.layers import classifier_head

# Module, channels: 1x1; 3x3's reduction, 3x3; double 3x3's reduction, double 3x3; pooling, and after it.
# Modules whose pooling is "halve" take steps of 2 in all branches, and have no 1x1 branch.
_MODULES = (
    ("3a", 64, 64, 64, 64, 96, "average", 32),
    ("3b", 64, 64, 96, 64, 96, "average", 64),
    ("3c", 0, 128, 160, 64, 96, "halve", 0),
    ("4a", 224, 64, 96, 96, 128, "average", 128),
    ("4b", 192, 96, 128, 96, 128, "average", 128),
    ("4c", 160, 128, 160, 128, 160, "average", 96),
    ("4d", 96, 128, 192, 160, 192, "average", 96),
    ("4e", 0, 128, 192, 192, 256, "halve", 0),
    ("5a", 352, 192, 320, 160, 224, "average", 128),
    ("5b", 352, 192, 320, 192, 224, "max", 128),
)


@dataclass(frozen=True)
class InceptionV2Config:
    """What tells one BN-Inception from another."""

    modules: tuple[tuple, ...] = _MODULES
    size: int = 224  # side of the input, pixels
    classes: int = 1000
    dropout: float = 0.2  # TensorFlow-slim's; the paper finds that batch norm makes it needless
    padding: str = "same"
    bn_epsilon: float = 1e-3
    bn_momentum: float = 0.99
    bn_scale: bool = False  # no gamma: the next layer can scale


CONFIGS = {"inception_v2": InceptionV2Config()}


def build(config: InceptionV2Config) -> keras.Model:
    """Build an Inception v2 with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model from (batch, size, size, 3) float32 to (batch, classes) logits. Layer "pool" holds the features.

    Source: arXiv 1502.03167, appendix; the widths are TensorFlow-slim's, research/slim/nets/inception_v2.py.
    """
    inputs = layers.Input((config.size, config.size, 3), name="image")
    x = _stem(inputs, config)
    for name, *channels in config.modules:
        x = _module(x, channels, config, f"module{name}")
    return keras.Model(inputs, classifier_head(x, config.classes, config.dropout), name="inception_v2")


def _stem(x, config):
    # 8 filters of 7x7 for each colour, then 1x1 over their 24 maps: a sixth of the numbers of a full 7x7.
    separable = {"depth_multiplier": 8, "strides": 2, "padding": "same", "name": "stem1_conv"}
    x = layers.ReLU(name="stem1_relu")(layers.SeparableConv2D(64, 7, **separable)(x))
    x = layers.MaxPooling2D(3, strides=2, padding="same", name="stem_pool1")(x)
    x = conv_bn(x, 64, 1, config=config, name="stem2")
    x = conv_bn(x, 192, 3, config=config, name="stem3")
    return layers.MaxPooling2D(3, strides=2, padding="same", name="stem_pool2")(x)


def _module(x, channels, config, name):
    """Branches over the same input; two 3x3 convolutions see as far as one 5x5."""
    one, three_reduce, three, double_reduce, double, pooling, pooled = channels
    stride = 2 if pooling == "halve" else 1
    branches = [conv_bn(x, one, 1, config=config, name=f"{name}_1x1")] if one else []
    branch = conv_bn(x, three_reduce, 1, config=config, name=f"{name}_3x3_reduce")
    branches += [conv_bn(branch, three, 3, stride, config=config, name=f"{name}_3x3")]
    branch = conv_bn(x, double_reduce, 1, config=config, name=f"{name}_double_reduce")
    branch = conv_bn(branch, double, 3, config=config, name=f"{name}_double1")
    branches += [conv_bn(branch, double, 3, stride, config=config, name=f"{name}_double2")]
    pool = layers.AveragePooling2D if pooling == "average" else layers.MaxPooling2D
    branch = pool(3, strides=stride, padding="same", name=f"{name}_pool")(x)
    branches += [conv_bn(branch, pooled, 1, config=config, name=f"{name}_pool_proj") if pooled else branch]
    return layers.Concatenate(name=f"{name}_out")(branches)
