"""The measurement behind lesson 15: its pictures, its ways, and that a run begins where the last one began."""

import json

import numpy as np
import pytest

from course_lib.data_dir import data_dir
from course_lib.training.thawing.pictures import FIRST_SEVEN, PHOTOS, fifty, handwriting, scraps
from course_lib.training.thawing.ways import DIGITS, SCRAPS, Way


def test_the_fifty_are_five_of_each_from_the_first_seven_series():
    images, labels = handwriting(16)
    few, ten = fifty(labels, draw=1), fifty(labels, draw=1, skip=5, count=1)
    assert images.shape == (1797, 16, 16, 3)
    assert np.bincount(labels[few]).tolist() == [5] * 10
    assert np.bincount(labels[ten]).tolist() == [1] * 10
    assert max(*few, *ten) < FIRST_SEVEN
    assert not set(few) & set(ten)
    assert set(few) != set(fifty(labels, draw=2))


def test_scraps_of_two_sides_are_of_the_same_photos():
    left, labels = scraps(2, 0, 0.55, draw=0, size=16)
    assert left.shape == (2 * len(PHOTOS), 16, 16, 3)
    assert labels.tolist() == np.repeat(np.arange(10), 2).tolist()
    assert np.array_equal(left, scraps(2, 0, 0.55, draw=0, size=16)[0])
    assert not np.array_equal(left, scraps(2, 0.55, 1, draw=0, size=16)[0])


def test_the_rate_rises_and_falls():
    from course_lib.training.thawing.bench import schedule

    rates = schedule(60)
    assert len(rates) == 60
    assert rates[0] == 0
    assert rates.argmax() == 6
    assert rates.max() == 1
    assert (np.diff(rates[6:]) < 0).all()
    assert schedule(60, warm_up=0)[0] == 1


@pytest.fixture(scope="module")
def bench():
    from course_lib.training.thawing.bench import Bench

    return Bench("drawings")


def test_each_run_begins_anew_and_batch_norm_stands_still(bench):
    from course_lib.training.thawing.bench import tune

    images, labels = handwriting(32)
    few = fifty(labels, draw=0)
    ends = []
    for _ in range(2):
        tune(bench, Way(1e-3, epochs=1), 0, (images[few], labels[few]))
        ends.append(bench.model.get_weights())
    for one, other in zip(*ends, strict=True):
        assert np.allclose(one, other, atol=1e-5)
    pairs = zip(bench.model.weights, bench.start, strict=True)
    changed = {w.path.split("/")[-1] for w, old in pairs if not np.array_equal(w, old)}
    assert "kernel" in changed
    assert not {name for name in changed if "moving" in name}
    assert all(part > 0 for part in bench.moved().values())


def test_what_is_frozen_has_no_rate(bench):
    whole, upper = bench.rates(Way()), bench.rates(Way(unfreeze=1 / 3))
    assert (whole == 1).all()
    assert upper[0] == 0
    assert upper[-1] == 1
    slow = bench.rates(Way(decay=2.0))
    assert slow[0] == pytest.approx(1 / 8)


def test_the_table_has_every_way():
    table = json.loads((data_dir() / "experiments" / "thawing.json").read_text(encoding="utf-8"))
    for target, ways in (("digits", DIGITS), ("photos", SCRAPS)):
        assert set(ways) <= set(table[target])
        for name in ways:
            assert len(table[target][name]) >= 2
            assert all(0 <= run["test"] <= 1 for run in table[target][name])
