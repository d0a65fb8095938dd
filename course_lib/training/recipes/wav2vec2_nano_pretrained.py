"""The nano wav2vec 2.0 hears thirty voices in six accents, and nobody tells it what they say."""

from course_lib.training.speech.contrastive import ContrastiveRecipe

RECIPE = ContrastiveRecipe()
