"""The nano BiT's recipe: that of all nano classifiers."""

from course_lib.training.pretrain import Recipe

RECIPE = Recipe()
