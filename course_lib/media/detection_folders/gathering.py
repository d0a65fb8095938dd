"""What the readers of all layouts share: pictures with boxes, and a tally of what could not be used."""

import difflib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tqdm import tqdm

from course_lib.boxes import Boxes
from course_lib.errors import BadInput
from course_lib.media.images import read_image
from course_lib.media.picture_files import size_of_file

CUT = "Boxes that reached beyond their picture and were cut at its edges"
OUTSIDE = "Boxes wholly outside of their picture, left out"
FLAT = "Boxes without area or inside out, left out"
BROKEN = "Boxes that are not four finite numbers, left out"
MISSING = "Pictures that are missing"
UNREADABLE = "Pictures that cannot be read, left out"
UNUSABLE = "Label files that cannot be used, left out with their pictures"
RESIZED = "Pictures of another size than their label file says; their boxes may lie elsewhere"
ROUNDING = 0.01  # pixels; what a text file's decimals lose is no reason to worry anybody


@dataclass(frozen=True)
class DetectionFolder:
    """Pictures with true boxes; the pictures are read when they are asked for.

    Attributes:
        paths: the picture files.
        boxes: the true boxes of each, in pixels of the picture as `read_image` gives it; none for an empty scene.
        class_names: label i is class_names[i].
        skipped: what was left out or changed, how often and where first: a sentence for each kind.
    """

    paths: tuple[Path, ...] = field(repr=False)
    boxes: tuple[Boxes, ...] = field(repr=False)
    class_names: tuple[str, ...]
    skipped: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[np.ndarray, Boxes]:
        """Read a picture: (height, width, 3) uint8, and its boxes."""
        return read_image(self.paths[index]), self.boxes[index]

    @property
    def counts(self) -> np.ndarray:
        """How many boxes there are of each class, (classes,)."""
        labels = np.concatenate([np.zeros(0, np.int32), *(boxes.labels for boxes in self.boxes)])
        return np.bincount(labels, minlength=len(self.class_names))


class Gathering:
    """Collects pictures and their boxes, cuts and counts what does not fit, and numbers the classes at the end."""

    def __init__(self, class_names: Sequence[str] | None):
        self.class_names = None if class_names is None else checked_names(class_names)
        self.paths: list[Path] = []
        self.corners: list[np.ndarray] = []
        self.names: list[list[str]] = []
        self.tally: dict[str, list] = {}

    def note(self, kind: str, where: str, count: int = 1) -> None:
        """Count something that could not be used; the first `where` is what a person will look at."""
        if count:
            self.tally.setdefault(kind, [0, where])[0] += count

    def check_class(self, name: str, file: Path) -> None:
        """Refuse a class that is not among the given names, naming the file and the nearest of them."""
        if self.class_names is None or name in self.class_names:
            return
        near = difflib.get_close_matches(name, self.class_names, n=1, cutoff=0)
        raise BadInput(
            f"{file.name!r} has an object of the class {short(name)}, which is not among the given class names; the nearest is "
            f"{near[0]!r}. Mend the file or add the class."
        )

    def add(
        self, path: Path, corners: Iterable, names: Sequence[str], said_size=None, fractions: bool = False
    ) -> None:
        """Take one picture.

        Args:
            path: of the picture, which exists.
            corners: x0, y0, x1, y1 in pixels for each box: whatever the file gave, numbers or not.
            names: the class of each.
            said_size: (height, width) as the label file says, if it does.
            fractions: the corners are not in pixels but parts of the picture's sides.
        """
        try:
            size = size_of_file(path)
        except BadInput as error:
            self.note(UNREADABLE, str(error))
            return
        if said_size and all(said_size) and tuple(said_size) != size:
            self.note(RESIZED, repr(path.name))
        corners = _as_numbers(corners) * ([size[1], size[0]] * 2 if fractions else 1)
        corners, kept = self._usable(corners, *size, repr(path.name))
        self.paths.append(path)
        self.corners.append(corners)
        self.names.append([name for name, keep in zip(names, kept, strict=True) if keep])

    def finish(self, source: Path, class_names: Sequence[str] | None = None) -> DetectionFolder:
        """Return what was gathered.

        Args:
            source: the file or folder that was read, for the error.
            class_names: where the data set has an order of its own and nobody gave another; else the names are sorted.

        Raises:
            BadInput: not one picture can be used.
        """
        skipped = tuple(
            f"{kind}: {count} (the first: {where})" for kind, (count, where) in self.tally.items()
        )
        if not self.paths:
            why = f" {skipped[0]}." if skipped else ""
            raise BadInput(f"{str(source)!r} leads to no picture with labels that can be used.{why}")
        names = (
            self.class_names or class_names or sorted({name for several in self.names for name in several})
        )
        if odd := next((name for name in names if not name.isprintable()), None):
            raise BadInput(
                f"The class {short(odd)} has a character that can't be printed in its name: rename it."
            )
        number = {name: index for index, name in enumerate(names)}
        boxes = [
            Boxes.of(corners, [number[name] for name in several])
            for corners, several in zip(self.corners, self.names, strict=True)
        ]
        return DetectionFolder(tuple(self.paths), tuple(boxes), tuple(names), skipped)

    def _usable(self, corners: np.ndarray, height: int, width: int, where: str):
        """Cut boxes at the picture's edges; return those that are left, and which they are."""
        with np.errstate(invalid="ignore", over="ignore"):
            corners = corners.astype(np.float32)  # as they are kept: what has an area there
            broken = ~np.isfinite(corners).all(-1)
            flat = ~broken & (corners[:, 2:] <= corners[:, :2]).any(-1)
            cut = np.clip(corners, 0, np.float32([width, height, width, height]))
            outside = ~broken & ~flat & (cut[:, 2:] <= cut[:, :2]).any(-1)
            kept = ~(broken | flat | outside)
            changed = kept & (np.abs(cut - corners) > ROUNDING).any(-1)
        for kind, mask in ((BROKEN, broken), (FLAT, flat), (OUTSIDE, outside), (CUT, changed)):
            self.note(kind, where, int(mask.sum()))
        return cut[kept], kept


def read_bytes(path: Path, most: int) -> bytes:
    """Read a label file that nobody vouches for.

    Args:
        path: the file.
        most: how many bytes it may have.

    Raises:
        BadInput: there is no such file, it cannot be read, or it is larger.
    """
    if not os.path.isfile(path):  # a pipe would keep us waiting
        raise BadInput(f"There is no file {str(path)!r}: check the path.")
    try:
        with open(path, "rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise BadInput(f"{path.name!r} cannot be read: {error.strerror}.") from None
    if len(content) > most:
        raise BadInput(f"{path.name!r} has over {most:,} bytes, more than a label file needs.")
    return content


def bar(items: Sequence) -> Iterable:
    """Show how far the reading is, if it takes long."""
    return tqdm(items, "reading labels", unit="file", delay=2, leave=False, disable=None)


def relative_parts(name: str) -> list[str]:
    """Return the parts of a path that a file gives, without what would lead out of its folder: a root, a drive, ".."."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    parts = parts[-1:] if ".." in parts else parts
    return [part for part in parts if part != ".." and not part.endswith(":")]


def short(value) -> str:
    """Return how Python writes a value of a foreign file, without what a terminal would obey, and not much of it."""
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:90]} ..."


def _as_numbers(corners: Iterable) -> np.ndarray:
    """Return boxes as (n, 4) float64; one that is not four numbers as NaN."""
    rows = []
    for corner in corners:
        try:
            row = [float(number) for number in corner]
        except (TypeError, ValueError, OverflowError):
            row = []
        rows.append(row if len(row) == 4 else [np.nan] * 4)
    return np.array(rows, np.float64).reshape(-1, 4)


def checked_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of classes 0, 1, ...; raise BadInput unless they are several texts, each of them once."""
    if isinstance(names, str) or not names or not all(isinstance(name, str) for name in names):
        raise BadInput("class_names is a list of names, such as ['cat', 'dog'].")
    if len(set(names)) < len(names):
        raise BadInput("class_names has a name twice: each class needs its own.")
    return tuple(names)
