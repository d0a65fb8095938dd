"""What the auxiliary branch teaches: the table is there, and the measurement judges the network without the branch."""

import json
from types import SimpleNamespace

import pytest

from course_lib.data_dir import data_dir
from course_lib.training import guidance
from course_lib.training.guidance import ALONE, GUIDED, KINDS, SEEDS, SIZE, UPDATES, WAYS


def test_the_table_says_what_was_measured():
    table = json.loads((data_dir() / "experiments" / "guidance.json").read_text(encoding="utf-8"))
    for way in WAYS:
        assert tuple(map(int, table[way])) == SEEDS
        assert all(0 < run["map"] < run["map50"] < 1 for run in table[way].values())


@pytest.mark.parametrize("way", [ALONE, GUIDED])
def test_what_is_measured_is_the_network_in_use(way, monkeypatch):
    trained, judged = [], []
    monkeypatch.setattr(guidance, "fit", lambda model, *data: trained.append((model, data)))
    monkeypatch.setattr(
        guidance, "score", lambda model, *data: judged.append(model) or SimpleNamespace(map50=0.5, map=0.25)
    )
    monkeypatch.setattr(guidance, "IMAGES", 2)
    monkeypatch.setattr(guidance, "TEST_IMAGES", 2)
    assert guidance.measure(way, seed=0) == {"map50": 0.5, "map": 0.25}
    ((model, (images, truths, classes, settings, _)),) = trained
    assert isinstance(model.output, dict) == (way == GUIDED)
    assert (images.shape, len(truths), classes, settings.steps) == (
        (2, SIZE, SIZE, 3),
        2,
        len(KINDS),
        UPDATES,
    )
    assert judged[0].output_shape[-1] == 4 * 8 + len(KINDS)


def test_a_run_goes_on_where_it_was_cut(tmp_path, monkeypatch):
    (tmp_path / "experiments").mkdir()
    known = {ALONE: {"0": {"map50": 0.25, "map": 0.125}}}
    (tmp_path / "experiments" / "guidance.json").write_text(json.dumps(known))
    monkeypatch.setattr(guidance, "data_dir", lambda: tmp_path)
    measured = []
    monkeypatch.setattr(guidance, "measure", lambda *run: measured.append(run) or {"map50": 0.5, "map": 0.25})
    guidance.main()
    table = json.loads((tmp_path / "experiments" / "guidance.json").read_text())
    assert table[ALONE] == {"0": {"map50": 0.25, "map": 0.125}, "1": {"map50": 0.5, "map": 0.25}}
    assert len(measured) == len(SEEDS) * len(WAYS) - 1
