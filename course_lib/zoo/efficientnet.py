"""EfficientNet (Tan and Le 2019, arXiv 1905.11946): width, depth and resolution grown together; and its Lite variant.

Lite drops squeeze-and-excitation, replaces swish by ReLU6 and leaves stem and head unscaled, so that small devices
and 8-bit arithmetic cope.
"""

import math
from dataclasses import dataclass

import keras
from keras import layers

from course_lib.zoo.layers import batch_norm, classifier_head, conv, depthwise_conv, relu6, round_channels

# The baseline B0, found by search: (kernel, blocks, channels, expansion, stride) of each stage; table 1 of the paper.
BASELINE = (
    (3, 1, 16, 1, 1),
    (3, 2, 24, 6, 2),
    (5, 2, 40, 6, 2),
    (3, 3, 80, 6, 2),
    (5, 3, 112, 6, 1),
    (5, 4, 192, 6, 2),
    (3, 1, 320, 6, 1),
)
NANO_STAGES = ((3, 1, 16, 1, 1), (3, 2, 24, 4, 2), (5, 2, 48, 4, 2), (3, 1, 64, 4, 1))


@dataclass(frozen=True)
class EfficientNetConfig:
    """What tells one EfficientNet from another."""

    width: float  # factor on the baseline's channels
    depth: float  # factor on the baseline's blocks
    size: int  # side of the input, pixels
    dropout: float  # before the head
    classes: int = 1000
    lite: bool = False
    drop_path: float = 0.2  # chance to skip the last residual branch in training; earlier ones less
    bn_epsilon: float = 1e-3
    bn_momentum: float = 0.99
    stem: int = 32  # channels of the baseline's first convolution
    top: int = 1280  # and of its last
    stages: tuple[tuple[int, int, int, int, int], ...] = BASELINE

    def channels(self, baseline: int) -> int:
        """Scale a channel count, rounded to a multiple of 8 but never more than 10 % down."""
        return round_channels(baseline * self.width)

    def repeats(self) -> list[int]:
        """Blocks in each stage; Lite scales neither the first stage nor the last."""
        scaled = [math.ceil(self.depth * blocks) for _, blocks, *_ in self.stages]
        if self.lite:
            scaled[0], scaled[-1] = self.stages[0][1], self.stages[-1][1]
        return scaled

    def block_names(self) -> list[str]:
        """Names of all blocks in order: "stage1_block1", "stage2_block1", ..."""
        return [f"stage{s}_block{b + 1}" for s, n in enumerate(self.repeats(), start=1) for b in range(n)]


CONFIGS = {
    "efficientnet_b0": EfficientNetConfig(1.0, 1.0, 224, 0.2),
    "efficientnet_b1": EfficientNetConfig(1.0, 1.1, 240, 0.2),
    "efficientnet_b2": EfficientNetConfig(1.1, 1.2, 260, 0.3),
    "efficientnet_b3": EfficientNetConfig(1.2, 1.4, 300, 0.3),
    "efficientnet_b4": EfficientNetConfig(1.4, 1.8, 380, 0.4),
    "efficientnet_b5": EfficientNetConfig(1.6, 2.2, 456, 0.4),
    "efficientnet_b6": EfficientNetConfig(1.8, 2.6, 528, 0.5),
    "efficientnet_b7": EfficientNetConfig(2.0, 3.1, 600, 0.5),
    # Beyond the paper: Noisy Student's, arXiv 1911.04252.
    "efficientnet_l2": EfficientNetConfig(4.3, 5.3, 800, 0.5),
    "efficientnet_lite0": EfficientNetConfig(1.0, 1.0, 224, 0.2, lite=True),
    "efficientnet_lite1": EfficientNetConfig(1.0, 1.1, 240, 0.2, lite=True),
    "efficientnet_lite2": EfficientNetConfig(1.1, 1.2, 260, 0.3, lite=True),
    "efficientnet_nano": EfficientNetConfig(
        1.0, 1.0, 32, 0.0, classes=20, drop_path=0.0, bn_momentum=0.9, stem=16, top=192, stages=NANO_STAGES
    ),
}


def build(config: EfficientNetConfig) -> keras.Model:
    """Build an EfficientNet with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model from (batch, size, size, 3) float32 to (batch, classes) logits. Layer "pool" holds the features.

    Source: arXiv 1905.11946, table 1 and section 3.3; Lite: the tensorflow/tpu repository's efficientnet/lite.
    """
    fixed = config.lite  # Lite leaves the stem and the head at the baseline's width
    inputs = layers.Input((config.size, config.size, 3), name="image")
    x = _conv_bn_act(inputs, config.stem if fixed else config.channels(config.stem), 3, 2, config, "stem")
    names, repeats = config.block_names(), config.repeats()
    index = 0
    for (kernel, _, channels, expansion, stride), blocks in zip(config.stages, repeats, strict=True):
        for position in range(blocks):
            options = (kernel, config.channels(channels), expansion, stride if position == 0 else 1)
            x = _block(x, options, config.drop_path * index / len(names), config, names[index])
            index += 1
    x = _conv_bn_act(x, config.top if fixed else config.channels(config.top), 1, 1, config, "top")
    return keras.Model(inputs, classifier_head(x, config.classes, config.dropout), name="efficientnet")


def _block(x, options, drop, config, name):
    """Inverted residual: widen by 1x1, filter each channel, re-weight the channels, narrow by 1x1."""
    kernel, out_channels, expansion, stride = options
    in_channels, shortcut = x.shape[-1], x
    if expansion != 1:
        x = _conv_bn_act(x, in_channels * expansion, 1, 1, config, f"{name}_expand")
    x = depthwise_conv(x, kernel, stride, name=f"{name}_dw_conv")
    x = _act(_norm(x, config, f"{name}_dw_bn"), config, f"{name}_dw_act")
    if not config.lite:
        x = _squeeze_excite(x, max(1, in_channels // 4), name)
    x = conv(x, out_channels, 1, name=f"{name}_project_conv")
    x = _norm(x, config, f"{name}_project_bn")
    if stride == 1 and in_channels == out_channels:
        if drop:
            x = layers.Dropout(drop, noise_shape=(None, 1, 1, 1), name=f"{name}_drop")(x)
        x = layers.Add(name=f"{name}_out")([x, shortcut])
    return x


def _squeeze_excite(x, squeezed, name):
    """Weigh each channel by a gate that sees the whole picture (Hu et al., arXiv 1709.01507)."""
    gate = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_se_pool")(x)
    gate = layers.Conv2D(squeezed, 1, activation="swish", name=f"{name}_se_reduce")(gate)
    gate = layers.Conv2D(x.shape[-1], 1, activation="sigmoid", name=f"{name}_se_expand")(gate)
    return layers.Multiply(name=f"{name}_se_scale")([x, gate])


def _conv_bn_act(x, filters, kernel, stride, config, name):
    x = conv(x, filters, kernel, stride, name=f"{name}_conv")
    return _act(_norm(x, config, f"{name}_bn"), config, f"{name}_act")


def _norm(x, config, name):
    return batch_norm(x, config.bn_epsilon, name, config.bn_momentum)


def _act(x, config, name):
    return relu6(x, name) if config.lite else layers.Activation("swish", name=name)(x)
