"""What a classifier answers, whatever ran it; read without Keras, so that an exported model needs none."""

import html
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from course_lib.decoding.filters import softmax
from course_lib.errors import BadInput
from course_lib.media.images import is_single

NO_PICTURE = "There is no picture among these inputs: give a path, a folder with pictures, or an array."


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
    return ranked(softmax(logits), labels, top)


def ranked(scores: np.ndarray, labels: Sequence[str], top: int) -> list[Prediction]:
    """Return the `top` best guesses, best first, from one picture's probabilities (labels,)."""
    order = np.argsort(-scores, kind="stable")[:top]
    return [Prediction(labels[i], int(i), float(scores[i])) for i in order]
