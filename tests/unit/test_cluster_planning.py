"""The arithmetic of a plan."""

import math

import pytest

from course_lib.cluster.planning import Measured, break_even, estimate, workers_for
from course_lib.errors import BadInput

FAST = Measured(rate=100, efficiency=0.8, start=20, memory=1e9, picture=1e5, row=1024)


def test_a_million_pictures_by_hand():
    one, ten = estimate(1_000_000, 1, FAST, price=2.0), estimate(1_000_000, 10, FAST, price=2.0)
    assert one.seconds == 20 + 10_000  # alone, a worker is as fast as it was measured
    assert ten.seconds == pytest.approx(20 + 1_250)
    assert ten.money == pytest.approx(10 * 1_270 / 3600 * 2.0)
    assert (ten.memory, ten.read, ten.kept) == (1e10, 1e11, 1.024e9)


def test_a_thousand_times_the_pictures_take_a_thousand_times_the_work():
    million, billion = (estimate(10**n, 50, FAST, price=1.0) for n in (6, 9))
    assert (billion.seconds - 20) / (million.seconds - 20) == pytest.approx(1000)


def test_as_many_workers_as_it_takes():
    workers = workers_for(10**6, 3600, FAST)
    assert estimate(10**6, workers, FAST, 0).seconds <= 3600 < estimate(10**6, workers - 1, FAST, 0).seconds
    with pytest.raises(BadInput, match="20 s to start"):
        workers_for(10**6, 19, FAST)


def test_where_two_begin_to_pay():
    alone, pair = Measured(rate=100, start=5), Measured(rate=100, efficiency=0.9, start=25)
    images = break_even(alone, pair, 2)
    assert 5 + images / 100 == pytest.approx(25 + images / 180)
    assert break_even(alone, Measured(rate=100, efficiency=0.5, start=25), 2) == math.inf


@pytest.mark.parametrize("wrong", [(0, 1, 1.0), (1, 0, 1.0), (1, 1, -1.0)])
def test_what_is_no_plan_is_refused(wrong):
    with pytest.raises(BadInput, match="plan"):
        estimate(wrong[0], wrong[1], FAST, wrong[2])
    with pytest.raises(BadInput, match="rate"):
        Measured(rate=0)
