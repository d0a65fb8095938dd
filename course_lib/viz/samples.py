"""Figures of what generators make: a close grid with a name for each row, and a walk that moves."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from course_lib.errors import BadInput
from course_lib.media.animation import gif
from course_lib.media.sheet import sheet
from course_lib.viz.grid import WIDTH
from course_lib.viz.picture import Picture, check_alt, draw
from course_lib.viz.style import DPI, FAINT_INK, PAPER, new_figure, style

NAMES = 84  # pixels on the left, for the names of the rows
EDGE = 8


def samples(
    images,
    names: Sequence[str] | None = None,
    columns: int = 10,
    width: int = WIDTH,
    alt: str | None = None,
    caption: str | None = None,
) -> Picture:
    """Draw many small pictures close together, row by row.

    Args:
        images: (n, height, width, 3) or (n, height, width, 1) uint8.
        names: one for each row, to stand left of it; or None.
        columns: how many in a row.
        width: of the figure, in pixels, at most; small pictures grow by a whole factor, large ones shrink.
        alt: what is to be seen; without it, how many there are, and the names.
        caption: a line to stand under the grid.

    Returns:
        The grid.

    Raises:
        BadInput: there are none, of another shape, or more or fewer names than rows.
    """
    page = sheet(images, columns)
    columns = max(1, min(columns, len(images)))
    rows = -(-len(images) // columns)
    if names is not None and len(names) != rows:
        raise BadInput(f"There are {rows} rows and {len(names)} names: give one for each row.")
    left = EDGE + (NAMES if names is not None else 0)
    page = _fitted(page, width - left - EDGE)
    if alt is None:
        alt = f"Grid of {len(images)} pictures in rows of {columns}" + (
            f": {', '.join(names)}." if names else "."
        )
    return _with_names(page, names or (), left, alt, caption)


def moving(frames, per_second: float = 12.0, alt: str | None = None, caption: str | None = None) -> Picture:
    """Show frames one after the other, for ever.

    Args:
        frames: (n, height, width, 3) uint8, for instance of `.walk()`.
        per_second: how many a second.
        alt: what is to be seen; without it, how many frames there are.
        caption: a line to stand under it.

    Returns:
        A picture that moves in the notebook; `.save("walk.gif")` writes it.

    Raises:
        BadInput: as for `media.animation.gif`.
    """
    data = gif(frames, per_second)
    alt = alt or f"Moving picture of {len(frames)} frames, each a step from the one before."
    check_alt(alt)
    height, width = np.asarray(frames).shape[1:3]
    scale = max(1, round(WIDTH / 4 / width))
    return Picture(data, "gif", (width * scale, height * scale), alt, caption)


def _fitted(page: np.ndarray, room: int) -> np.ndarray:
    """Enlarge a page by a whole factor, or shrink it, until its width fits."""
    height, width = page.shape[:2]
    if width > room:
        size = (room, max(1, round(height * room / width)))
        return np.asarray(Image.fromarray(page).resize(size, Image.Resampling.LANCZOS))
    return page.repeat(room // width, axis=0).repeat(room // width, axis=1)


def _with_names(page: np.ndarray, names, left: int, alt: str, caption: str | None) -> Picture:
    """Put the pictures on paper, with the rows' names on their left."""
    height, width = page.shape[0] + 2 * EDGE, left + page.shape[1] + EDGE
    paper = np.full((height, width, 3), [int(PAPER[i : i + 2], 16) for i in (1, 3, 5)], np.uint8)
    paper[EDGE:-EDGE, left:-EDGE] = page
    with style():
        fig = new_figure(width / DPI, height / DPI)
        fig.set_layout_engine("none")
        fig.figimage(paper, origin="upper")
        for row, name in enumerate(names):
            middle = EDGE + (row + 0.5) * page.shape[0] / len(names)
            place = ((left - 6) / width, 1 - middle / height)
            fig.text(*place, name, fontsize=8, color=FAINT_INK, ha="right", va="center")
    return draw(fig, alt, caption)
