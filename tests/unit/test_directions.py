"""Directions in a generator's random numbers: found where they are, and only there."""

import numpy as np
import pytest

from course_lib.training.generative import directions

TRUE = np.array([0.6, 0.0, -0.8])


def _paint(latents, labels):
    """Pictures as bright as the random numbers say along TRUE, some kinds brighter than others."""
    level = 0.1 * latents @ TRUE + 0.2 * labels - 0.2
    return np.tile(level[:, None, None, None], (1, 4, 4, 1))


def test_a_direction_is_found_within_kinds():
    rng = np.random.default_rng(0)
    labels = np.resize([0, 1, 2], 600)
    latents = rng.normal(size=(600, 3)) + labels[:, None]  # kinds differ in everything, which must not count
    values = directions.brightness(directions.moved(_paint, latents, labels, TRUE, 0))
    found = directions.direction_of(latents - labels[:, None], values, labels)
    assert np.linalg.norm(found) == pytest.approx(1)
    assert found @ TRUE > 0.99


def test_a_step_moves_the_pictures():
    latents, labels = np.zeros((250, 3)), np.zeros(250, int)
    less, more = (directions.moved(_paint, latents, labels, TRUE, step) for step in (-1, 1))
    assert less.shape == (250, 4, 4, 1)
    assert less.dtype == np.uint8
    gap = directions.brightness(more) - directions.brightness(less)
    np.testing.assert_allclose(gap, 0.1, atol=0.01)  # of 0 to 1, where pictures go from -1 to 1


def test_brightness_and_width_are_of_what_is_lit():
    image = np.zeros((1, 8, 8, 1), np.uint8)
    image[0, 2:6, 3:5] = 204
    assert directions.brightness(image)[0] == pytest.approx(0.8)
    assert directions.width(image)[0] == pytest.approx(2 / 8)
    assert directions.brightness(0 * image)[0] == 0
