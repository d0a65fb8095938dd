"""Inception-ResNet v2 (Szegedy et al. 2016, arXiv 1602.07261): modules that learn what to add to their own input.

The paper draws it with version 4's stem; the published weights have version 3's, and one more module behind it.
"""

from dataclasses import dataclass

import keras
from keras import layers

from course_lib.zoo.inception.layers import chain, chains, figure_7, module, numbered, reduction
from course_lib.zoo.inception.v3 import stem
from course_lib.zoo.layers import classifier_head, conv


@dataclass(frozen=True)
class InceptionResNetConfig:
    """What tells one Inception-ResNet v2 from another."""

    repeats: tuple[int, int, int] = (10, 20, 10)  # how many blocks A, B and C
    # By what each kind of block multiplies what it adds: wide ones at full strength died in training (section 3.3).
    scales: tuple[float, float, float] = (0.17, 0.1, 0.2)
    reduction_a: tuple[int, int, int, int] = (256, 256, 384, 384)  # k, l, m, n of table 1
    size: int = 299  # side of the input, pixels
    classes: int = 1000
    dropout: float = 0.2  # before the head
    bn_epsilon: float = 1e-3
    bn_momentum: float = 0.99
    bn_scale: bool = False  # the published weights have no gamma: the next convolution can scale

    def modules(self) -> list[str]:
        """Names of all modules in order: "module_a0", "block_a1", ..., "reduction_a", "block_b1", ..."""
        a, b, c = self.repeats
        return [
            "module_a0", *numbered("block_a", a), "reduction_a", *numbered("block_b", b), "reduction_b",
            *numbered("block_c", c),
        ]  # fmt: skip


CONFIGS = {"inception_resnet_v2": InceptionResNetConfig()}


def build(config: InceptionResNetConfig) -> keras.Model:
    """Build an Inception-ResNet v2 with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model from (batch, size, size, 3) float32 to (batch, classes) logits. Layer "pool" holds the features.

    Source: arXiv 1602.07261, figure 15.
    """
    (a, b, c), (scale_a, scale_b, scale_c) = config.repeats, config.scales
    inputs = layers.Input((config.size, config.size, 3), name="image")
    x = _module_a(stem(inputs, config), config, "module_a0")
    for name in numbered("block_a", a):
        x = _block(x, _branches_a, scale_a, config, name)
    x = figure_7(x, config, "reduction_a")
    for name in numbered("block_b", b):
        x = _block(x, _branches_b, scale_b, config, name)
    x = _reduction_b(x, config, "reduction_b")
    for name in numbered("block_c", c - 1):
        x = _block(x, _branches_c, scale_c, config, name)
    x = _block(x, _branches_c, 1.0, config, f"block_c{c}", relu=False)  # the last one adds at full strength
    x = chain(x, [(1536, 1)], config=config, name="top")
    return keras.Model(inputs, classifier_head(x, config.classes, config.dropout), name="inception_resnet_v2")


def _block(x, branches, scale, config, name, relu=True):
    """Add what the branches say, in as many channels as the input has: out = relu(x + scale * up(branches(x)))."""
    mixed = layers.Concatenate(name=f"{name}_mixed")(branches(x, config, name))
    up = conv(mixed, x.shape[-1], 1, use_bias=True, name=f"{name}_up")
    up = layers.Rescaling(scale, name=f"{name}_scale")(up)
    x = layers.Add(name=f"{name}_add" if relu else f"{name}_out")([x, up])
    return layers.ReLU(name=f"{name}_out")(x) if relu else x


def _branches_a(x, config, name):
    """Figure 16, at 35x35 pixels."""
    branches = [(32, 1)], [(32, 1), (32, 3)], [(32, 1), (48, 3), (64, 3)]
    return chains(x, *branches, config=config, name=name)


def _branches_b(x, config, name):
    """Figure 17, at 17x17 pixels."""
    return chains(x, [(192, 1)], [(128, 1), (160, (1, 7)), (192, (7, 1))], config=config, name=name)


def _branches_c(x, config, name):
    """Figure 19, at 8x8 pixels."""
    return chains(x, [(192, 1)], [(192, 1), (224, (1, 3)), (256, (3, 1))], config=config, name=name)


def _module_a(x, config, name):
    """A module as in version 3, which nothing is added to; it is not in the paper's figures."""
    branches = [(96, 1)], [(48, 1), (64, 5)], [(64, 1), (96, 3), (96, 3)]
    return module(x, *branches, pooled=64, config=config, name=name)


def _reduction_b(x, config, name):
    """Figure 18, from 17x17 pixels to 8x8."""
    branches = [(256, 1), (384, 3, 2)], [(256, 1), (288, 3, 2)], [(256, 1), (288, 3), (320, 3, 2)]
    return reduction(x, *branches, config=config, name=name)
