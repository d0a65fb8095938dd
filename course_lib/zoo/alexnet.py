"""AlexNet (Krizhevsky, Sutskever, Hinton 2012): five convolutions and three dense layers, the net that won ImageNet.

This is the one-tower network of arXiv 1404.5997, in the sizes of torchvision. The paper of 2012 splits every layer
over two graphics cards, and normalises each value by those of the neighbouring channels, which later networks dropped.
"""

from dataclasses import dataclass

import keras
from keras import layers

from course_lib.zoo.layers import batch_norm


@dataclass(frozen=True)
class AlexNetConfig:
    """What tells one AlexNet from another; the tuples have one entry a convolution."""

    widths: tuple[int, ...] = (64, 192, 384, 256, 256)  # channels
    kernels: tuple[int, ...] = (11, 5, 3, 3, 3)  # sides, pixels
    pads: tuple[int, ...] = (2, 2, 1, 1, 1)  # zeros added on each side, pixels
    stride: int = 4  # step of the first convolution, pixels; the others step by 1
    pooled: tuple[int, ...] = (1, 2, 5)  # the convolutions that a max pooling follows
    dense_widths: tuple[int, ...] = (4096, 4096)
    activation: str = "relu"  # or "tanh", which was usual before
    dropout: float = 0.5  # share of each hidden dense layer that is silenced in training
    batch_norm: bool = False  # younger than the paper (2015)
    size: int = 224  # side of the input, pixels
    classes: int = 1000
    bn_epsilon: float = 1e-3
    bn_momentum: float = 0.99


CONFIGS = {
    "alexnet": AlexNetConfig(),
    # At 32 pixels a stride of 4 and three poolings would leave nothing: it steps by 2, and pools twice.
    # Without batch norm, or with dropout, it has hardly left chance after 30,000 images of the course's world.
    "alexnet_nano": AlexNetConfig(
        widths=(24, 48, 64, 48, 48), kernels=(5, 5, 3, 3, 3), stride=2, pooled=(1, 5), dense_widths=(384, 384),
        dropout=0.0, batch_norm=True, size=32, classes=20, bn_momentum=0.9,
    ),
}  # fmt: skip


def build(config: AlexNetConfig) -> keras.Model:
    """Build an AlexNet with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model from (batch, size, size, 3) float32 to (batch, classes) logits. The last hidden dense layer's activation
        holds the features.

    Source: Krizhevsky et al. 2012, section 3.5 and figure 2; arXiv 1404.5997 for the single tower; torchvision for its sizes.
    """
    inputs = x = layers.Input((config.size, config.size, 3), name="image")
    for number in range(1, len(config.widths) + 1):
        x = _convolution(x, number, config)
    x = layers.Flatten(name="flatten")(x)
    for number, width in enumerate(config.dense_widths, start=len(config.widths) + 1):
        x = layers.Dense(width, name=f"dense{number}")(x)
        x = _activate(x, f"dense{number}", config)
        x = layers.Dropout(config.dropout, name=f"dense{number}_dropout")(x)
    return keras.Model(inputs, layers.Dense(config.classes, name="head")(x), name="alexnet")


def _convolution(x, number, config):
    """Convolution `number`, counted from 1, with what follows it."""
    kernel, pad = config.kernels[number - 1], config.pads[number - 1]
    stride = config.stride if number == 1 else 1
    # Zeros are added by hand: the paper's paddings are no convention's (2 pixels round an 11x11 kernel).
    x = layers.ZeroPadding2D(pad, name=f"conv{number}_pad")(x)
    x = layers.Conv2D(config.widths[number - 1], kernel, strides=stride, name=f"conv{number}")(x)
    x = _activate(x, f"conv{number}", config)
    if number in config.pooled:
        x = layers.MaxPooling2D(3, strides=2, name=f"pool{number}")(x)  # windows of 3 at steps of 2 overlap
    return x


def _activate(x, name, config):
    if config.batch_norm:
        x = batch_norm(x, config.bn_epsilon, f"{name}_bn", config.bn_momentum)
    return layers.Activation(config.activation, name=f"{name}_{config.activation}")(x)
