"""What names and masks teach the nano ViT: the table is there, and the measurement really trains."""

import json

import numpy as np
import pytest

from course_lib.data_dir import data_dir
from course_lib.training import supervision
from course_lib.training.masked import MaskedRecipe
from course_lib.training.supervision import IMAGES_SEEN, TAUGHT, measure


def test_the_table_says_what_was_measured():
    table = json.loads((data_dir() / "experiments" / "supervision.json").read_text(encoding="utf-8"))
    seen = {name: tuple(map(int, scores)) for name, scores in table["accuracy"].items()}
    assert seen == IMAGES_SEEN
    names, masks = table["accuracy"].values()
    assert 0.05 < names["40000"] < masks["40000"] < names["400000"]


@pytest.mark.parametrize("weight", TAUGHT.values())
def test_the_recipe_is_the_nanos_own_but_for_the_masks(weight, monkeypatch):
    learned = []
    monkeypatch.setattr(MaskedRecipe, "learn", lambda self, model, data, seed: learned.append((self, data)))
    monkeypatch.setattr(MaskedRecipe, "heldout_scores", lambda self, model: (0.25, 0.75))
    monkeypatch.setattr(supervision, "build", lambda model_id: model_id)
    assert measure(weight, images_seen=64) == 0.5
    ((recipe, (images, labels, masks)),) = learned
    assert (recipe.mask_weight, recipe.images_seen) == (weight, 64)
    assert images.shape == (64, 32, 32, 3)
    assert np.isfinite(masks).all()
    assert labels.max() < 20
