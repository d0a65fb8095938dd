"""The nano WaveGlow learns one voice."""

from course_lib.training.speech.flowing import FlowRecipe

RECIPE = FlowRecipe()
