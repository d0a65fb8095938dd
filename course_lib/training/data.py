"""Labelled pictures from what people have: arrays, lists of files, or a folder with a folder for each class."""

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from course_lib.errors import BadInput
from course_lib.files import expanded
from course_lib.media.images import find_images
from course_lib.training.pictures import Pictures, pictures_of


@dataclass(frozen=True)
class Labelled:
    """Pictures with their classes.

    Attributes:
        images: the pictures, read when they are asked for.
        labels: (n,) int32, positions in `names`.
        names: the class names.
    """

    images: Pictures
    labels: np.ndarray
    names: tuple[str, ...]

    @cached_property
    def keys(self) -> list[bytes]:
        """The SHA-256 of each picture's contents."""
        return [self.images.key(i) for i in range(len(self.images))]

    @property
    def counts(self) -> np.ndarray:
        """The number of pictures in each class, (classes,)."""
        return np.bincount(self.labels, minlength=len(self.names))

    def take(self, indices: Iterable[int]) -> "Labelled":
        """Return some of the pictures."""
        indices = np.asarray(indices, np.int64)
        return Labelled(self.images.take(indices), self.labels[indices], self.names)

    def split(self, part: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Hold out a part of each class.

        Which pictures are held out is told by their contents, so new files leave the old ones where they are, and
        copies of a picture are never on both sides. One that lies in two classes is not held out.

        Args:
            part: how much of each class to hold out, 0 to less than 1; rounded, and never a whole class.
            seed: of the choice.

        Returns:
            The indices of the larger part and of the held-out one, (n,) each.
        """
        held_out: set[bytes] = set()
        twofold = self.twofold
        for label in range(len(self.names)):
            contents = {self.keys[i] for i in np.flatnonzero(self.labels == label)}
            count = min(round(part * len(contents)), len(contents) - 1)
            by_chance = sorted(
                contents - twofold, key=lambda key: hashlib.sha256(b"%d" % seed + key).digest()
            )
            held_out.update(by_chance[:count])
        held = np.array([key in held_out for key in self.keys], bool)
        return np.flatnonzero(~held), np.flatnonzero(held)

    @property
    def twofold(self) -> set[bytes]:
        """The contents that lie in more than one class."""
        classes: dict[bytes, set[int]] = {}
        for key, label in zip(self.keys, self.labels.tolist(), strict=True):
            classes.setdefault(key, set()).add(label)
        return {key for key, labels in classes.items() if len(labels) > 1}


def labelled(data, resize, class_names: Sequence[str] | None = None) -> Labelled:
    """Take labelled pictures, without reading them.

    Args:
        data: `(images, labels)`, where images are an array (n, height, width, 3) or anything that
            `open_images` takes and labels are (n,) numbers from 0 or names; or a folder with a folder for each class.
        resize: brings one picture (height, width, 3) uint8 to the size that the network takes.
        class_names: the names of classes 0, 1, ...; needless where labels or folders are names.

    Returns:
        The pictures with labels and names.

    Raises:
        BadInput: what is given does not fit together.
    """
    if class_names is not None:
        class_names = [str(name) for name in class_names]
    if isinstance(data, str | Path):
        paths, labels, names = _from_folder(expanded(data), class_names)
        images = Pictures(paths, resize)
    elif isinstance(data, tuple | list) and len(data) == 2:
        labels, names = _numbered(_label_array(data[1]), class_names)
        images = pictures_of(data[0], resize)
    else:
        raise BadInput("data is (images, labels), or the path of a folder with a folder for each class.")
    _check_printable(names)
    if len(images) != len(labels):
        raise BadInput(
            f"There are {len(images)} images and {len(labels)} labels: each image needs one label, and an array of images is "
            "(n, height, width, 3)."
        )
    result = Labelled(images, np.asarray(labels, np.int32), tuple(names))
    check_classes(result)
    return result


def class_weights(data: Labelled) -> np.ndarray:
    """Return a weight for each class, (classes,) float32, with which all count the same; 1 where they are balanced."""
    return (len(data.labels) / (len(data.names) * data.counts)).astype(np.float32)


def check_classes(data: Labelled, failures: Sequence[str] = ()) -> None:
    """Refuse data with fewer than two classes, or with a class that has no picture.

    Args:
        data: the pictures that can be read, as far as that is known.
        failures: why others can't be, a sentence for each.

    Raises:
        BadInput: there is too little to learn from.
    """
    if len(data.names) < 2:
        there = f"one class, {data.names[0]!r}" if data.names else "no class"
        raise BadInput(f"Training needs two classes or more with an image in each, and there is {there}.")
    if not data.counts.all():
        why = f" that can be read ({len(failures)} can't; the first: {failures[0]})" if failures else ""
        raise BadInput(
            f"Training needs an image in each class, and {data.names[data.counts.argmin()]!r} has none{why}: add some, or "
            "leave that class away."
        )


def _label_array(labels) -> np.ndarray:
    """Return labels as an array; names in one of objects, as pandas keeps them, become text, and truth values numbers."""
    labels = np.asarray(labels)
    if labels.dtype == object and all(isinstance(label, str) for label in labels.flat):
        return labels.astype(str)
    return labels.astype(np.int32) if labels.dtype == bool else labels


def _numbered(labels: np.ndarray, class_names: Sequence[str] | None) -> tuple[np.ndarray, list[str]]:
    """Return labels as numbers, and the names of the classes."""
    if labels.ndim != 1:
        raise BadInput(f"labels is one label for each image, (n,), not of the shape {labels.shape}.")
    if labels.dtype.kind in "US":
        names = list(class_names or sorted(set(labels.tolist())))
        unknown = sorted(set(labels.tolist()) - set(names))
        if unknown:
            raise BadInput(f"The label {unknown[0]!r} is not among the class names {names}.")
        number = {name: i for i, name in enumerate(names)}
        return np.array([number[label] for label in labels.tolist()], np.int32), names
    if labels.dtype.kind not in "iu" or not len(labels) or labels.min() < 0:
        raise BadInput("labels are whole numbers from 0, or names of classes.")
    if class_names is None and labels.max() >= len(labels):  # before so many names are made up
        raise BadInput(
            f"A label is {labels.max()}, with {len(labels)} labels in all: number the classes from 0, without gaps."
        )
    names = list(class_names) if class_names is not None else [f"class {i}" for i in range(labels.max() + 1)]
    if labels.max() >= len(names):
        raise BadInput(
            f"A label is {labels.max()}, but there are {len(names)} class names: the first label is 0."
        )
    return labels, names


def _from_folder(folder: Path, class_names: Sequence[str] | None) -> tuple[list[Path], list[int], list[str]]:
    """List the pictures of a folder of class folders."""
    if not folder.is_dir():
        raise BadInput(f"There is no folder {str(folder)!r}: give one that holds a folder for each class.")
    names = list(class_names or sorted(p.name for p in folder.iterdir() if p.is_dir() and p.name[0] != "."))
    if not names:
        raise BadInput(
            f"The folder {str(folder)!r} holds no class folders: make one for each class, named after it, with its pictures."
        )
    _check_distinct(names)
    paths, labels = [], []
    for label, name in enumerate(names):
        found = find_images(folder / name)
        paths += found
        labels += [label] * len(found)
    return paths, labels, names


def _check_printable(names: list[str]) -> None:
    """Refuse names that a terminal would obey: a model with one could be saved and not be opened again."""
    if odd := next((name for name in names if not name.isprintable()), None):
        raise BadInput(f"The class {odd!r} has a character that can't be printed in its name: rename it.")


def _check_distinct(names: list[str]) -> None:
    """Refuse folders whose names look alike: on another system, or in a report, they would be one class."""
    seen: dict[str, str] = {}
    clashes = []
    for name in names:
        other = seen.setdefault(unicodedata.normalize("NFKC", name).casefold().strip(), name)
        if other != name:
            clashes.append((other, name))
    if clashes:
        more = f" ({len(clashes)} pairs in all)" if len(clashes) > 1 else ""
        raise BadInput(
            f"The class folders {clashes[0][0]!r} and {clashes[0][1]!r} can hardly be told apart{more}: give them other "
            "names, or put their pictures into one."
        )
