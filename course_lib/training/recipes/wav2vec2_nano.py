"""The nano wav2vec 2.0 is told what is said in 40 minutes of what it has heard."""

from course_lib.training.speech.fine_tuning import FineTuningRecipe

RECIPE = FineTuningRecipe()
