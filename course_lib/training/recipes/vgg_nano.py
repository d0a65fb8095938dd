"""The nano VGG trains as the nano ResNet does: it has batch norm, which the paper's networks had not."""

from course_lib.training.pretrain import Recipe

RECIPE = Recipe()
