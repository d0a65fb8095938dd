"""The nano OmniVec: one trunk, masked pre-training in three modalities, then fifty labels of each."""

from course_lib.training.omnivec.recipe import OmniVecRecipe

RECIPE = OmniVecRecipe()
