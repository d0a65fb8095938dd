"""Object detection: what is in a picture, and where?"""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral, Real

import keras
import numpy as np

from course_lib.boxes import Boxes, grid
from course_lib.boxes.reading import read
from course_lib.errors import BadInput
from course_lib.media.letterbox import Letterbox
from course_lib.tasks.base import UNTRAINED, Pretrained
from course_lib.tasks.classify import collected

NOTHING = "nothing found"


@dataclass(frozen=True)
class Detection:
    """One object."""

    label: str
    index: int
    score: float  # how sure the network is, 0 to 1
    box: tuple[float, float, float, float]  # x0, y0, x1, y1, pixels of the picture as it was given


class Detections(Sequence):
    """The objects found in one picture, the surest first; prints as a small table.

    Attributes:
        boxes: the same as arrays, `Boxes`.
        name: the picture's name.
        error: the sentence that says why the picture could not be read, else "".
    """

    def __init__(self, boxes: Boxes, labels: Sequence[str], name: str = "", error: str = ""):
        self.boxes, self.name, self.error = boxes, name, error
        rows = zip(boxes.labels, boxes.scores, boxes.corners, strict=True)
        self._items = tuple(
            Detection(labels[i], int(i), float(score), tuple(round(float(x), 2) for x in corners))
            for i, score, corners in rows
        )

    def __getitem__(self, index):
        return self._items[index]

    def __len__(self):
        return len(self._items)

    def __repr__(self):
        if self.error or not self:
            return self.error or NOTHING
        width = max(len(found.label) for found in self)
        return "\n".join(f"{d.label:<{width}}  {d.score:6.1%}  {_place(d.box)}" for d in self)

    def _repr_html_(self):
        if self.error or not self:
            return f"<p>{html.escape(self.error or NOTHING)}</p>"
        head = "<tr><th>label</th><th>score</th><th>box</th></tr>"
        rows = "".join(
            f"<tr><td>{html.escape(d.label)}</td><td>{d.score:.1%}</td><td>{_place(d.box)}</td></tr>"
            for d in self
        )
        return f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"


class ObjectDetector(Pretrained):
    """A network that names the objects in a picture and draws a box round each."""

    task = "detect"

    def detect(
        self, images, score: float = 0.25, overlap: float = 0.7, most: int = 300
    ) -> Detections | list[Detections]:
        """Find the objects in pictures.

        Args:
            images: one picture or many: a path, a folder, a PIL image, an array (height, width, 3) or
                (batch, height, width, 3) uint8 0-255, or a list of these.
            score: how sure the network has to be, 0 to 1.
            overlap: of two boxes of a class whose intersection over union is larger, only the surer one is kept.
            most: objects of a picture.

        Returns:
            `Detections` for one picture; a list of them, in order, for many. Among many, one that can't be read
            has no objects and says why in its `.error`.

        Raises:
            BadInput: the only picture can't be read, or there is none; a threshold is out of its range.
        """
        return collected(self.detect_stream(images, score, overlap, most), images)

    def detect_stream(
        self, images, score: float = 0.25, overlap: float = 0.7, most: int = 300
    ) -> Iterator[Detections]:
        """Yield `Detections` picture by picture, in order, in flat memory however many there are."""
        check_thresholds(score, overlap, most)
        if not self.labels:
            raise BadInput(UNTRAINED)
        for name, shape, row in self._sized_stream(images, self._logits):
            if isinstance(row, BadInput):
                yield Detections(Boxes.of([], [], []), (), name, str(row))
            else:
                boxes = read(row, len(self.labels), *self._cells, score, overlap, most)
                yield Detections(_in_picture(boxes, shape, self._side), self.labels, name)

    @property
    def _side(self) -> int:
        return self.model.inputs[0].shape[1]

    @cached_property
    def _cells(self) -> tuple[np.ndarray, np.ndarray]:
        return grid.cells(self._side, self._side)

    def _feature_net(self) -> keras.Model:
        """Return the network up to the end of its backbone, averaged over the picture: its head speaks of cells, not of pictures."""
        maps = self.model.get_layer("spp_out").output
        return keras.Model(self.model.input, keras.layers.GlobalAveragePooling2D()(maps))


def check_thresholds(score, overlap, most) -> None:
    """Raise BadInput unless score and overlap are from 0 to 1, and most is a positive whole number."""
    for name, value in (("score", score), ("overlap", overlap)):
        # Not a bool, which Python counts among the numbers; a NaN fails the comparison.
        if isinstance(value, bool) or not isinstance(value, Real) or not 0 <= value <= 1:
            raise BadInput(f"{name} is a number from 0 to 1, such as 0.5, not {value!r}.")
    if isinstance(most, bool) or not isinstance(most, Integral) or most < 1:
        raise BadInput(f"most is a whole number of objects, at least 1, not {most!r}.")


def _in_picture(boxes: Boxes, shape: tuple[int, int], side: int) -> Boxes:
    """Carry boxes from the network's pixels to the picture's, and cut them to it; what lay on the margin alone goes."""
    height, width = shape
    corners = Letterbox(height, width, side).to_picture(boxes.corners)
    corners = np.clip(corners, 0, np.float32([width, height, width, height]))
    inside = (corners[:, 2:] > corners[:, :2]).all(axis=1)
    return Boxes(corners, boxes.labels, boxes.scores)[inside]


def _place(box: tuple[float, ...]) -> str:
    return ", ".join(f"{x:.0f}" for x in box)


Task = ObjectDetector
