"""The nano ViT is also told where the objects are; from their names alone it would not leave chance."""

from course_lib.training.masked import MaskedRecipe

RECIPE = MaskedRecipe()
