"""Image classification: which of the classes that it was trained on does a picture show?"""

from collections.abc import Iterator

from course_lib.errors import BadInput
from course_lib.tasks.base import UNTRAINED, Pretrained
from course_lib.tasks.predictions import Prediction, Predictions, best, collected

__all__ = ["ImageClassifier", "Prediction", "Predictions", "Task", "best", "collected"]


class ImageClassifier(Pretrained):
    """A network that names what a picture shows."""

    task = "classify"

    def classify(self, images, top: int = 5) -> Predictions | list[Predictions]:
        """Name what pictures show.

        Args:
            images: one picture or many: a path, a folder, a PIL image, an array (height, width, 3) or
                (batch, height, width, 3) uint8 0-255, or a list of these.
            top: how many guesses for each picture.

        Returns:
            `Predictions` for one picture; a list of them, in order, for many. Among many, one that can't be read
            has no guesses and says why in its `.error`.

        Raises:
            BadInput: the only picture can't be read, or there is none.
        """
        return collected(self.classify_stream(images, top), images)

    def classify_stream(self, images, top: int = 5) -> Iterator[Predictions]:
        """Yield `Predictions` picture by picture, in order, in flat memory however many there are."""
        if not self.labels:
            raise BadInput(self._nameless())
        for name, row in self._stream(images, self._logits):
            if isinstance(row, BadInput):
                yield Predictions((), name, str(row))
            else:
                yield Predictions(best(row, self.labels, top), name)

    def _nameless(self) -> str:
        if self.provenance.grade == "random":
            return UNTRAINED
        return (f"{self.card.id}: these weights come without a head, so they name nothing: take .features(images), or "
                "teach it classes with finetune.")  # fmt: skip


Task = ImageClassifier
