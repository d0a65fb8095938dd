"""The four figures of made pictures: against closed forms, other formulas, and pictures that each should catch."""

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.catalog import card
from course_lib.data_dir import data_dir
from course_lib.errors import BadInput
from course_lib.media import fashion
from course_lib.training.generative import measuring
from course_lib.training.generative.figures import (
    Gaussian,
    frechet_distance,
    gaussian_of,
    nearest_distances,
    spread_within,
)

judged = pytest.mark.skipif(
    not (data_dir() / "fashion" / "judged.npz").is_file(), reason="nothing was measured yet"
)


def _gaussian(rng, dimension):
    a = rng.standard_normal((dimension, dimension + 2))
    return Gaussian(rng.standard_normal(dimension), a @ a.T / dimension)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12))
def test_the_distance_is_that_of_the_matrix_root(seed, dimension):
    rng = np.random.default_rng(seed)
    a, b = _gaussian(rng, dimension), _gaussian(rng, dimension)
    root = scipy.linalg.sqrtm(a.covariance @ b.covariance)
    wanted = np.sum((a.mean - b.mean) ** 2) + np.trace(a.covariance + b.covariance - 2 * root).real
    assert frechet_distance(a, b) == pytest.approx(wanted, rel=1e-6, abs=1e-6)
    assert frechet_distance(a, b) == pytest.approx(frechet_distance(b, a), rel=1e-6, abs=1e-8)
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-8)


@settings(max_examples=30, deadline=None)
@given(st.floats(-3, 3), st.floats(0, 4), st.floats(-3, 3), st.floats(0, 4))
def test_in_one_dimension_it_is_the_difference_of_means_and_deviations(m, s, n, t):
    a, b = (Gaussian(np.array([mean]), np.array([[deviation**2]])) for mean, deviation in ((m, s), (n, t)))
    assert frechet_distance(a, b) == pytest.approx((m - n) ** 2 + (s - t) ** 2, rel=1e-6, abs=1e-7)


def test_directions_without_any_spread_do_no_harm():
    flat = Gaussian(np.zeros(3), np.diag([4.0, 1.0, 0.0]))
    other = Gaussian(np.zeros(3), np.diag([1.0, 0.0, 0.0]))
    assert frechet_distance(flat, other) == pytest.approx(1 + 1)


def test_mean_and_covariance_are_those_of_the_features():
    features = np.array([[1.0, 2.0], [3.0, 2.0], [5.0, 8.0]], np.float32)
    found = gaussian_of(features)
    np.testing.assert_allclose(found.mean, [3, 4])
    np.testing.assert_allclose(found.covariance, [[4, 6], [6, 12]])
    assert gaussian_of(np.array([[1.0], [3.0]])).covariance == pytest.approx(2)
    with pytest.raises(BadInput, match="two pictures"):
        gaussian_of(features[:1])


def test_spread_is_the_mean_distance_of_two_of_a_kind():
    rng = np.random.default_rng(0)
    features, labels = rng.standard_normal((40, 5)), np.repeat([0, 1, 3], [20, 19, 1])
    wanted = [
        np.mean([np.linalg.norm(a - b) for i, a in enumerate(rows) for j, b in enumerate(rows) if i != j])
        for rows in (features[:20], features[20:39])
    ]
    np.testing.assert_allclose(spread_within(features, labels, 4), [*wanted, 0, 0])


def test_the_nearest_picture_is_found():
    rng = np.random.default_rng(0)
    known = rng.integers(0, 256, (700, 4, 4, 1), dtype=np.uint8)
    images = rng.integers(0, 256, (510, 4, 4, 1), dtype=np.uint8)
    images[3] = known[77]
    difference = (images[:, None].astype(float) - known[None]) / 255
    wanted = np.sqrt((difference**2).mean(axis=(2, 3, 4))).min(axis=1)
    found = nearest_distances(images, known)
    np.testing.assert_allclose(found, wanted, atol=2e-4)
    assert found[3] < 1e-3 < found[4]


@judged
def test_real_pictures_pass_and_others_are_caught():
    images, labels = fashion.held_out()
    found, known = measuring.measure(images, labels), measuring.real()
    assert found.recognised > 0.9
    assert found.diversity == pytest.approx(1, abs=0.03)
    assert found.distance < 2 * known.baseline_small.max()

    one_pose = measuring.measure(images[::100].repeat(100, axis=0), labels)
    assert one_pose.diversity < 0.05
    assert one_pose.distance > 5 * found.distance

    blurred = images.reshape(-1, 8, 4, 8, 4, 1).mean(axis=(2, 4)).astype(np.uint8).repeat(4, 1).repeat(4, 2)
    assert measuring.measure(blurred, labels).distance > 5 * found.distance
    assert measuring.measure(images, np.roll(labels, 100)).recognised < 0.2


@judged
def test_copies_are_caught():
    if not fashion.is_here():
        pytest.skip("the training pictures are not on this machine")
    images, labels = fashion.few()
    found = measuring.measure(images, labels)
    assert found.copies == 1
    assert found.nearest < 1e-3
    real = measuring.measure(*fashion.held_out())
    assert real.copies < 0.03
    assert real.nearest == pytest.approx(measuring.real().nearest, rel=0.05)


@judged
def test_what_was_measured_of_real_pictures_belongs_to_this_judge():
    with np.load(data_dir() / "fashion" / "judged.npz") as found:
        assert str(found["judge"]) == card(measuring.JUDGE).weights[0].hash
