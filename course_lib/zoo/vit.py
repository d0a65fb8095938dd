"""ViT (Dosovitskiy et al. 2020, arXiv 2010.11929): a picture is a row of patches, and every patch looks at every other.

Nothing but the cutting into patches knows that the input is a picture; where each patch was, the network learns.
"""

from dataclasses import dataclass

import keras
from keras import layers

from course_lib.zoo.layers import batch_norm, conv
from course_lib.zoo.transformer import ClassToken, Positions, block


@dataclass(frozen=True)
class ViTConfig:
    """What tells one ViT from another."""

    patch: int  # side of a patch, pixels
    width: int  # numbers in a token
    depth: int  # blocks
    heads: int
    mlp: int  # units in the hidden layer of each block
    size: int = 224  # side of the input, pixels; a multiple of `patch`
    classes: int = 1000  # 0: no head, the model puts out its features
    dropout: float = 0.0  # behind each dense layer of the blocks, and behind the embedding
    epsilon: float = 1e-6  # of the layer normalisations
    stem: tuple[int, ...] = ()  # widths of 3x3 convolutions of stride 2 before the cut; plain ViTs have none

    @property
    def tokens(self) -> int:
        """Patches of a picture, and the class token."""
        return (self.size // self.patch) ** 2 + 1


CONFIGS = {
    "vit_b16": ViTConfig(16, 768, 12, 12, 3072),
    "vit_b32": ViTConfig(32, 768, 12, 12, 3072),
    "vit_l16": ViTConfig(16, 1024, 24, 16, 4096),
    "vit_l32": ViTConfig(32, 1024, 24, 16, 4096),
    "vit_h14": ViTConfig(14, 1280, 32, 16, 5120),
    # Cut straight from the pixels, its patches learn far more slowly.
    "vit_nano": ViTConfig(4, 64, 4, 4, 128, size=32, classes=20, stem=(32, 64)),
}


def build(config: ViTConfig) -> keras.Model:
    """Build a ViT with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model from (batch, size, size, 3) float32 to (batch, classes) logits. Layer "pool" holds the features: the
        class token behind the last block.

    Source: arXiv 2010.11929, figure 1 and equations 1 to 4; table 1 has the sizes.
    """
    inputs = layers.Input((config.size, config.size, 3), name="image")
    x = _patches(inputs, config)
    x = layers.Reshape((config.tokens - 1, config.width), name="patches")(x)
    x = Positions(name="positions")(ClassToken(name="tokens")(x))
    x = layers.Dropout(config.dropout, name="embedded")(x)
    for number in range(1, config.depth + 1):
        options = {"epsilon": config.epsilon, "dropout": config.dropout, "name": f"block{number}"}
        x = block(x, config.heads, config.mlp, **options)
    x = layers.LayerNormalization(epsilon=config.epsilon, name="norm")(x)
    x = layers.Cropping1D((0, config.tokens - 1), name="class_token")(x)
    x = layers.Flatten(name="pool")(x)
    head = layers.Dense(config.classes, name="head") if config.classes else layers.Identity(name="head")
    return keras.Model(inputs, head(x), name="vit")


def _patches(x, config):
    """Cut the picture into patches and embed each: a convolution whose stride is its size. Equation 1."""
    for number, width in enumerate(config.stem, start=1):
        x = conv(x, width, 3, 2, name=f"stem_conv{number}")
        x = batch_norm(x, 1e-3, f"stem_bn{number}", momentum=0.9)
        x = layers.ReLU(name=f"stem_relu{number}")(x)
    side = config.patch // 2 ** len(config.stem)  # the stem has halved the sides already
    return layers.Conv2D(config.width, side, strides=side, name="patch_conv")(x)
