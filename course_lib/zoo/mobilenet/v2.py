"""MobileNet V2 (Sandler et al. 2018, arXiv 1801.04381): inverted residuals between thin, linear bottlenecks."""

from dataclasses import dataclass

import keras
from keras import layers

from course_lib.zoo.layers import batch_norm, classifier_head, conv, depthwise_conv, relu6, round_channels

# (expansion, channels, blocks, stride) of each stage; table 2 of the paper.
STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


@dataclass(frozen=True)
class MobileNetV2Config:
    """What tells one MobileNet V2 from another."""

    alpha: float = 1.0  # the width multiplier: a factor on all channels but the last convolution's
    size: int = 224  # side of the input, pixels
    classes: int = 1000
    stem: int = 32  # channels of the first convolution
    top: int = 1280  # and of the last, which shrinking leaves alone
    padding: str = "same"  # "symmetric" where the weights come from PyTorch
    bn_epsilon: float = 1e-3  # 1e-5 where the weights come from PyTorch
    bn_momentum: float = 0.99
    dropout: float = 0.0
    stages: tuple[tuple[int, int, int, int], ...] = STAGES

    def channels(self, full: int) -> int:
        """Scale a channel count by alpha, to a multiple of 8."""
        return round_channels(full * self.alpha)

    def block_names(self) -> list[str]:
        """Names of all blocks in order: "stage1_block1", "stage2_block1", ..."""
        return [
            f"stage{s}_block{b + 1}" for s, (*_, n, _) in enumerate(self.stages, start=1) for b in range(n)
        ]


CONFIGS = {
    "mobilenet_v2": MobileNetV2Config(),
    "mobilenet_nano": MobileNetV2Config(
        size=32, classes=20, stem=16, top=256, bn_momentum=0.9,
        stages=((1, 16, 1, 1), (4, 32, 3, 2), (4, 64, 3, 2)),
    ),
}  # fmt: skip


def build(config: MobileNetV2Config) -> keras.Model:
    """Build a MobileNet V2 with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model from (batch, size, size, 3) float32 to (batch, classes) logits. Layer "pool" holds the features.

    Source: arXiv 1801.04381, table 2 and figure 4d.
    """
    inputs = layers.Input((config.size, config.size, 3), name="image")
    x = conv(inputs, config.channels(config.stem), 3, 2, padding=config.padding, name="stem_conv")
    x = relu6(_norm(x, config, "stem_bn"), "stem_act")
    names = iter(config.block_names())
    for expansion, channels, blocks, stride in config.stages:
        for position in range(blocks):
            options = (expansion, config.channels(channels), stride if position == 0 else 1)
            x = _block(x, options, config, next(names))
    x = conv(x, max(config.top, config.channels(config.top)), 1, name="top_conv")
    x = relu6(_norm(x, config, "top_bn"), "top_act")
    return keras.Model(inputs, classifier_head(x, config.classes, config.dropout), name="mobilenet_v2")


def _block(x, options, config, name):
    """Inverted residual: thin in, wide inside, thin out; no activation after the last convolution."""
    expansion, channels, stride = options
    shortcut = x
    if expansion != 1:
        x = conv(x, expansion * x.shape[-1], 1, name=f"{name}_expand_conv")
        x = relu6(_norm(x, config, f"{name}_expand_bn"), f"{name}_expand_act")
    x = depthwise_conv(x, 3, stride, padding=config.padding, name=f"{name}_dw_conv")
    x = relu6(_norm(x, config, f"{name}_dw_bn"), f"{name}_dw_act")
    x = _norm(conv(x, channels, 1, name=f"{name}_project_conv"), config, f"{name}_project_bn")
    if stride == 1 and shortcut.shape[-1] == channels:
        x = layers.Add(name=f"{name}_out")([shortcut, x])
    return x


def _norm(x, config, name):
    return batch_norm(x, config.bn_epsilon, name, config.bn_momentum)
