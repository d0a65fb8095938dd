"""COCO's layout: one JSON file with all boxes, and the pictures in a folder."""

import itertools
import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from course_lib.errors import BadInput
from course_lib.files import expanded
from course_lib.media.detection_folders.gathering import (
    MISSING,
    DetectionFolder,
    Gathering,
    bar,
    read_bytes,
    relative_parts,
    short,
)

MOST_BYTES = 500_000_000  # COCO's own largest, instances_train2017.json, has 470 million
CROWDS = "Crowds, which have one box for many objects, left out"
STRAYS = "Boxes of pictures that the file does not list, left out"
TRIED = 50  # pictures by which their folder is found


def read_coco(json_path, images_folder=None, class_names: Sequence[str] | None = None) -> DetectionFolder:
    """Read a data set in COCO's layout.

    Args:
        json_path: such as annotations/instances_val2017.json.
        images_folder: where the pictures are; None looks beside the file and where COCO has them.
        class_names: the names of labels 0, 1, ...; None takes the file's categories in the order of their ids.

    Returns:
        The pictures that exist, in the file's order, also those without a box; crowds are left out.

    Raises:
        BadInput: the file is not of that kind, has a class that is not among the given names, or no picture is found.

    Source:
        cocodataset.org/#format-data
    """
    path = expanded(json_path)
    images, annotations, categories = _tables(path)
    gathering = Gathering(class_names)
    folder = _folder_of(path, images, images_folder)
    boxes = _boxes_by_image(path, annotations, categories, {image["id"] for image in images}, gathering)
    for image in bar(images):
        picture = _picture(folder, image["file_name"])
        if picture is None:
            gathering.note(MISSING, short(image["file_name"]))
            continue
        corners, names = boxes.get(image["id"], ([], []))
        gathering.add(picture, corners, names, _said_size(image))
    return gathering.finish(path, list(dict.fromkeys(categories.values())))


def _tables(path: Path) -> tuple[list[dict], list[dict], dict]:
    """Return images, annotations, and the names of the categories by id in its order."""
    try:
        content = json.loads(read_bytes(path, MOST_BYTES))
    except (ValueError, RecursionError) as error:
        raise BadInput(
            f"{path.name!r} is not JSON ({str(error).splitlines()[0]}): download or export it again."
        ) from None
    images = _table(path, content, "images", id=(int, str), file_name=str)
    annotations = _table(path, content, "annotations", image_id=(int, str))
    rows = sorted(_table(path, content, "categories", id=int, name=str), key=lambda row: row["id"])
    if annotations and not any("bbox" in row and "category_id" in row for row in annotations):
        raise BadInput(
            f"{path.name!r} has annotations but no boxes: give the file named instances_..., or one like it."
        )
    return images, annotations, {row["id"]: row["name"] for row in rows}


def _table(path: Path, content, key: str, **types) -> list[dict]:
    """Return one of the file's lists, each row a dict that has the keys of `types`."""
    rows = content.get(key) if isinstance(content, dict) else None
    if not isinstance(rows, list):
        raise BadInput(
            f"{path.name!r} has no list {key!r}, which COCO's layout needs: give a file in that layout."
        )
    for index, row in enumerate(rows):
        known = row if isinstance(row, dict) else {}
        if wrong := [name for name, kind in types.items() if not isinstance(known.get(name), kind)]:
            raise BadInput(
                f"{path.name!r}: {key}[{index}] has no proper {wrong[0]!r}: export the file again."
            )
    return rows


def _boxes_by_image(
    path: Path, annotations: list[dict], categories: dict, images: set, gathering: Gathering
) -> dict:
    """Return the corners and class names of each picture's boxes, by the picture's id."""
    boxes = defaultdict(lambda: ([], []))
    for row in annotations:
        where, label = f"id {short(row.get('id'))}", row.get("category_id")
        if row["image_id"] not in images:
            gathering.note(STRAYS, where)
        elif row.get("iscrowd"):
            gathering.note(CROWDS, where)
        elif not isinstance(label, int) or label not in categories:
            raise BadInput(
                f"{path.name!r} has a box of the category {short(label)}, which is not among its categories: "
                f"their ids are {_few(categories)}."
            )
        else:
            gathering.check_class(categories[label], path)
            corners, names = boxes[row["image_id"]]
            corners.append(_corners(row.get("bbox")))
            names.append(categories[label])
    return boxes


def _corners(bbox) -> list | None:
    """Return x0, y0, x1, y1 of x, y, width, height; None where it is not four numbers."""
    if not isinstance(bbox, list) or not all(type(number) in (int, float) for number in bbox):
        return None
    try:
        x, y, width, height = map(float, bbox)
    except (ValueError, OverflowError):  # more or fewer of them; a whole number of 400 digits
        return None
    return [x, y, x + width, y + height]


def _folder_of(path: Path, images: list[dict], given) -> Path:
    """Return the folder where most of the first pictures are."""
    if given is not None:
        folder = expanded(given)
        if not folder.is_dir():
            raise BadInput(f"There is no folder {str(folder)!r}: check images_folder.")
        return folder
    split = path.stem.removeprefix("instances_")
    inner = ("", "images", split, f"images/{split}", f"{split}/images")
    folders = [root / name for root, name in itertools.product((path.parent, path.parent.parent), inner)]
    found = [
        sum(_picture(folder, image["file_name"]) is not None for image in images[:TRIED])
        for folder in folders
    ]
    if images and not any(found):
        raise BadInput(
            f"The pictures of {path.name!r}, such as {short(images[0]['file_name'])}, are not beside it nor where COCO has them: "
            "say where they are with images_folder."
        )
    return folders[found.index(max(found))]


def _picture(folder: Path, name: str) -> Path | None:
    """Return the file that a picture's name means, with its folders or without them."""
    parts = relative_parts(name)
    for path in (folder.joinpath(*parts), folder.joinpath(*parts[-1:])):
        try:
            if parts and path.is_file():
                return path
        except (OSError, ValueError):  # a name of 300 letters, or with a zero byte
            return None
    return None


def _said_size(image: dict) -> tuple[int, int] | None:
    height, width = image.get("height"), image.get("width")
    return (height, width) if isinstance(height, int) and isinstance(width, int) else None


def _few(values) -> str:
    values = [short(value) for value in itertools.islice(values, 6)]
    return ", ".join(values[:5]) + (" ..." if len(values) > 5 else "") if values else "none"
