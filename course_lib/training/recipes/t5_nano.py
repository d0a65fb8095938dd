"""The nano T5 learns eight tasks at once."""

from course_lib.training.language.text_to_text import TextToTextRecipe

RECIPE = TextToTextRecipe()
