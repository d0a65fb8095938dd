"""The experiments on how few numbers must move: what moves, how a rate is chosen, and that the records are whole."""

import json

import numpy as np
import pytest

from course_lib.data_dir import data_dir
from course_lib.training.language import adapting, ranks
from course_lib.training.language.lora import trained_parameters
from course_lib.zoo import gpt


@pytest.fixture(scope="module")
def tiny():
    return gpt.build(gpt.GPTConfig(width=8, depth=2, heads=2, mlp=12, vocabulary=20, context=8))


@pytest.mark.parametrize(
    ("way", "numbers"),
    [
        ("LoRA, rank 1", 2 * 2 * (8 + 8)),
        ("LoRA, rank 4, all matrices", 2 * 4 * (4 * (8 + 8) + 2 * (8 + 12))),
        ("biases and norms", 2 * (4 * 8 + 12 + 8 + 2 * 2 * 8) + 2 * 8),
        ("words alone", 20 * 8),
        ("everything", None),
    ],
)
def test_only_what_a_way_says_can_move(tiny, way, numbers):
    copy = ranks.prepared(tiny, ranks.WAYS[way])
    tokens = np.array([[1, 2, 3]])
    np.testing.assert_allclose(copy(tokens), tiny(tokens), atol=1e-6)
    assert trained_parameters(copy) == (numbers or trained_parameters(tiny))


def test_the_rate_is_chosen_by_validation_alone():
    class Network:
        def learn(self, probe, train, rate, seed):
            self.rate = rate
            return {"seconds": 1.0, "trained": 10}

        def accuracy(self, asked):
            return {"validation": {1: 0.6, 2: 0.8, 3: 0.7}, "test": {1: 0.9, 2: 0.5, 3: 0.9}}[asked][
                self.rate
            ]

    found = adapting.tuned(Network(), None, None, "validation", "test", 0, (1, 2, 3))
    assert (found["rate"], found["accuracy"]) == (2, 0.5)
    assert found["validation"] == {1: 0.6, 2: 0.8, 3: 0.7}
    assert "validation" not in adapting.tuned(Network(), None, None, "validation", "test", 0, (3,))


def test_batches_end_where_their_longest_sentence_ends():
    tokens = np.array([[5, 6, 0, 0], [7, 0, 0, 0]])
    np.testing.assert_array_equal(adapting.trimmed(tokens), [[5, 6], [7, 0]])


def test_a_bag_of_words_learns_from_words():
    texts = ["good film", "bad film"] * 10
    asked = adapting.Sentences(texts, np.zeros((20, 1), int), np.array([1, 0] * 10))
    found = adapting.bag_of_words(asked, asked)
    assert found["accuracy"] == 1
    assert found["trained"] == len({"good", "bad", "film", "good film", "bad film"}) + 1


def test_each_recorded_way_has_all_its_draws():
    recorded = json.loads((data_dir() / "experiments" / "ranks.json").read_text())
    assert {"LoRA, rank 4", "everything"} <= recorded["ways"].keys() <= ranks.WAYS.keys()
    for name, runs in recorded["ways"].items():
        assert len(runs) == len(ranks.DRAWS)
        tried = recorded["rates"][name]
        assert runs[0]["rate"] == min(tried.values(), key=lambda run: run["validation"])["rate"]
