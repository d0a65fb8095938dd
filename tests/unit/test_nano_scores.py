"""The shipped nano weights are as good as is said of them, on images that neither training nor recipe ever saw."""

import hashlib
import json

import numpy as np
import pytest

from course_lib import catalog
from course_lib.data_dir import data_dir
from course_lib.loading import open_pretrained
from course_lib.media import world
from course_lib.training.finetuning import accuracy
from course_lib.training.recipes.resnet_nano import Recipe

FRESH = 777  # a seed of its own
TOLERANCE = 0.025  # 2,000 images at .9 have a standard error of .007


@pytest.fixture(scope="module")
def report():
    return json.loads((data_dir() / "weights" / "resnet_nano.json").read_text())


def test_the_shipped_file_is_the_one_that_was_measured(report):
    content = (data_dir() / "weights" / report["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == report["sha256"]
    assert len(content) == report["bytes"] < 1_000_000


def test_the_report_is_of_the_recipe_and_of_seeds_that_it_keeps_for_testing(report):
    recipe = Recipe()
    assert report["recipe"]["images_seen"] == recipe.images_seen
    assert report["recipe"]["seed"] not in (FRESH, *recipe.test_seeds)
    assert len(report["scores"]) == len(recipe.test_seeds) >= 3
    assert report["mean"] == pytest.approx(np.mean(report["scores"]), abs=1e-4)


def test_fresh_images_are_classified_as_well_as_reported(report):
    model = open_pretrained("resnet_nano", "nano")
    score = accuracy(model, world.make_images(2000, seed=FRESH))
    assert score == pytest.approx(report["mean"], abs=TOLERANCE)
    assert model.labels == world.PRETRAIN_CLASSES


def test_the_card_says_what_was_measured(report):
    (offer,) = [offer for offer in catalog.card("resnet_nano").weights if offer.grade == "nano"]
    (fact,) = [fact for fact in offer.facts if "accuracy" in fact.name]
    assert offer.hash == f"sha256:{report['sha256']}"
    assert offer.bytes == report["bytes"]
    assert fact.how == "measured"
    assert fact.value == pytest.approx(100 * report["mean"], abs=0.051)  # rounded to a tenth of a per cent
    assert fact.spread == pytest.approx(100 * report["spread"], abs=0.051)
