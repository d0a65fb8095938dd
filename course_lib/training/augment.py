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
