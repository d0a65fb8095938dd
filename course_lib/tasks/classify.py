"""Image classification: which of the classes that it was trained on does a picture show?"""

import html
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from course_lib.errors import BadInput
from course_lib.media.images import is_single
from course_lib.tasks.base import NO_PICTURE, UNTRAINED, Pretrained


@dataclass(frozen=True)
class Prediction:
    """One guess."""

    label: str
    index: int
    score: float  # probability, 0 to 1


class Predictions(Sequence):
    """The best guesses for one picture, best first; prints as a small table.

    Attributes:
        name: the picture's name.
        error: the sentence that says why the picture could not be read, else "".
    """

    def __init__(self, items: Sequence[Prediction], name: str = "", error: str = ""):
        self._items, self.name, self.error = tuple(items), name, error

    def __getitem__(self, index):
        return self._items[index]

    def __len__(self):
        return len(self._items)

    def __repr__(self):
        if self.error:
            return self.error
        width = max((len(p.label) for p in self), default=0)
        return "\n".join(f"{p.label:<{width}}  {p.score:6.1%}" for p in self)

    def _repr_html_(self):
        if self.error:
            return f"<p>{html.escape(self.error)}</p>"
        rows = "".join(f"<tr><td>{html.escape(p.label)}</td><td>{p.score:.1%}</td></tr>" for p in self)
        return f"<table><thead><tr><th>label</th><th>score</th></tr></thead><tbody>{rows}</tbody></table>"


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


def collected(stream: Iterator[Predictions], images) -> Predictions | list[Predictions]:
    """Return all of a stream's predictions, or the only one of a single picture; say what could not be read."""
    results = list(stream)
    if not results:
        raise BadInput(NO_PICTURE)
    failed = [result for result in results if result.error]
    if is_single(images):
        if failed:
            raise BadInput(failed[0].error)
        return results[0]
    if failed:
        warnings.warn(
            f"{len(failed)} of {len(results)} pictures could not be read; the first: {failed[0].error}",
            stacklevel=3,
        )
    return results


def best(logits: np.ndarray, labels: Sequence[str], top: int) -> list[Prediction]:
    """Return the `top` best guesses, best first, from one picture's logits (labels,)."""
    scores = np.exp(logits - logits.max())
    scores /= scores.sum()
    order = np.argsort(-scores, kind="stable")[:top]
    return [Prediction(labels[i], int(i), float(scores[i])) for i in order]


Task = ImageClassifier
