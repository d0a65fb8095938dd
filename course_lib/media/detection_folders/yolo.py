"""YOLO's layout: a text file for each picture, and the names of the classes in data.yaml or classes.txt."""

from collections.abc import Sequence
from pathlib import Path

import yaml

from course_lib.errors import BadInput, first_line
from course_lib.files import expanded
from course_lib.media.detection_folders.gathering import (
    UNUSABLE,
    DetectionFolder,
    Gathering,
    bar,
    read_bytes,
    short,
)
from course_lib.media.images import find_images

MOST_BYTES = 5_000_000  # a hundred thousand objects
MOST_NAMES = 200_000  # bytes of data.yaml
MOST_DEEP = 10  # lists within lists in data.yaml
BARE = "Pictures without a label file, taken as empty scenes"


def read_yolo(folder, split: str | None = None, class_names: Sequence[str] | None = None) -> DetectionFolder:
    """Read a data set in YOLO's layout.

    Args:
        folder: one with images and labels in it, or one where the text files lie beside the pictures.
        split: the name of a folder within it, such as "train" for images/train or train/images; None takes all pictures.
        class_names: the names of labels 0, 1, ...; None takes those of data.yaml or classes.txt.

    Returns:
        The pictures in the order of their names; one without a label file is an empty scene. An outline counts as its box.

    Raises:
        BadInput: there are no such files, nobody says the classes' names, or a file has a class without one.

    Source:
        docs.ultralytics.com/datasets/detect
    """
    root = expanded(folder)
    pictures = [
        path for path in find_images(root) if split is None or split in path.relative_to(root).parts[:-1]
    ]
    labels = [_label_file(path, root) for path in pictures]
    if not any(path.is_file() for path in labels):
        where = f"{str(root)!r}" + (f" in folders called {split!r}" if split else "")
        raise BadInput(
            f"No picture of {where} has a label file, such as labels/a.txt for images/a.jpg: check the folder."
        )
    gathering, own_names = Gathering(class_names), _own_names(root)
    names = own_names or gathering.class_names
    if not names:
        raise BadInput(
            f"{str(root)!r} has no data.yaml and no classes.txt with the names of the classes: give class_names."
        )
    for picture, path in zip(bar(pictures), labels, strict=True):
        if not path.is_file():
            gathering.note(BARE, repr(picture.name))
            gathering.add(picture, [], [])
            continue
        try:
            rows = [_row(line, path.name) for line in _lines(path, MOST_BYTES)]
        except BadInput as error:
            gathering.note(UNUSABLE, str(error))
            continue
        _check_numbers(rows, names, path)
        for label in {label for label, _ in rows}:
            gathering.check_class(names[label], path)
        gathering.add(picture, [box for _, box in rows], [names[label] for label, _ in rows], fractions=True)
    return gathering.finish(root, names)


def _label_file(picture: Path, root: Path) -> Path:
    """Return where a picture's labels are: in "labels" instead of the last "images", else beside it."""
    parts = list(picture.relative_to(root).with_suffix(".txt").parts)
    if "images" in parts[:-1]:
        parts[len(parts) - 1 - parts[::-1].index("images")] = "labels"
    return root.joinpath(*parts)


def _lines(path: Path, most: int) -> list[str]:
    lines = read_bytes(path, most).decode("utf-8-sig", "replace").splitlines()
    return [line.strip() for line in lines if line.strip()]


def _row(line: str, file: str) -> tuple[int, list[float]]:
    """Return the class and the corners, as parts of the picture's sides, of: class x y width height, or class and an outline."""
    try:
        label, *numbers = map(float, line.split())
        if label != int(label) or label < 0 or (len(numbers) != 4 and (len(numbers) < 6 or len(numbers) % 2)):
            raise ValueError
    except (ValueError, OverflowError):
        raise BadInput(f"{file!r} has a line that is not a class and four numbers: {short(line)}") from None
    if len(numbers) == 4:
        x, y, width, height = numbers
        return int(label), [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
    return int(label), [min(numbers[::2]), min(numbers[1::2]), max(numbers[::2]), max(numbers[1::2])]


def _check_numbers(rows: list, names: Sequence[str], path: Path) -> None:
    worst = max((label for label, _ in rows), default=0)
    if worst >= len(names):
        raise BadInput(
            f"{path.name!r} has an object of the class {worst}, but the last of the {len(names)} classes is "
            f"{len(names) - 1}, {short(names[-1])}. Mend the file or add the name."
        )


def _own_names(root: Path) -> tuple[str, ...]:
    """Return the names that the folder gives; none if it gives none."""
    for name in ("data.yaml", "data.yml", "dataset.yaml"):
        if (root / name).is_file():
            return _yaml_names(root / name)
    for name in ("classes.txt", "labels/classes.txt", "obj.names"):
        if (root / name).is_file():
            return tuple(_lines(root / name, MOST_NAMES))
    return ()


def _yaml_names(path: Path) -> tuple[str, ...]:
    try:
        content = yaml.load(read_bytes(path, MOST_NAMES), _PlainLoader)
    except (yaml.YAMLError, ValueError) as error:
        raise BadInput(f"{path.name!r} is not proper YAML ({first_line(error)}): mend it.") from None
    names = content.get("names") if isinstance(content, dict) else None
    if isinstance(names, dict) and list(names) == list(range(len(names))):
        names = list(names.values())
    plain = isinstance(names, list) and all(isinstance(name, str | int | float) for name in names)
    if not plain or not names:
        raise BadInput(f"{path.name!r} has no list 'names', nor names numbered from 0: add one.")
    return tuple(str(name) for name in names)


class _PlainLoader(yaml.SafeLoader):
    """Plain data only, not nested deep, and nothing that refers to what stands before: some lines of that fill the memory."""

    depth = 0

    def compose_node(self, parent, index):
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("it has an alias")
        self.depth += 1
        if self.depth > MOST_DEEP:
            raise yaml.YAMLError("it is nested too deep")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node
