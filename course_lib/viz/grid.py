"""Pictures side by side, pixel for pixel: small ones enlarged without blur, large ones shrunk."""

import numpy as np
from PIL import Image

from course_lib.errors import BadInput
from course_lib.viz.picture import Picture, draw
from course_lib.viz.style import DPI, FAINT_INK, PAPER, new_figure, style

WIDTH = 760  # pixels: fits a notebook's column
GAP = 10
TITLE = 19
LARGEST_CELL = 320
LETTER = 6.1  # pixels of a letter of the titles, on average


def cells(pictures: list[np.ndarray], columns: int, width: int = WIDTH) -> list[np.ndarray]:
    """Scale pictures so that a row of them fits the width.

    Args:
        pictures: (height, width, 3) uint8, of any sizes.
        columns: How many in a row.
        width: Of a row, in pixels.

    Returns:
        The pictures, of one height; but small ones grow by whole factors, so they may be a little lower.

    Raises:
        BadInput: There are none.
    """
    if not pictures:
        raise BadInput("There are no pictures to draw: give at least one.")
    columns = max(1, min(columns, len(pictures)))
    room = width - (columns - 1) * GAP
    shapes = [picture.shape[1] / picture.shape[0] for picture in pictures]
    widest = max(sum(shapes[start : start + columns]) for start in range(0, len(shapes), columns))
    height = max(1, min(int(room / widest), LARGEST_CELL))
    return [_fit(picture, height) for picture in pictures]


def draw_grid(pictures: list[np.ndarray], titles, columns: int, alt: str, caption: str | None) -> Picture:
    """Lay pictures out in rows, with titles above them.

    Args:
        pictures: (height, width, 3) uint8, in their final size.
        titles: One for each, or None.
        columns: How many in a row.
        alt: What is to be seen.
        caption: A line to stand under the grid.

    Returns:
        The grid.
    """
    titles = titles or [""] * len(pictures)
    head = TITLE if any(titles) else 0
    tall = max(picture.shape[0] for picture in pictures)
    places, left, right, top = [], GAP, 0, GAP + head
    for index, picture in enumerate(pictures):
        if index and index % columns == 0:
            left, top = GAP, top + tall + head + GAP
        places.append((left, top))
        left += picture.shape[1] + GAP
        right = max(right, left)
    page = np.full((top + tall + GAP, right, 3), [int(PAPER[i : i + 2], 16) for i in (1, 3, 5)], np.uint8)
    for picture, (left, top) in zip(pictures, places, strict=True):
        page[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    words = [
        (left, top - 5, _shortened(title, int(picture.shape[1] / LETTER)))
        for title, picture, (left, top) in zip(titles, pictures, places, strict=True)
    ]
    return _with_words(page, words, alt, caption)


def _with_words(
    page: np.ndarray, words: list[tuple[int, int, str]], alt: str, caption: str | None
) -> Picture:
    height, width = page.shape[:2]
    with style():
        fig = new_figure(width / DPI, height / DPI)
        fig.set_layout_engine("none")
        fig.figimage(page, origin="upper")
        for left, bottom, text in words:
            fig.text(left / width, 1 - bottom / height, text, fontsize=8, color=FAINT_INK, va="baseline")
    return draw(fig, alt, caption)


def _fit(picture: np.ndarray, height: int) -> np.ndarray:
    scale = height / picture.shape[0]
    if scale >= 2:  # whole squares of colour, so that one sees the pixels that the model sees
        return picture.repeat(int(scale), axis=0).repeat(int(scale), axis=1)
    size = (max(1, round(picture.shape[1] * scale)), height)
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS))


def _shortened(text: str, letters: int) -> str:
    return text if len(text) <= letters else text[: max(1, letters - 1)].rstrip() + "\N{HORIZONTAL ELLIPSIS}"
