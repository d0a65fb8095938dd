"""The recipe of tacotron2_nano."""

from course_lib.training.speech.speaking import SpeakingRecipe

RECIPE = SpeakingRecipe()
