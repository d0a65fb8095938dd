"""Random colours and textures for the procedural world: what keeps a model from judging by colour."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from PIL import Image


@lru_cache(maxsize=8)
def grid(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the x and y of every pixel of a square image, both (size, size) float32 from -1 to 1."""
    axis = np.linspace(-1, 1, size, dtype=np.float32)
    x, y = np.meshgrid(axis, axis)
    for array in (x, y):
        array.flags.writeable = False  # shared by every caller
    return x, y


def plane(colour: np.ndarray) -> np.ndarray:
    """Return a colour (3,) as float32 (3, 1, 1), ready to spread over an image of three planes."""
    return colour.astype(np.float32)[:, None, None]


def unlike(rng: np.random.Generator, colour: np.ndarray, distance: float) -> np.ndarray:
    """Return a random colour that can be told from `colour`.

    Args:
        rng: source of randomness.
        colour: red, green, blue from 0 to 1.
        distance: least sum of the three absolute differences; 0.55 is well visible.

    Returns:
        Red, green, blue from 0 to 1, float64 (3,).
    """
    while True:
        other = rng.random(3)
        if np.abs(other - colour).sum() > distance:
            return other


def _waves(u, v, frequency):
    return np.sin(u * frequency) * np.sin(v * frequency)


def stripes(rng, u, v):
    return (np.sin(u * rng.uniform(5, 16)) > 0).astype(np.float32)


def checks(rng, u, v):
    return (_waves(u, v, rng.uniform(5, 16)) > 0).astype(np.float32)


def dots(rng, u, v):
    return (_waves(u, v, rng.uniform(5, 16)) > 0.45).astype(np.float32)


def _gradient(rng, u, v):
    return (u + 1) / 2


def _clouds(rng, u, v):
    """Smooth blobs: a few random values, enlarged."""
    cells = rng.integers(3, 9)
    few = Image.fromarray(rng.integers(0, 256, (cells, cells), dtype=np.uint8))
    return np.asarray(few.resize(u.shape[::-1], Image.Resampling.BICUBIC), np.float32) / 255


PATTERNS = (None, _gradient, stripes, checks, dots, _clouds)


def texture(rng: np.random.Generator, x: np.ndarray, y: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """Return a random texture between `colour` and a colour near it.

    Args:
        rng: source of randomness.
        x, y: place of every pixel, (height, width), from -1 to 1 over the whole image; see `grid`.
        colour: red, green, blue from 0 to 1.

    Returns:
        Float32 (3, height, width), or (3, 1, 1) where the texture is one plain colour.
    """
    pattern = PATTERNS[rng.integers(len(PATTERNS))]
    if pattern is None:
        return plane(colour)
    second = np.clip(colour + rng.normal(0, 0.22, 3), 0, 1)
    return patterned(rng, x, y, pattern, colour, second)


def patterned(
    rng: np.random.Generator,
    x: np.ndarray,
    y: np.ndarray,
    pattern: Callable,
    first: np.ndarray,
    second: np.ndarray,
) -> np.ndarray:
    """Return a pattern between two colours, turned by a random angle.

    Args:
        rng: source of randomness.
        x, y: as for `texture`.
        pattern: one of PATTERNS that is not None.
        first, second: red, green, blue from 0 to 1.

    Returns:
        Float32 (3, height, width).
    """
    angle = rng.uniform(0, np.pi)
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    blend = pattern(rng, x * cos + y * sin, y * cos - x * sin)
    return plane(first) + plane(second - first) * blend
