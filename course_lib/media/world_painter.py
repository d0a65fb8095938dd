"""Paints the procedural world: background, clutter, objects with their boxes and masks, and the camera's noise.

A canvas is float32 (3, size, size) from 0 to 1: three planes, because NumPy spreads a mask over planes four
times faster than over interleaved pixels. `photograph` turns it into an ordinary picture.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from course_lib.media import world_shapes as shapes
from course_lib.media.world_textures import grid, plane, texture, unlike

FINER = 4  # outlines are drawn four times finer than the image and averaged: smooth edges
PEN = {
    shapes.MAIN: (255, 0, 255),
    shapes.ACCENT: (0, 255, 255),
    shapes.HOLE: (0, 0, 0),
}  # main, accent, either


@dataclass(frozen=True)
class Placed:
    """Where an object was painted.

    Attributes:
        name: its class.
        box: x0, y0, x1, y1 in pixels, tight round what is painted and cut at the edge of the image.
        window: the (rows, columns) slices of the image that `coverage` covers.
        coverage: (height, width) float32, the part of each pixel that the object covers, 0 to 1.
    """

    name: str
    box: tuple[float, float, float, float]
    window: tuple[slice, slice]
    coverage: np.ndarray

    def mask(self, size: int) -> np.ndarray:
        """Return the coverage of the whole image, (size, size) float32, 0 to 1."""
        whole = np.zeros((size, size), np.float32)
        whole[self.window] = self.coverage
        return whole


def paint_background(rng: np.random.Generator, size: int) -> np.ndarray:
    """Return a textured background with up to six small pieces of clutter.

    Args:
        rng: source of randomness.
        size: height and width in pixels.

    Returns:
        A canvas, float32 (3, size, size), 0 to 1.
    """
    canvas = np.empty((3, size, size), np.float32)
    canvas[:] = texture(rng, *grid(size), rng.random(3))
    pieces = rng.integers(0, 7)
    if pieces:
        fine = size * FINER
        layer = Image.new("RGBX", (fine, fine))  # X is 255 where something is drawn: the cover
        pen = ImageDraw.Draw(layer)
        for _ in range(pieces):
            _draw_clutter(pen, rng, fine)
        red_green_blue_cover = _planes(layer)
        canvas *= 1 - red_green_blue_cover[3]
        canvas += red_green_blue_cover[:3]
    return canvas


def paint_object(
    canvas: np.ndarray,
    rng: np.random.Generator,
    name: str,
    centre: np.ndarray,
    radius: float,
    colours: tuple[np.ndarray, np.ndarray] | None = None,
) -> Placed:
    """Paint an object over `canvas`, in place, by default in random colours that stand out from what is there.

    Args:
        canvas: float32 (3, size, size), 0 to 1; changed.
        rng: source of randomness for rotation, stretch, mirroring, colours and textures.
        name: the class.
        centre: x, y as parts of the image's side.
        radius: half the object's size, as part of the image's side.
        colours: plain main colour and accent, each red, green, blue from 0 to 1, instead of random ones.

    Returns:
        Where it stands: box and mask.
    """
    size = canvas.shape[1]
    outlines = _place(rng, name, np.asarray(centre) * size, radius * size)
    window = _window(np.concatenate(outlines), size)
    (main, accent, coverage), box = draw_parts(name, outlines, window)
    view = canvas[:, *window]
    skin, trim = (plane(colour) for colour in colours) if colours else _random_skin(rng, view, window, size)
    view *= 1 - coverage
    view += skin * main + trim * accent
    return Placed(name, box, window, coverage)


def _random_skin(
    rng, view: np.ndarray, window: tuple[slice, slice], size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the textures of an object's main part and of its accent, unlike what is behind it."""
    x, y = (axis[window] for axis in grid(size))
    first = unlike(rng, view.mean(axis=(1, 2)), 0.55)
    second = unlike(rng, first, 0.7)
    skin = texture(rng, x, y, first)
    trim = texture(rng, x, y, second) if rng.random() < 0.3 else plane(second)
    return skin, trim


def _place(rng, name: str, centre: np.ndarray, radius: float) -> list[np.ndarray]:
    """Turn, stretch, shear and mirror a shape; return the outlines of its parts in pixels."""
    angle = np.deg2rad(rng.uniform(-40, 40))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    wide, high = radius * rng.uniform(0.8, 1.1, 2)
    mirror = 1 if rng.random() < 0.5 else -1
    stretch = np.array([[wide * mirror, wide * rng.normal(0, 0.12)], [0, high]])
    transform = (turn @ stretch).T
    return [part.outline @ transform + centre for part in shapes.SHAPES[name]]


def _window(points: np.ndarray, size: int) -> tuple[slice, slice]:
    """Return the rows and columns of an image of `size` pixels that surely hold all points (n, 2)."""
    left, top = np.floor(points.min(axis=0)).astype(int).clip(0, size - 1)
    right, bottom = np.ceil(points.max(axis=0)).astype(int).clip(1, size)
    return slice(top, bottom), slice(left, right)


def draw_parts(
    name: str, outlines: list[np.ndarray], window: tuple[slice, slice]
) -> tuple[np.ndarray, tuple[float, float, float, float]]:
    """Draw the parts of one object as shares of each pixel.

    Args:
        name: the class.
        outlines: one (points, 2) array for each part of the class, in pixels of the whole image.
        window: the rows and columns to draw.

    Returns:
        Float32 (3, height, width), 0 to 1: how much of each pixel of the window the main colour covers, the
        accent, and the two together; and the box x0, y0, x1, y1 round them, in pixels of the whole image.
    """
    rows, columns = window
    corner = (columns.start, rows.start)
    fine = ((columns.stop - columns.start) * FINER, (rows.stop - rows.start) * FINER)
    drawing = Image.new("RGB", fine)  # a colour channel for each of the three shares
    pen = ImageDraw.Draw(drawing)
    for outline, part in zip(outlines, shapes.SHAPES[name], strict=True):
        pen.polygon(((outline - corner) * FINER).ravel().tolist(), fill=PEN[part.paint])
    box = np.reshape(drawing.getbbox() or (0, 0, 0, 0), (2, 2)) / FINER + corner
    return _planes(drawing), tuple(box.ravel().tolist())


def _planes(drawing: Image.Image) -> np.ndarray:
    """Return a fine drawing averaged to pixels, as float32 planes (channels, height, width), 0 to 1."""
    pixels = np.asarray(drawing.reduce(FINER)).transpose(2, 0, 1)
    return np.multiply(pixels, np.float32(1 / 255), order="C", dtype=np.float32)


def _draw_clutter(pen: ImageDraw.ImageDraw, rng: np.random.Generator, fine: int) -> None:
    """Draw one line, disc or bar, of 3 to 12 per cent of the image's side."""
    colour = (*rng.integers(0, 256, 3).tolist(), 255)
    x, y, width, high = (rng.random(4) * (1, 1, 0.09, 0.7) + (0, 0, 0.03, 0.3)).tolist()
    kind = rng.integers(3)
    if kind == 0:
        dx, dy = rng.normal(0, 0.3, 2).tolist()
        ends = [x * fine, y * fine, (x + dx) * fine, (y + dy) * fine]
        pen.line(ends, fill=colour, width=max(1, fine // 30))
    else:
        high = width if kind == 1 else width * high
        corners = [(x - width) * fine, (y - high) * fine, (x + width) * fine, (y + high) * fine]
        (pen.ellipse if kind == 1 else pen.rectangle)(corners, fill=colour)


def paint_occluder(canvas: np.ndarray, rng: np.random.Generator) -> None:
    """Hide a part of the canvas, in place, behind a plain block of 10 to 28 per cent of its side."""
    size = canvas.shape[1]
    side = rng.uniform(0.1, 0.28) * size
    left, top = (rng.random(2) * (size - side)).astype(int)
    right = left + max(1, int(side * rng.uniform(0.5, 1)))
    canvas[:, top : top + max(1, int(side)), left:right] = plane(rng.random(3))


def photograph(canvas: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the canvas as a camera might: brightness, contrast and noise, as uint8."""
    contrast, brightness, noise = rng.uniform(0.7, 1.15), rng.normal(0, 0.03), rng.uniform(0, 0.06)
    grain = rng.standard_normal(canvas.shape, dtype=np.float32)
    grain *= np.float32(255 * noise)
    grain += canvas * np.float32(255 * contrast)
    grain += np.float32(255 * brightness)
    return np.clip(grain, 0, 255, out=grain).astype(np.uint8).transpose(1, 2, 0)
