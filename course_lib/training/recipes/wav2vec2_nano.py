"""The nano wav2vec 2.0 is told what is said in fifty minutes of such speech."""

from course_lib.training.speech.fine_tuning import FineTuningRecipe

RECIPE = FineTuningRecipe()
