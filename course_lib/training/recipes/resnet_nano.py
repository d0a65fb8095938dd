"""The nano ResNet's recipe is the one that all nano classifiers begin from."""

from course_lib.training.pretrain import Recipe

RECIPE = Recipe()
