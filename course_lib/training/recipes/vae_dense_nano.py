"""The VAE with two numbers in a code: all of it fits on a map."""

from course_lib.training.generative.vae import VAERecipe

RECIPE = VAERecipe(model_id="vae_dense_nano", images_seen=256_000)
