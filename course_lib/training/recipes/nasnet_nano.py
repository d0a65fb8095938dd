"""The nano NASNet, by the recipe of all nano classifiers."""

from course_lib.training.pretrain import Recipe

RECIPE = Recipe()
