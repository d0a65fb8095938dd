"""What names and masks teach the nano ViT: the table is there, and the measurement really trains."""

import json
from statistics import mean

import numpy as np
import pytest

from course_lib.data_dir import data_dir
from course_lib.training import supervision
from course_lib.training.masked import MaskedRecipe
from course_lib.training.supervision import ALL, RUNS, TAUGHT, TENTH


def test_the_table_says_what_was_measured():
    table = json.loads((data_dir() / "experiments" / "supervision.json").read_text(encoding="utf-8"))
    for taught, seen, seeds in RUNS:
        assert tuple(map(int, table[taught][str(seen)])) == seeds
    early = {taught: mean(table[taught][str(TENTH)].values()) for taught in TAUGHT}
    late = mean(table["names alone"][str(ALL)].values())
    assert 0.05 < early["names alone"] < early["names and masks"] < late


@pytest.mark.parametrize(("taught", "weight"), TAUGHT.items())
def test_the_recipe_is_the_nanos_own_but_for_the_masks(taught, weight, monkeypatch):
    learned = []
    monkeypatch.setattr(MaskedRecipe, "learn", lambda self, model, data, seed: learned.append((self, data)))
    monkeypatch.setattr(MaskedRecipe, "heldout_scores", lambda self, model: (0.25, 0.75))
    monkeypatch.setattr(supervision, "build", lambda model_id: model_id)
    assert supervision.measure(taught, images_seen=64, seed=0) == 0.5
    ((recipe, (images, labels, masks)),) = learned
    assert (recipe.mask_weight, recipe.images_seen) == (weight, 64)
    assert images.shape == (64, 32, 32, 3)
    assert np.isfinite(masks).all()
    assert labels.max() < 20


def test_a_run_goes_on_where_it_was_cut(tmp_path, monkeypatch):
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / "supervision.json").write_text('{"names alone": {"40000": {"0": 0.25}}}')
    monkeypatch.setattr(supervision, "data_dir", lambda: tmp_path)
    measured = []
    monkeypatch.setattr(supervision, "measure", lambda *run: measured.append(run) or 0.5)
    supervision.main()
    table = json.loads((tmp_path / "experiments" / "supervision.json").read_text())
    assert table["names alone"][str(TENTH)] == {"0": 0.25, "1": 0.5, "2": 0.5}
    assert ("names alone", TENTH, 0) not in measured
    assert len(measured) == sum(len(seeds) for *_, seeds in RUNS) - 1
