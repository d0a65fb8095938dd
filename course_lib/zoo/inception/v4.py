"""Inception v4 (Szegedy et al. 2016, arXiv 1602.07261): version 3 drawn again, more regular and deeper.

Where figures and published weights differ in which of 1x7 and 7x1 comes first, the weights are followed.
"""

from dataclasses import dataclass

import keras
from keras import layers

from course_lib.zoo.inception.layers import (
    average_branch,
    chain,
    conv_bn,
    figure_7,
    module,
    numbered,
    reduction,
)
from course_lib.zoo.layers import classifier_head


@dataclass(frozen=True)
class InceptionV4Config:
    """What tells one Inception v4 from another."""

    repeats: tuple[int, int, int] = (4, 7, 3)  # how many modules A, B and C
    reduction_a: tuple[int, int, int, int] = (192, 224, 256, 384)  # k, l, m, n of table 1
    size: int = 299  # side of the input, pixels
    classes: int = 1000
    dropout: float = 0.2  # before the head
    bn_epsilon: float = 1e-3
    bn_momentum: float = 0.99
    bn_scale: bool = True  # timm's file has a gamma, which its TensorFlow original did without

    def modules(self) -> list[str]:
        """Names of all modules in order: "module_a1", ..., "reduction_a", "module_b1", ..."""
        a, b, c = self.repeats
        return [
            *numbered("module_a", a), "reduction_a", *numbered("module_b", b), "reduction_b", *numbered("module_c", c),
        ]  # fmt: skip


CONFIGS = {"inception_v4": InceptionV4Config()}


def build(config: InceptionV4Config) -> keras.Model:
    """Build an Inception v4 with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model from (batch, size, size, 3) float32 to (batch, classes) logits. Layer "pool" holds the features.

    Source: arXiv 1602.07261, figure 9.
    """
    inputs = layers.Input((config.size, config.size, 3), name="image")
    x = _stem(inputs, config)
    for name in config.modules():
        x = _MODULES[name.rstrip("0123456789")](x, config, name)
    return keras.Model(inputs, classifier_head(x, config.classes, config.dropout), name="inception_v4")


def _stem(x, config):
    """Figure 3: from 299 pixels a side to 35, with three forks."""
    x = chain(x, [(32, 3, 2), (32, 3, 1), (64, 3)], config=config, name="stem1")
    pooled = layers.MaxPooling2D(3, strides=2, name="stem2_pool")(x)
    x = chain(x, [(96, 3, 2)], config=config, name="stem2")
    x = layers.Concatenate(name="stem2_out")([pooled, x])
    seven = [(64, 1), (64, (1, 7)), (64, (7, 1)), (96, 3, 1)]
    short = chain(x, [(64, 1), (96, 3, 1)], config=config, name="stem3_branch1")
    x = layers.Concatenate(name="stem3_out")([short, chain(x, seven, config=config, name="stem3_branch2")])
    pooled = layers.MaxPooling2D(3, strides=2, name="stem4_pool")(x)
    x = chain(x, [(192, 3, 2)], config=config, name="stem4")
    return layers.Concatenate(name="stem4_out")([x, pooled])


def _module_a(x, config, name):
    """Figure 4, at 35x35 pixels."""
    branches = [(96, 1)], [(64, 1), (96, 3)], [(64, 1), (96, 3), (96, 3)]
    return module(x, *branches, pooled=96, config=config, name=name)


def _module_b(x, config, name):
    """Figure 5, at 17x17 pixels."""
    once = [(192, 1), (224, (1, 7)), (256, (7, 1))]
    twice = [(192, 1), (192, (7, 1)), (224, (1, 7)), (224, (7, 1)), (256, (1, 7))]
    return module(x, [(384, 1)], once, twice, pooled=128, config=config, name=name)


def _reduction_b(x, config, name):
    """Figure 8, from 17x17 pixels to 8x8."""
    seven = [(256, 1), (256, (1, 7)), (320, (7, 1)), (320, 3, 2)]
    return reduction(x, [(192, 1), (192, 3, 2)], seven, config=config, name=name)


def _module_c(x, config, name):
    """Figure 6, at 8x8 pixels: the last factors stand side by side."""
    short = chain(x, [(384, 1)], config=config, name=f"{name}_branch2")
    long = chain(x, [(384, 1), (448, (3, 1)), (512, (1, 3))], config=config, name=f"{name}_branch3")
    branches = [
        chain(x, [(256, 1)], config=config, name=f"{name}_branch1"),
        conv_bn(short, 256, (1, 3), config=config, padding="same", name=f"{name}_branch2_2a"),
        conv_bn(short, 256, (3, 1), config=config, padding="same", name=f"{name}_branch2_2b"),
        conv_bn(long, 256, (1, 3), config=config, padding="same", name=f"{name}_branch3_4a"),
        conv_bn(long, 256, (3, 1), config=config, padding="same", name=f"{name}_branch3_4b"),
        average_branch(x, 256, config=config, name=f"{name}_branch4"),
    ]
    return layers.Concatenate(name=f"{name}_out")(branches)


_MODULES = {
    "module_a": _module_a, "reduction_a": figure_7, "module_b": _module_b, "reduction_b": _reduction_b,
    "module_c": _module_c,
}  # fmt: skip
