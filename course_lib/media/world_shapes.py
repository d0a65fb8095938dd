"""The 28 kinds of object of the procedural world, as flat polygons.

Each object is a list of parts, painted in order like paper cut-outs. Coordinates run from -1 to 1, x to the
right and y downwards, so that a shape says nothing of the size or place at which it will be painted.
"""

from dataclasses import dataclass

import numpy as np

MAIN, ACCENT, HOLE = "main", "accent", "hole"  # first colour, second colour, background shows through


@dataclass(frozen=True)
class Part:
    """One polygon of an object: `outline` (points, 2) and which of the object's colours fills it."""

    outline: np.ndarray
    paint: str = MAIN


def polygon(*points: tuple[float, float]) -> np.ndarray:
    """Return the given (x, y) corners as an array (points, 2)."""
    return np.array(points, np.float64)


def rectangle(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    """Return the four corners of an upright rectangle."""
    return polygon((left, top), (right, top), (right, bottom), (left, bottom))


def ellipse(x: float, y: float, width: float, height: float, start=0.0, stop=360.0) -> np.ndarray:
    """Return an ellipse, or the slice of it from `start` to `stop` degrees (clockwise from the right).

    Args:
        x, y: centre.
        width, height: the two radii.
        start, stop: degrees; 180 to 360 is the upper half.

    Returns:
        Corners (24, 2).
    """
    angle = np.deg2rad(np.linspace(start, stop, 24))
    return np.stack([x + width * np.cos(angle), y + height * np.sin(angle)], axis=1)


def spikes(count: int, inner: float) -> np.ndarray:
    """Return a star of `count` points: corners alternate between radius 1 and radius `inner`."""
    angle = np.pi * np.arange(2 * count) / count - np.pi / 2
    radius = np.where(np.arange(2 * count) % 2 == 0, 1.0, inner)
    return radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def cogs(count: int, inner: float) -> np.ndarray:
    """Return a cog wheel: each of `count` flat teeth reaches radius 1 from a wheel of radius `inner`."""
    steps = np.array([-0.3, -0.17, 0.17, 0.3])  # where a tooth rises, is flat, and falls, in tooth widths
    angle = 2 * np.pi * (np.arange(count)[:, None] + steps).ravel() / count
    radius = np.tile([inner, 1.0, 1.0, inner], count)
    return radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def heart() -> np.ndarray:
    """Return the classic heart curve, scaled to the unit square."""
    t = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    x = np.sin(t) ** 3
    y = (5 * np.cos(2 * t) + 2 * np.cos(3 * t) + np.cos(4 * t) - 13 * np.cos(t)) / 16 - 0.16  # centred
    return np.stack([x, y], axis=1)


def _flower() -> list[Part]:
    angles = 2 * np.pi * np.arange(5) / 5 - np.pi / 2
    petals = [Part(ellipse(0.6 * np.cos(a), 0.6 * np.sin(a), 0.38, 0.38)) for a in angles]
    return [*petals, Part(ellipse(0, 0, 0.33, 0.33), ACCENT)]


def _ladder() -> list[Part]:
    rungs = [Part(rectangle(-0.5, y, 0.5, y + 0.17), ACCENT) for y in (-0.78, -0.32, 0.14, 0.6)]
    return [*rungs, Part(rectangle(-0.52, -1, -0.31, 1)), Part(rectangle(0.31, -1, 0.52, 1))]


PRETRAIN_SHAPES: dict[str, list[Part]] = {
    "ball": [Part(ellipse(0, 0, 0.95, 0.95)), Part(ellipse(-0.32, -0.32, 0.25, 0.25), ACCENT)],
    "ring": [Part(ellipse(0, 0, 0.95, 0.95)), Part(ellipse(0, 0, 0.52, 0.52), HOLE)],
    "box": [Part(rectangle(-0.85, -0.8, 0.85, 0.8)), Part(rectangle(-0.85, -0.14, 0.85, 0.14), ACCENT)],
    "triangle": [Part(polygon((0, -0.95), (0.95, 0.75), (-0.95, 0.75)))],
    "star": [Part(spikes(5, 0.42))],
    "gear": [Part(cogs(8, 0.72)), Part(ellipse(0, 0, 0.32, 0.32), HOLE)],
    "cross": [Part(rectangle(-0.32, -0.95, 0.32, 0.95)), Part(rectangle(-0.95, -0.32, 0.95, 0.32))],
    "moon": [Part(ellipse(0, 0, 0.95, 0.95)), Part(ellipse(0.42, -0.1, 0.74, 0.74), HOLE)],
    "heart": [Part(heart())],
    "arrow": [
        Part(rectangle(-1, -0.22, 0.2, 0.22)),
        Part(polygon((0.1, -0.72), (1, 0), (0.1, 0.72))),
    ],
    "house": [
        Part(rectangle(-0.7, -0.15, 0.7, 0.92)),
        Part(polygon((-0.98, -0.12), (0, -0.95), (0.98, -0.12)), ACCENT),
        Part(rectangle(-0.2, 0.35, 0.2, 0.92), ACCENT),
    ],
    "tree": [
        Part(rectangle(-0.16, 0.35, 0.16, 1), ACCENT),
        Part(polygon((0, -0.45), (0.82, 0.48), (-0.82, 0.48))),
        Part(polygon((0, -1), (0.6, -0.02), (-0.6, -0.02))),
    ],
    "car": [
        Part(rectangle(-1, -0.12, 1, 0.42)),
        Part(polygon((-0.66, -0.1), (-0.38, -0.6), (0.4, -0.6), (0.7, -0.1))),
        Part(ellipse(-0.52, 0.45, 0.28, 0.28), ACCENT),
        Part(ellipse(0.52, 0.45, 0.28, 0.28), ACCENT),
    ],
    "fish": [
        Part(polygon((0.4, 0), (1, -0.55), (1, 0.55))),
        Part(ellipse(-0.18, 0, 0.78, 0.47)),
        Part(ellipse(-0.56, -0.1, 0.13, 0.13), ACCENT),
    ],
    "flower": _flower(),
    "mushroom": [Part(rectangle(-0.26, 0, 0.26, 0.92), ACCENT), Part(ellipse(0, 0.12, 0.96, 0.98, 180, 360))],
    "cup": [
        Part(ellipse(0.58, 0, 0.4, 0.42)),
        Part(ellipse(0.58, 0, 0.2, 0.22), HOLE),
        Part(polygon((-0.78, -0.7), (0.6, -0.7), (0.42, 0.8), (-0.6, 0.8))),
    ],
    "bolt": [
        Part(polygon((0.25, -1), (-0.6, 0.15), (-0.06, 0.15), (-0.3, 1), (0.6, -0.25), (0.06, -0.25))),
    ],
    "face": [
        Part(ellipse(0, 0, 0.95, 0.95)),
        Part(ellipse(-0.35, -0.27, 0.16, 0.2), ACCENT),
        Part(ellipse(0.35, -0.27, 0.16, 0.2), ACCENT),
        Part(ellipse(0, 0.18, 0.52, 0.42, 0, 180), ACCENT),
    ],
    "boat": [
        Part(polygon((-0.95, 0.32), (0.95, 0.32), (0.55, 0.88), (-0.55, 0.88))),
        Part(polygon((-0.05, 0.2), (-0.05, -0.95), (-0.78, 0.2)), ACCENT),
        Part(polygon((0.1, 0.2), (0.1, -0.7), (0.72, 0.2)), ACCENT),
    ],
}

HELDOUT_SHAPES: dict[str, list[Part]] = {
    "key": [
        Part(ellipse(-0.55, 0, 0.43, 0.43)),
        Part(ellipse(-0.55, 0, 0.2, 0.2), HOLE),
        Part(rectangle(-0.16, -0.12, 1, 0.12)),
        Part(rectangle(0.52, 0.1, 0.68, 0.42)),
        Part(rectangle(0.82, 0.1, 0.98, 0.42)),
    ],
    "hourglass": [Part(polygon((-0.72, -0.95), (0.72, -0.95), (-0.72, 0.95), (0.72, 0.95)))],
    "umbrella": [
        Part(rectangle(-0.07, -0.05, 0.07, 0.92), ACCENT),
        Part(rectangle(-0.07, 0.78, 0.36, 0.92), ACCENT),
        Part(ellipse(0, -0.02, 0.96, 0.88, 180, 360)),
    ],
    "bottle": [
        Part(rectangle(-0.4, -0.22, 0.4, 0.95)),
        Part(polygon((-0.4, -0.2), (-0.17, -0.52), (0.17, -0.52), (0.4, -0.2))),
        Part(rectangle(-0.17, -0.95, 0.17, -0.45)),
        Part(rectangle(-0.4, 0.15, 0.4, 0.58), ACCENT),
    ],
    "butterfly": [
        Part(ellipse(-0.5, -0.36, 0.46, 0.43)),
        Part(ellipse(0.5, -0.36, 0.46, 0.43)),
        Part(ellipse(-0.42, 0.42, 0.37, 0.37)),
        Part(ellipse(0.42, 0.42, 0.37, 0.37)),
        Part(rectangle(-0.1, -0.72, 0.1, 0.78), ACCENT),
    ],
    "rocket": [
        Part(polygon((-0.3, 0.1), (-0.74, 0.72), (-0.3, 0.6)), ACCENT),
        Part(polygon((0.3, 0.1), (0.74, 0.72), (0.3, 0.6)), ACCENT),
        Part(polygon((-0.2, 0.52), (0, 1), (0.2, 0.52)), ACCENT),
        Part(polygon((-0.3, 0.52), (-0.3, -0.4), (0, -1), (0.3, -0.4), (0.3, 0.52))),
    ],
    "magnet": [
        Part(ellipse(0, 0.1, 0.85, 0.85, 0, 180)),
        Part(rectangle(-0.85, -0.8, 0.85, 0.12)),
        Part(ellipse(0, 0.1, 0.4, 0.4, 0, 180), HOLE),
        Part(rectangle(-0.4, -0.85, 0.4, 0.12), HOLE),
        Part(rectangle(-0.85, -0.8, -0.4, -0.4), ACCENT),
        Part(rectangle(0.4, -0.8, 0.85, -0.4), ACCENT),
    ],
    "ladder": _ladder(),
}

SHAPES = PRETRAIN_SHAPES | HELDOUT_SHAPES
