"""MobileNet V3 (Howard et al. 2019, arXiv 1905.02244): V2's blocks chosen by search, with gates and hard-swish."""

from dataclasses import dataclass

import keras
from keras import layers

from course_lib.zoo.layers import batch_norm, conv, depthwise_conv, round_channels

# (kernel, expansion, channels, squeeze-and-excitation, activation, stride) of each block; tables 1 and 2 of the paper.
# The tables give the widened channels; as factors on the block's input they follow alpha as the published files do.
LARGE = (
    (3, 1, 16, False, "relu", 1),
    (3, 4, 24, False, "relu", 2),
    (3, 3, 24, False, "relu", 1),
    (5, 3, 40, True, "relu", 2),
    (5, 3, 40, True, "relu", 1),
    (5, 3, 40, True, "relu", 1),
    (3, 6, 80, False, "hard_swish", 2),
    (3, 2.5, 80, False, "hard_swish", 1),
    (3, 2.3, 80, False, "hard_swish", 1),
    (3, 2.3, 80, False, "hard_swish", 1),
    (3, 6, 112, True, "hard_swish", 1),
    (3, 6, 112, True, "hard_swish", 1),
    (5, 6, 160, True, "hard_swish", 2),
    (5, 6, 160, True, "hard_swish", 1),
    (5, 6, 160, True, "hard_swish", 1),
)
SMALL = (
    (3, 1, 16, True, "relu", 2),
    (3, 72 / 16, 24, False, "relu", 2),
    (3, 88 / 24, 24, False, "relu", 1),
    (5, 4, 40, True, "hard_swish", 2),
    (5, 6, 40, True, "hard_swish", 1),
    (5, 6, 40, True, "hard_swish", 1),
    (5, 3, 48, True, "hard_swish", 1),
    (5, 3, 48, True, "hard_swish", 1),
    (5, 6, 96, True, "hard_swish", 2),
    (5, 6, 96, True, "hard_swish", 1),
    (5, 6, 96, True, "hard_swish", 1),
)


@dataclass(frozen=True)
class MobileNetV3Config:
    """What tells one MobileNet V3 from another."""

    blocks: tuple[tuple[int, float, int, bool, str, int], ...]
    top: int  # units of the dense layer between pooling and head, which shrinking leaves alone
    alpha: float = 1.0  # the width multiplier
    size: int = 224  # side of the input, pixels
    classes: int = 1000
    stem: int = 16  # channels of the first convolution, at any alpha
    padding: str = "same"
    bn_epsilon: float = 1e-3
    bn_momentum: float = 0.99
    dropout: float = 0.2

    def block_names(self) -> list[str]:
        """Names of all blocks in order: "block1", "block2", ..."""
        return [f"block{number}" for number, _ in enumerate(self.blocks, start=1)]


CONFIGS = {
    "mobilenet_v3_large": MobileNetV3Config(LARGE, 1280),
    "mobilenet_v3_small": MobileNetV3Config(SMALL, 1024),
}


def build(config: MobileNetV3Config) -> keras.Model:
    """Build a MobileNet V3 with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model from (batch, size, size, 3) float32 of -1 to 1 to (batch, classes) logits. The input of layer "head"
        holds the features.

    Source: arXiv 1905.02244, tables 1 and 2, section 5.2 (hard-swish) and figure 5 (the top).
    """
    inputs = layers.Input((config.size, config.size, 3), name="image")
    x = conv(inputs, config.stem, 3, 2, padding=config.padding, name="stem_conv")
    x = _act(_norm(x, config, "stem_bn"), "hard_swish", "stem_act")
    for name, options in zip(config.block_names(), config.blocks, strict=True):
        x = _block(x, options, config, name)
    x = conv(x, round_channels(6 * x.shape[-1]), 1, name="top_conv")
    x = _act(_norm(x, config, "top_bn"), "hard_swish", "top_act")
    # The last wide layer comes after the pooling, where it is computed once rather than at 49 places.
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dense(_top_units(config), name="top_dense")(x)
    x = _act(x, "hard_swish", "top_dense_act")
    if config.dropout:
        x = layers.Dropout(config.dropout, name="head_dropout")(x)
    return keras.Model(inputs, layers.Dense(config.classes, name="head")(x), name="mobilenet_v3")


def _block(x, options, config, name):
    """V2's inverted residual, with a kernel, an activation and perhaps a gate of its own."""
    kernel, expansion, channels, gated, activation, stride = options
    channels, shortcut = round_channels(channels * config.alpha), x
    if expansion != 1:
        x = conv(x, round_channels(x.shape[-1] * expansion), 1, name=f"{name}_expand_conv")
        x = _act(_norm(x, config, f"{name}_expand_bn"), activation, f"{name}_expand_act")
    x = depthwise_conv(x, kernel, stride, padding=config.padding, name=f"{name}_dw_conv")
    x = _act(_norm(x, config, f"{name}_dw_bn"), activation, f"{name}_dw_act")
    if gated:
        x = _squeeze_excite(x, name)
    x = _norm(conv(x, channels, 1, name=f"{name}_project_conv"), config, f"{name}_project_bn")
    if stride == 1 and shortcut.shape[-1] == channels:
        x = layers.Add(name=f"{name}_out")([shortcut, x])
    return x


def _squeeze_excite(x, name):
    """Weigh each channel by a gate of 0 to 1 that sees the whole picture (Hu et al., arXiv 1709.01507)."""
    gate = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_se_pool")(x)
    squeezed = round_channels(x.shape[-1] / 4)
    gate = layers.Conv2D(squeezed, 1, activation="relu", name=f"{name}_se_reduce")(gate)
    # Keras 3's hard_sigmoid is the paper's, relu6(x + 3) / 6; that of Keras 2 was another, of slope 0.2.
    gate = layers.Conv2D(x.shape[-1], 1, activation="hard_sigmoid", name=f"{name}_se_expand")(gate)
    return layers.Multiply(name=f"{name}_se_scale")([x, gate])


def _top_units(config):
    return round_channels(config.top * config.alpha) if config.alpha > 1 else config.top


def _norm(x, config, name):
    return batch_norm(x, config.bn_epsilon, name, config.bn_momentum)


def _act(x, activation, name):
    """hard_swish is x * relu6(x + 3) / 6: swish drawn with straight lines, cheap and kind to 8 bits."""
    return layers.Activation(activation, name=name)(x)
