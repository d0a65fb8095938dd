"""ResNet (He et al. 2015, arXiv 1512.03385): each block learns what to add to its own input.

Its second version (He et al. 2016, arXiv 1603.05027) normalises and activates in front of each convolution: within a
stage, nothing but sums stands on the main path.

Stages are numbered as in the first paper's table 1, where conv1 is the stem: stage 2 to stage 5.
"""

from dataclasses import dataclass

import keras
from keras import layers

from course_lib.zoo.layers import batch_norm, classifier_head, conv


@dataclass(frozen=True)
class ResNetConfig:
    """What tells one ResNet from another."""

    depths: tuple[int, ...]  # blocks in each stage
    widths: tuple[int, ...]  # channels of each stage's 3x3 convolutions
    block: str = "bottleneck"  # or "basic"
    size: int = 224  # side of the input, pixels
    classes: int = 1000
    stem_width: int = 64
    stem: str = "imagenet"  # 7x7 stride 2 and max pooling; or "small": one 3x3 stride 2
    residual: bool = True  # False gives the paper's plain network, to compare with
    preactivation: bool = False  # True gives the second version
    use_bias: bool = True  # keras.applications keeps biases before batch norm, although they do nothing
    bn_epsilon: float = 1.001e-5
    bn_momentum: float = 0.99


_WIDTHS = (64, 128, 256, 512)
CONFIGS = {
    "resnet50": ResNetConfig((3, 4, 6, 3), _WIDTHS),
    "resnet101": ResNetConfig((3, 4, 23, 3), _WIDTHS),
    "resnet152": ResNetConfig((3, 8, 36, 3), _WIDTHS),
    "resnet50v2": ResNetConfig((3, 4, 6, 3), _WIDTHS, preactivation=True),
    "resnet101v2": ResNetConfig((3, 4, 23, 3), _WIDTHS, preactivation=True),
    "resnet152v2": ResNetConfig((3, 8, 36, 3), _WIDTHS, preactivation=True),
    "resnet_nano": ResNetConfig(
        (2, 2, 2), (16, 32, 64), "basic", size=32, classes=20, stem_width=16, stem="small",
        use_bias=False, bn_epsilon=1e-3, bn_momentum=0.9,
    ),
    "resnet_nano_fashion": ResNetConfig(
        (2, 2, 2), (24, 40, 72), "basic", size=32, classes=10, stem_width=24, stem="small",
        use_bias=False, bn_epsilon=1e-3, bn_momentum=0.9,
    ),
}  # fmt: skip


def build(config: ResNetConfig) -> keras.Model:
    """Build a ResNet with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model from (batch, size, size, 3) float32 to (batch, classes) logits. Layer "pool" holds the features.

    Source: arXiv 1512.03385, table 1 and figure 5; the second version: arXiv 1603.05027, figure 1b.
    """
    inputs = layers.Input((config.size, config.size, 3), name="image")
    return keras.Model(inputs, classifier_head(trunk(inputs, config), config.classes), name="resnet")


def trunk(x, config: ResNetConfig):
    """Add all stages of a ResNet to a picture, (batch, size, size, 3); return the last maps, before they are pooled."""
    x = _stem(x, config)
    for stage, (depth, width) in enumerate(zip(config.depths, config.widths, strict=True), start=2):
        for index in range(depth):
            name = f"stage{stage}_block{index + 1}"
            if config.preactivation:
                # The published weights halve the picture at the end of a stage, the last one left out.
                stride = 2 if index == depth - 1 and stage <= len(config.depths) else 1
                x = _preactivated_block(x, width, stride, config, name)
            else:
                stride = 2 if index == 0 and stage > 2 else 1
                x = _block(x, width, stride, index == 0, config, name)
    if config.preactivation:
        x = _bn_relu(x, config, "top", "")  # the last sum is not normalised yet
    return x


def _stem(x, config):
    kernel = 7 if config.stem == "imagenet" else 3
    if config.preactivation:  # the first block normalises
        x = conv(x, config.stem_width, kernel, 2, padding="symmetric", use_bias=config.use_bias,
                 name="stem_conv")  # fmt: skip
    else:
        x = _conv_bn(x, config.stem_width, kernel, 2, config, "stem", "")
        x = layers.ReLU(name="stem_relu")(x)
    if config.stem == "imagenet":
        x = layers.ZeroPadding2D(1, name="stem_pool_pad")(x)
        x = layers.MaxPooling2D(3, strides=2, name="stem_pool")(x)
    return x


def _block(x, width, stride, first, config, name):
    """One residual block: out = relu(shortcut(x) + residual(x))."""
    residual = _bottleneck if config.block == "bottleneck" else _basic
    out_width = width * 4 if config.block == "bottleneck" else width
    shortcut = x
    # Where the shape changes, a 1x1 convolution brings the shortcut to the new shape (option B of the paper).
    if first and (stride != 1 or x.shape[-1] != out_width) and config.residual:
        shortcut = _conv_bn(x, out_width, 1, stride, config, name, "_shortcut")
    x = residual(x, width, stride, config, name)
    if config.residual:
        x = layers.Add(name=f"{name}_add")([shortcut, x])
    return layers.ReLU(name=f"{name}_out")(x)


def _bottleneck(x, width, stride, config, name):
    # As in the paper's first version, the stride sits on the first 1x1 convolution.
    x = _conv_bn(x, width, 1, stride, config, name, "1")
    x = layers.ReLU(name=f"{name}_relu1")(x)
    x = _conv_bn(x, width, 3, 1, config, name, "2")
    x = layers.ReLU(name=f"{name}_relu2")(x)
    return _conv_bn(x, 4 * width, 1, 1, config, name, "3")


def _basic(x, width, stride, config, name):
    x = _conv_bn(x, width, 3, stride, config, name, "1")
    x = layers.ReLU(name=f"{name}_relu1")(x)
    return _conv_bn(x, width, 3, 1, config, name, "2")


def _conv_bn(x, filters, kernel, stride, config, name, part):
    """Convolution and batch norm; `part` is "1", "2", "3" or "_shortcut"."""
    prefix, number = (f"{name}{part}", "") if part.startswith("_") else (name, part)
    x = conv(x, filters, kernel, stride, padding="symmetric", use_bias=config.use_bias,
             name=f"{prefix}_conv{number}")  # fmt: skip
    return batch_norm(x, config.bn_epsilon, f"{prefix}_bn{number}", config.bn_momentum)


def _preactivated_block(x, width, stride, config, name):
    """One block of the second version: out = shortcut(x) + residual(relu(bn(x))), and no ReLU behind the sum."""
    kernels = (1, 3, 1) if config.block == "bottleneck" else (3, 3)
    out_width = width * 4 if config.block == "bottleneck" else width
    shortcut, x = x, _bn_relu(x, config, name, "_preact")
    if shortcut.shape[-1] != out_width:
        shortcut = conv(x, out_width, 1, stride, use_bias=config.use_bias, name=f"{name}_shortcut_conv")
    elif stride != 1:
        shortcut = layers.MaxPooling2D(1, strides=stride, name=f"{name}_shortcut_pool")(shortcut)
    last = len(kernels)
    for number, kernel in enumerate(kernels, start=1):
        # A bias makes sense in the last one alone: the batch norm behind the others takes it away again.
        x = conv(x, out_width if number == last else width, kernel, stride if number == last - 1 else 1,
                 padding="symmetric", use_bias=config.use_bias and number == last, name=f"{name}_conv{number}")  # fmt: skip
        if number < last:
            x = _bn_relu(x, config, name, str(number))
    return layers.Add(name=f"{name}_out")([shortcut, x]) if config.residual else x


def _bn_relu(x, config, name, part):
    """Batch norm and ReLU, in front of a convolution; `part` is "", "1", "2" or "_preact"."""
    prefix, number = (f"{name}{part}", "") if part.startswith("_") else (name, part)
    x = batch_norm(x, config.bn_epsilon, f"{prefix}_bn{number}", config.bn_momentum)
    return layers.ReLU(name=f"{prefix}_relu{number}")(x)
