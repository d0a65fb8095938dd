"""The nano StyleGAN2 learns Fashion-MNIST's ten kinds in a game against a discriminator of half its width."""

from dataclasses import dataclass, replace
from typing import Any

import keras

from course_lib.training.generative.recipe import GameRecipe
from course_lib.zoo import stylegan2


@dataclass(frozen=True)
class StyleRecipe(GameRecipe):
    """As upstream trains on pictures of 32 px: no path lengths, no mixing of styles; then the mean style of each class.

    Attributes:
        truncation: psi of the pictures that are measured, towards the mean style of their class.
    """

    model_id: str = "stylegan2_nano"
    bits: int = 8
    images_seen: int = 400_000
    batch_size: int = 32
    loss: str = "logistic"
    generator_rate: float = 5e-3
    discriminator_rate: float = 5e-3
    r1: float = 0.02
    jit_compile: bool = True
    truncation: float = 0.85

    def opponent(self) -> keras.Model:
        """Build a discriminator of half the generator's width: an update costs .2 core-seconds instead of .33."""
        config = stylegan2.CONFIGS[self.model_id]
        return stylegan2.discriminator(replace(config, base=config.base // 2, slow=1.0, group=8))

    def learn(self, model: keras.Model, data: Any, seed: int) -> None:
        """Play the game, then find where truncation moves to."""
        super().learn(model, data, seed)
        stylegan2.find_centre(model, stylegan2.CONFIGS[self.model_id], seed=seed)

    def drawing(self) -> dict[str, float]:
        """Return the truncation of what is measured."""
        return {"truncation": self.truncation}

    def beside(self, model: keras.Model) -> dict[str, tuple[float, ...]]:
        """Return, besides, what the figures are without truncation, by the first test seed."""
        found = replace(self, truncation=1.0, test_seeds=self.test_seeds[:1]).figures(model)[0]
        whole = (found.distance, found.recognised, found.diversity)
        name = "Frechet distance, recognised, diversity, all without truncation"
        return super().beside(model) | {name: tuple(round(float(figure), 4) for figure in whole)}


RECIPE = StyleRecipe()
