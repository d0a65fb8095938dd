"""What the recipes of all models share that make Fashion-MNIST's pictures: the data, and the figures at the end."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import keras
import numpy as np

from course_lib import catalog, zoo
from course_lib.media import fashion
from course_lib.tasks.base import Provenance
from course_lib.tasks.generate import ImageGenerator
from course_lib.training.generative.figures import Figures
from course_lib.training.generative.measuring import measure, real
from course_lib.training.generative.play import play
from course_lib.training.generative.rules import Rules
from course_lib.training.recipe import NanoRecipe


@dataclass(frozen=True)
class FashionRecipe(NanoRecipe):
    """A model of Fashion-MNIST, held against its test split.

    Attributes:
        model_id: the model that the recipe is of.
        images_seen: training pictures in all updates together.
        samples: pictures that are made and measured for each test seed.
    """

    measure: ClassVar[str] = "Frechet distance from Fashion-MNIST's test pictures, in a judge's features"
    unit: ClassVar[str] = ""
    model_id: str = ""
    images_seen: int = 640_000
    samples: int = 10_000

    def data(self, seed: int) -> Any:
        """Read the training split."""
        return fashion.fashion("train")

    def heldout_scores(self, model: keras.Model) -> tuple[float, ...]:
        """Return the Frechet distance of each test seed's pictures."""
        return tuple(round(each.distance, 4) for each in self.figures(model))

    def further_scores(self, model: keras.Model) -> dict[str, tuple[float, ...]]:
        """Return the other figures that are shares."""
        found = self.figures(model)
        shares = {
            "recognised by the judge as what was asked for": [each.recognised for each in found],
            "diversity within a kind, of real pictures'": [each.diversity for each in found],
            "nearer to a training picture than all but 1 % of real test pictures": [
                each.copies for each in found
            ],
        }
        return {name: _rounded(part) for name, part in shares.items() if np.isfinite(part).all()}

    def beside(self, model: keras.Model) -> dict[str, tuple[float, ...]]:
        """Return what the score is to be held against, and the figure that is no share."""
        found = self.figures(model)
        return {
            "Frechet distance of as many real training pictures": _rounded(real().baseline),
            "mean distance to the nearest training picture": _rounded([each.nearest for each in found]),
            "the same of real test pictures": (round(real().nearest, 4),),
        }

    def figures(self, model: keras.Model) -> tuple[Figures, ...]:
        """Make pictures from each test seed and measure them; a model that has not changed is measured once."""
        weights = b"".join(np.asarray(variable).tobytes() for variable in model.weights)
        return _measured(self, model, hashlib.sha256(weights).hexdigest())

    def samples_of(self, model: keras.Model, seed: int) -> tuple[np.ndarray, np.ndarray | None]:
        """Make pictures (samples, 32, 32, 1) uint8, kinds by turns, and say what they were meant to show."""
        card = catalog.card(self.model_id)
        maker = ImageGenerator(card, model, Provenance("nano", self.model_id, "training"), None)
        batches = maker.stream(self.samples, seed, **self.drawing())
        images = np.concatenate([batch[..., :1] for batch in batches])
        classes = self.family.CONFIGS[self.model_id].classes
        return images, np.arange(self.samples, dtype=np.int32) % classes if classes else None

    def drawing(self) -> dict[str, float]:
        """Return how the pictures that are measured are drawn, as options of `ImageGenerator.stream`."""
        return {}

    @property
    def family(self) -> ModuleType:
        """The zoo's file of the model."""
        return zoo.family(catalog.card(self.model_id).family)


@dataclass(frozen=True)
class GameRecipe(FashionRecipe):
    """A generator that learned in a game against a discriminator; the fields are those of `Rules`."""

    batch_size: int = 64
    loss: str = "hinge"
    generator_rate: float = 2e-4
    discriminator_rate: float = 2e-4
    beta_1: float = 0.0
    beta_2: float = 0.99
    discriminator_steps: int = 1
    r1: float = 0.0
    r1_every: int = 16
    penalty_every: int = 1
    augment: tuple[str, ...] = ()
    ema: float = 0.999
    jit_compile: bool = False

    def learn(self, model: keras.Model, data: Any, seed: int) -> None:
        """Play the game; a killed one goes on where it stood, as the cache folder keeps its checkpoint."""
        from course_lib.weights.cache import cache_dir

        folder = cache_dir() / "training"
        folder.mkdir(parents=True, exist_ok=True)
        checkpoint = folder / f"{self.model_id}-{seed}.npz"
        self.play(model, data, seed, checkpoint)
        checkpoint.unlink()

    def play(
        self,
        model: keras.Model,
        data: Any,
        seed: int,
        checkpoint: Path | None = None,
        watch: Callable = lambda number, game: None,
    ) -> list[tuple[float, float]]:
        """Play without clearing up; see `play.play`."""
        images, labels = data
        rules = Rules.of(self, steps=max(1, self.images_seen // self.batch_size), seed=seed)
        return play(model, self.opponent(), images, labels, rules, self.penalty(model), checkpoint, watch)

    def opponent(self) -> keras.Model:
        """Build the discriminator, with random weights."""
        return self.family.discriminator(self.family.CONFIGS[self.model_id])

    def penalty(self, model: keras.Model) -> Callable | None:
        """Return what the generator shall keep small besides; see `Game`. None for nothing."""
        return None


@lru_cache(maxsize=1)
def _measured(recipe: FashionRecipe, model: keras.Model, digest: str) -> tuple[Figures, ...]:
    """Measure a model; the digest of its weights is there to tell it from what it was before."""
    return tuple(measure(*recipe.samples_of(model, seed)) for seed in recipe.test_seeds)


def _rounded(numbers) -> tuple[float, ...]:
    return tuple(round(float(number), 4) for number in numbers)
