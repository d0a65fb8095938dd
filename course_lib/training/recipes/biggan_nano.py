"""The nano BigGAN learns Fashion-MNIST's clothes from a discriminator that learns a little faster."""

from course_lib.training.generative.recipe import GameRecipe

RECIPE = GameRecipe(
    model_id="biggan_nano",
    images_seen=528_000,
    batch_size=32,
    generator_rate=5e-4,
    discriminator_rate=1e-3,
)
