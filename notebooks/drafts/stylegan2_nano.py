"""The nano StyleGAN2 learns Fashion-MNIST's ten kinds in a game."""

from dataclasses import dataclass
from typing import Any

import keras

from course_lib.training.generative.recipe import GameRecipe
from course_lib.zoo import stylegan2


@dataclass(frozen=True)
class StyleRecipe(GameRecipe):
    """As upstream trains on pictures of 32 px: no path lengths, no mixing of styles; then the mean style of each class."""

    model_id: str = "stylegan2_nano"
    bits: int = 8
    images_seen: int = 640_000
    batch_size: int = 32
    loss: str = "logistic"
    generator_rate: float = 2.5e-3
    discriminator_rate: float = 2.5e-3
    r1: float = 0.02
    jit_compile: bool = True

    def learn(self, model: keras.Model, data: Any, seed: int) -> None:
        """Play the game, then find where truncation moves to."""
        super().learn(model, data, seed)
        stylegan2.find_centre(model, stylegan2.CONFIGS[self.model_id], seed=seed)


RECIPE = StyleRecipe()
