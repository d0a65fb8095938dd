"""The detectors' training loop: boxes move with their pictures, a small net learns, an auxiliary head only guides."""

import keras
import numpy as np
import pytest
from keras import layers

from course_lib.boxes import Boxes
from course_lib.media.scenes import make_scenes
from course_lib.training.detection import fit as detection
from course_lib.training.detection.recipe import DetectionRecipe, score
from course_lib.training.fit import Settings
from course_lib.training.pretrain import scale_of

BINS, CLASSES = 8, 2


def network(auxiliary=False, size=64):
    """Return a detector of one small convolution a level."""
    image = keras.Input((size, size, 3), name="image")
    x, heads = image, {}
    levels = []
    for i, width in enumerate((8, 16, 16, 16, 16)):
        x = layers.Conv2D(width, 3, 2, padding="same", activation="silu", name=f"conv{i}")(x)
        levels.append(x)
    for name in ("head", "auxiliary")[: 1 + auxiliary]:
        answers = [
            layers.Reshape((-1, 4 * BINS + CLASSES))(
                layers.Conv2D(4 * BINS + CLASSES, 1, name=f"{name}{i}")(level)
            )
            for i, level in enumerate(levels[2:])
        ]
        heads[name] = layers.Concatenate(axis=1, name=name)(answers)
    return keras.Model(image, heads if auxiliary else heads["head"])


def test_true_boxes_are_padded_with_no_class():
    corners, labels = detection.padded([Boxes.of([[0, 1, 2, 3]], [4]), Boxes.of([], [])])
    assert corners.tolist() == [[[0, 1, 2, 3]], [[0, 0, 0, 0]]]
    assert labels.tolist() == [[4], [-1]]
    assert detection.padded([Boxes.of([], [])])[1].tolist() == [[-1]]


def test_a_mirrored_picture_has_mirrored_boxes():
    images = np.zeros((40, 8, 10, 3), np.uint8)
    images[:, 2:5, 1:4] = 255
    corners = np.tile(np.float32([[1, 2, 4, 5]]), (40, 1, 1))
    settings = Settings(1, mirror=True, recolour=True)
    changed, boxes = detection.augmented(images, corners, settings, np.random.default_rng(0))
    assert 5 < (boxes[:, 0, 0] == 6).sum() < 35
    for image, (x0, y0, x1, y1) in zip(changed, boxes[:, 0].astype(int), strict=True):
        assert image[y0:y1, x0:x1].min() == 255
        assert image.sum() == 255 * 27


@pytest.mark.parametrize("auxiliary", [False, True])
def test_the_loss_falls(auxiliary):
    keras.utils.set_random_seed(0)
    images, truths = make_scenes(32, ["heart", "star"], 64)
    model = network(auxiliary)
    settings = Settings(30, 8, 5e-3, weight_decay=0.0, clip_norm=10.0)
    history = detection.fit(model, images, truths, CLASSES, settings, scale_of(model))
    assert np.mean(history.loss[-5:]) < 0.7 * np.mean(history.loss[:5])


def test_a_score_is_measured_on_what_the_model_finds():
    keras.utils.set_random_seed(0)
    images, truths = make_scenes(4, ["heart", "star"], 64)
    scores = score(network(), images, truths, CLASSES)
    assert 0 <= scores.map50 < 0.5


def test_the_recipes_settings_and_data():
    recipe = DetectionRecipe(images=8, images_seen=16, batch_size=8)
    assert recipe.data(0)[0].shape == (8, 96, 96, 3)
    assert (recipe.settings(3).steps, recipe.settings(3).seed) == (2, 3)
