"""Many small pictures as one: close together, as one looks at what a generator makes."""

import numpy as np

from course_lib.errors import BadInput

GAP = 2  # pixels between two
PAPER = 255


def sheet(images: np.ndarray, columns: int = 10, scale: int = 1) -> np.ndarray:
    """Lay pictures side by side.

    Args:
        images: (n, height, width, 3) uint8, or (n, height, width, 1) grey.
        columns: how many in a row.
        scale: each pixel becomes a square of so many.

    Returns:
        One picture (rows * (height + 2) - 2, columns * (width + 2) - 2, 3) uint8, times scale; places that are left over are
        white.

    Raises:
        BadInput: there are none, or of another shape.
    """
    images = np.asarray(images)
    if images.ndim != 4 or not len(images) or images.shape[-1] not in (1, 3) or images.dtype != np.uint8:
        raise BadInput(
            f"A sheet is made of pictures (n, height, width, 3) uint8, not {images.dtype} {images.shape}."
        )
    count, height, width, channels = images.shape
    columns = max(1, min(columns, count))
    rows = -(-count // columns)
    gaps = (rows, height + GAP, columns, width + GAP, 3)
    page = np.full(gaps, PAPER, np.uint8)
    missing = ((0, rows * columns - count), (0, 0), (0, 0), (0, 0))
    filled = np.pad(images.repeat(3 // channels, axis=-1), missing, constant_values=PAPER)
    page[:, :height, :, :width] = filled.reshape(rows, columns, height, width, 3).transpose(0, 2, 1, 3, 4)
    page = page.reshape(rows * (height + GAP), columns * (width + GAP), 3)[:-GAP, :-GAP]
    return page.repeat(scale, axis=0).repeat(scale, axis=1)
