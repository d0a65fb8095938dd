"""Inception v1, GoogLeNet (Szegedy et al. 2014, arXiv 1409.4842): four branches side by side, joined by channel.

Modules are called as in the paper's table 1: 3a, 3b, 4a, ... The paper had no batch norm; the weights that are
to be had today are of networks that were trained again with it.
"""

from dataclasses import dataclass

import keras
from keras import layers

from course_lib.zoo.inception.layers import conv_bn
from course_lib.zoo.layers import classifier_head

# Channels of each module: 1x1; 3x3's reduction, 3x3; 5x5's reduction, 5x5; after pooling. Table 1 of the paper.
_STAGES = (
    ((64, 96, 128, 16, 32, 32), (128, 128, 192, 32, 96, 64)),
    (
        (192, 96, 208, 16, 48, 64), (160, 112, 224, 24, 64, 64), (128, 128, 256, 24, 64, 64),
        (112, 144, 288, 32, 64, 64), (256, 160, 320, 32, 128, 128),
    ),
    ((256, 160, 320, 32, 128, 128), (384, 192, 384, 48, 128, 128)),
)  # fmt: skip


@dataclass(frozen=True)
class InceptionV1Config:
    """What tells one GoogLeNet from another."""

    stages: tuple[tuple[tuple[int, ...], ...], ...] = _STAGES  # stage 3, 4, 5: the modules' channels
    pools: tuple[int, int] = (3, 2)  # side of the max pooling before stage 4 and before stage 5, pixels
    stem: str = "imagenet"  # 7x7, 1x1, 3x3 and two poolings; or "small": two 3x3
    stem_widths: tuple[int, ...] = (64, 64, 192)
    wide_kernel: int = (
        3  # side of the "5x5" branch's kernel: both sets of published weights took 3; the paper 5
    )
    size: int = 224  # side of the input, pixels
    classes: int = 1000
    dropout: float = 0.4  # before the head
    auxiliary: bool = False  # two more heads, half-way, for training alone
    padding: str = "symmetric"  # "same" where the weights come from TensorFlow
    bn_epsilon: float = 1e-3
    bn_momentum: float = 0.99
    bn_scale: bool = True  # TensorFlow-slim has no gamma: the next layer can scale

    def modules(self) -> list[str]:
        """Names of all modules in order: "module3a", "module3b", "module4a", ..."""
        return [
            f"module{s}{'abcdefgh'[i]}" for s, stage in enumerate(self.stages, 3) for i in range(len(stage))
        ]


CONFIGS = {
    "inception_v1": InceptionV1Config(),
    "inception_nano": InceptionV1Config(
        stages=(
            ((8, 8, 12, 4, 6, 6),),
            ((32, 32, 48, 8, 16, 16),),
            ((64, 64, 128, 16, 32, 32), (96, 64, 128, 16, 48, 48)),
        ),
        stem="small", stem_widths=(8, 16), size=32, classes=20, dropout=0.0, padding="same", bn_momentum=0.9,
    ),
}  # fmt: skip


def build(config: InceptionV1Config) -> keras.Model:
    """Build an Inception v1 with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model from (batch, size, size, 3) float32 to (batch, classes) logits; with `auxiliary` to a list of three
        such outputs: the head's, those after 4a and after 4d. Layer "pool" holds the features.

    Source: arXiv 1409.4842, table 1 and section 5; batch norm: arXiv 1502.03167.
    """
    inputs = layers.Input((config.size, config.size, 3), name="image")
    x = _stem(inputs, config)
    auxiliary = []
    names = iter(config.modules())
    for stage, modules in enumerate(config.stages, start=3):
        if stage > 3:
            x = _max_pool(x, config.pools[stage - 4], config, f"pool{stage - 1}")
        for channels in modules:
            x = _module(x, channels, config, name := next(names))
            if config.auxiliary and name in ("module4a", "module4d"):
                auxiliary.append(_auxiliary_head(x, config, f"aux{len(auxiliary) + 1}"))
    outputs = classifier_head(x, config.classes, config.dropout)
    return keras.Model(inputs, [outputs, *auxiliary] if auxiliary else outputs, name="inception_v1")


def _stem(x, config):
    widths = config.stem_widths
    if config.stem == "small":
        x = conv_bn(x, widths[0], 3, 2, config=config, name="stem1")
        return conv_bn(x, widths[1], 3, config=config, name="stem2")
    x = conv_bn(x, widths[0], 7, 2, config=config, name="stem1")
    x = _max_pool(x, 3, config, "stem_pool1")
    x = conv_bn(x, widths[1], 1, config=config, name="stem2")
    x = conv_bn(x, widths[2], 3, config=config, name="stem3")
    return _max_pool(x, 3, config, "stem_pool2")


def _module(x, channels, config, name):
    """Four branches over the same input, each with a 1x1 convolution that keeps it cheap; figure 2b of the paper."""
    one, three_reduce, three, five_reduce, five, pooled = channels
    branch1 = conv_bn(x, one, 1, config=config, name=f"{name}_1x1")
    branch2 = conv_bn(x, three_reduce, 1, config=config, name=f"{name}_3x3_reduce")
    branch2 = conv_bn(branch2, three, 3, config=config, name=f"{name}_3x3")
    branch3 = conv_bn(x, five_reduce, 1, config=config, name=f"{name}_5x5_reduce")
    branch3 = conv_bn(branch3, five, config.wide_kernel, config=config, name=f"{name}_5x5")
    branch4 = layers.MaxPooling2D(3, strides=1, padding="same", name=f"{name}_pool")(x)
    branch4 = conv_bn(branch4, pooled, 1, config=config, name=f"{name}_pool_proj")
    return layers.Concatenate(name=f"{name}_out")([branch1, branch2, branch3, branch4])


def _max_pool(x, side, config, name):
    """Halve the map. PyTorch begins at the first pixel and lets the last window hang over; TensorFlow shares out."""
    over = (side - x.shape[1]) % 2 if config.padding == "symmetric" else 0
    if over:  # zeros never win: what comes in is behind a ReLU
        x = layers.ZeroPadding2D(((0, over), (0, over)), name=f"{name}_pad")(x)
    padding = "valid" if config.padding == "symmetric" else "same"
    return layers.MaxPooling2D(side, strides=2, padding=padding, name=name)(x)


def _auxiliary_head(x, config, name):
    """A small classifier half-way, whose loss is added with weight 0.3 in training; section 5 of the paper."""
    x = layers.AdaptiveAveragePooling2D(4, name=f"{name}_pool")(x)
    x = conv_bn(x, 128, 1, config=config, name=name)
    x = layers.Flatten(name=f"{name}_flatten")(x)
    x = layers.Dense(1024, activation="relu", name=f"{name}_dense")(x)
    x = layers.Dropout(0.7, name=f"{name}_dropout")(x)
    return layers.Dense(config.classes, name=f"{name}_head")(x)
