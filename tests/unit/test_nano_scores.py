"""The shipped nano weights are as good as is said of them, on images that neither training nor recipe ever saw."""

import hashlib
import json

import numpy as np
import pytest

from course_lib import catalog
from course_lib.data_dir import data_dir
from course_lib.loading import open_pretrained
from course_lib.media import world
from course_lib.training import recipes
from course_lib.training.finetuning import accuracy
from course_lib.training.pretrain import Recipe

FRESH = 777  # a seed of its own
TOLERANCE = 0.025  # 2,000 images at .9 have a standard error of .007


@pytest.fixture(params=recipes.names())
def report(request):
    return json.loads((data_dir() / "weights" / f"{request.param}.json").read_text())


@pytest.fixture(scope="module")
def fresh_images():
    return world.make_images(2000, seed=FRESH)


def test_the_shipped_file_is_the_one_that_was_measured(report):
    content = (data_dir() / "weights" / report["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == report["sha256"]
    detects = catalog.card(report["model_id"]).task == "detect"
    assert len(content) == report["bytes"] < (1_500_000 if detects else 1_000_000)


def test_the_report_is_of_the_recipe_and_of_seeds_that_it_keeps_for_testing(report):
    recipe = recipes.recipe(report["model_id"])
    assert report["recipe"]["images_seen"] == recipe.images_seen
    for seed in (report["recipe"]["seed"], *map(int, report["repeats"])):
        assert seed not in (FRESH, *recipe.test_seeds)
    assert len(report["scores"]) == len(recipe.test_seeds) >= 3
    assert report["mean"] == pytest.approx(np.mean(report["scores"]), abs=1e-4)


def test_fresh_images_are_classified_as_well_as_reported(report, fresh_images):
    model, recipe = open_pretrained(report["model_id"], "nano"), recipes.recipe(report["model_id"])
    if isinstance(recipe, Recipe):  # all classifiers see the same images
        score = accuracy(model, fresh_images)
    else:
        (score,) = recipe.changed({"test_seeds": (FRESH,)}).heldout_scores(model.model)
    assert score == pytest.approx(report["mean"], abs=TOLERANCE)
    if model.card.weights[0].labels == "world":
        assert model.labels == world.PRETRAIN_CLASSES


def test_what_else_was_measured_of_coca_holds_on_fresh_pictures():
    further = json.loads((data_dir() / "weights" / "coca_nano.json").read_text())["further"]
    recipe = recipes.recipe("coca_nano").changed({"test_seeds": (FRESH,)})
    found = recipe.further_scores(open_pretrained("coca_nano", "nano").model)
    assert found.keys() == further.keys()
    for name, (score,) in found.items():
        assert score == pytest.approx(np.mean(further[name]), abs=2 * TOLERANCE), name


def test_the_card_says_what_was_measured(report):
    (offer,) = [offer for offer in catalog.card(report["model_id"]).weights if offer.grade == "nano"]
    (fact,) = [fact for fact in offer.facts if fact.name.startswith(report["measure"])]
    assert offer.hash == f"sha256:{report['sha256']}"
    assert fact.how == "measured"
    assert fact.value == pytest.approx(100 * report["mean"], abs=0.051)  # rounded to a tenth of a per cent


def test_every_nano_model_has_a_recipe():
    nano = {o.model for m in catalog.list_models() for o in catalog.card(m).weights if o.grade == "nano"}
    assert nano == set(recipes.names())
