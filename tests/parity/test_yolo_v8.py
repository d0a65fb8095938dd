"""YOLOv8 gives the same numbers as KerasCV's detector with the same weights, and has as many as Ultralytics'."""

import dataclasses

import keras
import keras_cv
import numpy as np
import pytest
import tensorflow as tf
from keras_cv.src.models.object_detection.yolo_v8 import yolo_v8_detector

from course_lib import catalog
from course_lib.boxes import grid
from course_lib.weights.convert import load_into
from course_lib.zoo import yolo_v8

# Ultralytics' trained numbers (its summaries say 16 more: the distances 0 to 15 of a bin, which are never trained),
# and KerasCV's backbones as its presets say.
PUBLISHED = {
    "yolo_v8_n": (3_157_200, 1_277_680),
    "yolo_v8_s": (11_166_560, 5_089_760),
    "yolo_v8_m": (25_902_640, 11_872_464),
    "yolo_v8_l": (43_691_520, 19_831_744),
    "yolo_v8_x": (68_229_648, 30_972_080),
}
BINS = 16
# KerasCV's neck has two bottlenecks on its way down, whatever the size.
KERAS_CV_DOWN = (2, 2)


def as_in_keras_cv(model_id, classes, size=64):
    config = yolo_v8.CONFIGS[model_id]
    depths = (*config.neck_depths[:2], *KERAS_CV_DOWN)
    return dataclasses.replace(config, neck_depths=depths, classes=classes, size=size)


def reference(config):
    """Build KerasCV's detector with random weights, biases and norms that differ from 0 and 1."""
    keras.utils.set_random_seed(0)
    backbone = keras_cv.models.YOLOV8Backbone(
        list(config.widths[1:]), list(config.depths), include_rescaling=False, input_shape=(config.size, config.size, 3)
    )  # fmt: skip
    model = keras_cv.models.YOLOV8Detector(
        backbone, config.classes, bounding_box_format="xyxy", fpn_depth=config.neck_depths[0]
    )
    random = np.random.default_rng(0)
    for variable in model.weights:
        if variable.path.endswith(("gamma", "variance")):
            variable.assign(random.uniform(0.8, 1.2, variable.shape))
        elif variable.path.endswith("kernel"):
            # Twice the variance that Keras would start with: SiLU halves a signal, and it should not fade away.
            fan_in = np.prod(variable.shape[:-1])
            variable.assign(random.standard_normal(variable.shape, np.float32) * np.sqrt(2 / fan_in))
        else:
            variable.assign(random.normal(0, 0.1, variable.shape))
    return model


# The second is as large as KerasCV says of its detector for Pascal VOC.
@pytest.mark.parametrize(
    ("model_id", "classes", "params"), [("yolo_v8_n", 80, None), ("yolo_v8_m", 20, 25_901_004)]
)
def test_same_weights_same_numbers_and_boxes(model_id, classes, params):
    config = as_in_keras_cv(model_id, classes)
    official, ours = reference(config), yolo_v8.build(config)
    assert params in (None, ours.count_params())
    pictures = np.random.default_rng(1).normal(0, 1, (2, config.size, config.size, 3)).astype(np.float32)
    assert thought_of(ours, pictures) == pytest.approx(5 * 3, rel=0.2)  # five objects at each level
    load_into(ours, {v.path: np.asarray(v) for v in official.weights}, "yolo_v8", "kerashub", config)
    expected, found = official(pictures, training=False), ours(pictures, training=False)
    boxes, scores = found[..., : 4 * BINS], keras.ops.sigmoid(found[..., 4 * BINS :])
    assert np.std(expected["boxes"]) > 0.1
    assert np.std(expected["classes"]) > 0.02
    assert np.abs(boxes - expected["boxes"]).max() <= 1e-4 * max(1, np.abs(expected["boxes"]).max())
    assert np.abs(scores - expected["classes"]).max() <= 1e-4
    corners = grid.decode(boxes, *grid.cells(config.size, config.size))
    assert np.abs(corners - decoded(expected["boxes"], config.size)).max() <= 1e-3  # pixels


def thought_of(untrained, pictures):
    """Count the objects of which a new network is sure, all in all: few, or the start of training would be a flood."""
    scores = keras.ops.sigmoid(untrained(pictures, training=False)[..., 4 * BINS :])
    return float(np.sum(scores)) / len(pictures)


def decoded(logits, size):
    """Turn the detector's numbers into corners as KerasCV's own code does."""
    centres, strides = yolo_v8_detector.get_anchors((size, size))
    distances = yolo_v8_detector.decode_regression_to_boxes(logits)
    return yolo_v8_detector.dist2bbox(distances, centres) * strides[:, None]


# Two are enough: m is counted above, x in test_large.py, and s is n with all widths doubled.
@pytest.mark.parametrize("model_id", ["yolo_v8_n", "yolo_v8_l"])
def test_parameters_as_published(model_id):
    config = yolo_v8.CONFIGS[model_id]
    with tf.Graph().as_default():  # its variables have no numbers
        model = yolo_v8.build(config)
        trained = sum(variable.shape.num_elements() for variable in model.trainable_weights)
        backbone = keras.Model(model.input, model.get_layer("spp_out").output)
        assert (trained + BINS, backbone.count_params()) == PUBLISHED[model_id]
        assert model.count_params() == catalog.card(model_id).params
        assert model.output.shape == (None, 80 * 80 + 40 * 40 + 20 * 20, 4 * BINS + 80)
