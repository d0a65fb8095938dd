"""The other player: it is shown a picture and told a class, and says whether the picture is a real one of it."""

import keras
from keras import layers, ops

from course_lib.zoo.biggan.parts import SpectralConv2D, SpectralDense, SpectralEmbedding


def discriminator(config) -> keras.Model:
    """Build the discriminator of BigGAN-deep: the generator's blocks in reverse order, without batch norm.

    Args:
        config: the generator's `BigGANConfig`.

    Returns:
        A model of {"image" (batch, size, size, channels), -1 to 1, "label" (batch,) int32} to (batch,): the more
        above 0, the more real. Every layer's kernel is divided by its largest singular value. Attention has no part in it.

    Source: arXiv 1809.11096, appendix B; projection: arXiv 1802.05637.
    """
    image = layers.Input((config.size, config.size, config.channels), name="image")
    label = layers.Input((), dtype="int32", name="label")
    x = _conv(config.blocks[-1][2] * config.width, 2 * config.patch + 1, "stem", config.patch)(image)
    for number, (halved, wide, _) in enumerate(reversed(config.blocks), 1):
        x = block(x, wide * config.width, halved, config.reduction, f"block{number}")
    x = layers.ReLU(name="last_relu")(x)
    features = ops.sum(x, axis=(1, 2))
    real = SpectralDense(1, kernel_initializer="orthogonal", name="real")(features)
    kind = SpectralEmbedding(
        config.classes, features.shape[-1], embeddings_initializer="orthogonal", name="kind"
    )
    of_kind = layers.Dot(1, name="projection")([features, kind(label)])
    answer = layers.Reshape((), name="answer")(layers.Add(name="both")([real, of_kind]))
    return keras.Model({"image": image, "label": label}, answer, name="discriminator")


def block(x, wide: int, halved: bool, reduction: int, name: str):
    """One block: four convolutions beside a path on which the channels stay as they are, and new ones join them.

    Args:
        x: (batch, side, side, channels).
        wide: channels behind the block, at least those before it.
        halved: whether the side is halved, by averaging.
        reduction: how much narrower than `wide` it is inside.
        name: what the names of its layers begin with.

    Returns:
        (batch, side or side / 2, the same, wide).

    Source: arXiv 1809.11096, figure 16.
    """
    narrow, passing = wide // reduction, x
    for number, (channels, kernel) in enumerate(((narrow, 1), (narrow, 3), (narrow, 3), (wide, 1)), 1):
        x = layers.ReLU(name=f"{name}_relu{number}")(x)
        if halved and number == 4:
            x = layers.AveragePooling2D(2, name=f"{name}_down")(x)
        x = _conv(channels, kernel, f"{name}_conv{number}")(x)
    if halved:
        passing = layers.AveragePooling2D(2, name=f"{name}_passing_down")(passing)
    if new := wide - passing.shape[-1]:
        joined = _conv(new, 1, f"{name}_new")(passing)
        passing = layers.Concatenate(name=f"{name}_passing")([passing, joined])
    return layers.Add(name=f"{name}_out")([x, passing])


def _conv(channels: int, kernel: int, name: str, stride: int = 1) -> SpectralConv2D:
    return SpectralConv2D(
        channels, kernel, stride, padding="same", kernel_initializer="orthogonal", name=name
    )
