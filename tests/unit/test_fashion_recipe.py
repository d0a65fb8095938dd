"""The recipes of models of Fashion-MNIST: what is made is measured once, and told in the report and on the card."""

import numpy as np
import pytest

from course_lib.catalog import reports
from course_lib.training.generative import measuring, recipe
from course_lib.training.generative.figures import Figures
from course_lib.training.generative.recipe import GameRecipe
from course_lib.training.generative.rules import Rules
from tests.unit.toy_maker import toy


@pytest.fixture
def maker(monkeypatch):
    """Return a generator under the id "toy", and a measure that counts its calls."""
    maker = toy(monkeypatch, size=32)
    monkeypatch.setattr(recipe.catalog, "card", lambda name: maker.card)
    measured = []

    def measure(images, labels):
        measured.append((images, labels))
        return Figures(float(len(measured)), 0.9, 0.8, 0.05, 0.01)

    monkeypatch.setattr(recipe, "measure", measure)
    maker.measured = measured
    return maker


def test_the_figures_of_a_model_are_taken_once(maker, monkeypatch):
    monkeypatch.setattr(
        recipe, "real", lambda: measuring.Real(None, None, 0.0, 0.93, 0.06, np.arange(3), None)
    )
    made = GameRecipe(model_id="toy", samples=40)
    assert made.heldout_scores(maker.model) == (1, 2, 3)
    assert set(made.further_scores(maker.model).values()) == {(0.9,) * 3, (0.8,) * 3, (0.01,) * 3}
    assert list(made.beside(maker.model).values()) == [(0, 1, 2), (0.05,) * 3, (0.06,)]
    assert len(maker.measured) == 3
    for (images, labels), seed in zip(maker.measured, made.test_seeds, strict=True):
        assert images.shape == (40, 32, 32, 1)
        assert np.array_equal(images, maker.generate(40, seed=seed)[..., :1])
        assert labels.tolist()[:4] == [0, 1, 2, 0]


def test_a_model_without_classes_is_not_recognised(monkeypatch, maker):
    toy_of_none = toy(monkeypatch, size=32, classes=0)
    made = GameRecipe(model_id="toy", samples=4)
    assert made.samples_of(toy_of_none.model, 0)[1] is None
    monkeypatch.setattr(recipe, "measure", lambda *given: Figures(1.0, float("nan"), 0.8, 0.05, 0.01))
    assert not any("recognised" in name for name in made.further_scores(toy_of_none.model))


def test_the_rules_are_the_recipes():
    made = GameRecipe(model_id="toy", batch_size=16, loss="logistic", r1=0.5, augment=("shift",))
    assert Rules.of(made, steps=7, seed=3) == Rules(7, 16, "logistic", r1=0.5, augment=("shift",), seed=3)


def test_what_scores_are_held_against_stands_on_the_card(monkeypatch):
    report = {
        "model_id": "toy", "file": "toy.safetensors", "sha256": "0", "bytes": 1, "measure": "distance", "unit": "",
        "mean": 8.25, "spread": 0.5, "scores": [8, 8.5], "repeats": {}, "beside": {"real": [1.0, 1.5]},
    }  # fmt: skip
    monkeypatch.setattr(reports, "read_report", lambda name: report)
    score, real = reports.nano_offer("toy")["facts"]
    assert (score["name"], score["value"]) == ("distance", 8.2)
    assert (real["name"], real["value"], real["spread"], real["how"]) == ("real", 1.25, 0.25, "measured")
