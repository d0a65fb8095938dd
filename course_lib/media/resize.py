"""Scaling a picture to the square that a model looks at."""

import numpy as np
from PIL import Image


def resize_crop(image: np.ndarray, size: int, crop_fraction: float = 0.875, resample: str = "bicubic"):
    """Scale the shorter side to size / crop_fraction and cut a square out of the middle.

    Args:
        image: (height, width, 3) uint8.
        size: Side of the result in pixels.
        crop_fraction: Share of the shorter side that is kept, above 0 and up to 1.
        resample: "nearest", "bilinear", "bicubic" or "lanczos"; all but the first smooth when shrinking.

    Returns:
        (size, size, 3) uint8.
    """
    height, width = image.shape[:2]
    shorter = round(size / crop_fraction)
    scale = shorter / min(height, width)
    # The scaled picture has whole pixels, and so has its crop; but only the crop is ever computed, so that a
    # picture 1 pixel high and 100,000 wide costs nothing
    scaled_height, scaled_width = max(shorter, int(height * scale)), max(shorter, int(width * scale))
    top, left = round((scaled_height - size) / 2), round((scaled_width - size) / 2)
    y, x = height / scaled_height, width / scaled_width
    box = (left * x, top * y, min(width, (left + size) * x), min(height, (top + size) * y))
    return _resize(image, size, resample, box)


def resize_squash(image: np.ndarray, size: int, resample: str = "bicubic") -> np.ndarray:
    """Scale a picture to a square, whatever its proportions.

    Args:
        image: (height, width, 3) uint8.
        size: Side of the result in pixels.
        resample: As for `resize_crop`.

    Returns:
        (size, size, 3) uint8.
    """
    return _resize(image, size, resample, None)


def _resize(image, size, resample, box) -> np.ndarray:
    method = Image.Resampling[resample.upper()]
    return np.asarray(Image.fromarray(image).resize((size, size), method, box=box))
