"""Xception (Chollet 2016, arXiv 1610.02357): where a channel comes from and what is around it are learned apart.

Blocks are numbered inside the paper's three flows; keras.applications counts them from block1, the stem, to block14.
"""

from dataclasses import dataclass

import keras
from keras import layers

from course_lib.zoo.layers import batch_norm, classifier_head, conv, depthwise_conv


@dataclass(frozen=True)
class XceptionConfig:
    """What tells one Xception from another."""

    size: int = 299  # side of the input, pixels
    classes: int = 1000
    stem: tuple[int, int] = (32, 64)  # channels of the two ordinary convolutions
    stem_padding: str = "valid"  # Inception's habit; "same" keeps the few pixels of a small picture
    entry: tuple[int, ...] = (128, 256, 728)  # channels of the blocks that halve the picture
    middle: int = 8  # blocks that keep the shape
    exit: tuple[int, int, int] = (1024, 1536, 2048)  # one more halving block, then two convolutions
    residual: bool = True  # False is the network without shortcuts of the paper's figure 9
    between: str | None = None  # activation between depthwise and pointwise, as in the paper's figure 10
    bn_epsilon: float = 1e-3
    bn_momentum: float = 0.99
    dropout: float = 0.0  # the paper trains with 0.5 before the head

    def block_names(self) -> list[str]:
        """Names of all blocks after the stem, in order: "entry_block1", ..., "exit_block2"."""
        counts = {"entry": len(self.entry), "middle": self.middle, "exit": 2}
        return [f"{flow}_block{n}" for flow, count in counts.items() for n in range(1, count + 1)]


CONFIGS = {
    "xception": XceptionConfig(),
    "xception_nano": XceptionConfig(
        size=32, classes=20, stem=(16, 16), stem_padding="same", entry=(40, 112), middle=2, exit=(144, 192, 256),
        bn_momentum=0.9,
    ),
}  # fmt: skip


def build(config: XceptionConfig) -> keras.Model:
    """Build an Xception with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model from (batch, size, size, 3) float32 to (batch, classes) logits. Layer "pool" holds the features.

    Source: arXiv 1610.02357, figure 5.
    """
    inputs = layers.Input((config.size, config.size, 3), name="image")
    x = _stem(inputs, config)
    names = iter(config.block_names())
    for width in config.entry:
        x = _block(x, (width, width), True, config, next(names))
    width = config.entry[-1]
    for _ in range(config.middle):
        x = _block(x, (width, width, width), False, config, next(names))
    x = _block(x, (width, config.exit[0]), True, config, next(names))
    last = next(names)
    for number, width in enumerate(config.exit[1:], start=1):
        x = _separable_bn(x, width, config, last, number)
        x = layers.ReLU(name=f"{last}_relu{number}")(x)
    return keras.Model(inputs, classifier_head(x, config.classes, config.dropout), name="xception")


def _stem(x, config):
    for number, (width, stride) in enumerate(zip(config.stem, (2, 1), strict=True), start=1):
        x = conv(x, width, 3, stride, padding=config.stem_padding, name=f"stem_conv{number}")
        x = batch_norm(x, config.bn_epsilon, f"stem_bn{number}", config.bn_momentum)
        x = layers.ReLU(name=f"stem_relu{number}")(x)
    return x


def _block(x, widths, halve, config, name):
    """Separable convolutions with a shortcut past them; out = shortcut(x) + residual(x), with no ReLU on the sum."""
    shortcut = x
    for number, width in enumerate(widths, start=1):
        # The very first block begins with what the stem's ReLU gave.
        if number > 1 or name != "entry_block1":
            x = layers.ReLU(name=f"{name}_relu{number}")(x)
        x = _separable_bn(x, width, config, name, number)
    if halve:
        x = layers.MaxPooling2D(3, strides=2, padding="same", name=f"{name}_pool")(x)
    if not config.residual:
        return x
    if halve:
        shortcut = conv(shortcut, widths[-1], 1, 2, name=f"{name}_shortcut_conv")
        shortcut = batch_norm(shortcut, config.bn_epsilon, f"{name}_shortcut_bn", config.bn_momentum)
    return layers.Add(name=f"{name}_out")([x, shortcut])


def _separable_bn(x, filters, config, name, number):
    """Depthwise 3x3, pointwise 1x1, batch norm; nothing between the first two unless the config says so."""
    if config.between:
        x = depthwise_conv(x, 3, name=f"{name}_dw_conv{number}")
        x = layers.Activation(config.between, name=f"{name}_between{number}")(x)
        x = conv(x, filters, 1, name=f"{name}_pw_conv{number}")
    else:
        options = {"padding": "same", "use_bias": False, "name": f"{name}_sepconv{number}"}
        x = layers.SeparableConv2D(filters, 3, **options)(x)
    return batch_norm(x, config.bn_epsilon, f"{name}_bn{number}", config.bn_momentum)
