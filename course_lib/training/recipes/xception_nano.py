"""The nano Xception is trained as all nano classifiers are."""

from course_lib.training.pretrain import Recipe

RECIPE = Recipe(bits=8)
