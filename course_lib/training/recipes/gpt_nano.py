"""The nano GPT reads Shakespeare."""

from course_lib.training.language.recipe import LanguageRecipe

RECIPE = LanguageRecipe()
