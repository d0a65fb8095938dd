"""Non-maximum suppression: equal to TensorFlow's and KerasCV's, by class or not."""

import keras_cv
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.boxes import Boxes
from course_lib.boxes.nms import nms
from course_lib.errors import BadInput


@st.composite
def found_boxes(draw):
    """Up to 40 boxes on a small field, of three classes; many of one score."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.integers(0, 40))
    corners = generator.uniform(0, 20, (count, 2))
    corners = np.concatenate([corners, corners + generator.uniform(5, 20, (count, 2))], -1)
    return Boxes.of(corners, generator.integers(0, 3, count), generator.integers(0, 12, count) / 11)


def chosen_by_tensorflow(boxes: Boxes, threshold: float, most: int) -> np.ndarray:
    return tf.image.non_max_suppression(boxes.corners, boxes.scores, most, threshold).numpy()


def assert_same(a: Boxes, b: Boxes) -> None:
    for name in ("corners", "labels", "scores"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


@settings(max_examples=30, deadline=None)
@given(found_boxes(), st.sampled_from([0.0, 0.3, 0.5, 0.7, 1.0]), st.integers(0, 40))
def test_of_all_classes_together_as_tensorflow(boxes, threshold, most):
    expected = boxes[chosen_by_tensorflow(boxes, threshold, most)]
    assert_same(nms(boxes, threshold, per_class=False, most=most), expected)


@settings(max_examples=30, deadline=None)
@given(found_boxes(), st.sampled_from([0.1, 0.5, 0.7]))
def test_per_class_is_each_class_by_itself(boxes, threshold):
    kept = nms(boxes, threshold)
    assert (np.diff(kept.scores) <= 0).all()
    for label in range(3):
        alone = boxes[boxes.labels == label]
        assert_same(kept[kept.labels == label], alone[chosen_by_tensorflow(alone, threshold, 300)])


def test_as_keras_cv():
    generator = np.random.default_rng(5)
    corners = generator.uniform(0, 20, (50, 2))
    corners = np.concatenate([corners, corners + generator.uniform(5, 20, (50, 2))], -1).astype(np.float32)
    scores = generator.permutation(50).astype(np.float32) / 50
    layer = keras_cv.layers.NonMaxSuppression("xyxy", False, iou_threshold=0.4, confidence_threshold=0.1)
    kept = layer(corners[None], scores[None, :, None])
    count = int(kept["num_detections"][0])
    boxes = nms(Boxes.of(corners, [0] * 50, scores)[scores > 0.1], 0.4)
    np.testing.assert_allclose(boxes.corners, kept["boxes"][0, :count], atol=1e-4)
    np.testing.assert_allclose(boxes.scores, kept["confidence"][0, :count])


def test_by_hand():
    # The second covers 9 / 11 of the first's union; the third lies there too, but is another class; the fourth is apart.
    corners = [[0, 0, 10, 10], [1, 0, 11, 10], [1, 0, 11, 10], [30, 0, 40, 10]]
    boxes = Boxes.of(corners, [0, 0, 1, 0], [0.5, 0.9, 0.6, 0.9])
    assert nms(boxes).scores.tolist() == pytest.approx([0.9, 0.9, 0.6])
    assert nms(boxes, per_class=False).corners.tolist() == [corners[1], corners[3]]
    assert nms(boxes, threshold=0.82).labels.tolist() == [0, 0, 1, 0]
    assert len(nms(boxes, most=1)) == 1


def test_nothing_in_nothing_out():
    kept = nms(Boxes.of([], [], []))
    assert (len(kept), kept.corners.shape, kept.scores.shape) == (0, (0, 4), (0,))
    with pytest.raises(BadInput, match="no scores"):
        nms(Boxes.of([[0, 0, 1, 1]], [0]))
