"""MobileNet V1 (Howard et al. 2017, arXiv 1704.04861): each convolution split into filtering and mixing channels."""

from dataclasses import dataclass

import keras
from keras import layers

from course_lib.zoo.layers import batch_norm, classifier_head, conv, depthwise_conv, relu6

# (channels, stride) of each block; table 1 of the paper.
BLOCKS = (
    (64, 1),
    (128, 2),
    (128, 1),
    (256, 2),
    (256, 1),
    (512, 2),
    (512, 1),
    (512, 1),
    (512, 1),
    (512, 1),
    (512, 1),
    (1024, 2),  # the table says stride 2 for the next block too, which its own sizes contradict
    (1024, 1),
)


@dataclass(frozen=True)
class MobileNetV1Config:
    """What tells one MobileNet V1 from another."""

    alpha: float = 1.0  # the width multiplier: a factor on all channels
    size: int = 224  # side of the input, pixels
    classes: int = 1000
    stem: int = 32  # channels of the first convolution
    padding: str = "same"
    bn_epsilon: float = 1e-3
    bn_momentum: float = 0.99
    dropout: float = 0.0
    blocks: tuple[tuple[int, int], ...] = BLOCKS

    def channels(self, full: int) -> int:
        """Scale a channel count by alpha; V1 rounds down."""
        return int(full * self.alpha)

    def block_names(self) -> list[str]:
        """Names of all blocks in order: "block1", "block2", ..."""
        return [f"block{number}" for number, _ in enumerate(self.blocks, start=1)]


CONFIGS = {"mobilenet_v1": MobileNetV1Config()}


def build(config: MobileNetV1Config) -> keras.Model:
    """Build a MobileNet V1 with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model from (batch, size, size, 3) float32 to (batch, classes) logits. Layer "pool" holds the features.

    Source: arXiv 1704.04861, table 1 and figure 3; section 3.3 for alpha.
    """
    inputs = layers.Input((config.size, config.size, 3), name="image")
    x = conv(inputs, config.channels(config.stem), 3, 2, padding=config.padding, name="stem_conv")
    x = _norm_act(x, config, "stem_bn", "stem_act")
    for name, (channels, stride) in zip(config.block_names(), config.blocks, strict=True):
        x = _block(x, config.channels(channels), stride, config, name)
    return keras.Model(inputs, classifier_head(x, config.classes, config.dropout), name="mobilenet_v1")


def _block(x, channels, stride, config, name):
    """Depthwise separable convolution: filter each channel by itself, then mix channels at each pixel."""
    x = depthwise_conv(x, 3, stride, padding=config.padding, name=f"{name}_dw_conv")
    x = _norm_act(x, config, f"{name}_dw_bn", f"{name}_dw_act")
    x = conv(x, channels, 1, name=f"{name}_pw_conv")
    return _norm_act(x, config, f"{name}_pw_bn", f"{name}_out")


def _norm_act(x, config, norm, act):
    return relu6(batch_norm(x, config.bn_epsilon, norm, config.bn_momentum), act)
