"""How the nano classifiers are pre-trained: 20 kinds of object of the procedural world, some minutes on one core."""

from dataclasses import dataclass
from typing import Any, ClassVar

import keras

from course_lib.media.world import PRETRAIN_CLASSES, make_images
from course_lib.training.fit import Settings, accuracy, fit
from course_lib.training.recipe import NanoRecipe
from course_lib.weights.preprocess import Preprocess


@dataclass(frozen=True)
class Recipe(NanoRecipe):
    """The same for every family of classifiers, unless its own file says why not.

    Attributes:
        images: different training images.
        images_seen: images in all updates together; each image comes round images_seen / images times.
        batch_size, learning_rate, warmup, weight_decay, clip_norm, mirror, recolour: see `Settings`.
        test_images: in each held-out set.
    """

    measure: ClassVar[str] = f"top-1 accuracy on held-out pictures of {len(PRETRAIN_CLASSES)} kinds"
    images: int = 60_000
    images_seen: int = 400_000
    batch_size: int = 64
    learning_rate: float = 2e-3
    warmup: int = 200
    weight_decay: float = 1e-2
    clip_norm: float = 1.0
    mirror: bool = True  # the world has no left and right, and its colours say nothing: both make new
    recolour: bool = True  # images of the same kind, where shifts would push objects out of the frame
    test_images: int = 2_000

    def data(self, seed: int) -> Any:
        """Paint the pictures of this seed, with their labels."""
        return make_images(min(self.images, self.images_seen), seed=seed)

    def learn(self, model: keras.Model, data: Any, seed: int) -> None:
        """Train the classifier on pictures and labels."""
        fit(model, *data, self.settings(seed), scale_of(model))

    def heldout_scores(self, model: keras.Model) -> tuple[float, ...]:
        """Return a model's accuracy on each held-out set, 0 to 1."""
        scores = []
        for seed in self.test_seeds:
            images, labels = make_images(self.test_images, PRETRAIN_CLASSES, seed=seed)
            scores.append(round(accuracy(model, images, labels, scale_of(model)), 4))
        return tuple(scores)

    def settings(self, seed: int) -> Settings:
        """Return the recipe as the training loop's settings."""
        return Settings.of(self, steps=max(1, self.images_seen // self.batch_size), seed=seed)


def scale_of(model: keras.Model) -> Preprocess:
    """Return the preprocessing that nano models are trained with: pixels to -1 to 1."""
    return Preprocess(model.inputs[0].shape[1], "tf", 0)
