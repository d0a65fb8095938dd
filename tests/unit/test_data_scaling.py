"""The measurement behind lesson 10: its table fits the networks, and it really trains them, on pictures kept apart."""

import json

import numpy as np
import pytest

from course_lib.data_dir import data_dir
from course_lib.media.world import PRETRAIN_CLASSES
from course_lib.training import data_scaling
from course_lib.training.data_scaling import CONFIGS, IMAGES, RATES, SEEDS, fresh, run, silhouettes, trainer

TABLE = json.loads((data_dir() / "experiments" / "data_scaling.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", CONFIGS)
def test_the_table_is_about_these_networks(name):
    row = TABLE["networks"][name]
    assert row["params"] == fresh(name).count_params()
    assert list(row["validation"]) == [f"{rate:g}" for rate in RATES]
    assert row["validation"][row["rate"]] == max(row["validation"].values())
    assert list(row["scores"]) == [str(n) for n in IMAGES]
    assert all(len(part) == len(SEEDS) for scores in row["scores"].values() for part in scores.values())


def test_the_two_networks_are_of_about_one_size():
    small, large = sorted(fresh(name).count_params() for name in CONFIGS)
    assert large / small < 1.2


def test_silhouettes_are_balanced_and_told_apart_by_seed():
    images, labels = silhouettes(40, seed=5)
    assert images.shape == (40, 16, 16, 3)
    assert (images.min(), images.max()) == (-1, 1)
    assert np.bincount(labels).tolist() == [2] * len(PRETRAIN_CLASSES)
    fewer, _ = silhouettes(20, seed=5)
    np.testing.assert_array_equal(images[:20], fewer)
    assert not np.array_equal(fewer, silhouettes(20, seed=6)[0])


@pytest.mark.parametrize("name", CONFIGS)
def test_it_trains_and_is_scored_on_other_pictures(name):
    """So few pictures are known by heart, and the others are not."""
    data, held_out = silhouettes(40, seed=1), silhouettes(200, seed=2)
    result = run(trainer(name, 2e-3, updates=100), name, data, held_out, seed=0)
    assert result["train"] > 0.9
    assert 0.05 < result["test"] < 0.7


def test_a_stopped_measurement_goes_on_where_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr(data_scaling, "data_dir", lambda: tmp_path)
    monkeypatch.setattr(data_scaling, "choose_rate", lambda name: {"0.001": 0.1, "0.004": 0.2})
    measured = []

    def measure(name, rate):
        if len(measured) == 1:
            raise KeyboardInterrupt
        measured.append((name, rate))
        return {}

    monkeypatch.setattr(data_scaling, "measure", measure)
    with pytest.raises(KeyboardInterrupt):
        data_scaling.main()
    monkeypatch.setattr(data_scaling, "measure", lambda name, rate: measured.append((name, rate)) or {})
    data_scaling.main()
    assert measured == [("CNN", 0.004), ("ViT", 0.004)]
    networks = json.loads((tmp_path / "experiments" / "data_scaling.json").read_text())["networks"]
    assert networks["ViT"]["rate"] == "0.004"
