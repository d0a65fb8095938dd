"""The nano StyleGAN2 learns Fashion-MNIST's ten kinds against the discriminator that taught the nano BigGAN."""

from dataclasses import dataclass
from typing import Any

import keras

from course_lib.training.generative.recipe import GameRecipe
from course_lib.zoo import biggan, stylegan2


@dataclass(frozen=True)
class StyleRecipe(GameRecipe):
    """The game of the nano BigGAN, with another generator; at the end, the mean style of each class.

    StyleGAN2's own discriminator is equal to upstream's, but at this size it costs twice as much and teaches half as fast.
    """

    model_id: str = "stylegan2_nano"
    images_seen: int = 480_000
    batch_size: int = 32
    generator_rate: float = 2.5e-3
    discriminator_rate: float = 1e-3
    jit_compile: bool = True

    def opponent(self) -> keras.Model:
        """Return BigGAN's discriminator, with fresh weights."""
        return biggan.discriminator(biggan.CONFIGS["biggan_nano"])

    def learn(self, model: keras.Model, data: Any, seed: int) -> None:
        """Play the game, then find where truncation moves to."""
        super().learn(model, data, seed)
        stylegan2.find_centre(model, stylegan2.CONFIGS[self.model_id], seed=seed)


RECIPE = StyleRecipe()
