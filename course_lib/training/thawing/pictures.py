"""Fifty handwritten digits and fifty scraps of photos, with others to be tested on: another series of handwriting, another place."""

import numpy as np
from PIL import Image

from course_lib.media.images import read_image
from course_lib.media.samples import sample, samples

SIZE = 64  # pixels
OF_EACH, CLASSES = 5, 10  # pictures to train on: fifty
# The data lie in fourteen series, each by one hand as far as one can tell; thirteen people wrote them, one of them twice.
FIRST_SEVEN = 915  # digits that the first seven series hold
PHOTOS = ("cat", "coffee", "camera", "rocket", "astronaut", "china", "flower", "coins", "immunohistochemistry", "hubble_deep_field")  # fmt: skip


def handwriting(size: int = SIZE) -> tuple[np.ndarray, np.ndarray]:
    """Return scikit-learn's digits as a network for photos wants them.

    Args:
        size: the side that the 8 pixels are enlarged to, smoothly.

    Returns:
        Pictures (1797, size, size, 3) uint8, white on black, in the data's order: series after series; labels (1797,).
    """
    from sklearn.datasets import load_digits

    digits = load_digits()
    grey = (digits.images * 15.9).astype(np.uint8)
    enlarged = [Image.fromarray(digit).resize((size, size), Image.Resampling.BICUBIC) for digit in grey]
    return np.repeat(np.stack(enlarged)[..., None], 3, axis=-1), digits.target


def fifty(labels: np.ndarray, draw: int, skip: int = 0, count: int = OF_EACH) -> np.ndarray:
    """Choose five digits of each kind from the first seven series.

    Args:
        labels: (1797,), in the data's order.
        draw: another number, other digits.
        skip: leave out so many of each kind, that another call has chosen.
        count: choose so many instead of five.

    Returns:
        Their indices, (10 count,).
    """
    order = np.random.default_rng([15, draw]).permutation(FIRST_SEVEN)
    kinds = (order[labels[order] == kind][skip : skip + count] for kind in range(CLASSES))
    return np.concatenate([*kinds])


def scraps(
    count: int, start: float, end: float, draw: int, size: int = SIZE
) -> tuple[np.ndarray, np.ndarray]:
    """Cut grey squares out of ten photos; the class is the photo.

    Args:
        count: squares of each photo.
        start, end: the part of each photo's width that they may lie in, 0 to 1.
        draw: of the places.
        size: their side, pixels.

    Returns:
        Pictures (10 count, size, size, 3) uint8, and labels (10 count,).
    """
    from skimage import data

    rng, squares = np.random.default_rng([16, draw]), []
    for name in PHOTOS:
        photo = read_image(sample(name) if name in samples() else getattr(data, name)())
        grey = Image.fromarray(photo).convert("L")
        side = min(grey.size) // 4
        for _ in range(count):
            x = rng.integers(int(start * grey.width), int(end * grey.width) - side + 1)
            y = rng.integers(0, grey.height - side + 1)
            squares.append(grey.crop((x, y, x + side, y + side)).resize((size, size), Image.Resampling.BOX))
    return np.repeat(np.stack(squares)[..., None], 3, axis=-1), np.repeat(np.arange(len(PHOTOS)), count)
