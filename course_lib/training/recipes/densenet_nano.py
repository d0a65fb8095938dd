"""The nano DenseNet trains as the nano ResNet does."""

from course_lib.training.pretrain import Recipe

RECIPE = Recipe()
