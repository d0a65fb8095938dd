"""BiT, Big Transfer (Kolesnikov et al. 2019, arXiv 1912.11370): a wide pre-activation ResNet without batch norm.

What stands in its place does not look at the other pictures of the batch: group normalisation (Wu and He 2018, arXiv
1803.08494) for the maps, weight standardisation (Qiao et al. 2019, arXiv 1903.10520) for the kernels. So it makes no
difference how many pictures a processor sees at once, and no averages of earlier pictures are kept.

Stages are numbered as in ResNet's table 1: the stem is the first, the blocks are stage 2 to stage 5.
"""

from dataclasses import dataclass

import keras
from keras import layers, ops

from course_lib.zoo.layers import classifier_head, conv


@dataclass(frozen=True)
class BiTConfig:
    """What tells one BiT from another."""

    depths: tuple[int, ...]  # blocks in each stage
    factor: int  # on all channels of the ResNet: the "x4" in R152x4
    widths: tuple[int, ...] = (64, 128, 256, 512)  # of each stage's 3x3 convolutions, before the factor
    size: int = 448  # side of the input, pixels: that of the published weights
    classes: int = 1000
    stem_width: int = 64  # before the factor
    stem: str = "imagenet"  # 7x7 stride 2 and max pooling; or "small": one 3x3 stride 2
    groups: int = 32  # of channels that are normalised together
    gn_epsilon: float = 1e-5


CONFIGS = {
    "bit_r50x1": BiTConfig((3, 4, 6, 3), 1),
    "bit_r50x3": BiTConfig((3, 4, 6, 3), 3),
    "bit_r101x1": BiTConfig((3, 4, 23, 3), 1),
    "bit_r101x3": BiTConfig((3, 4, 23, 3), 3),
    "bit_r152x2": BiTConfig((3, 8, 36, 3), 2),
    "bit_r152x4": BiTConfig((3, 8, 36, 3), 4, size=480),
    "bit_l": BiTConfig((3, 8, 36, 3), 4, size=480),
    "bit_nano": BiTConfig(
        (1, 2, 2), 1, widths=(16, 32, 64), size=32, classes=20, stem_width=16, stem="small", groups=8
    ),
}


@keras.saving.register_keras_serializable("course_lib")
class StdConv2D(layers.Conv2D):
    """A convolution whose kernels have mean 0 and deviation 1, one by one, whatever the numbers in its weights.

    Source: arXiv 1903.10520.
    """

    def convolution_op(self, inputs, kernel):
        # One kernel is all that makes one output channel: (height, width, channels in).
        mean, variance = ops.moments(kernel, axes=(0, 1, 2), keepdims=True)
        return super().convolution_op(inputs, (kernel - mean) * ops.rsqrt(variance + 1e-8))


def build(config: BiTConfig) -> keras.Model:
    """Build a BiT with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model from (batch, size, size, 3) float32 to (batch, classes) logits. Layer "pool" holds the features.

    Source: arXiv 1912.11370, sections 2.1 and 3.3; the block: arXiv 1603.05027, figure 1b, with the stride on the 3x3.
    """
    inputs = layers.Input((config.size, config.size, 3), name="image")
    x = _stem(inputs, config)
    for stage, (depth, width) in enumerate(zip(config.depths, config.widths, strict=True), start=2):
        for index in range(depth):
            stride = 2 if index == 0 and stage > 2 else 1
            x = _block(x, width * config.factor, stride, index == 0, config, f"stage{stage}_block{index + 1}")
    x = _norm_relu(x, config, "top", "")  # the last sum is not normalised yet
    return keras.Model(inputs, classifier_head(x, config.classes), name="bit")


def _stem(x, config):
    width = config.stem_width * config.factor
    if config.stem == "small":
        return _conv(x, width, 3, 2, "stem_conv")
    x = _conv(x, width, 7, 2, "stem_conv")
    x = layers.ZeroPadding2D(1, name="stem_pool_pad")(x)
    return layers.MaxPooling2D(3, strides=2, name="stem_pool")(x)


def _block(x, width, stride, first, config, name):
    """out = shortcut(x) + residual(relu(norm(x))); a 1x1 convolution brings the shortcut to a new shape."""
    shortcut, x = x, _norm_relu(x, config, name, "1")
    if first:
        shortcut = _conv(x, 4 * width, 1, stride, f"{name}_shortcut_conv")
    x = _conv(x, width, 1, 1, f"{name}_conv1")
    x = _norm_relu(x, config, name, "2")
    x = _conv(x, width, 3, stride, f"{name}_conv2")
    x = _norm_relu(x, config, name, "3")
    x = _conv(x, 4 * width, 1, 1, f"{name}_conv3")
    return layers.Add(name=f"{name}_out")([shortcut, x])


def _conv(x, filters, kernel, stride, name):
    return conv(x, filters, kernel, stride, padding="symmetric", name=name, layer=StdConv2D)


def _norm_relu(x, config, name, number):
    """Group norm and ReLU, in front of the convolution of that number."""
    x = layers.GroupNormalization(config.groups, epsilon=config.gn_epsilon, name=f"{name}_norm{number}")(x)
    return layers.ReLU(name=f"{name}_relu{number}")(x)
