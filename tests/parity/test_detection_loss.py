"""Assignment and loss of detectors, held against upstream's answers, KerasCV's, and numbers worked out by hand."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from keras_cv.src.models.object_detection.yolo_v8.yolo_v8_label_encoder import YOLOV8LabelEncoder

from course_lib.boxes import grid
from course_lib.training.detection import assign as tal
from course_lib.training.detection.loss import detection_loss, distribution_focal_loss

CENTRES, STRIDES = grid.cells(64, 64)
RECORDED = Path(__file__).parent / "fixtures" / "detection" / "assignment.npz"


def test_assignment_is_the_one_that_yolo_v9_makes():
    with np.load(RECORDED) as file:
        given = {
            name: tf.constant(file[name]) for name in ("scores", "corners", "truth_corners", "truth_labels")
        }
        foreground, boxes, scores = file["foreground"], file["target_corners"], file["target_scores"]
    found = tal.assign(
        given["scores"], given["corners"], CENTRES, given["truth_corners"], given["truth_labels"]
    )
    assert foreground.sum() > 20
    np.testing.assert_allclose(found.scores, scores, atol=1e-5)
    sure = scores.sum(-1) > 0
    np.testing.assert_allclose(np.asarray(found.corners)[sure], boxes[sure], atol=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_assignment_is_keras_cvs_where_no_cell_is_wanted_twice(seed):
    """Where objects lie apart: KerasCV scales a cell that two objects want by the other one's numbers, too."""
    rng = np.random.default_rng(seed)
    corner = np.array([[[0, 0], [33, 33]]]) + rng.uniform(0, 4, (1, 2, 2))
    truth = np.concatenate([corner, corner + rng.uniform(12, 26, (1, 2, 2))], -1).astype(np.float32)
    near = truth[0, (CENTRES.sum(1) > 64).astype(int)]  # each cell draws the object on its side, roughly
    corners = (near + rng.normal(0, 1.5, near.shape))[None].astype(np.float32)
    scores = rng.uniform(0.05, 0.9, (1, len(CENTRES), 3)).astype(np.float32)
    labels = rng.integers(0, 3, (1, 2)).astype(np.int32)
    found = tal.assign(*map(tf.constant, (scores, corners, CENTRES, truth, labels)))
    boxes, expected, _ = YOLOV8LabelEncoder(num_classes=3)(
        scores, corners, tf.constant(CENTRES), labels.astype("float32"), truth, np.ones((1, 2, 1), bool)
    )
    assert (np.asarray(expected).sum(-1) > 0).sum() > 5
    # Its CIoU is a little higher than the paper's where shapes differ, see docs/decisions.md.
    np.testing.assert_allclose(found.scores, expected, atol=5e-3)
    sure = np.asarray(expected).sum(-1) > 0
    np.testing.assert_allclose(np.asarray(found.corners)[sure], np.asarray(boxes)[sure], atol=1e-4)


def test_distribution_focal_loss_by_hand():
    logits = np.log(np.tile([0.1, 0.2, 0.3, 0.4], 4)).astype(np.float32)
    wanted = np.float32([0, 1, 1.5, 2.75])
    by_hand = np.mean([
        -np.log(0.1), -np.log(0.2), -(np.log(0.2) + np.log(0.3)) / 2, -(0.25 * np.log(0.3) + 0.75 * np.log(0.4)),
    ])  # fmt: skip
    np.testing.assert_allclose(distribution_focal_loss(logits, wanted), by_hand, rtol=1e-5)


def outputs_for(corners, labels, bins=8, classes=3):
    """Return raw numbers of cells that draw the given box and name the given class, certain of both."""
    distances = np.asarray(grid.distances_of(corners, CENTRES, STRIDES)).clip(0, bins - 1.01)
    gap = np.abs(np.arange(bins) - distances[..., None])
    boxes = np.log(np.maximum(1 - gap, 1e-6)).reshape(len(CENTRES), -1)
    names = np.where(np.arange(classes) == labels[:, None], 8.0, -8.0)
    return np.concatenate([boxes, names], -1)[None].astype(np.float32)


def loss_of(outputs, truth, labels):
    return float(
        detection_loss(tf.constant(outputs), 3, CENTRES, STRIDES, tf.constant(truth), tf.constant(labels))
    )


def test_the_loss_falls_with_each_of_its_three_parts():
    truth, labels = np.float32([[[8, 8, 40, 40]]]), np.int32([[1]])
    inside = ((truth[0, 0, :2] < CENTRES) & (truth[0, 0, 2:] > CENTRES)).all(1)
    corners = np.where(inside[:, None], truth[0], np.concatenate([CENTRES - 4, CENTRES + 4], -1))
    good = outputs_for(corners, np.where(inside, 1, -1))
    right = loss_of(good, truth, labels)
    wrong_name = good.copy()
    wrong_box = outputs_for(corners + np.array([0, 0, 9, 9]), np.where(inside, 1, -1))
    wrong_name[..., -3:] = np.roll(wrong_name[..., -3:], 1, -1)
    assert right < loss_of(wrong_box, truth, labels) < 1e3
    assert right < loss_of(wrong_name, truth, labels)
    assert right < loss_of(good, truth, np.int32([[2]]))


def test_an_empty_scene_wants_silence_and_gives_a_finite_gradient():
    outputs = tf.Variable(outputs_for(np.concatenate([CENTRES - 4, CENTRES + 4], -1), np.zeros(len(CENTRES))))
    truth, labels = tf.zeros((1, 2, 4)), tf.constant([[-1, -1]])
    with tf.GradientTape() as tape:
        loss = detection_loss(outputs, 3, CENTRES, STRIDES, truth, labels)
    gradient = tape.gradient(loss, outputs).numpy()
    assert np.isfinite(gradient).all()
    assert (gradient[..., -3] > 0).all()  # every cell should be less sure of its class
    assert not gradient[..., :-3].any()  # and nothing is said of the boxes


def test_boxes_without_area_do_no_harm():
    outputs = tf.Variable(outputs_for(np.concatenate([CENTRES - 4, CENTRES + 4], -1), np.zeros(len(CENTRES))))
    truth = tf.constant([[[20.0, 20.0, 20.0, 30.0], [8.0, 8.0, 40.0, 40.0]]])
    with tf.GradientTape() as tape:
        loss = detection_loss(outputs, 3, CENTRES, STRIDES, truth, tf.constant([[0, 1]]))
    assert np.isfinite(float(loss))
    assert np.isfinite(tape.gradient(loss, outputs).numpy()).all()
