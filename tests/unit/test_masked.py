"""The nano ViT's training: masks turn with their pictures, teach the network, and leave no trace in it."""

import keras
import numpy as np

from course_lib.media.world import make_masked_images
from course_lib.training import masked, recipes
from course_lib.zoo import vit

NANO = vit.CONFIGS["vit_nano"]


def test_the_grid_is_the_networks_own():
    assert NANO.tokens == masked.GRID**2 + 1


def test_a_mirrored_mask_lies_on_the_mirrored_object():
    images = np.arange(2 * 4 * 4 * 3).reshape(2, 4, 4, 3)
    turned = masked._mirrored(images, np.array([True, False]))
    np.testing.assert_array_equal(turned[0], images[0, :, ::-1])
    np.testing.assert_array_equal(turned[1], images[1])


def test_training_learns_masks_and_kinds_in_place_and_adds_no_weights():
    keras.utils.set_random_seed(0)
    model = vit.build(NANO)
    names = [variable.path for variable in model.variables]
    before = {variable.path: np.array(variable) for variable in model.trainable_variables}
    recipe = recipes.recipe("vit_nano").changed({"images": 64, "images_seen": 256, "warmup": 1})
    recipe.learn(model, recipe.data(3), 3)
    assert [variable.path for variable in model.variables] == names
    still = [v.path for v in model.trainable_variables if np.array_equal(before[v.path], np.array(v))]
    assert still == []


def test_the_mask_head_learns_where_the_object_is():
    images, labels, shares = make_masked_images(32, seed=3)
    keras.utils.set_random_seed(0)
    model = vit.build(NANO)
    both = masked._with_mask_head(model)
    step = masked._compiled_step(both, keras.optimizers.Adam(2e-3), 1.0)
    batch, wanted = images.astype(np.float32) / 127.5 - 1, shares.reshape(32, -1)
    error = lambda: float(np.abs(keras.ops.sigmoid(both(batch)[1]) - wanted).mean())  # noqa: E731
    before = error()
    for _ in range(60):
        step(batch, labels, wanted)
    assert error() < 0.5 * before
