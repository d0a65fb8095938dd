"""The variational autoencoder (Kingma, Welling 2013, arXiv 1312.6114): it rebuilds pictures from a few random numbers.

An encoder says of each picture which codes could have made it: a mean, and how uncertain that is. A decoder paints a picture
from a code. Both learn together to make the pictures likely, while the codes stay near what a normal distribution draws. So
whoever draws normal numbers and hands them to the decoder gets pictures that nobody has drawn before. What is learned by is in
`bound`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
from keras import layers, ops

from course_lib.zoo.vae.bound import divergence, elbo, log_likelihood, log_weights, tightened

__all__ = ["CONFIGS", "VAEConfig", "build", "divergence", "elbo", "latent", "log_likelihood", "log_weights", "painter",
           "tightened"]  # fmt: skip


@dataclass(frozen=True)
class VAEConfig:
    """What tells one variational autoencoder from another."""

    latent: int  # numbers in a code
    widths: tuple[int, ...]  # of the encoder's layers; the decoder's are the same backwards
    dense: bool = False  # layers that see all pixels at once, in the place of convolutions
    sigma: float = (
        0.1  # of the normal noise that the pixels are told with; 0 for yes-or-no pixels (Bernoulli)
    )
    size: int = 32
    channels: int = 1
    classes: int = 0  # it knows of none


CONFIGS = {
    "vae_dense_nano": VAEConfig(latent=2, widths=(192, 96), dense=True, sigma=0.5),
    "vae_nano": VAEConfig(latent=16, widths=(16, 32, 128), sigma=0.4),
}


def build(config: VAEConfig) -> keras.Model:
    """Build a variational autoencoder with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model from ["image" (batch, size, size, channels), 0 to 1, and "noise" (batch, latent), normal] to {"mean",
        "log_variance", "latent"}, each (batch, latent), and "rebuilt", like the image. Without noise, all zeros, a picture is
        rebuilt from the mean of its codes. Its halves are the models "encoder" (the mean comes first) and "decoder".

    Source: arXiv 1312.6114, section 2 and appendix C.
    """
    image = layers.Input((config.size, config.size, config.channels), name="image")
    noise = layers.Input((config.latent,), name="noise")
    mean, log_variance = _encoder(config)(image)
    code = Sampling(name="latent")(mean, log_variance, noise)
    found = {"mean": mean, "log_variance": log_variance, "latent": code, "rebuilt": _decoder(config)(code)}
    return keras.Model([image, noise], found, name="vae")


def latent(config: VAEConfig, rng: np.random.Generator, truncation: float = 1.0) -> np.ndarray:
    """Draw the code of one picture: normal numbers, times `truncation`; (latent,) float32."""
    return np.float32(truncation) * rng.standard_normal(config.latent, np.float32)


def painter(model: keras.Model, config: VAEConfig) -> Callable:
    """Compile the decoder.

    Args:
        model: as `build` gives it.
        config: the model's.

    Returns:
        A function from (latents (n, latent) float32, labels, truncation) to pictures (n, size, size, channels) float32, -1 to
        1. Labels and truncation are there for generators that know them; a code has been truncated when it was drawn.
    """
    import tensorflow as tf

    decoder = model.get_layer("decoder")
    signature = [tf.TensorSpec((None, config.latent), tf.float32)]
    paint = tf.function(lambda codes: 2 * decoder(codes) - 1, input_signature=signature, autograph=False)
    return lambda latents, labels=None, truncation=1.0: paint(tf.constant(latents, tf.float32)).numpy()


@keras.saving.register_keras_serializable("course_lib")
class Sampling(layers.Layer):
    """The reparameterisation trick: code = mean + deviation * noise, so that gradients reach mean and deviation.

    Source: arXiv 1312.6114, section 2.4.
    """

    def call(self, mean, log_variance, noise):
        return mean + ops.exp(0.5 * log_variance) * noise


def _encoder(config: VAEConfig) -> keras.Model:
    x = image = layers.Input((config.size, config.size, config.channels), name="encoder_image")
    if config.dense:
        x = layers.Flatten(name="encoder_flat")(x)
        for number, width in enumerate(config.widths, 1):
            x = layers.Dense(width, activation="silu", name=f"encoder_dense{number}")(x)
    else:
        for number, width in enumerate(config.widths, 1):
            kind = {"strides": 2, "padding": "same", "activation": "silu"}
            x = layers.Conv2D(width, 4, **kind, name=f"encoder_conv{number}")(x)
        x = layers.Flatten(name="encoder_flat")(x)
    mean = layers.Dense(config.latent, name="mean")(x)
    # Small at first: the encoder begins by asking for codes of deviation 1.
    small = keras.initializers.RandomNormal(stddev=1e-3)
    log_variance = layers.Dense(config.latent, kernel_initializer=small, name="log_variance")(x)
    return keras.Model(image, [mean, log_variance], name="encoder")


def _decoder(config: VAEConfig) -> keras.Model:
    x = code = layers.Input((config.latent,), name="code")
    shape = (config.size, config.size, config.channels)
    widths = config.widths[::-1]
    if config.dense:
        for number, width in enumerate(widths, 1):
            x = layers.Dense(width, activation="silu", name=f"decoder_dense{number}")(x)
        x = layers.Dense(math.prod(shape), activation="sigmoid", name="decoder_pixels")(x)
        return keras.Model(code, layers.Reshape(shape, name="rebuilt")(x), name="decoder")
    side = config.size // 2 ** len(widths)
    x = layers.Dense(side * side * widths[0], activation="silu", name="decoder_dense")(x)
    x = layers.Reshape((side, side, widths[0]), name="decoder_maps")(x)
    for number in range(1, len(widths) + 1):
        last = number == len(widths)
        kind = {"strides": 2, "padding": "same", "activation": "sigmoid" if last else "silu"}
        name = "rebuilt" if last else f"decoder_conv{number}"
        x = layers.Conv2DTranspose(config.channels if last else widths[number], 4, **kind, name=name)(x)
    return keras.Model(code, x, name="decoder")
