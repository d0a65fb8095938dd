"""How the nano variational autoencoders are trained: by the bound alone, and two ways to keep the codes from going unused."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from course_lib.media.fashion import held_out
from course_lib.training.fit import History, Settings, optimizer_of, updates
from course_lib.training.generative.judge import judge
from course_lib.training.generative.recipe import FashionRecipe
from course_lib.zoo.vae import divergence, elbo, log_likelihood

LEVELS = 256  # of a pixel
ACTIVE = 0.01  # variance of a number's mean over the pictures, from which it tells something (arXiv 1509.00519, appendix C)


@dataclass(frozen=True)
class Balance:
    """How the two terms of the bound are weighed.

    Attributes:
        beta: weight of the divergence.
        anneal: updates over which that weight grows from 0.
        free: nats that each number of the code may tell at no cost, on average over a batch.
    """

    beta: float = 1.0
    anneal: int = 0
    free: float = 0.0


@dataclass(frozen=True)
class VAERecipe(FashionRecipe):
    """Fashion-MNIST's pictures, and nothing else: no kinds, no opponent.

    Attributes:
        batch_size, learning_rate, warmup, weight_decay, clip_norm, jit_compile: see `Settings`.
    """

    measure: ClassVar[str] = "bits a pixel that held-out pictures cost at most"
    bits: int = 8
    images_seen: int = 192_000
    batch_size: int = 64
    learning_rate: float = 2e-3
    warmup: int = 200
    weight_decay: float = 0.0
    clip_norm: float | None = None
    jit_compile: bool = False

    @property
    def sigma(self) -> float:
        """Of the noise on each pixel."""
        return self.family.CONFIGS[self.model_id].sigma

    def learn(self, model: keras.Model, data: tuple[np.ndarray, np.ndarray], seed: int) -> None:
        """Train the fresh model, in place."""
        settings = Settings.of(self, steps=max(1, self.images_seen // self.batch_size), seed=seed)
        learn(model, data[0], settings, self.sigma)

    def heldout_scores(self, model: keras.Model) -> tuple[float, ...]:
        """Return the bits a pixel of as many parts of the held-out pictures as there are test seeds."""
        pairs = zip(self.test_seeds, self._parts(), strict=True)
        return tuple(round(bits_a_pixel(model, images, self.sigma, seed), 4) for seed, images in pairs)

    def further_scores(self, model: keras.Model) -> dict[str, tuple[float, ...]]:
        """Say how much of the pictures comes back, how much of the code is in use, and the figures of made pictures."""
        codes = [model(given(model, images))["mean"] for images in self._parts()]
        shares = {
            "variance of the pixels that rebuilding keeps": [kept(model, images) for images in self._parts()],
            "numbers of the code in use": [np.mean(np.var(code, axis=0) > ACTIVE) for code in codes],
            "made pictures of whose kind the judge is sure": [
                judge().sure(self.samples_of(model, seed)[0]) for seed in self.test_seeds
            ],
            "real test pictures of whose kind it is sure": [judge().sure(images) for images in self._parts()],
        }
        shares = {name: tuple(round(float(share), 4) for share in part) for name, part in shares.items()}
        return shares | super().further_scores(model)

    def beside(self, model: keras.Model) -> dict[str, tuple[float, ...]]:
        """Return the distance of made pictures from real ones, and what it is to be held against."""
        return {FashionRecipe.measure: super().heldout_scores(model)} | super().beside(model)

    def _parts(self) -> list[np.ndarray]:
        sets = len(self.test_seeds)
        return [held_out()[0][number::sets] for number in range(sets)]


def learn(
    model: keras.Model,
    images: np.ndarray,
    settings: Settings,
    sigma: float,
    balance: Balance = Balance(),
    watch: Callable[[int, float], None] = lambda step, loss: None,
) -> History:
    """Train a variational autoencoder, in place.

    Args:
        model: from ["image", "noise"] to what the zoo's vae gives.
        images: (n, height, width, channels) uint8.
        settings: how to train.
        sigma: of the noise on each pixel; see `log_likelihood`.
        balance: of the two terms.
        watch: is told of each update: its number, and the loss.

    Returns:
        The history; the loss is in nats a pixel.
    """
    rng, started, losses = np.random.default_rng(settings.seed), time.perf_counter(), []
    optimizer = optimizer_of(settings)
    optimizer.build(model.trainable_variables)
    step = _compiled_step(model, optimizer, settings, sigma, balance.free)
    latent = model.inputs[1].shape[-1]
    for number, chosen in enumerate(updates(len(images), settings, rng), 1):
        noise = rng.standard_normal((len(chosen), latent), np.float32)
        beta = balance.beta * min(1.0, number / balance.anneal if balance.anneal else 1.0)
        losses.append(step(tf.constant(images[chosen]), tf.constant(noise), tf.constant(beta, tf.float32)))
        watch(number, losses[-1])
    return History([float(loss) for loss in losses], time.perf_counter() - started)


def bits_a_pixel(model: keras.Model, images: np.ndarray, sigma: float, seed: int = 0) -> float:
    """Return the bits a pixel that pictures cost at most, by the ELBO.

    A density says nothing of whole numbers, so each pixel gets noise of one level's width, as is the custom; with it the
    bound holds for the pixels as they are (arXiv 1511.01844, section 3.1).

    Args:
        model: a variational autoencoder.
        images: (n, height, width, channels) uint8.
        sigma: as it was trained.
        seed: of that noise, and of the codes.
    """
    rng = np.random.default_rng(seed)
    levels = (images + rng.random(images.shape, np.float32)) / np.float32(LEVELS)
    noise = rng.standard_normal((len(images), model.inputs[1].shape[-1]), np.float32)
    nats = [
        elbo(levels[at : at + 250], model([levels[at : at + 250], noise[at : at + 250]]), sigma)
        for at in range(0, len(images), 250)
    ]
    pixels = np.prod(images.shape[1:])
    return float(-np.mean(np.concatenate(nats)) / pixels / np.log(2) + np.log2(LEVELS))


def kept(model: keras.Model, images: np.ndarray) -> float:
    """Return which share of the pixels' variance comes back when pictures are rebuilt without noise."""
    inputs = given(model, images)
    left = np.asarray(model(inputs)["rebuilt"]) - inputs[0]
    return float(1 - np.mean(left**2) / np.mean((inputs[0] - inputs[0].mean(axis=0)) ** 2))


def given(model: keras.Model, images: np.ndarray) -> list[np.ndarray]:
    """Return what the model wants for pictures (n, height, width, channels) uint8, with no noise on their codes."""
    levels = images.astype(np.float32) / (LEVELS - 1)
    return [levels, np.zeros((len(images), model.inputs[1].shape[-1]), np.float32)]


def _compiled_step(model, optimizer, settings: Settings, sigma: float, free: float) -> Callable:
    """Return one update as a compiled function of (images, noise, beta) that gives the loss."""
    shape, latent = model.inputs[0].shape[1:], model.inputs[1].shape[-1]
    signature = [
        tf.TensorSpec((settings.batch_size, *shape), tf.uint8),
        tf.TensorSpec((settings.batch_size, latent)),
        tf.TensorSpec(()),
    ]

    @tf.function(input_signature=signature, autograph=False, jit_compile=settings.jit_compile)
    def step(images, noise, beta):
        levels = tf.cast(images, tf.float32) / (LEVELS - 1)
        with tf.GradientTape() as tape:
            found = model([levels, noise], training=True)
            told = ops.mean(divergence(found["mean"], found["log_variance"], each=True), axis=0)
            far = ops.sum(ops.maximum(told, free))
            likely = ops.mean(log_likelihood(levels, found["rebuilt"], sigma))
            loss = (beta * far - likely) / np.prod(shape)
        optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
        return loss

    return step
