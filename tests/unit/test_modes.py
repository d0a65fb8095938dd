"""Clouds on a ring, counted; and what was recorded of four ways to play."""

import json

import numpy as np
import pytest

from course_lib.data_dir import data_dir
from course_lib.training.generative import modes


def test_all_clouds_are_found_in_real_points():
    count, inside = modes.found(modes.ring(5_000))
    assert count == modes.CLOUDS
    # Of a normal distribution in the plane, so many lie within three deviations.
    assert inside == pytest.approx(1 - np.exp(-4.5), abs=0.005)


def test_a_cloud_counts_from_its_share():
    points = modes.ring(4_000, seed=1)
    first = points[np.linalg.norm(points - [modes.RADIUS, 0], axis=1) < 1]
    assert modes.found(first)[0] == 1
    elsewhere = np.zeros((len(first), 2))
    assert modes.found(np.concatenate([first[:100], np.zeros((9_900, 2))])) == (
        0,
        pytest.approx(0.01, abs=0.002),
    )
    assert modes.found(elsewhere) == (0, 0)


def test_the_same_seed_plays_the_same_game():
    way = modes.WAYS["spectral norm, hinge loss"]
    first, again = (modes.run(way, 1, steps=3) for _ in range(2))
    assert first == again
    assert set(first) == {"found", "inside", "after"}
    assert np.shape(modes.run(modes.WAYS["plain"], 0, steps=1)["points"]) == (modes.SHOWN, 2)


def test_a_held_discriminator_has_layers_of_a_bounded_slope():
    _, discriminator = modes.players(spectral=True)
    point = np.random.default_rng(0).standard_normal((64, 2)).astype(np.float32)
    for _ in range(30):
        discriminator({"image": point}, training=True)
    gaps = np.linalg.norm(point[:32] - point[32:], axis=1)
    logits = np.asarray(discriminator({"image": point}))[:, 0]
    assert (np.abs(logits[:32] - logits[32:]) <= 1.01 * modes.SLOPE * gaps).all()


def test_every_way_was_played_with_three_seeds():
    table = json.loads((data_dir() / "experiments" / "modes.json").read_text())
    assert set(table) == set(modes.WAYS)
    for runs in table.values():
        assert len(runs) == 3
        assert all(run["after"][-1] == [modes.STEPS, run["found"]] for run in runs)
    mean = {way: np.mean([run["found"] for run in runs]) for way, runs in table.items()}
    assert mean["plain"] < mean["spectral norm, hinge loss"]
