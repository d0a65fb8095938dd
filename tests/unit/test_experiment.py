"""Recorded experiments: nothing is measured twice, and nothing is lost when a run breaks off."""

import json

import pytest

from course_lib.training import experiment


def test_a_broken_run_goes_on_where_it_stopped(tmp_path, monkeypatch):
    (tmp_path / "experiments").mkdir()
    monkeypatch.setattr(experiment, "data_dir", lambda: tmp_path)
    asked = []

    def measured(way, draw):
        if len(asked) == 3:
            raise KeyboardInterrupt
        asked.append((way, draw))
        return {"score": 10 * way + draw}

    ways = {"a": 1, "b": 2}
    with pytest.raises(KeyboardInterrupt):
        experiment.record("trial", ways, range(2), measured)
    asked.clear()
    experiment.record("trial", ways, range(2), measured)
    assert asked == [(2, 1)]
    table = json.loads((tmp_path / "experiments" / "trial.json").read_text())
    assert table == {"a": [{"score": 10}, {"score": 11}], "b": [{"score": 20}, {"score": 21}]}
