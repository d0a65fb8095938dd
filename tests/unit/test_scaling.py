"""The measurement behind lesson 09's dials: its table fits the networks, and it really trains them."""

import json

import pytest

from course_lib.data_dir import data_dir
from course_lib.training import scaling
from course_lib.training.scaling import DIALS, SEEDS
from course_lib.zoo import efficientnet
from course_lib.zoo.cost import multiply_adds

TABLE = json.loads((data_dir() / "experiments" / "scaling.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", DIALS)
def test_the_table_is_about_these_networks(name):
    model, row = efficientnet.build(DIALS[name]), TABLE["dials"][name]
    assert (row["params"], row["multiply_adds"]) == (model.count_params(), multiply_adds(model))
    assert len(row["accuracy"]) == len(SEEDS)
    assert name == "base" or 2 < row["multiply_adds"] / TABLE["dials"]["base"]["multiply_adds"] < 2.5


def test_one_step_runs_and_is_scored_on_held_out_pictures(monkeypatch):
    monkeypatch.setattr(scaling, "TEST_IMAGES", 50)
    result = scaling.measure(DIALS["base"], seeds=(0,), images_seen=64)
    (accuracy,) = result["accuracy"]
    assert 0 <= accuracy <= 1
    assert (50 * accuracy).is_integer()
    assert result["params"] == TABLE["dials"]["base"]["params"]


def test_a_stopped_measurement_goes_on_where_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr(scaling, "data_dir", lambda: tmp_path)
    measured = []

    def measure(config):
        if len(measured) == 2:
            raise KeyboardInterrupt
        measured.append(config)
        return {"accuracy": [0.5]}

    monkeypatch.setattr(scaling, "measure", measure)
    with pytest.raises(KeyboardInterrupt):
        scaling.main()
    monkeypatch.setattr(scaling, "measure", lambda config: measured.append(config) or {"accuracy": [0.5]})
    scaling.main()
    assert measured == list(DIALS.values())
    assert list(json.loads((tmp_path / "experiments" / "scaling.json").read_text())["dials"]) == list(DIALS)
