"""The judge of made pictures learns Fashion-MNIST."""

from course_lib.training.generative.judge import JudgeRecipe

RECIPE = JudgeRecipe()
