"""TAESD (Ollin Boer Bohan 2023, github.com/madebyollin/taesd): the small autoencoder that stands in for Stable Diffusion's.

Large image generators don't paint pixels. They paint a picture of codes, an eighth as wide and high, and the decoder of a
variational autoencoder makes pixels of it. TAESD learned from that autoencoder to give the mean of its codes at once, and is
so small that one can watch a picture come into being.
"""

from dataclasses import dataclass

import keras
from keras import layers, ops

SHRINK = 8  # pixels of the picture, in each direction, for a place of the code
LIMIT = 3.0  # codes are bent to lie within


@dataclass(frozen=True)
class TAESDConfig:
    """What tells one from another: whose codes it knows."""

    latent: int = 4  # numbers at each place of the code
    pooled: bool = (
        False  # blocks on the smallest scale have a detour with group norm, which sees the whole picture
    )
    width: int = 64  # channels
    channels: int = 3


CONFIGS = {
    "taesd": TAESDConfig(),
    "taesdxl": TAESDConfig(),
    "taesd3": TAESDConfig(latent=16),
    "taef1": TAESDConfig(latent=16),
    "taef2": TAESDConfig(latent=32, pooled=True),
}


def build(config: TAESDConfig, size: int | None = None) -> keras.Model:
    """Build a TAESD with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.
        size: of the pictures; None for any height and width that are multiples of 8.

    Returns:
        A model from "image" (batch, height, width, 3), 0 to 1, to {"latent" (batch, height / 8, width / 8, latent), "rebuilt"
        (batch, height, width, 3), about 0 to 1}. Its halves are the models "encoder" and "decoder".

    Source: madebyollin/taesd, taesd.py.
    """
    image = layers.Input((size, size, config.channels), name="image")
    code = _encoder(config)(image)
    return keras.Model(image, {"latent": code, "rebuilt": _decoder(config)(code)}, name="taesd")


def build_to_count(config: TAESDConfig) -> keras.Model:
    """Build the network for a picture of 256 pixels: that is what its cost is told of."""
    return build(config, 256)


@keras.saving.register_keras_serializable("course_lib")
class Bend(layers.Layer):
    """Bends all numbers smoothly to lie between -3 and 3."""

    def call(self, x):
        return ops.tanh(x / LIMIT) * LIMIT


def _encoder(config: TAESDConfig) -> keras.Model:
    """Three times: half the side, then three blocks."""
    image = layers.Input((None, None, config.channels), name="encoder_image")
    x = _conv(image, config.width, "encoder_stem")
    x = _block(x, "encoder_stage1_block1")
    for stage in (2, 3, 4):
        x = layers.ZeroPadding2D(1, name=f"encoder_stage{stage}_pad")(x)  # PyTorch pads on all sides
        x = layers.Conv2D(config.width, 3, strides=2, use_bias=False, name=f"encoder_stage{stage}_down")(x)
        for number in (1, 2, 3):
            x = _block(x, f"encoder_stage{stage}_block{number}", config.pooled and stage == 4)
    return keras.Model(image, _conv(x, config.latent, "encoder_latent"), name="encoder")


def _decoder(config: TAESDConfig) -> keras.Model:
    """Three times: three blocks, then twice the side."""
    code = layers.Input((None, None, config.latent), name="code")
    x = _conv(Bend(name="decoder_bend")(code), config.width, "decoder_stem")
    x = layers.ReLU(name="decoder_stem_relu")(x)
    for stage in (1, 2, 3):
        for number in (1, 2, 3):
            x = _block(x, f"decoder_stage{stage}_block{number}", config.pooled and stage == 1)
        x = layers.UpSampling2D(name=f"decoder_stage{stage}_twice")(x)
        x = _conv(x, config.width, f"decoder_stage{stage}_up", use_bias=False)
    x = _block(x, "decoder_stage4_block1")
    return keras.Model(code, _conv(x, config.channels, "decoder_pixels"), name="decoder")


def _block(x, name: str, pooled: bool = False):
    """Three convolutions, and around them a way past."""
    if pooled:
        wide = 4 * x.shape[-1]
        y = layers.Conv2D(wide, 1, use_bias=False, name=f"{name}_pool1")(x)
        y = layers.GroupNormalization(4, epsilon=1e-5, name=f"{name}_norm")(y)
        y = layers.ReLU(name=f"{name}_pool_relu")(y)
        y = layers.Conv2D(x.shape[-1], 1, use_bias=False, name=f"{name}_pool2")(y)
        x = layers.Add(name=f"{name}_pooled")([x, y])
    y = x
    for number in (1, 2, 3):
        y = _conv(y, x.shape[-1], f"{name}_conv{number}", activation="relu" if number < 3 else None)
    return layers.ReLU(name=f"{name}_out")(layers.Add(name=f"{name}_sum")([x, y]))


def _conv(x, channels: int, name: str, **options):
    return layers.Conv2D(channels, 3, padding="same", name=name, **options)(x)
