"""The nano CoCa learns from captions alone."""

from course_lib.training.captioned import CaptionedRecipe

RECIPE = CaptionedRecipe()
