"""The experiment on large batches: its gradients, its ways, and what was recorded."""

import json

import numpy as np

from course_lib.data_dir import data_dir
from course_lib.training import batch_scaling
from course_lib.training.batch_scaling import SEEDS, WAYS, Way, gradients, measured


def test_the_gradients_are_the_slopes_of_the_loss():
    rng = np.random.default_rng(0)
    weights = [rng.normal(0, 0.3, shape) for shape in ((64, 5), (5,), (5, 10), (10,))]
    x, labels = rng.normal(size=(7, 64)), rng.integers(0, 10, 7)

    def loss():
        scores = batch_scaling._forward(weights, x)[1]
        return -np.mean(batch_scaling.log_softmax(scores)[np.arange(7), labels])

    for weight, gradient in zip(weights, gradients(weights, x, labels), strict=True):
        place = tuple(size // 2 for size in weight.shape)
        at = weight[place]
        weight[place] = at + 1e-6
        above = loss()
        weight[place] = at - 1e-6
        slope, weight[place] = (above - loss()) / 2e-6, at
        np.testing.assert_allclose(gradient[place], slope, atol=1e-7)


def test_the_gradient_of_a_batch_is_the_mean_of_its_halves():
    rng = np.random.default_rng(1)
    weights = [rng.normal(0, 0.3, shape) for shape in ((64, 5), (5,), (5, 10), (10,))]
    x, labels = rng.normal(size=(8, 64)), rng.integers(0, 10, 8)
    whole, left, right = (gradients(weights, x[p], labels[p]) for p in (slice(8), slice(4), slice(4, 8)))
    for all_of_them, one, other in zip(whole, left, right, strict=True):
        np.testing.assert_allclose(all_of_them, (one + other) / 2, atol=1e-12)


def test_a_scaled_rate_grows_with_the_batch():
    assert [Way(batch, "scaled").peak / Way(batch, "kept").peak for batch in (16, 64, 256)] == [1, 4, 16]


def test_what_was_recorded_is_what_is_measured():
    table = json.loads((data_dir() / "experiments" / "batch_scaling.json").read_text())
    assert table.keys() == WAYS.keys()
    assert {len(runs) for runs in table.values()} == {SEEDS}
    for name in ("256, scaled", "915, warmed"):
        now, then = measured(WAYS[name], 1), table[name][1]
        assert now["updates"] == then["updates"]
        assert abs(now["right"] - then["right"]) < 0.02
