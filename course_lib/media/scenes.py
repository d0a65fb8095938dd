"""Scenes of the procedural world: one to six objects on a cluttered background, with their true boxes.

A data set for detectors that needs no download and never ends: every scene follows from its seed and its index alone.
"""

import zlib
from collections.abc import Sequence

import numpy as np
from tqdm import tqdm

from course_lib.boxes import Boxes
from course_lib.errors import BadInput
from course_lib.media.world import PRETRAIN_CLASSES, check_classes
from course_lib.media.world_painter import paint_background, paint_object, photograph

SCENES = zlib.crc32(b"scenes")  # keeps these apart from the pictures of one object, whatever their seeds
MOST = 6  # objects in a scene
RADIUS = (0.08, 0.22)  # half an object's size, as part of the scene's side
HIDDEN = 0.25  # the largest part of an object's square that another's may cover
TRIES = 20  # places that are tried for an object; a full scene stays with fewer


def make_scenes(
    n: int, classes: Sequence[str] = PRETRAIN_CLASSES, size: int = 96, seed: int = 0, first: int = 0
) -> tuple[np.ndarray, list[Boxes]]:
    """Paint `n` scenes with true boxes.

    Args:
        n: how many scenes.
        classes: the kinds of object in them, from world.PRETRAIN_CLASSES and HELDOUT_CLASSES; label i is classes[i].
        size: height and width in pixels.
        seed: 0 or more; scenes of two seeds have nothing in common.
        first: index of the first scene, so that a large set may be painted in parts.

    Returns:
        Scenes (n, size, size, 3) uint8, RGB; and the boxes of each, tight round what is painted and cut at the scene's edge.
        What a nearer object hides of another still counts as the other's.

    Raises:
        BadInput: an unknown class, or a number that makes no sense.
    """
    check_classes(classes)
    if min(n, seed, first) < 0:
        raise BadInput(f"n, seed and first must be 0 or more, not {n}, {seed} and {first}.")
    if not 32 <= size <= 1024:
        raise BadInput(f"size must be from 32 to 1024 pixels, not {size}.")
    images, boxes = np.empty((n, size, size, 3), np.uint8), []
    for i in tqdm(range(n), "painting", unit="scene", delay=2, leave=False, disable=None):
        images[i], found = make_scene(classes, size, seed, first + i)
        boxes.append(found)
    return images, boxes


def make_scene(
    classes: Sequence[str] = PRETRAIN_CLASSES, size: int = 96, seed: int = 0, index: int = 0
) -> tuple[np.ndarray, Boxes]:
    """Paint one scene; arguments and results as for `make_scenes`."""
    rng = np.random.default_rng([seed, index, SCENES])
    canvas = paint_background(rng, size)
    corners, labels = [], []
    for centre, radius in _places(rng, int(rng.integers(1, MOST + 1))):
        labels.append(int(rng.integers(len(classes))))
        corners.append(paint_object(canvas, rng, classes[labels[-1]], centre, radius).box)
    return photograph(canvas, rng), Boxes.of(corners, labels)


def _places(rng: np.random.Generator, count: int) -> list[tuple[np.ndarray, float]]:
    """Draw centres and radii, as parts of the side, that hide little of one another."""
    places: list[tuple[np.ndarray, float]] = []
    for _ in range(count * TRIES):
        radius = rng.uniform(*RADIUS)
        centre = 0.5 + rng.uniform(-1, 1, 2) * (0.5 - 0.8 * radius)  # a little may leave the scene
        if all(_hidden(centre, radius, *other) <= HIDDEN for other in places):
            places.append((centre, radius))
        if len(places) == count:
            break
    return places


def _hidden(centre: np.ndarray, radius: float, other: np.ndarray, size: float) -> float:
    """Return the part of the smaller of two squares that lies in the other."""
    shared = np.clip(radius + size - np.abs(centre - other), 0, 2 * min(radius, size))
    return float(np.prod(shared) / (2 * min(radius, size)) ** 2)
