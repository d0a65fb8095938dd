"""The letterbox: the whole picture in the square, and boxes that find their way there and back."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from course_lib.media.letterbox import GREY, Letterbox
from course_lib.weights.preprocess import Preprocess

SIDES = st.integers(1, 5000)
SIZES = st.sampled_from([32, 96, 333, 640])


@given(SIDES, SIDES, SIZES, st.integers(0, 2**32 - 1))
@example(1, 4000, 96, 0)
@example(4000, 1, 640, 0)
@example(1, 1, 640, 0)
@example(3, 2, 96, 0)
@example(641, 639, 640, 0)
def test_boxes_come_back_within_half_a_pixel(height, width, size, seed):
    ends = np.random.default_rng(seed).uniform(0, 1, (20, 2, 2)) * [width, height]
    boxes = np.sort(ends, axis=1).reshape(-1, 4)
    box = Letterbox(height, width, size)
    inside = box.to_square(boxes)
    assert inside.dtype == np.float32
    assert inside.min() >= 0
    assert inside.max() <= size
    np.testing.assert_allclose(box.to_picture(inside), boxes, atol=0.01)


@given(SIDES, SIDES, SIZES)
def test_the_picture_fits_and_is_centred(height, width, size):
    box = Letterbox(height, width, size)
    inner = box.inner
    assert max(inner) == size
    for length, scaled, start in zip((height, width), inner, box.corner, strict=True):
        assert scaled == 1 or abs(scaled - length * size / max(height, width)) <= 0.5
        assert 0 <= start <= (size - scaled) / 2 < start + 1


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 400), st.integers(1, 400), st.sampled_from([32, 96, 160]), st.integers(0, 2**32 - 1))
@example(7, 400, 96, 1)
@example(5, 3, 160, 2)
def test_a_drawn_rectangle_is_where_its_box_is(height, width, size, seed):
    rng = np.random.default_rng(seed)
    (x0, x1), (y0, y1) = (np.sort(rng.choice(length + 1, 2, replace=False)) for length in (width, height))
    image = np.zeros((height, width, 3), np.uint8)
    image[y0:y1, x0:x1] = 255
    box = Letterbox(height, width, size)
    square = box.apply(image)
    (rows, columns), (top, left) = box.inner, box.corner
    inner = square[top : top + rows, left : left + columns, 0]
    expected = box.to_square([[x0, y0, x1, y1]])[0] - np.tile([left, top], 2)
    # The share of light in each column and row ends where the box does, to the pixel.
    light = inner / 255.0
    for axis, (start, end) in ((1, expected[1::2]), (0, expected[0::2])):
        profile = light.max(axis=axis)
        if profile.max() > 0.99:
            found = np.flatnonzero(profile > 0.5)
            assert abs(found[0] - start) <= 1
            assert abs(found[-1] + 1 - end) <= 1


def test_the_margin_is_grey_and_the_smaller_half_is_above():
    square = Letterbox(2, 4, 5).apply(np.zeros((2, 4, 3), np.uint8))
    assert (square[:, 0, 0] == GREY).tolist() == [True, False, False, True, True]
    assert square.dtype == np.uint8


def test_a_picture_of_the_right_size_stays_as_it_is():
    image = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    assert np.array_equal(Letterbox(64, 64, 64).apply(image), image)
    half = image[:32]
    assert np.array_equal(Letterbox(32, 64, 64).apply(half)[16:48], half)


@pytest.mark.parametrize("crop", [0, 0.875])
def test_preprocess_keeps_the_whole_picture(crop):
    image = np.full((50, 100, 3), 255, np.uint8)
    pixels = Preprocess(32, "unit", crop, letterbox=True)([image, image[:, :50]])
    assert pixels.shape == (2, 32, 32, 3)
    assert np.unique(pixels[0, :8]).tolist() == [np.float32(GREY / 255)]
    assert (pixels[0, 8:24] == 1).all()
    assert (pixels[1] == 1).all()
