"""The nano YOLOv8's recipe."""

from course_lib.training.detection.recipe import DetectionRecipe

RECIPE = DetectionRecipe()
