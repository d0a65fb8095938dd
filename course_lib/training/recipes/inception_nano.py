"""The nano Inception's recipe."""

from course_lib.training.pretrain import Recipe

RECIPE = Recipe(bits=8)
