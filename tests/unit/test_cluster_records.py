"""What the recorded runs of several workers say, and that they are whole."""

import json

import numpy as np

from course_lib.cluster import killed, throughput
from course_lib.data_dir import data_dir


def recorded(name):
    return json.loads((data_dir() / "experiments" / f"{name}.json").read_text())


def test_a_killed_worker_changed_no_bit_of_any_loss():
    runs = recorded("killed")
    assert runs.keys() == killed.WAYS.keys()
    assert {len(draws) for draws in runs.values()} == {killed.DRAWS}
    for alone, shared, one_killed in zip(*runs.values(), strict=True):
        assert shared["losses"] == one_killed["losses"]
        assert (alone["started"], shared["started"], one_killed["started"]) == (0, 1, 2)
        np.testing.assert_allclose(shared["losses"], alone["losses"], rtol=1e-6)


def test_the_throughput_was_measured_for_all_ways():
    runs = recorded("throughput")
    assert runs.keys() == throughput.WAYS.keys()
    assert {len(draws) for draws in runs.values()} == {throughput.DRAWS}
    rate = {way: np.mean([run["rate"] for run in draws]) for way, draws in runs.items()}
    assert rate["2 workers"] > rate["1 worker"]
    assert all(run["row"] == 1280 for draws in runs.values() for run in draws)
