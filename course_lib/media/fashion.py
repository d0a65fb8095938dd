"""Fashion-MNIST: 70,000 small grey photographs of clothes, shoes and bags, of ten kinds.

1,200 of them come with the course, so that lessons need nothing else; the full set, for training and for full
measurements, is read where this machine has it. All pictures are padded from 28 to 32 pixels with their own black.

Source: arXiv 1708.07747 (Xiao, Rasul, Vollgraf); MIT licence, see data/fashion/LICENSE.
"""

import gzip
import hashlib
import os
import zlib
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from course_lib.data_dir import data_dir
from course_lib.errors import BadInput, CourseError
from course_lib.files import write_atomically

KINDS = ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
SIZE = 32  # side of a padded picture, pixels
SIDE = 28  # as published
SHEETS = {"test": 100, "train": 20}  # split -> pictures of each kind that are shipped of it
DEBIAN = Path("/usr/share/datasets/fashion-mnist")
PREFIXES = {"train": "train", "test": "t10k"}
# Of the files' content: Debian packs the same bytes otherwise than upstream does.
SHA256 = {
    "train-images-idx3-ubyte.gz": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte.gz": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte.gz": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte.gz": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}


def fashion(split: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the full set, where this machine has it: from Debian's package, or from what Keras once downloaded.

    Args:
        split: "train", 60,000 pictures, or "test", 10,000.

    Returns:
        Pictures (n, 32, 32, 1) uint8, 0 black, and labels (n,) int32, places in KINDS.

    Raises:
        BadInput: another split.
        CourseError: the files are not on this machine, or not those that were published.
    """
    if split not in PREFIXES:
        raise BadInput(f"Fashion-MNIST has the splits 'train' and 'test', not {split!r}.")
    folder = _folder()
    if folder is None:
        raise CourseError(
            "The full Fashion-MNIST is not on this machine: install Debian's package dataset-fashion-mnist, or call "
            "keras.datasets.fashion_mnist.load_data() once while there is a network."
        )
    images = _content(folder / f"{PREFIXES[split]}-images-idx3-ubyte.gz")[16:]
    labels = _content(folder / f"{PREFIXES[split]}-labels-idx1-ubyte.gz")[8:]
    return padded(images.reshape(-1, SIDE, SIDE)), labels.astype(np.int32)


def is_here() -> bool:
    """Say whether this machine has the full set."""
    return _folder() is not None


def held_out() -> tuple[np.ndarray, np.ndarray]:
    """Return the 1,000 test pictures that come with the course, a hundred of each kind, kind by kind; see `fashion`."""
    return _shipped("test")


def few() -> tuple[np.ndarray, np.ndarray]:
    """Return the 200 training pictures that come with the course, twenty of each kind, kind by kind; see `fashion`."""
    return _shipped("train")


def padded(images: np.ndarray) -> np.ndarray:
    """Put a black edge of two pixels round pictures: (n, 28, 28) -> (n, 32, 32, 1)."""
    edge = (SIZE - SIDE) // 2
    return np.pad(images, ((0, 0), (edge, edge), (edge, edge)))[..., None]


def ship() -> None:
    """Write the sheets that come with the course: of each kind the first pictures of the full set."""
    for split, count in SHEETS.items():
        images, labels = fashion(split)
        chosen = np.concatenate([np.flatnonzero(labels == kind)[:count] for kind in range(len(KINDS))])
        edge = (SIZE - SIDE) // 2
        pictures = images[chosen, edge:-edge, edge:-edge, 0]
        columns = _columns(count)
        rows = pictures.reshape(-1, columns, SIDE, SIDE).transpose(0, 2, 1, 3)
        sheet = Image.fromarray(rows.reshape(-1, columns * SIDE))
        write_atomically(_sheet(split), lambda file, sheet=sheet: sheet.save(file, "PNG", optimize=True))


@cache
def _read_sheet(split: str) -> np.ndarray:
    with Image.open(_sheet(split)) as sheet:
        page = np.asarray(sheet)
    columns = _columns(SHEETS[split])
    pictures = page.reshape(-1, SIDE, columns, SIDE).transpose(0, 2, 1, 3)
    return padded(pictures.reshape(-1, SIDE, SIDE))


def _shipped(split: str) -> tuple[np.ndarray, np.ndarray]:
    labels = np.repeat(np.arange(len(KINDS), dtype=np.int32), SHEETS[split])
    return _read_sheet(split).copy(), labels


def _sheet(split: str) -> Path:
    return data_dir() / "fashion" / f"{split}.png"


def _columns(count: int) -> int:
    """Return how many pictures stand in a row of a sheet: no row has two kinds."""
    return min(count, 50)


def _folder() -> Path | None:
    keras_home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    places = (DEBIAN, keras_home / "datasets" / "fashion-mnist")
    return next((place for place in places if all((place / name).is_file() for name in SHA256)), None)


def _content(path: Path) -> np.ndarray:
    try:
        with gzip.open(path) as file:
            content = file.read(48_000_000)  # the largest has 47,040,016 bytes: a bomb stops here
    except (OSError, EOFError, zlib.error) as error:
        raise CourseError(f"{path} can't be read: {error}. Install the data set again.") from error
    if hashlib.sha256(content).hexdigest() != SHA256[path.name]:
        raise CourseError(f"{path} is not the file that was published: install the data set again.")
    return np.frombuffer(content, np.uint8)


if __name__ == "__main__":
    ship()
