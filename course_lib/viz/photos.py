"""Figures made of pictures: a grid of them, one with its predictions, feature maps, where a model looked."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from course_lib.errors import BadInput
from course_lib.media.images import open_images, read_image
from course_lib.viz.grid import WIDTH, cells, draw_grid
from course_lib.viz.picture import Picture, draw
from course_lib.viz.style import (
    EMBERS,
    FAINT_INK,
    INK,
    INKING,
    MARGIN,
    PALETTE,
    RULE,
    darker,
    new_figure,
    style,
)


def images(
    images,
    titles=None,
    columns: int = 8,
    width: int = WIDTH,
    alt: str | None = None,
    caption: str | None = None,
) -> Picture:
    """Draw pictures in a grid.

    Args:
        images: An array (n, height, width[, channels]) of 0 to 255, or a list of paths, PIL images or arrays.
        titles: One text for each, to stand above it; or None.
        columns: How many in a row.
        width: Of a row, in pixels; a smaller figure keeps a lesson small.
        alt: What is to be seen; without it, the number of pictures and their titles.
        caption: A line to stand under the grid.

    Returns:
        The grid.

    Raises:
        BadInput: A picture cannot be read, or there are more or fewer titles than pictures.
    """
    pictures = [_sound(result) for _, result in open_images(images)]
    titles = None if titles is None else [str(title) for title in titles]
    if titles is not None and len(titles) != len(pictures):
        raise BadInput(f"There are {len(pictures)} pictures and {len(titles)} titles: give one for each.")
    if alt is None:
        alt = f"Grid of {len(pictures)} pictures" + (f": {_listing(titles)}." if titles else ".")
    return draw_grid(cells(pictures, columns, width), titles, columns, alt, caption)


def feature_maps(maps, count: int = 16, columns: int = 8, alt: str | None = None, caption: str | None = None):
    """Draw the channels of a layer's output in which most happens.

    Args:
        maps: (height, width, channels) float: one picture's output of a layer; a batch of one will do too.
        count: How many channels; those whose values vary most over the picture, in order of their number.
        columns: How many in a row.
        alt: What is to be seen; without it, the layer's shape and the channels drawn.
        caption: A line to stand under the figure.

    Returns:
        A grid; in each map pale is the lowest value of that channel, dark blue the highest.

    Raises:
        BadInput: The array has not that shape.
    """
    maps = np.asarray(maps, np.float32)
    maps = maps[0] if maps.ndim == 4 and len(maps) == 1 else maps
    if maps.ndim != 3:
        raise BadInput(
            f"Feature maps have the shape (height, width, channels), not {maps.shape}: give one picture's."
        )
    height, width, channels = maps.shape
    chosen = np.sort(np.argsort(-maps.std(axis=(0, 1)), kind="stable")[:count])
    painted = [np.uint8(255 * INKING(_stretch(maps[..., channel]))[..., :3]) for channel in chosen]
    alt = alt or (
        f"Grid of {len(chosen)} of {channels} feature maps, each {height} by {width}: "
        f"channels {', '.join(map(str, chosen))}."
    )
    return draw_grid(cells(painted, columns), [str(channel) for channel in chosen], columns, alt, caption)


def predictions(image, predictions: Sequence, alt: str | None = None, caption: str | None = None) -> Picture:
    """Draw a picture beside what a model takes it for.

    Args:
        image: A path, a PIL image or an array.
        predictions: What `.classify(image)` returned: labels with scores of 0 to 1, the likeliest first.
        alt: What is to be seen; without it, the labels and their scores.
        caption: A line to stand under it.

    Returns:
        The picture with a bar for each label.

    Raises:
        BadInput: The picture cannot be read, or there are no predictions.
    """
    if not len(predictions):
        raise BadInput("There are no predictions to draw: give what `.classify(image)` returned.")
    pixels = read_image(image)
    said = [f"{one.label} {_percent(one.score)}" for one in predictions]
    height = max(2.2, 0.42 * len(said) + 0.2)
    high = height - 2 * MARGIN
    wide = float(high * np.clip(pixels.shape[1] / pixels.shape[0], 0.5, 1.8))
    width = MARGIN + wide + 0.3 + 3.2 + MARGIN
    with style():
        fig = new_figure(width, height)
        fig.set_layout_engine("none")
        left = fig.add_axes((MARGIN / width, MARGIN / height, wide / width, high / height))
        right = fig.add_axes((1 - (3.2 + MARGIN) / width, MARGIN / height, 3.2 / width, high / height))
        _photograph(left, pixels, int(height * 200))
        _bars(right, [(one.label, float(one.score)) for one in predictions])
    return draw(fig, alt or f"Photo with bars: {', '.join(said)}.", caption)


def heat(
    image, heat, label: str | None = None, alt: str | None = None, caption: str | None = None
) -> Picture:
    """Draw a picture beside the same picture with a heat map on it, as Grad-CAM makes one.

    Args:
        image: A path, a PIL image or an array: the picture as the model saw it (cropped and scaled alike).
        heat: (h, w) float of 0 to 1, of any resolution; it is stretched over the picture.
        label: What the heat speaks for ("Egyptian cat").
        alt: What is to be seen; without it, the label and where the heat is strongest.
        caption: A line to stand under it.

    Returns:
        Two pictures side by side.

    Raises:
        BadInput: The picture cannot be read, or the heat is not (h, w).
    """
    pixels, values = read_image(image), np.asarray(heat, np.float32)
    if values.ndim != 2:
        raise BadInput(f"A heat map has the shape (height, width), not {values.shape}: give one picture's.")
    alt = alt or f"Photo, and the same photo with a heat map{_for(label)}: strongest {_place(values)}."
    titles = ["the picture", f"what speaks for {label}" if label else "where the model looked"]
    pixels = _within(pixels, 320)
    return draw_grid([pixels, glowing(pixels, values)], titles, 2, alt, caption)


def _sound(result) -> np.ndarray:
    if isinstance(result, BadInput):
        raise result
    return result


def _listing(words: Sequence[str], most: int = 16) -> str:
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more


def _percent(score: float) -> str:
    percent = 100 * float(score)
    return "< 1%" if percent < 1 else "> 99%" if 99.5 <= percent < 100 else f"{percent:.0f}%"


def _stretch(values: np.ndarray) -> np.ndarray:
    low, high = values.min(), np.percentile(values, 99.5)  # one bright spot shall not darken all the rest
    return np.clip((values - low) / (high - low), 0, 1) if high > low else np.zeros_like(values)


def _within(pixels: np.ndarray, side: int) -> np.ndarray:
    scale = side / max(pixels.shape[:2])
    size = [max(1, round(length * scale)) for length in pixels.shape[1::-1]]
    method = Image.Resampling.LANCZOS if scale < 1 else Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(pixels).resize(size, method))


def _photograph(axes, pixels: np.ndarray, side: int) -> None:
    # A large photograph is shrunk well here rather than roughly by the renderer
    axes.imshow(
        _within(pixels, side) if max(pixels.shape[:2]) > side else pixels, interpolation="antialiased"
    )
    axes.set_axis_off()


def _bars(axes, scores: list[tuple[str, float]]) -> None:
    for row, (label, score) in enumerate(scores):
        first = row == 0
        colour = PALETTE[0] if first else "#9fb6cd"
        ink = darker(PALETTE[0]) if first else INK
        axes.plot([0, 1], [row, row], color=RULE, linewidth=5, solid_capstyle="butt")
        axes.plot([0, score], [row, row], color=colour, linewidth=5, solid_capstyle="butt")
        words = {"fontsize": 9, "weight": "bold" if first else "normal", "va": "bottom"}
        axes.text(0, row - 0.17, label, color=ink, **words)
        axes.text(1, row - 0.17, _percent(score), color=ink if first else FAINT_INK, ha="right", **words)
    axes.set(xlim=(0, 1), ylim=(len(scores) - 0.75, -0.65))
    axes.set_axis_off()


def glowing(pixels: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Lay heat (h, w), 0 to 1, over a picture (height, width, 3) uint8; return a picture of the same shape."""
    height, width = pixels.shape[:2]
    stretched = Image.fromarray(np.clip(heat, 0, 1)).resize((width, height), Image.Resampling.BICUBIC)
    heat = np.clip(np.asarray(stretched), 0, 1)[..., None]
    grey = pixels @ np.float32([0.299, 0.587, 0.114])
    glow = EMBERS(heat[..., 0])[..., :3] * 255
    # Where it is cold the photograph stays, grey and dim, so that one sees what was passed over
    return np.uint8(np.clip((1 - 0.62 * heat) * 0.62 * grey[..., None] + (0.18 + 0.55 * heat) * glow, 0, 255))


def _for(label: str | None) -> str:
    return f" for {label}" if label else ""


def _place(heat: np.ndarray) -> str:
    row, column = np.unravel_index(np.argmax(heat), heat.shape)
    rows, columns = ("at the top", "in the middle", "at the bottom"), (" left", "", " right")
    where = rows[min(2, 3 * row // heat.shape[0])] + columns[min(2, 3 * column // heat.shape[1])]
    return where if heat.max() > 0 else "nowhere"
