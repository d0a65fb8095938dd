"""The discriminator: residual blocks, a look at several pictures at once, and a number; high for real pictures."""

import keras
from keras import layers, ops

from course_lib.zoo.stylegan2.config import StyleGan2Config
from course_lib.zoo.stylegan2.generator import mapping
from course_lib.zoo.stylegan2.layers import TINY, EqualisedConv2D, EqualisedDense


def discriminator(config: StyleGan2Config) -> keras.Model:
    """Build a StyleGAN2 discriminator with random weights.

    Args:
        config: the generator's.

    Returns:
        A model of {"image": (batch, size, size, channels), "label": (batch,) int32} to logits (batch, 1); without classes
        there is no "label". Batches are of a multiple of `group` pictures, or of fewer than `group`.

    Source: arXiv 1912.04958, figure 7; with classes, as in NVlabs/stylegan2-ada-pytorch, training/networks.py.
    """
    inputs = {"image": layers.Input((config.size, config.size, config.channels), name="image")}
    x = EqualisedConv2D(config.width(config.size), 1, leaky=True, name="d_rgb")(inputs["image"])
    for side in config.sides[:0:-1]:
        x = _residual(x, config.width(side), config.width(side // 2), f"d{side}")
    x = MinibatchDeviation(config.group, name="d_deviation")(x)
    x = EqualisedConv2D(config.width(4), 3, leaky=True, name="d4_conv")(x)
    x = EqualisedDense(config.width(4), leaky=True, name="d4_dense")(layers.Flatten(name="d4_flat")(x))
    if not config.classes:
        return keras.Model(inputs, EqualisedDense(1, name="d_out")(x), name="discriminator")
    inputs["label"] = layers.Input((), dtype="int32", name="label")
    # With classes: how well does the picture agree with what its class is mapped to?
    x = EqualisedDense(config.width(4), name="d_out")(x)
    wanted = mapping(config, latent=0, width=config.width(4), name="d_mapping")({"label": inputs["label"]})
    score = ops.sum(x * wanted, axis=-1, keepdims=True) / config.width(4) ** 0.5
    return keras.Model(inputs, score, name="discriminator")


def _residual(x, width, wider, name):
    skip = EqualisedConv2D(wider, 1, down=2, use_bias=False, name=f"{name}_skip")(x)
    x = EqualisedConv2D(width, 3, leaky=True, name=f"{name}_conv0")(x)
    x = EqualisedConv2D(wider, 3, down=2, leaky=True, name=f"{name}_conv1")(x)
    return (x + skip) * 0.5**0.5


@keras.saving.register_keras_serializable("course_lib")
class MinibatchDeviation(layers.Layer):
    """Adds a channel that says how much the pictures of a group differ: a generator that always draws the same is found out.

    Source: arXiv 1710.10196, section 3.
    """

    def __init__(self, group=4, **options):
        super().__init__(**options)
        self.group = group

    def call(self, x):
        _, height, width, channels = x.shape
        batch = ops.shape(x)[0]
        group = ops.minimum(self.group, batch)
        groups = ops.reshape(x, (group, -1, height, width, channels))
        spread = ops.sqrt(ops.var(groups, axis=0) + TINY)  # (groups, height, width, channels)
        spread = ops.mean(spread, axis=(1, 2, 3))
        spread = ops.tile(spread, (group,))[:, None, None, None]
        return ops.concatenate([x, ops.broadcast_to(spread, (batch, height, width, 1))], axis=-1)

    def compute_output_shape(self, shape):
        return (*shape[:-1], shape[-1] + 1)

    def get_config(self):
        return super().get_config() | {"group": self.group}
