"""The judge of made pictures: a classifier that never saw any, trained on real ones alone."""

from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

import keras
import numpy as np

from course_lib.media import fashion
from course_lib.tasks.base import compiled, pooled
from course_lib.training.fit import Settings, accuracy, fit
from course_lib.training.recipe import NanoRecipe

JUDGE = "resnet_nano_fashion"
BATCH = 250


@dataclass(frozen=True)
class JudgeRecipe(NanoRecipe):
    """A classifier of Fashion-MNIST; its held-out sets are parts of the test split.

    Attributes:
        images_seen: pictures in all updates together.
        batch_size, learning_rate, warmup, weight_decay, clip_norm, shift, mirror: see `Settings`.
    """

    measure: ClassVar[str] = "top-1 accuracy on Fashion-MNIST's test pictures"
    images_seen: int = 360_000
    batch_size: int = 64
    learning_rate: float = 2e-3
    warmup: int = 200
    weight_decay: float = 5e-2
    clip_norm: float = 1.0
    shift: int = 1
    mirror: bool = True

    def data(self, seed: int) -> Any:
        """Read the training split."""
        return fashion.fashion("train")

    def learn(self, model: keras.Model, data: Any, seed: int) -> None:
        """Train the classifier."""
        steps = max(1, self.images_seen // self.batch_size)
        fit(model, *data, Settings.of(self, steps=steps, seed=seed), three_channels)

    def heldout_scores(self, model: keras.Model) -> tuple[float, ...]:
        """Return the accuracy on as many parts of the test split as there are test seeds; of what is shipped, without the split."""
        images, labels = fashion.fashion("test") if fashion.is_here() else fashion.held_out()
        sets = len(self.test_seeds)
        parts = [(images[number::sets], labels[number::sets]) for number in range(sets)]
        return tuple(round(accuracy(model, *part, three_channels), 4) for part in parts)


class Judge:
    """A classifier's opinion of pictures, batch by batch."""

    def __init__(self, model: keras.Model):
        """Take a classifier of (batch, 32, 32, 3) pictures, -1 to 1, with a layer "head"."""
        both = keras.layers.Concatenate()([pooled(model), model.output])
        self._look, self._kinds = compiled(keras.Model(model.inputs, both)), model.output.shape[-1]

    def __call__(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Look at pictures.

        Args:
            images: (n, 32, 32, 1) uint8.

        Returns:
            Features (n, features) float32, and the numbers of the likeliest kinds (n,).
        """
        features, logits = self._seen(images)
        return features, logits.argmax(axis=1)

    def sure(self, images: np.ndarray, least: float = 0.9) -> float:
        """Return the share of pictures of which one kind, whichever, is at least so likely: for those of no asked kind."""
        logits = self._seen(images)[1]
        chances = np.exp(logits - logits.max(axis=1, keepdims=True))
        return float(np.mean(1 / chances.sum(axis=1) >= least))

    def _seen(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return features and logits."""
        batches = (images[start : start + BATCH] for start in range(0, len(images), BATCH))
        seen = np.concatenate([self._look(three_channels(batch)) for batch in batches])
        return seen[:, : -self._kinds], seen[:, -self._kinds :]


@cache
def judge() -> Judge:
    """Return the judge that comes with the course."""
    from course_lib.loading import open_pretrained

    return Judge(open_pretrained(JUDGE, "nano").model)


def three_channels(images: np.ndarray) -> np.ndarray:
    """Turn grey pictures (n, 32, 32, 1) of 0 to 255 into what the judge reads: (n, 32, 32, 3) float32, -1 to 1."""
    return np.repeat(images.astype(np.float32) / 127.5 - 1, 3, axis=-1)
