"""Augmentation: changing images at random in ways that leave their labels true."""

import numpy as np


def shifted(images: np.ndarray, most: int, rng: np.random.Generator) -> np.ndarray:
    """Move each image by up to `most` pixels in both directions, mirroring what is missing at the edge.

    Args:
        images: (n, height, width, channels).
        most: largest shift, in pixels; less than height and width.
        rng: source of randomness.

    Returns:
        An array of the same shape and type.
    """
    _, height, width, _ = images.shape
    padded = np.pad(images, ((0, 0), (most, most), (most, most), (0, 0)), mode="reflect")
    corners = rng.integers(0, 2 * most + 1, (len(images), 2))
    moved = [image[y : y + height, x : x + width] for image, (y, x) in zip(padded, corners, strict=True)]
    return np.stack(moved)


def mirrored(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Swap left and right in half of the images; right for objects, wrong for letters.

    Args:
        images: (n, height, width, channels).
        rng: source of randomness.

    Returns:
        An array of the same shape and type.
    """
    swap = rng.random(len(images)) < 0.5
    return np.where(swap[:, None, None, None], images[:, :, ::-1], images)


def recoloured(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Shuffle red, green and blue of each image; right where colour says nothing of the class.

    Args:
        images: (n, height, width, 3).
        rng: source of randomness.

    Returns:
        An array of the same shape and type.
    """
    order = rng.permuted(np.tile(np.arange(3), (len(images), 1)), axis=1)
    return np.take_along_axis(images, order[:, None, None, :], axis=3)
