"""Scaling to a square: the middle, the size, and no cost for odd proportions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from course_lib.media.images import read_image, resize_crop, resize_squash


def scale_then_crop(image, size, fraction):
    """The same in two steps, as one would write it down: scale the whole picture, then cut."""
    height, width = image.shape[:2]
    shorter = round(size / fraction)
    scale = shorter / min(height, width)
    new_height, new_width = max(shorter, int(height * scale)), max(shorter, int(width * scale))
    scaled = Image.fromarray(image).resize((new_width, new_height), Image.Resampling.BICUBIC)
    top, left = round((new_height - size) / 2), round((new_width - size) / 2)
    return np.asarray(scaled)[top : top + size, left : left + size]


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 64), st.sampled_from([0.5, 0.875, 1.0]))
def test_equals_scaling_then_cropping(height, width, size, fraction):
    # Values from the middle of the range: Pillow scales rows and columns in the order that is cheaper, and where
    # the first pass overshoots beyond 0 or 255 the order shows
    image = np.random.default_rng(height).integers(96, 160, (height, width, 3), dtype=np.uint8)
    got = resize_crop(image, size, fraction)
    assert got.shape == (size, size, 3)
    assert got.dtype == np.uint8
    assert np.abs(got.astype(int) - scale_then_crop(image, size, fraction)).max() <= 2


def test_photograph():
    cat = read_image("sample:cat")
    assert np.abs(resize_crop(cat, 224).astype(int) - scale_then_crop(cat, 224, 0.875)).max() <= 1
    assert resize_squash(cat, 224).shape == (224, 224, 3)
    assert np.array_equal(resize_squash(cat[:32, :32], 32), cat[:32, :32])


def test_a_thread_of_a_picture_costs_nothing():
    assert resize_crop(np.full((1, 1_000_000, 3), 9, np.uint8), 224).mean() == 9


@pytest.mark.parametrize("resample", ["nearest", "bilinear", "bicubic", "lanczos"])
def test_methods(resample):
    assert resize_squash(np.full((7, 9, 3), 50, np.uint8), 20, resample).min() == 50
