"""How well two boxes agree: equal to hand values and to KerasCV, finite where boxes have no area."""

import math

import keras_cv
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.boxes import iou


@st.composite
def dense_boxes(draw, most=8):
    """Boxes of 1 to 30 px on a small field, so that most of them meet."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.integers(1, most))
    upper_left = generator.uniform(0, 30, (count, 2))
    return np.concatenate([upper_left, upper_left + generator.uniform(1, 30, (count, 2))], -1).astype(
        np.float32
    )


@settings(max_examples=15, deadline=None)
@given(dense_boxes(), dense_boxes())
def test_pairwise_iou_equals_keras_cv(a, b):
    expected = keras_cv.bounding_box.compute_iou(tf.constant(a), tf.constant(b), "xyxy").numpy()
    np.testing.assert_allclose(iou.pairwise(a, b), expected, atol=1e-5)
    np.testing.assert_allclose(iou.pairwise(tf.constant(a), b), expected, atol=1e-5)


@settings(max_examples=15, deadline=None)
@given(dense_boxes())
def test_giou_equals_keras_cv(a):
    b = a[::-1] + np.float32(3)
    loss = keras_cv.losses.GIoULoss("xyxy", axis="no_reduction", reduction="none")
    with pytest.warns(UserWarning, match="no_reduction"):
        expected = 1 - loss(a, b).numpy()
    np.testing.assert_allclose(iou.giou(a, b), expected, atol=1e-5)


@settings(max_examples=15, deadline=None)
@given(dense_boxes(), st.tuples(st.floats(-9, 9), st.floats(-9, 9)), st.floats(0.5, 2))
def test_ciou_of_boxes_of_one_shape_equals_keras_cv(a, shift, scale):
    # KerasCV 0.9 squares the factor 4 / pi^2 of the shape's penalty as well, so it only agrees where that penalty is 0.
    b = a * np.float32(scale) + np.array([*shift, *shift], np.float32)
    expected = 1 - keras_cv.losses.CIoULoss("xyxy", reduction="none")(a, b).numpy()
    np.testing.assert_allclose(iou.ciou(a, b), expected, atol=1e-5)


def test_hand_values():
    a, b = [0, 0, 4, 2], [2, 0, 4, 4]
    assert iou.area(a) == 8
    assert iou.iou(a, b) == pytest.approx(4 / 12)
    assert iou.giou(a, b) == pytest.approx(4 / 12 - 4 / 16)
    shape = 4 / math.pi**2 * (math.atan(2) - math.atan(0.5)) ** 2
    alpha = shape / (1 - 4 / 12 + shape)
    assert iou.ciou(a, b) == pytest.approx(4 / 12 - 2 / 32 - alpha * shape)
    assert iou.giou([0, 0, 1, 1], [3, 0, 4, 1]) == pytest.approx(-0.5)
    assert iou.ciou(a, a) == iou.giou(a, a) == iou.iou(a, a) == 1


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([10.0, 20, 50, 40], [12.0, 15, 40, 60], 0.3332683958020534),
        ([0.0, 0, 10, 100], [20.0, 30, 90, 35], -0.506561218804399),
        ([5.0, 5, 6, 30], [4.0, 6, 20, 9], -0.43696631473433717),
    ],
)
def test_ciou_equals_torchvision(a, b, expected):
    # torchvision.ops.complete_box_iou, version 0.28.
    assert iou.ciou(a, b) == pytest.approx(expected, abs=1e-6)


DEGENERATE = [
    [5, 5, 5, 5],
    [5, 5, 9, 5],
    [5, 5, 5, 9],
    [9, 9, 5, 5],
    [5, 5, 5 + 1e-6, 5 + 1e-6],
    [0, 0, 1e4, 1e-6],
]


@pytest.mark.parametrize("measure", [iou.iou, iou.giou, iou.ciou])
def test_boxes_without_area_are_finite_and_so_are_their_gradients(measure):
    boxes = np.array([*DEGENERATE, [4, 4, 8, 8]], np.float32)
    a, b = (np.repeat(boxes, len(boxes), 0), np.tile(boxes, (len(boxes), 1)))
    variable = tf.Variable(a)
    with tf.GradientTape() as tape:
        value = measure(variable, b)
    gradient = tape.gradient(value, variable).numpy()
    assert np.isfinite(value).all()
    assert np.isfinite(measure(a, b)).all()
    assert np.isfinite(gradient).all()
    assert np.abs(gradient[len(DEGENERATE) :: len(boxes)]).max() < 1e4  # towards a true box that has an area
    assert np.max(value) <= 1 + 1e-6


def test_no_gradient_flows_through_alpha():
    inner, outer = np.array([1.0, 1, 6, 3]), np.array([0.0, 0, 9, 9])

    def shape_of(x0, y0, x1, y1):
        return 4 / math.pi**2 * (math.pi / 4 - math.atan((x1 - x0) / (y1 - y0))) ** 2

    def ciou_with(alpha, x0, y0, x1, y1):
        apart = ((x0 + x1) / 2 - 4.5) ** 2 + ((y0 + y1) / 2 - 4.5) ** 2
        return (x1 - x0) * (y1 - y0) / 81 - apart / 162 - alpha * shape_of(x0, y0, x1, y1)

    alpha = shape_of(*inner) / (1 - 10 / 81 + shape_of(*inner))
    steps = np.eye(4) * 1e-6
    slopes = [
        (ciou_with(alpha, *(inner + step)) - ciou_with(alpha, *(inner - step))) / 2e-6 for step in steps
    ]
    variable = tf.Variable(inner, dtype=tf.float32)
    with tf.GradientTape() as tape:
        value = iou.ciou(variable, outer)
    np.testing.assert_allclose(value, ciou_with(alpha, *inner), atol=1e-6)
    np.testing.assert_allclose(tape.gradient(value, variable), slopes, atol=1e-5)


def test_tensors_stay_tensors_and_broadcast():
    one, many = tf.zeros((4,)), np.ones((3, 5, 4), np.float16)
    assert tf.is_tensor(iou.giou(one, many))
    assert iou.giou(one, many).shape == (3, 5)
    assert isinstance(iou.ciou(np.zeros((2, 1, 4)), np.zeros((6, 4))), np.ndarray)
    assert iou.pairwise(np.zeros((0, 4)), np.zeros((3, 4))).shape == (0, 3)
