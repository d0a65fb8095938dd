"""BigGAN-deep (Brock, Donahue, Simonyan 2018, arXiv 1809.11096): random numbers and a class become a picture.

The class is a row of a table, shared by the whole generator. It stands behind the random numbers, and every batch norm
of every block makes its scales and offsets of the two: so each layer is told again what is to be drawn. A block widens
nothing on its way around: where there are fewer channels behind it, the rest is dropped.
"""

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from course_lib.zoo.biggan.discriminator import discriminator  # noqa: F401  the other player, for those who train
from course_lib.zoo.biggan.parts import Affine, Attend, Gain, Pixels, StandingNorm

START = 4  # pixels: the side of the first map
WIDEST = 2.0  # deviations: the random numbers of a truncation of 1 lie within


@dataclass(frozen=True)
class BigGANConfig:
    """What tells one BigGAN-deep from another."""

    size: int  # pixels
    blocks: tuple[
        tuple[bool, int, int], ...
    ]  # doubles the side; channels before and behind, in units of `width`
    attention: int | None  # before which block
    width: int = 128
    channels: int = 3  # of the picture
    classes: int = 1000
    latent: int = 128  # random numbers
    embedding: int = 128  # numbers of a class
    reduction: int = 4  # how much narrower a block is inside
    patch: int = 1  # side of the squares of pixels that are made, or seen, as one place of a map
    statistics: int = 51  # sets of means and variances, for truncations from 0 to 1; 1: one set for all
    epsilon: float = 1e-4


_TO_64 = ((False, 16, 16), (True, 16, 16), (False, 16, 16), (True, 16, 8), (False, 8, 8))
_DEEP = (
    *_TO_64,
    (True, 8, 8),
    (False, 8, 8),
    (True, 8, 4),
    (False, 4, 4),
    (True, 4, 2),
    (False, 2, 2),
    (True, 2, 1),
)
CONFIGS = {
    "biggan_deep_128": BigGANConfig(
        128, (*_TO_64, (True, 8, 4), (False, 4, 4), (True, 4, 2), (False, 2, 2), (True, 2, 1)), attention=8
    ),
    "biggan_deep_256": BigGANConfig(256, _DEEP, attention=8),
    "biggan_deep_512": BigGANConfig(512, (*_DEEP, (False, 1, 1), (True, 1, 1)), attention=8),
    "biggan_nano": BigGANConfig(
        32,
        ((True, 8, 4), (True, 4, 2), (False, 2, 2)),
        attention=None,
        width=16,
        channels=1,
        classes=10,
        latent=32,
        embedding=16,
        patch=2,
        statistics=1,
    ),
}


def build(config: BigGANConfig) -> keras.Model:
    """Build a generator with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model of {"latent" (batch, latent), "label" (batch,) int32} to pictures (batch, size, size, channels), -1 to 1.
        Where the config has several sets of statistics there is a third input, "truncation" (batch,), 0 to 1.

    Source: arXiv 1809.11096, appendix B; sizes, epsilons and statistics are those of the published weights.
    """
    inputs = {
        "latent": layers.Input((config.latent,), name="latent"),
        "label": layers.Input((), dtype="int32", name="label"),
    }
    if config.statistics > 1:
        inputs["truncation"] = layers.Input((), name="truncation")
    told = layers.Embedding(config.classes, config.embedding, name="embedding")(inputs["label"])
    told = layers.Concatenate(name="condition")([inputs["latent"], told])
    first = config.blocks[0][1] * config.width
    x = layers.Dense(START * START * first, kernel_initializer="orthogonal", name="first")(told)
    x = layers.Reshape((START, START, first), name="first_map")(x)
    for number, (doubled, _, wide) in enumerate(config.blocks):
        if number == config.attention:
            x = attention(x, "attention")
        x = block(
            x, told, inputs.get("truncation"), wide * config.width, doubled, config, f"block{number + 1}"
        )
    x = _norm(x, inputs.get("truncation"), config, "last_norm", affine=True)
    x = layers.ReLU(name="last_relu")(x)
    x = _conv(config.channels * config.patch**2, 3, "picture")(x)
    if config.patch > 1:
        x = Pixels(config.patch, name="pixels")(x)
    return keras.Model(inputs, layers.Activation("tanh", name="tanh")(x), name="biggan")


def block(x, told, truncation, wide: int, doubled: bool, config: BigGANConfig, name: str):
    """One block: four convolutions, each behind a conditional batch norm, beside a path that changes nothing.

    Args:
        x: (batch, side, side, channels).
        told: random numbers and class, (batch, latent + embedding).
        truncation: (batch,), or None where there is one set of statistics.
        wide: channels behind the block, at most those before it.
        doubled: whether the side doubles.
        config: of the generator.
        name: what the names of its layers begin with.

    Returns:
        (batch, side or 2 * side, the same, wide).

    Source: arXiv 1809.11096, figure 16.
    """
    narrow = x.shape[-1] // config.reduction
    passing = x[..., :wide]
    for number, (channels, kernel) in enumerate(((narrow, 1), (narrow, 3), (narrow, 3), (wide, 1)), 1):
        x = conditional_norm(x, told, truncation, config, f"{name}_norm{number}")
        x = layers.ReLU(name=f"{name}_relu{number}")(x)
        if doubled and number == 2:
            x = layers.UpSampling2D(name=f"{name}_up")(x)
        x = _conv(channels, kernel, f"{name}_conv{number}")(x)
    if doubled:
        passing = layers.UpSampling2D(name=f"{name}_passing_up")(passing)
    return layers.Add(name=f"{name}_out")([x, passing])


def conditional_norm(x, told, truncation, config: BigGANConfig, name: str):
    """Batch norm whose scale and offset are made of random numbers and class; arguments as for `block`."""
    to_channels = {"units": x.shape[-1], "use_bias": False, "kernel_initializer": "orthogonal"}
    scale = layers.Dense(name=f"{name}_scale", **to_channels)(told)
    offset = layers.Dense(name=f"{name}_offset", **to_channels)(told)
    return Affine(name=f"{name}_affine")(_norm(x, truncation, config, name), scale, offset)


def attention(x, name: str):
    """Self-attention: every place also gets what others have, as much as the gain lets through; 0 at the start.

    Source: arXiv 1805.08318, section 3; keys and values are pooled to a quarter of the places.
    """
    channels = x.shape[-1]
    query = _conv(channels // 8, 1, f"{name}_query", bias=False)(x)
    key = layers.MaxPooling2D(name=f"{name}_key_pool")(_conv(channels // 8, 1, f"{name}_key", bias=False)(x))
    value = layers.MaxPooling2D(name=f"{name}_value_pool")(
        _conv(channels // 2, 1, f"{name}_value", bias=False)(x)
    )
    found = Attend(name=f"{name}_attend")(query, key, value)
    found = Gain(name=f"{name}_gain")(_conv(channels, 1, f"{name}_out", bias=False)(found))
    return layers.Add(name=f"{name}_add")([x, found])


def latent(config: BigGANConfig, rng: np.random.Generator, truncation: float = 1.0) -> np.ndarray:
    """Draw one picture's random numbers: normal ones within two deviations, times the truncation.

    Args:
        config: of the generator.
        rng: where chance comes from.
        truncation: more than 0, at most 1: the smaller, the more the pictures of a class are alike.

    Returns:
        (latent,) float32.

    Source: arXiv 1809.11096, section 3.1, in the way of the published modules, which scale what they cut at 2.
    """
    drawn = rng.standard_normal(config.latent)
    while (outside := np.abs(drawn) > WIDEST).any():
        drawn[outside] = rng.standard_normal(outside.sum())
    return (truncation * drawn).astype(np.float32)


def painter(model: keras.Model, config: BigGANConfig) -> Callable[..., np.ndarray]:
    """Return `paint(latents (n, latent), labels (n,), truncation=1.0) -> (n, size, size, channels)` float32, -1 to 1."""

    @tf.function(reduce_retracing=True)
    def run(inputs):
        return model(inputs, training=False)

    def paint(latents, labels, truncation: float = 1.0) -> np.ndarray:
        inputs = {"latent": np.asarray(latents, np.float32), "label": np.asarray(labels, np.int32)}
        if config.statistics > 1:
            inputs["truncation"] = np.full(len(inputs["label"]), truncation, np.float32)
        return run({name: tf.constant(array) for name, array in inputs.items()}).numpy()

    return paint


def orthogonal_penalty(model: keras.Model, strength: float = 1e-4):
    """Return the orthogonal regularisation of a generator: how much its filters point in the same directions.

    Args:
        model: as `build` gives it.
        strength: beta of the paper.

    Returns:
        A scalar: strength times the sum of all squared products of two different filters of a layer, each way around.

    Source: arXiv 1809.11096, equation 3: the diagonal is left alone, and so are the shared embeddings.
    """
    total = 0.0
    for layer in model.layers:
        if isinstance(layer, layers.Conv2D | layers.Dense):
            filters = ops.reshape(layer.kernel, (-1, layer.kernel.shape[-1]))
            products = ops.matmul(ops.transpose(filters), filters)
            total += ops.sum(ops.square(products * (1 - ops.eye(products.shape[0]))))
    return strength * total


def _norm(x, truncation, config: BigGANConfig, name: str, affine: bool = False):
    if config.statistics > 1:
        return StandingNorm(config.statistics, config.epsilon, affine, name=name)(x, truncation)
    return layers.BatchNormalization(epsilon=config.epsilon, center=affine, scale=affine, name=name)(x)


def _conv(channels: int, kernel: int, name: str, bias: bool = True) -> layers.Conv2D:
    return layers.Conv2D(
        channels, kernel, padding="same", use_bias=bias, kernel_initializer="orthogonal", name=name
    )
