"""BiT's HyperRule, at its borders and through its schedule."""

import pytest

from course_lib.errors import BadInput
from course_lib.training.hyper_rule import HyperRule


@pytest.mark.parametrize(
    ("examples", "steps", "mixup"),
    [(1, 500, 0), (19_999, 500, 0), (20_000, 10_000, 0.1), (499_999, 10_000, 0.1), (500_000, 20_000, 0.1)],
)
def test_the_size_of_the_data_set_decides(examples, steps, mixup):
    rule = HyperRule(examples, 224)
    assert (rule.steps, rule.mixup) == (steps, mixup)


@pytest.mark.parametrize(
    ("side", "resolution"), [(32, (160, 128)), (95, (160, 128)), (96, (512, 480)), (224, (512, 480))]
)
def test_the_size_of_the_pictures_decides(side, resolution):
    assert HyperRule(1_000, side).resolution == resolution


def test_the_rate_rises_and_falls_in_steps():
    rule = HyperRule(1_000, 32)
    assert [rule.rate(step) for step in (0, 50, 100, 200)] == pytest.approx([0, 0.0015, 0.003, 0.003])
    assert [rule.rate(step) for step in (201, 300, 301, 401, 499)] == pytest.approx(
        [3e-4, 3e-4, 3e-5, 3e-6, 3e-6]
    )
    assert rule.rate(500) == 0
    assert HyperRule(10**6, 224).rate(6_001) == pytest.approx(3e-4)


@pytest.mark.parametrize(("examples", "side"), [(0, 224), (100, 0), (-1, 32)])
def test_there_must_be_pictures(examples, side):
    with pytest.raises(BadInput):
        HyperRule(examples, side)
