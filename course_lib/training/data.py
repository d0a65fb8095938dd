"""Labelled images from what people have: arrays, lists of files, or a folder with a folder for each class."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course_lib.errors import BadInput
from course_lib.media.images import find_images, open_images, read_image


@dataclass(frozen=True)
class Labelled:
    """Images with their classes.

    Attributes:
        images: (n, size, size, 3) uint8.
        labels: (n,) int32, positions in `names`.
        names: the class names.
    """

    images: np.ndarray
    labels: np.ndarray
    names: tuple[str, ...]

    def split(self, part: float, seed: int) -> tuple["Labelled", "Labelled"]:
        """Hold out a part of each class.

        Args:
            part: how much of each class to hold out, 0 to less than 1; rounded, and never a whole class.
            seed: of the choice.

        Returns:
            The larger and the held-out set.
        """
        rng = np.random.default_rng(seed)
        held = np.zeros(len(self.labels), bool)
        for label in range(len(self.names)):
            mine = rng.permutation(np.flatnonzero(self.labels == label))
            held[mine[: min(round(part * len(mine)), len(mine) - 1)]] = True
        return self._where(~held), self._where(held)

    def _where(self, chosen: np.ndarray) -> "Labelled":
        return Labelled(self.images[chosen], self.labels[chosen], self.names)


def labelled(data, resize, class_names: Sequence[str] | None = None) -> Labelled:
    """Read labelled images.

    Args:
        data: `(images, labels)`, where images are an array (n, height, width, 3) or anything that
            `open_images` takes and labels are numbers or names; or a folder with a folder for each class.
        resize: brings one picture (height, width, 3) uint8 to the size that the network takes.
        class_names: the names of classes 0, 1, ...; needless where labels or folders are names.

    Returns:
        The images, all of one size, with labels and names.

    Raises:
        BadInput: what is given does not fit together.
    """
    if isinstance(data, str | Path):
        images, labels, names = _from_folder(Path(data).expanduser(), resize, class_names)
    elif isinstance(data, tuple | list) and len(data) == 2:
        labels, names = _numbered(np.asarray(data[1]), class_names)
        images = _read(data[0], resize)
    else:
        raise BadInput("data is (images, labels), or the path of a folder with a folder for each class.")
    if len(images) != len(labels):
        raise BadInput(
            f"There are {len(images)} images and {len(labels)} labels: each image needs one label."
        )
    counts = np.bincount(labels, minlength=len(names))
    if len(names) < 2 or not counts.all():
        empty = f"{names[counts.argmin()]!r} has none" if len(names) else "there is no class"
        raise BadInput(
            f"Training needs two classes or more with an image in each: {empty if len(names) != 1 else 'there is one class'}."
        )
    return Labelled(np.stack(images), labels.astype(np.int32), tuple(names))


def _read(images, resize) -> list[np.ndarray]:
    read = []
    for name, image in open_images(images):
        if isinstance(image, BadInput):  # left out, it would shift all labels after it
            raise BadInput(f"{name}: {image}")
        read.append(resize(image))
    return read


def _numbered(labels: np.ndarray, class_names: Sequence[str] | None) -> tuple[np.ndarray, list[str]]:
    """Return labels as numbers, and the names of the classes."""
    if labels.ndim != 1:
        raise BadInput(f"labels is one label for each image, (n,), not of the shape {labels.shape}.")
    if labels.dtype.kind in "US":
        names = list(class_names or sorted(set(labels.tolist())))
        unknown = sorted(set(labels.tolist()) - set(names))
        if unknown:
            raise BadInput(f"The label {unknown[0]!r} is not among the class names {names}.")
        return np.array([names.index(label) for label in labels.tolist()], np.int32), names
    if labels.dtype.kind not in "iu" or not len(labels) or labels.min() < 0:
        raise BadInput("labels are whole numbers from 0, or names of classes.")
    names = list(class_names) if class_names is not None else [f"class {i}" for i in range(labels.max() + 1)]
    if labels.max() >= len(names):
        raise BadInput(
            f"A label is {labels.max()}, but there are {len(names)} class names: the first label is 0."
        )
    return labels, names


def _from_folder(folder: Path, resize, class_names: Sequence[str] | None):
    """Read a folder of class folders; files that cannot be read are skipped, counted and named."""
    if not folder.is_dir():
        raise BadInput(f"There is no folder {str(folder)!r}: give one that holds a folder for each class.")
    names = list(class_names or sorted(p.name for p in folder.iterdir() if p.is_dir() and p.name[0] != "."))
    images, labels, failures = [], [], []
    for label, name in enumerate(names):
        for path in find_images(folder / name):
            try:
                images.append(resize(read_image(path)))
                labels.append(label)
            except BadInput as error:
                failures.append(f"{path.name}: {error}")
    if failures:
        warnings.warn(f"{len(failures)} files were skipped; the first is {failures[0]}", stacklevel=4)
    return images, np.array(labels, np.int32), names
