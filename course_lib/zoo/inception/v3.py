"""Inception v3 (Szegedy et al. 2015, arXiv 1512.00567): large kernels in factors.

Two 3x3 convolutions see as far as a 5x5 and cost less; a 1x7 and a 7x1 see as far as a 7x7 and cost 2/7 of it.
Modules are called A, B and C, as the next paper calls them: figures 5, 6 and 7 of this one.
"""

from dataclasses import dataclass

import keras
from keras import layers

from course_lib.zoo.inception.layers import average_branch, chain, conv_bn, module, numbered, reduction
from course_lib.zoo.layers import classifier_head


@dataclass(frozen=True)
class InceptionV3Config:
    """What tells one Inception v3 from another."""

    pooled: tuple[int, ...] = (32, 64, 64)  # channels after the pooling of each module A
    inner: tuple[int, ...] = (128, 160, 160, 192)  # channels inside the 7-pixel branches of each module B
    last: int = 2  # how many modules C
    size: int = 299  # side of the input, pixels
    classes: int = 1000
    dropout: float = 0.0  # before the head
    auxiliary: bool = False  # one more head, behind the last module B, for training alone
    bn_epsilon: float = 1e-3
    bn_momentum: float = 0.99
    bn_scale: bool = False  # the published weights have no gamma: the next convolution can scale

    def modules(self) -> list[str]:
        """Names of all modules in order: "module_a1", ..., "reduction_a", "module_b1", ..."""
        a, b = numbered("module_a", len(self.pooled)), numbered("module_b", len(self.inner))
        return [*a, "reduction_a", *b, "reduction_b", *numbered("module_c", self.last)]


CONFIGS = {"inception_v3": InceptionV3Config()}


def build(config: InceptionV3Config) -> keras.Model:
    """Build an Inception v3 with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model from (batch, size, size, 3) float32 to (batch, classes) logits; with `auxiliary`, which takes pictures
        of 219 px or more, to a list of two such outputs. Layer "pool" holds the features.

    Source: arXiv 1512.00567, figures 5 to 10. Where table 1 differs from the network that the authors published, this
    is the published one.
    """
    inputs = layers.Input((config.size, config.size, 3), name="image")
    x = stem(inputs, config)
    for number, pooled in enumerate(config.pooled, start=1):
        x = _module_a(x, pooled, config, f"module_a{number}")
    x = _reduction_a(x, config, "reduction_a")
    for number, inner in enumerate(config.inner, start=1):
        x = _module_b(x, inner, config, f"module_b{number}")
    auxiliary = [_auxiliary_head(x, config)] if config.auxiliary else []
    x = _reduction_b(x, config, "reduction_b")
    for name in numbered("module_c", config.last):
        x = _module_c(x, config, name)
    outputs = classifier_head(x, config.classes, config.dropout)
    return keras.Model(inputs, [outputs, *auxiliary] if auxiliary else outputs, name="inception_v3")


def stem(x, config):
    """From 299 pixels a side to 35. Inception-ResNet v2 begins with it too."""
    x = chain(x, [(32, 3, 2), (32, 3, 1), (64, 3)], config=config, name="stem1")
    x = layers.MaxPooling2D(3, strides=2, name="stem_pool1")(x)
    x = chain(x, [(80, 1), (192, 3, 1)], config=config, name="stem2")
    return layers.MaxPooling2D(3, strides=2, name="stem_pool2")(x)


def _module_a(x, pooled, config, name):
    """Figure 5: a 5x5 in two factors of 3x3; where the figure has a single 3x3, the published weights have a 5x5."""
    branches = [(64, 1)], [(48, 1), (64, 5)], [(64, 1), (96, 3), (96, 3)]
    return module(x, *branches, pooled=pooled, config=config, name=name)


def _reduction_a(x, config, name):
    """Figure 10: convolutions of stride 2 beside a pooling, so that no single layer is the bottleneck."""
    return reduction(x, [(384, 3, 2)], [(64, 1), (96, 3), (96, 3, 2)], config=config, name=name)


def _module_b(x, inner, config, name):
    """Figure 6 with n = 7: a 7x7 as 1x7 and 7x1, once in the second branch and twice in the third."""
    once = [(inner, 1), (inner, (1, 7)), (192, (7, 1))]
    twice = [(inner, 1), (inner, (7, 1)), (inner, (1, 7)), (inner, (7, 1)), (192, (1, 7))]
    return module(x, [(192, 1)], once, twice, pooled=192, config=config, name=name)


def _reduction_b(x, config, name):
    """Figure 10 again, with a 7x7 in factors."""
    seven = [(192, 1), (192, (1, 7)), (192, (7, 1)), (192, 3, 2)]
    return reduction(x, [(192, 1), (320, 3, 2)], seven, config=config, name=name)


def _module_c(x, config, name):
    """Figure 7: at 8x8 pixels the factors stand side by side, which makes many features instead of a deeper chain."""
    short = chain(x, [(384, 1)], config=config, name=f"{name}_branch2")
    long = chain(x, [(448, 1), (384, 3)], config=config, name=f"{name}_branch3")
    branches = [
        chain(x, [(320, 1)], config=config, name=f"{name}_branch1"),
        conv_bn(short, 384, (1, 3), config=config, padding="same", name=f"{name}_branch2_2a"),
        conv_bn(short, 384, (3, 1), config=config, padding="same", name=f"{name}_branch2_2b"),
        conv_bn(long, 384, (1, 3), config=config, padding="same", name=f"{name}_branch3_3a"),
        conv_bn(long, 384, (3, 1), config=config, padding="same", name=f"{name}_branch3_3b"),
        average_branch(x, 192, config=config, name=f"{name}_branch4"),
    ]
    return layers.Concatenate(name=f"{name}_out")(branches)


def _auxiliary_head(x, config):
    """A second classifier on 17x17 pixels, which regularises in training; figure 8."""
    x = layers.AveragePooling2D(5, strides=3, name="aux_pool")(x)
    x = conv_bn(x, 128, 1, config=config, padding="valid", name="aux1")
    x = conv_bn(x, 768, x.shape[1], config=config, padding="valid", name="aux2")
    return layers.Dense(config.classes, name="aux_head")(layers.Flatten(name="aux_flatten")(x))
