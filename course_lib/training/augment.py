"""Augmentation: changing images at random in ways that leave their labels true."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from course_lib.errors import BadInput


@dataclass(frozen=True)
class Augmentation:
    """Which changes, in this order; by default none.

    Attributes:
        shift: up to so many pixels, see `shifted`.
        mirror: see `mirrored`.
        recolour: see `recoloured`.
        zoom: up to this part of the picture's side is cut off, see `zoomed`.
    """

    shift: int = 0
    mirror: bool = False
    recolour: bool = False
    zoom: float = 0.0

    def __post_init__(self):
        if self.shift < 0:
            raise BadInput(f"shift is 0 pixels or more, not {self.shift}.")
        if not 0 <= self.zoom < 1:
            raise BadInput(f"zoom is from 0 to below 1, not {self.zoom}.")

    def __bool__(self) -> bool:
        return self != Augmentation()

    def __call__(self, images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Change a batch (n, height, width, channels); the same shape and type come back."""
        if self.shift:
            images = shifted(images, self.shift, rng)
        if self.mirror:
            images = mirrored(images, rng)
        if self.recolour:
            images = recoloured(images, rng)
        if self.zoom:
            images = zoomed(images, self.zoom, rng)
        return images


NOTHING = Augmentation()


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


def zoomed(images: np.ndarray, most: float, rng: np.random.Generator) -> np.ndarray:
    """Cut a random square out of each image and scale it up again; right where size says nothing of the class.

    Args:
        images: (n, height, width, 3) uint8.
        most: the largest part of a side that is cut off, 0 to below 1.
        rng: source of randomness.

    Returns:
        An array of the same shape and type.
    """
    _, height, width, _ = images.shape
    result = np.empty_like(images)
    for i, (image, (cut, x, y)) in enumerate(zip(images, rng.random((len(images), 3)), strict=True)):
        part = 1 - most * cut
        left, top = x * width * (1 - part), y * height * (1 - part)
        box = (left, top, left + width * part, top + height * part)
        result[i] = Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR, box=box)
    return result
