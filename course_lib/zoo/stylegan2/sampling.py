"""Drawing: random numbers for a picture, truncation towards the mean style, a style for each layer, and noise drawn anew."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from course_lib.zoo.stylegan2.config import StyleGan2Config
from course_lib.zoo.stylegan2.layers import Noise

TRUNCATION = (0.0, 1.0)  # what psi may be; 0 draws the mean style alone


def latent(config: StyleGan2Config, rng: np.random.Generator, truncation: float = 1.0) -> np.ndarray:
    """Draw one picture's random numbers, (latent,) float32; truncation acts on styles, so it changes nothing here."""
    return rng.standard_normal(config.latent, np.float32)


def painter(model: keras.Model, config: StyleGan2Config):
    """Return the function that draws pictures.

    Args:
        model: as `build` gives it.
        config: its config.

    Returns:
        `paint(latents (n, latent), labels (n,) or None, truncation)` -> pictures (n, size, size, channels) float32, about -1 to
        1. The noise is the model's constant one: a latent always gives the same picture.
    """
    shapes = [tf.TensorSpec((None, config.latent)), tf.TensorSpec((None,), tf.int32), tf.TensorSpec(())]

    @tf.function(input_signature=shapes)
    def draw(latents, labels, truncation):
        w = truncated(model, _mapped(model, latents, labels), truncation, labels)
        return model.get_layer("synthesis")(model.get_layer("styles")(w), training=False)

    def paint(latents, labels=None, truncation=1.0):
        labels = np.zeros(len(latents), np.int32) if labels is None else np.asarray(labels, np.int32)
        return draw(np.asarray(latents, np.float32), labels, np.float32(truncation)).numpy()

    return paint


def styles(model: keras.Model, latents, labels=None):
    """Map latents, (n, latent), and their classes, (n,), to w, (n, style)."""
    labels = np.zeros(len(latents), np.int32) if labels is None else labels
    return _mapped(model, ops.convert_to_tensor(latents, "float32"), ops.convert_to_tensor(labels, "int32"))


def _mapped(model, latents, labels):
    inner = model.get_layer("mapping")
    return inner({"latent": latents, "label": labels} if len(inner.inputs) > 1 else {"latent": latents})


def truncated(model: keras.Model, w, truncation, labels=None):
    """Move styles towards their mean.

    Args:
        model: as `build` gives it.
        w: (n, style).
        truncation: psi; 1 leaves the styles as they are, 0 makes all the mean.
        labels: (n,), the classes, where the model has a mean for each; without, it is the mean of these.

    Returns:
        (n, style).

    Source: arXiv 1812.04948, appendix B.
    """
    means = ops.convert_to_tensor(model.get_layer("centre").mean)  # (1 or classes, style)
    alone = labels is None or means.shape[0] == 1
    mean = ops.mean(means, axis=0, keepdims=True) if alone else ops.take(means, labels, axis=0)
    return mean + truncation * (w - mean)


def draw(model: keras.Model, w):
    """Draw pictures from w: (n, style), or (n, styles, style) with a style for each layer."""
    w = ops.convert_to_tensor(w, "float32")
    w = model.get_layer("styles")(w) if len(w.shape) == 2 else w
    return np.asarray(model.get_layer("synthesis")(w, training=False))


def mixed(coarse, fine, start: int, count: int) -> np.ndarray:
    """Mix two styles: layers before `start` take the one, the others the other.

    Args:
        coarse, fine: (n, style).
        start: the first layer of the fine style; 0 to `count`.
        count: of layers, the config's `styles`.

    Returns:
        (n, count, style).

    Source: arXiv 1812.04948, section 3.1.
    """
    both = np.stack([np.asarray(coarse), np.asarray(fine)])
    return np.stack([both[int(layer >= start)] for layer in range(count)], axis=1)


def find_centre(model: keras.Model, config: StyleGan2Config, count: int = 10_000, seed: int = 0) -> None:
    """Set the mean style, or that of each class, from so many latents, the classes by turns; in place."""
    rng = np.random.default_rng(seed)
    latents = rng.standard_normal((count, config.latent), np.float32)
    w = np.asarray(styles(model, latents, np.arange(count) % max(1, config.classes)))
    means = [w[row :: config.centres].mean(axis=0) for row in range(config.centres)]
    model.get_layer("centre").mean.assign(means)


def redraw_noise(model: keras.Model, seed: int) -> None:
    """Draw the constant noise anew, in place: the same styles, other freckles."""
    rng = np.random.default_rng(seed)
    for layer in model.get_layer("synthesis").layers:
        if isinstance(layer, Noise):
            layer.constant.assign(rng.standard_normal(layer.constant.shape, np.float32))
