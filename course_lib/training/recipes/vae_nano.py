"""The nano VAE sees clothes, and nothing of what they are called."""

from course_lib.training.generative.vae import VAERecipe

RECIPE = VAERecipe(model_id="vae_nano")
