"""A procedural world of labelled pictures: 28 kinds of object, drawn rather than downloaded.

Twenty kinds are there to pre-train on and eight are held out to transfer to. Colour, texture, place, size,
rotation, background, clutter, occlusion and noise are random and say nothing of the class: only shape does.
Every picture follows from its seed, its index and its class alone, so a larger data set begins with the
smaller one, and two seeds share no picture: one to train on, another to test on.
"""

import difflib
import zlib
from collections.abc import Sequence

import numpy as np
from tqdm import tqdm

from course_lib.errors import BadInput
from course_lib.media import world_shapes as shapes
from course_lib.media.world_painter import paint_background, paint_object, paint_occluder, photograph

PRETRAIN_CLASSES: tuple[str, ...] = tuple(shapes.PRETRAIN_SHAPES)
HELDOUT_CLASSES: tuple[str, ...] = tuple(shapes.HELDOUT_SHAPES)

LABELS = zlib.crc32(b"labels")  # keeps the stream that shuffles labels apart from those that paint


def make_images(
    n: int, classes: Sequence[str] = PRETRAIN_CLASSES, size: int = 32, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Paint `n` labelled pictures, each with one object.

    The labels are balanced: every run of len(classes) pictures shows each class once, in random order. So
    the first 8 * k pictures of eight classes are k of each.

    Args:
        n: how many pictures.
        classes: names of the classes, from PRETRAIN_CLASSES and HELDOUT_CLASSES; label i is classes[i].
        size: height and width in pixels.
        seed: 0 or more; pictures of two seeds have nothing in common.

    Returns:
        Images (n, size, size, 3) uint8, RGB, and labels (n,) int32.

    Raises:
        BadInput: for an unknown class, or a number that makes no sense.
    """
    images, labels, _ = make_masked_images(n, classes, size, seed, grid=1)
    return images, labels


def make_masked_images(
    n: int, classes: Sequence[str] = PRETRAIN_CLASSES, size: int = 32, seed: int = 0, grid: int = 8
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Paint the pictures of `make_images`, and say where their objects are.

    Args:
        n, classes, size, seed: as for `make_images`.
        grid: cells of the mask along one side; `size` is a multiple of it.

    Returns:
        Images and labels as from `make_images`, and the part of each cell that the object covers, (n, grid, grid) float32,
        0 to 1, as if nothing stood before it.

    Raises:
        BadInput: as `make_images`; or a size that is not a multiple of the grid.
    """
    _check(n, classes, size, seed)
    if size % grid:
        raise BadInput(
            f"A picture of {size} pixels has no {grid} equal cells: take a size that {grid} divides."
        )
    labels = _labels(n, len(classes), seed)
    images, shares = np.empty((n, size, size, 3), np.uint8), np.empty((n, grid, grid), np.float32)
    # `delay`: no bar at all when it is quick; `disable=None`: none in a file or a notebook's saved output.
    for i in tqdm(range(n), "painting", unit="img", delay=2, leave=False, disable=None):
        images[i], mask = make_masked_image(classes[labels[i]], size, seed, i)
        shares[i] = mask.reshape(grid, size // grid, grid, -1).mean(axis=(1, 3))
    return images, labels, shares


def make_image(name: str, size: int = 32, seed: int = 0, index: int = 0) -> np.ndarray:
    """Paint one picture of one class.

    Args:
        name: the class, one of PRETRAIN_CLASSES or HELDOUT_CLASSES.
        size: height and width in pixels.
        seed, index: which picture; both 0 or more.

    Returns:
        uint8 (size, size, 3), RGB.
    """
    return make_masked_image(name, size, seed, index)[0]


def make_masked_image(
    name: str, size: int = 32, seed: int = 0, index: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Paint one picture of one class, and say where its object is.

    Args:
        name, size, seed, index: as for `make_image`, which paints the same picture.

    Returns:
        The picture, uint8 (size, size, 3), RGB; and the part of each pixel that the object covers, float32 (size, size),
        0 to 1, as if nothing stood before it.
    """
    rng = np.random.default_rng([seed, index, zlib.crc32(name.encode())])
    canvas = paint_background(rng, size)
    radius = rng.uniform(0.26, 0.46)
    centre = 0.5 + rng.uniform(-1, 1, 2) * (0.5 - 0.8 * radius)  # a little of the object may leave the image
    placed = paint_object(canvas, rng, name, centre, radius)
    if rng.random() < 0.3:
        paint_occluder(canvas, rng)
    return photograph(canvas, rng), placed.mask(size)


def _labels(n: int, count: int, seed: int) -> np.ndarray:
    """Return n labels, each run of `count` a shuffle of 0 to count - 1 that depends on seed and run alone."""
    runs = [np.random.default_rng([seed, run, LABELS]).permutation(count) for run in range(-(-n // count))]
    return np.concatenate(runs or [np.empty(0)])[:n].astype(np.int32)


def _check(n: int, classes: Sequence[str], size: int, seed: int) -> None:
    """Raise BadInput, in one sentence, for arguments that cannot be used."""
    if n < 0 or seed < 0:
        raise BadInput(f"n and seed must be 0 or more, not n={n} and seed={seed}.")
    if not 8 <= size <= 1024:
        raise BadInput(f"size must be from 8 to 1024 pixels, not {size}.")
    check_classes(classes)


def check_classes(classes: Sequence[str]) -> None:
    """Raise BadInput, in one sentence, for names of classes that cannot be used."""
    if isinstance(classes, str) or not len(classes) or len(set(classes)) != len(classes):
        raise BadInput(f"classes must be a list of different class names, not {classes!r}.")
    for name in classes:
        if name not in shapes.SHAPES:
            near = difflib.get_close_matches(str(name), shapes.SHAPES, 1) or [PRETRAIN_CLASSES[0]]
            raise BadInput(
                f"The procedural world has no class {name!r}; did you mean {near[0]!r}? "
                "PRETRAIN_CLASSES and HELDOUT_CLASSES list the 28 names."
            )
