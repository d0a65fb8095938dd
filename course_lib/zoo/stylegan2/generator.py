"""The generator: from random numbers to a style, and from the style, layer by layer, to a picture."""

import keras
from keras import layers, ops

from course_lib.zoo.stylegan2.config import StyleGan2Config
from course_lib.zoo.stylegan2.layers import (
    TINY,
    Bias,
    Constant,
    EqualisedDense,
    ModulatedConv2D,
    Noise,
)
from course_lib.zoo.stylegan2.resampling import upsample


def build(config: StyleGan2Config) -> keras.Model:
    """Build a StyleGAN2 generator with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model of {"latent": (batch, latent), "label": (batch,) int32} to pictures (batch, size, size, channels), about
        -1 to 1; without classes there is no "label". Its parts are the models "mapping", which gives w, and "synthesis",
        which takes a style for each of its layers, (batch, styles, style).

    Source: arXiv 1912.04958, section 2 and table 1 (configuration F).
    """
    inputs = {"latent": layers.Input((config.latent,), name="latent")}
    if config.classes:
        inputs["label"] = layers.Input((), dtype="int32", name="label")
    w = Centre(config.centres, name="centre")(mapping(config)(inputs))
    styles = layers.RepeatVector(config.styles, name="styles")(w)
    return keras.Model(inputs, synthesis(config)(styles), name="stylegan2")


def mapping(
    config: StyleGan2Config, latent: int | None = None, width: int | None = None, name: str = "mapping"
):
    """Build a mapping network: dense layers from the latent, and the class, to w.

    Args:
        config: the generator's.
        latent: how many random numbers; None for the config's, 0 for none: then w depends on the class alone.
        width: of w; None for the config's.
        name: of the model, and the beginning of its layers' names.

    Returns:
        A model of the inputs of `build` to w, (batch, width).
    """
    latent = config.latent if latent is None else latent
    width = width or config.style
    inputs, parts = {}, []
    if latent:
        inputs["latent"] = layers.Input((latent,), name="latent")
        parts.append(normalised(inputs["latent"]))
    if config.classes:
        inputs["label"] = layers.Input((), dtype="int32", name="label")
        told = ops.one_hot(inputs["label"], config.classes)
        parts.append(normalised(EqualisedDense(width, name=f"{name}_embed")(told)))
    x = ops.concatenate(parts, axis=-1) if len(parts) > 1 else parts[0]
    for number in range(1, config.mapping + 1):
        x = EqualisedDense(width, rate=config.slow, leaky=True, name=f"{name}_dense{number}")(x)
    return keras.Model(inputs, x, name=name)


def normalised(x):
    """Scale each row to a mean square of 1."""
    return x * ops.rsqrt(ops.mean(ops.square(x), axis=-1, keepdims=True) + TINY)


def synthesis(config: StyleGan2Config) -> keras.Model:
    """Build the part that draws: a constant, then at each size two styled convolutions; small pictures are added up.

    Args:
        config: the generator's.

    Returns:
        A model of styles, (batch, styles, style), to pictures, (batch, size, size, channels).

    Source: arXiv 1912.04958, figures 2d and 7.
    """
    styles = layers.Input((config.styles, config.style), name="styles")
    x = Constant(4, config.width(4), name="b4_start")(styles)
    picture = None
    for level, side in enumerate(config.sides):
        at = 2 * level  # the layer that makes a picture shares its style with the first of the next size
        if side > 4:
            x = _styled(x, styles[:, at - 1], config, side, "conv0", up=2)
        x = _styled(x, styles[:, at], config, side, "conv1")
        drawn = _picture(x, styles[:, at + 1], config, side)
        picture = drawn if picture is None else upsample(picture) + drawn
    return keras.Model(styles, picture, name="synthesis")


def _styled(x, w, config, side, name, up=1):
    """Convolve, scaled by the style; then noise, bias, leaky ReLU."""
    name = f"b{side}_{name}"
    style = EqualisedDense(x.shape[-1], start=1.0, name=f"{name}_style")(w)
    x = ModulatedConv2D(config.width(side), 3, up=up, name=name)(x, style)
    return Noise(config.clamp, name=f"{name}_noise")(x)


def _picture(x, w, config, side):
    """Make a picture of maps by a convolution of one pixel (toRGB); nothing is demodulated."""
    name, width = f"b{side}_rgb", x.shape[-1]
    style = EqualisedDense(width, start=1.0, name=f"{name}_style")(w) / width**0.5
    x = ModulatedConv2D(config.channels, 1, demodulate=False, name=name)(x, style)
    return Bias(config.clamp, name=f"{name}_bias")(x)


@keras.saving.register_keras_serializable("course_lib")
class Centre(layers.Layer):
    """Keeps the mean of w, or its mean for each class, for truncation; w itself passes as it is."""

    def __init__(self, rows=1, **options):
        super().__init__(**options)
        self.rows = rows

    def build(self, shape):
        shape = (self.rows, shape[-1])
        self.mean = self.add_weight(shape=shape, initializer="zeros", trainable=False, name="mean")

    def call(self, w):
        return w

    def get_config(self):
        return super().get_config() | {"rows": self.rows}
