"""The nano DeepSpeech hears thirty voices in six accents."""

from course_lib.training.speech.recognising import RecogniserRecipe

RECIPE = RecogniserRecipe()
