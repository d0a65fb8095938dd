"""Boxes and their names, painted into pixels: lines that show on any ground, names that can be read and stay in the picture."""

import colorsys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFont

from course_lib.boxes import Boxes
from course_lib.viz.style import INK, PALETTE, PAPER

SMALLEST_TEXT = 10  # pixels; smaller letters can't be read
LINE, TEXT = 0.0045, 0.026  # of the picture's mean side
SHADES = ((0.85, 0.95), (0.9, 0.55), (0.5, 0.95), (0.95, 0.75), (0.5, 0.5))  # saturation and value
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


def painted(pixels: np.ndarray, boxes: Boxes, words: Sequence[str]) -> np.ndarray:
    """Paint boxes and a word for each on a picture.

    Args:
        pixels: (height, width, 3) uint8; they stay as they are.
        boxes: corners in the picture's pixels; the first ones end up on top.
        words: One for each box; an empty one is not written.

    Returns:
        (height, width, 3) uint8.
    """
    canvas = Image.fromarray(pixels)
    pen, line = ImageDraw.Draw(canvas), _line(canvas.size)
    shown = visible(boxes, canvas.size)
    for index in shown[::-1]:
        _rectangle(pen, boxes.corners[index], line, colour(boxes.labels[index]))
    _write(pen, [(boxes.corners[i], words[i], colour(boxes.labels[i])) for i in shown if words[i]])
    return np.asarray(canvas)


def dashed(pixels: np.ndarray, boxes: Boxes) -> np.ndarray:
    """Paint boxes in dashed lines, ink on paper, without names; arguments and result as of `painted`."""
    canvas = Image.fromarray(pixels)
    pen, line = ImageDraw.Draw(canvas), _line(canvas.size)
    for index in visible(boxes, canvas.size):
        x0, y0, x1, y1 = _pixels(boxes.corners[index])
        pen.rectangle((x0, y0, x1, y1), outline=PAPER, width=line)
        for start in range(x0, x1 + 1, 8 * line):
            for y in (y0, y1 - line + 1):
                pen.rectangle((start, y, min(start + 4 * line, x1), y + line - 1), fill=INK)
        for start in range(y0, y1 + 1, 8 * line):
            for x in (x0, x1 - line + 1):
                pen.rectangle((x, start, x + line - 1, min(start + 4 * line, y1)), fill=INK)
    return np.asarray(canvas)


def visible(boxes: Boxes, size: tuple[int, int]) -> np.ndarray:
    """Return the indices of those boxes of which something shows in a picture of this size, (width, height)."""
    corners = boxes.corners
    with np.errstate(invalid="ignore"):
        inside = (corners[:, 2:] > 0).all(axis=1) & (corners[:, :2] < size).all(axis=1)
        return np.flatnonzero(inside & (corners[:, :2] <= corners[:, 2:]).all(axis=1))


def colour(label: int) -> str:
    """Return the colour of a class, "#rrggbb": those of all figures first, then hues that never come twice."""
    label = int(label)
    if 0 <= label < len(PALETTE) - 1:  # its last is grey, of which photographs are full
        return PALETTE[label]
    # Steps of the golden ratio round the circle never meet, and those that come near differ in their shade.
    channels = colorsys.hsv_to_rgb((0.618034 * label) % 1, *SHADES[label % len(SHADES)])
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in channels)


def ink_on(ground: str) -> str:
    """Return black or white, whichever is read better on a colour: the contrast is never below 4.5."""
    shares = np.array(ImageColor.getrgb(ground)) / 255
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    return "#000000" if linear @ [0.2126, 0.7152, 0.0722] > 0.179 else "#ffffff"


def _line(size: tuple[int, int]) -> int:
    return max(2, round(LINE * (size[0] * size[1]) ** 0.5))


def _pixels(corners: np.ndarray) -> tuple[int, int, int, int]:
    """Return the first and last pixels that a box covers, as Pillow counts; those far outside come to just outside."""
    x0, y0, x1, y1 = (round(float(np.clip(x, -1e6, 1e6))) for x in corners)
    return x0, y0, max(x0, x1 - 1), max(y0, y1 - 1)


def _rectangle(pen: ImageDraw.ImageDraw, corners: np.ndarray, line: int, ink: str) -> None:
    x0, y0, x1, y1 = _pixels(corners)
    if line > 2:  # a pale hair on both sides shows it on a ground of its own colour
        pen.rectangle((x0 - 1, y0 - 1, x1 + 1, y1 + 1), outline=PAPER, width=line + 2)
    pen.rectangle((x0, y0, x1, y1), outline=ink, width=line)


def _write(pen: ImageDraw.ImageDraw, labels: Sequence[tuple[np.ndarray, str, str]]) -> None:
    """Write words beside their boxes (corners, word, colour), each on a ground of the box's colour."""
    width, height = pen.im.size
    font = _font(max(SMALLEST_TEXT, round(TEXT * (width * height) ** 0.5)))
    above, below = font.getmetrics()
    pad, tall = max(1, above // 6), above + below
    if tall > height:
        return
    taken: list[tuple[int, int, int, int]] = []
    for corners, word, ground in labels:
        word = _shortened(word, font, width - 2 * pad)
        wide = round(font.getlength(word)) + 2 * pad
        place = _place(_pixels(corners), wide, tall, (width, height), taken)
        taken.append(place)
        pen.rectangle(place, fill=ground)
        pen.text((place[0] + pad, place[1]), word, fill=ink_on(ground), font=font)


def _place(box, wide: int, tall: int, size: tuple[int, int], taken) -> tuple[int, int, int, int]:
    """Choose where a name stands: above its box, within it, or below; where no other name stands, if there is such a place."""
    x0, y0, x1, y1 = box
    right, places = x1 - wide, []
    wishes = ((x0, y0 - tall), (x0, y0), (x0, y1 - tall), (x0, y1 + 1), (right, y0 - tall), (right, y0))
    for x, y in wishes:
        left, top = max(0, min(x, size[0] - wide)), max(0, min(y, size[1] - tall))
        places.append((left, top, left + wide - 1, top + tall - 1))
    free = (p for p in places if not any(_touch(p, other) for other in taken))
    return next(free, places[0])


def _touch(one, other) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def _shortened(word: str, font: ImageFont.FreeTypeFont, room: int) -> str:
    if font.getlength(word) <= room:
        return word
    while word and font.getlength(word + ELLIPSIS) > room:
        word = word[:-1]
    return word + ELLIPSIS


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    # matplotlib brings a font with letters of many languages; Pillow's own knows few.
    return ImageFont.truetype(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf", size)
