"""Models of TF Hub: whatever functions they offer, by name; features and class names where they have them."""

import keras
import numpy as np

from course_lib.errors import BadInput, first_line
from course_lib.tasks.base import Pretrained
from course_lib.tasks.classify import ImageClassifier


class HubModel(Pretrained):
    """A SavedModel of TF Hub, with its functions callable by name.

    Attributes:
        signatures: what it offers: a `Signature` for each function, with the names, shapes and kinds of its tensors.
    """

    def __init__(self, *args, signatures=(), functions=None, **kwargs):
        """Take what `Pretrained` takes, the list of signatures, and a function for each of their names."""
        super().__init__(*args, **kwargs)
        self.signatures, self._functions = tuple(signatures), functions or {}

    def run(self, signature: str = "", **inputs) -> dict[str, np.ndarray]:
        """Call one of the model's functions.

        Args:
            signature: its name, one of `.signatures`; the first of them by default.
            **inputs: an array for each of its inputs, by name.

        Returns:
            An array for each output, by name.

        Raises:
            BadInput: no such function, or inputs that do not fit it; the sentence says what does.
        """
        known = {known.name: known for known in self.signatures if known.name in self._functions}
        wanted = known.get(signature or next(iter(known), ""))
        if wanted is None:
            raise BadInput(
                f"{self.card.id} has no function {signature!r}: it has {', '.join(known) or 'none'}."
            )
        if inputs.keys() != {tensor.name for tensor in wanted.inputs}:
            raise BadInput(f"{self.card.id}: give the inputs of {wanted}.")
        arrays = {tensor.name: np.asarray(inputs[tensor.name]) for tensor in wanted.inputs}
        if wrong := [t.name for t in wanted.inputs if not _fits(arrays[t.name].shape, t.shape)]:
            raise BadInput(
                f"{self.card.id}: {wrong[0]} of shape {arrays[wrong[0]].shape} does not fit {wanted}."
            )
        try:
            tensors = {
                t.name: keras.ops.convert_to_tensor(arrays[t.name], dtype=t.dtype) for t in wanted.inputs
            }
            outputs = self._functions[wanted.name](tensors)
        except Exception as error:  # whatever a stranger's graph meets
            reason = first_line(error)[:200]
            raise BadInput(
                f"{self.card.id} can't run on these inputs: {reason} It takes {wanted}."
            ) from error
        return {name: np.asarray(output) for name, output in outputs.items()}

    @property
    def _pooled(self):
        if self.preprocess is None:
            offers = "; ".join(map(str, self.signatures))
            raise BadInput(
                f"{self.card.id} takes no pictures, so it has no features of them: call .run(...). {offers}"
            )
        return super()._pooled


class HubClassifier(HubModel, ImageClassifier):
    """An image classifier of TF Hub, whose class names its card knows."""

    @property
    def _pooled(self):
        other = self.card.id.replace("/classification/", "/feature_vector/")
        hint = f" {other} gives features." if other != self.card.id else ""
        raise BadInput(
            f"{self.card.id} shows its class scores alone and hides the features before them.{hint}"
        )


def _fits(shape: tuple[int, ...], wanted: tuple[int | None, ...] | None) -> bool:
    """Say whether an array's shape is one that a signature takes."""
    if wanted is None:
        return True
    return len(shape) == len(wanted) and all(w in (None, s) for s, w in zip(shape, wanted, strict=True))
