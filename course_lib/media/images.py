"""Pictures in, whatever people have: a path, a PIL image, an array, a folder, or a list of them."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from course_lib.errors import BadInput
from course_lib.files import expanded
from course_lib.media.arrays import array_image
from course_lib.media.paths import files_in, given_file, is_empty
from course_lib.media.picture_files import MAX_PIXELS, decode, read_file
from course_lib.media.resize import resize_crop, resize_squash
from course_lib.media.samples import sample, samples

__all__ = [
    "MAX_PIXELS",
    "count_images",
    "find_images",
    "is_single",
    "open_images",
    "picture_path",
    "read_image",
    "resize_crop",
    "resize_squash",
    "sample_crops",
    "spread_images",
]

PHOTOS = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif")
OTHERS = (".pbm", ".pgm", ".ppm", ".pnm", ".jp2")
UNREADABLE = (".heic", ".heif")  # a phone's photograph should be named, not passed over in silence
SUFFIXES = frozenset(PHOTOS + OTHERS + UNREADABLE)


def read_image(source) -> np.ndarray:
    """Read one picture.

    Args:
        source: The path of a file, "sample:cat", a PIL image, or an array (height, width[, channels]) of 0 to 255.

    Returns:
        (height, width, 3) uint8, RGB, upright. Of an animation the first frame; what is transparent becomes white.

    Raises:
        BadInput: It cannot be read; the sentence says what it is, why not, and what to do.
    """
    if isinstance(source, str | Path):
        return read_file(picture_path(source))
    if isinstance(source, Image.Image):
        return decode(source)
    if hasattr(source, "__array__") and hasattr(source, "shape"):
        return array_image(np.asarray(source))
    raise BadInput(
        f"Cannot read a picture from {type(source).__name__}: give a path, a PIL image or a NumPy array."
    )


def sample_crops(each: int, seed: int, names: Iterable[str] | None = None) -> list[np.ndarray]:
    """Cut squares at random places out of the sample photographs.

    Args:
        each: how many from every photograph.
        seed: of the sides, 60 to 100 % of the photograph's shorter one, and of the places.
        names: of the photographs; all of them if None.

    Returns:
        The squares, photograph by photograph: (side, side, 3), uint8.
    """
    dice, crops = np.random.default_rng(seed), []
    for pixels in [read_image(sample(name)) for name in names or samples()]:
        for _ in range(each):
            side = int(min(pixels.shape[:2]) * dice.uniform(0.6, 1))
            top, left = (dice.integers(length - side + 1) for length in pixels.shape[:2])
            crops.append(pixels[top : top + side, left : left + side])
    return crops


def is_single(inputs) -> bool:
    """Say whether the inputs are one picture, rather than many.

    Args:
        inputs: Anything that `open_images` takes.

    Returns:
        True for a file, a PIL image or an array of one picture; False for a folder, a batch or a list.
    """
    if isinstance(inputs, str | Path):
        return is_empty(inputs) or not os.path.isdir(expanded(inputs))
    return isinstance(inputs, Image.Image) or (hasattr(inputs, "__array__") and np.ndim(inputs) != 4)


def find_images(folder) -> list[Path]:
    """List the picture files of a folder and of the folders in it.

    Args:
        folder: The path of a folder.

    Returns:
        The paths in sorted order, chosen by suffix; hidden files and folders are passed over.

    Raises:
        BadInput: The path is empty, or the folder does not exist.
    """
    if is_empty(folder):
        raise BadInput("The path of the folder is empty: put its name there, or '.' for the one you are in.")
    folder = expanded(folder)
    if not os.path.isdir(folder):
        raise BadInput(f"There is no folder {str(folder)!r}: check the path.")
    return list(files_in(folder, SUFFIXES))


def count_images(inputs) -> int:
    """Count the pictures that `open_images` would yield, without reading any.

    Args:
        inputs: A path, a folder, a PIL image, an array, a batch, or a list of these.

    Returns:
        The number of pictures, readable or not.
    """
    if is_single(inputs):
        return 1
    if isinstance(inputs, str | Path):
        return sum(1 for _ in files_in(expanded(inputs), SUFFIXES))
    return sum(count_images(one) for one in inputs)


def spread_images(inputs, most: int) -> list:
    """Choose some pictures of many, evenly spaced, without reading any.

    Args:
        inputs: Anything that `open_images` takes.
        most: How many; of fewer, all are chosen.

    Returns:
        What `open_images` takes, one for each picture.
    """
    every = _listed(inputs)
    count = min(len(every), most)
    return [every[index * len(every) // count] for index in range(count)]


def _listed(inputs) -> list:
    if is_single(inputs) or not isinstance(inputs, str | Path | Iterable):
        return [inputs]
    if isinstance(inputs, str | Path):
        return find_images(inputs)
    return [one for many in inputs for one in _listed(many)]


def open_images(inputs) -> Iterator[tuple[str, np.ndarray | BadInput]]:
    """Read pictures one at a time, so that memory stays flat however many there are.

    Args:
        inputs: A path, a folder, a PIL image, an array (H, W, 3), a batch (N, H, W, 3), or an iterable of these.

    Yields:
        (name, picture) with a (height, width, 3) uint8 picture; or (name, error), and then the next one.
    """
    yield from _open(inputs, "image")


def _open(inputs, name) -> Iterator[tuple[str, np.ndarray | BadInput]]:
    if isinstance(inputs, str | Path) and not is_single(inputs):
        yield from _open_folder(expanded(inputs))
    elif is_single(inputs):
        name = str(inputs) if isinstance(inputs, str | Path) else name
        yield name, _image_or_error(inputs)
    elif isinstance(inputs, Iterable):
        for index, one in enumerate(inputs):
            yield from _open(one, f"{name}[{index}]")
    else:
        yield name, _image_or_error(inputs)


def _open_folder(folder: Path) -> Iterator[tuple[str, np.ndarray | BadInput]]:
    path = None
    for path in files_in(folder, SUFFIXES):
        yield str(path), _image_or_error(path)
    if path is None:
        error = f"The folder {str(folder)!r} holds no pictures: put JPEG, PNG, WebP, GIF, BMP or TIFF files into it."
        yield str(folder), BadInput(error)


def _image_or_error(source) -> np.ndarray | BadInput:
    try:
        return read_image(source)
    except BadInput as error:
        return error


def picture_path(given: str | Path) -> Path:
    """Return the file that a path or "sample:cat" means; raise BadInput for an empty path or an address."""
    if str(given).startswith("sample:"):
        return sample(str(given).removeprefix("sample:"))
    return given_file(given, "picture", "holiday.jpg")
