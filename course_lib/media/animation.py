"""Frames that move: GIF files."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from course_lib.errors import BadInput
from course_lib.files import expanded, write_atomically

SMALLEST = 128  # pixels: what is smaller grows by a whole factor


def gif(frames: np.ndarray, per_second: float = 12.0) -> bytes:
    """Make an endless GIF of frames.

    Args:
        frames: (n, height, width, 3) uint8.
        per_second: how many are shown a second, 1 to 50.

    Returns:
        The bytes of the file; small frames are enlarged, pixel for pixel.

    Raises:
        BadInput: no frames, of another shape, or a speed that a GIF can't have.
    """
    frames = np.asarray(frames)
    if frames.ndim != 4 or not len(frames) or frames.shape[-1] != 3 or frames.dtype != np.uint8:
        raise BadInput(
            f"A GIF is made of frames (n, height, width, 3) uint8, not {frames.dtype} {frames.shape}."
        )
    if not 1 <= per_second <= 50:
        raise BadInput(f"A GIF shows 1 to 50 frames a second, not {per_second:g}.")
    scale = max(1, -(-SMALLEST // min(frames.shape[1:3])))
    pages = [Image.fromarray(frame.repeat(scale, 0).repeat(scale, 1)) for frame in frames]
    if not (frames != frames[..., :1]).any():
        pages = [page.convert("L") for page in pages]  # 256 greys are all there: nothing is dithered
    file = io.BytesIO()
    pages[0].save(
        file, "GIF", save_all=True, append_images=pages[1:], duration=round(1000 / per_second), loop=0
    )
    return file.getvalue()


def check_name(path: str | Path) -> Path:
    """Return the path; raise BadInput where it is no name for moving pictures."""
    path = expanded(path)
    if path.suffix.lower() != ".gif":
        raise BadInput(f"{path}: moving pictures are written as GIF, so give a name that ends in .gif.")
    return path


def write_gif(path: str | Path, frames: np.ndarray, per_second: float = 12.0) -> None:
    """Write frames as `gif` makes them, whole or not at all.

    Raises:
        BadInput: as `gif`, or the path does not end in .gif.
        CourseError: it can't be written there.
    """
    path = check_name(path)
    content = gif(frames, per_second)
    write_atomically(path, lambda file: file.write(content))
