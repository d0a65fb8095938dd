"""Differentiable augmentation: both players see changed pictures, so the discriminator can't learn the real ones by heart.

Each change is made of sums and products, so the generator's gradient passes through it.

Source: arXiv 2006.10738 (Zhao, Liu, Lin, Zhu, Han), section 4.1.
"""

import tensorflow as tf

CUTOUT = 0.5  # side of the grey square, as a share of the picture's
SHIFT = 0.125  # largest shift, as a share of the picture's side


def diff_augment(images, changes: tuple[str, ...], seed):
    """Change each picture of a batch at random.

    Args:
        images: (batch, height, width, channels), -1 to 1.
        changes: of "brightness" (up to half of the range up or down), "shift" (by up to an eighth of the side, black
            comes in) and "cutout" (a square of half the side becomes grey), in this order.
        seed: (2,) int32; the same seed makes the same changes.

    Returns:
        The changed pictures, of the same shape.
    """
    for number, change in enumerate(changes):
        images = CHANGES[change](images, seed + tf.constant([0, 1 + number]))
    return images


def _brightness(images, seed):
    by = tf.random.stateless_uniform((images.shape[0], 1, 1, 1), seed, -0.5, 0.5)
    return images + by


def _shift(images, seed):
    _, height, width, _ = images.shape
    most = round(height * SHIFT)
    by = tf.random.stateless_uniform((images.shape[0], 2), seed, -most, most + 1, tf.int32)
    # Rows and columns are picked by a product with a shifted identity: quick to differentiate, and XLA takes it.
    rows = tf.one_hot(tf.range(height)[None] + by[:, :1], height)
    columns = tf.one_hot(tf.range(width)[None] + by[:, 1:], width)
    moved = tf.einsum("bik,bkwc->biwc", rows, images + 1.0)  # so that what comes in from outside is black
    return tf.einsum("bjk,bikc->bijc", columns, moved) - 1.0


def _cutout(images, seed):
    batch, height, width, _ = images.shape
    side = round(height * CUTOUT)
    corner = tf.random.stateless_uniform((batch, 2), seed, -(side // 2), height - side // 2 + 1, tf.int32)
    rows, columns = tf.range(height)[None] - corner[:, :1], tf.range(width)[None] - corner[:, 1:]
    inside = ((rows >= 0) & (rows < side))[:, :, None] & ((columns >= 0) & (columns < side))[:, None, :]
    return tf.where(inside[..., None], 0.0, images)


CHANGES = {"brightness": _brightness, "shift": _shift, "cutout": _cutout}
