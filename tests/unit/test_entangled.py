"""How straight a space lies: by planes over it whose truth is known."""

import numpy as np
import pytest

from course_lib.training.generative import entangled


@pytest.fixture(scope="module")
def points():
    return np.random.default_rng(0).standard_normal((600, 4))


def test_what_lies_straight_is_told_wholly_and_what_is_bent_is_not(points):
    assert entangled.straightness(points, 3 * points[:, 1] - points[:, 2] + 5) == pytest.approx(1)
    assert entangled.straightness(points, points[:, 0] ** 2) < 0.1
    noisy = points[:, 0] + np.random.default_rng(1).standard_normal(600)
    assert 0.4 < entangled.straightness(points, noisy) < 0.6


def test_a_turn_goes_along_the_circle(points):
    a, b = points[:300], points[300:]
    half = entangled._turned(a, b, np.full((300, 1), 0.5))
    np.testing.assert_allclose(np.linalg.norm(half, axis=1), 1)
    along = np.sum(half * a, axis=1) / np.linalg.norm(a, axis=1)
    np.testing.assert_allclose(along, np.sum(half * b, axis=1) / np.linalg.norm(b, axis=1))
