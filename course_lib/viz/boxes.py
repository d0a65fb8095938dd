"""Boxes on pictures: drawn into one for a file or a video, or on many as a figure."""

from collections.abc import Sequence

import numpy as np

from course_lib.boxes import Boxes
from course_lib.errors import BadInput
from course_lib.media.images import is_single, open_images, read_image
from course_lib.viz.grid import WIDTH, cells, draw_grid
from course_lib.viz.paint import dashed, painted
from course_lib.viz.picture import Picture


def draw(image, found, names: Sequence[str] | None = None) -> np.ndarray:
    """Draw boxes with their names into a picture.

    Args:
        image: A path, a PIL image or an array; it stays as it is.
        found: `Boxes`, or what `.detect(image)` returned; corners in this picture's pixels.
        names: Of the classes; without them, the names that were detected, or the classes' numbers.

    Returns:
        (height, width, 3) uint8, of the picture's own size. Lines and letters grow with it; a class has one colour; a name
        stays within the picture, and is shortened where it must be.

    Raises:
        BadInput: The picture cannot be read, what was found is no boxes, or a class has no name.
    """
    boxes, words = _with_words(found, names)
    return painted(read_image(image), boxes, words)


def detections(
    images,
    boxes,
    names: Sequence[str] | None = None,
    truth=None,
    titles=None,
    columns: int = 4,
    width: int = WIDTH,
    alt: str | None = None,
    caption: str | None = None,
) -> Picture:
    """Draw pictures in a grid, each with the boxes that were found in it, and if given the true ones.

    Args:
        images: One picture or many: an array (n, height, width, 3) of 0 to 255, or a list of paths, PIL images or arrays.
        boxes: For each picture `Boxes`, or what `.detect` returned; of one picture, that alone.
        names: Of the classes; without them, the names that were detected, or the classes' numbers.
        truth: For each picture its true `Boxes`, to be drawn with dashed lines; or None.
        titles: One text for each, to stand above it; or None.
        columns: How many in a row.
        width: Of a row, in pixels.
        alt: What is to be seen; without it, what was found in each picture.
        caption: A line to stand under the grid; without it, what dashed lines mean where there are some.

    Returns:
        The grid.

    Raises:
        BadInput: A picture cannot be read, or there are more or fewer boxes, true boxes or titles than pictures.
    """
    if is_single(images):
        boxes, truth = [boxes], truth if truth is None else [truth]
    pictures = [_sound(result) for _, result in open_images(images)]
    _check_counts(len(pictures), {"found": boxes, "true boxes": truth, "titles": titles})
    done, said = [], []
    for index, scaled in enumerate(cells(pictures, columns, width)):
        scale = np.tile(np.divide(scaled.shape[1::-1], pictures[index].shape[1::-1]), 2)
        found, words = _with_words(boxes[index], names)
        if truth is not None:
            scaled = dashed(scaled, _scaled(truth[index], scale))
        done.append(painted(scaled, _scaled(found, scale), words))
        said.append(", ".join(words) or "nothing")
    if truth is not None:
        caption = caption or "Dashed: the true boxes."
    return draw_grid(done, titles, columns, alt or _alt(said, truth is not None), caption)


def _sound(result) -> np.ndarray:
    if isinstance(result, BadInput):
        raise result
    return result


def _check_counts(pictures: int, given: dict) -> None:
    for name, values in given.items():
        if values is not None and len(values) != pictures:
            raise BadInput(
                f"There are {pictures} pictures, and `{name}` for {len(values)}: give one for each."
            )


def _with_words(found, names) -> tuple[Boxes, list[str]]:
    """Return boxes and what to write beside each."""
    boxes = getattr(found, "boxes", found)
    if not isinstance(boxes, Boxes):
        raise BadInput(
            f"What to draw are `Boxes`, or what .detect(image) returned, not {type(found).__name__}."
        )
    if names is None:
        words = [str(label) for label in boxes.labels] if found is boxes else [one.label for one in found]
    elif len(boxes) and not 0 <= boxes.labels.min() <= boxes.labels.max() < len(names):
        raise BadInput(
            f"There are {len(names)} names, too few for class {boxes.labels.max()}: give one for each class."
        )
    else:
        words = [str(names[label]) for label in boxes.labels]
    if boxes.scores is not None:
        words = [f"{word} {100 * score:.0f}%" for word, score in zip(words, boxes.scores, strict=True)]
    return boxes, words


def _scaled(boxes: Boxes, scale: np.ndarray) -> Boxes:
    return Boxes(np.float32(boxes.corners * scale), boxes.labels, boxes.scores)


def _alt(said: list[str], with_truth: bool, most: int = 8) -> str:
    pictures = "A picture" if len(said) == 1 else f"Grid of {len(said)} pictures"
    more = f"; and {len(said) - most} more" if len(said) > most else ""
    truth = " The true boxes are dashed." if with_truth else ""
    return f"{pictures} with boxes: {'; '.join(said[:most])}{more}.{truth}"
