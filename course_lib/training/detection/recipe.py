"""How the nano detectors are pre-trained: scenes of 20 kinds of object, with their true boxes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import keras
import numpy as np

from course_lib.boxes import Boxes, grid
from course_lib.boxes.average_precision import Scores, evaluate
from course_lib.boxes.reading import read
from course_lib.media.scenes import make_scenes
from course_lib.media.world import PRETRAIN_CLASSES
from course_lib.training.detection.fit import fit
from course_lib.training.fit import Settings, predict
from course_lib.training.pretrain import scale_of
from course_lib.training.recipe import NanoRecipe

FAINTEST = 0.001  # mAP wants the unsure boxes, too: they are what recall is made of


@dataclass(frozen=True)
class DetectionRecipe(NanoRecipe):
    """The same for every family of detectors, unless its own file says why not.

    Attributes:
        images: different training scenes.
        images_seen: scenes in all updates together.
        batch_size, learning_rate, warmup, weight_decay, clip_norm, mirror, recolour: see `Settings`.
        test_images: in each held-out set.
    """

    measure: ClassVar[str] = f"mAP50 on held-out scenes of {len(PRETRAIN_CLASSES)} kinds"
    bits: int = 8
    images: int = 40_000
    images_seen: int = 400_000
    batch_size: int = 32
    learning_rate: float = 2e-3
    warmup: int = 500
    weight_decay: float = 1e-2
    clip_norm: float = 10.0  # the loss is a sum of several, so its gradient is longer than a classifier's
    mirror: bool = True
    recolour: bool = True
    test_images: int = 500

    def data(self, seed: int) -> Any:
        """Paint the scenes of this seed, with their boxes."""
        return make_scenes(min(self.images, self.images_seen), seed=seed)

    def learn(self, model: keras.Model, data: Any, seed: int) -> None:
        """Train the detector on scenes and boxes."""
        fit(model, *data, len(PRETRAIN_CLASSES), self.settings(seed), scale_of(model))

    def heldout_scores(self, model: keras.Model) -> tuple[float, ...]:
        """Return the mAP50 on each held-out set, 0 to 1."""
        return tuple(round(scores.map50, 4) for scores in self._judged(model))

    def further_scores(self, model: keras.Model) -> dict[str, tuple[float, ...]]:
        """Return the mAP over the thresholds .50 to .95, as COCO counts it."""
        judged = self._judged(model)
        return {"mAP50-95 on the same scenes": tuple(round(scores.map, 4) for scores in judged)}

    def settings(self, seed: int) -> Settings:
        """Return the recipe as the training loop's settings."""
        return Settings.of(self, steps=max(1, self.images_seen // self.batch_size), seed=seed)

    def _judged(self, model: keras.Model) -> list[Scores]:
        held_out = (make_scenes(self.test_images, seed=seed) for seed in self.test_seeds)
        return [score(model, images, truths, len(PRETRAIN_CLASSES)) for images, truths in held_out]


def score(model: keras.Model, images: np.ndarray, truths: Sequence[Boxes], classes: int) -> Scores:
    """Measure a detector as COCO does.

    Args:
        model: from prepared pictures to (batch, cells, 4 * bins + classes).
        images: (n, size, size, 3) uint8, of the network's size.
        truths: the true boxes of each.
        classes: how many kinds there are.

    Returns:
        The `Scores`: mAP, mAP50, mAP75 and each class's.
    """
    centres, strides = grid.cells(*model.input_shape[1:3])
    outputs = predict(model, images, scale_of(model))
    found = [read(row, classes, centres, strides, FAINTEST) for row in outputs]
    return evaluate(truths, found, classes)
