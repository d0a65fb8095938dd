"""Training on texts: what is learned, in which order, and what is refused."""

import dataclasses

import keras
import numpy as np
import pytest
from keras import layers

from course_lib.errors import BadInput
from course_lib.loading import open_pretrained
from course_lib.training.fit import Settings
from course_lib.training.language.finetuning import TextPlan, copied, finetune_text, learn_text, perplexity
from course_lib.training.language.fit import TextTrainer, by_length, nats, next_token_loss, windows
from course_lib.training.language.text_to_text import exact_match, learn, padded
from course_lib.zoo import gpt, t5

TEXT = "The quality of mercy is not strained. " * 60


@pytest.fixture(scope="module")
def small():
    """A GPT of a few hundred numbers, whose places are few."""
    config = dataclasses.replace(
        gpt.CONFIGS["gpt_nano"], width=16, depth=1, heads=2, mlp=16, vocabulary=32, context=12
    )
    keras.utils.set_random_seed(0)
    return gpt.build(config)


def test_windows_are_followed_by_their_next_token():
    inputs, targets = windows(np.arange(20), 6, 3)
    assert inputs.shape == targets.shape == (5, 6)
    np.testing.assert_array_equal(targets, inputs + 1)
    assert inputs[:, 0].tolist() == [0, 3, 6, 9, 12]


def test_the_loss_is_that_of_the_tokens_that_count():
    logits = np.random.default_rng(0).normal(size=(2, 3, 5)).astype("float32")
    targets = np.array([[1, 2, 0], [3, 0, 0]])
    log = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    expected = -(log[0, 0, 1] + log[0, 1, 2] + log[1, 0, 3]) / 3
    assert float(next_token_loss(logits, targets)) == pytest.approx(expected, abs=1e-5)


def test_without_padding_every_token_counts_also_number_0():
    logits = np.random.default_rng(0).normal(size=(2, 3, 5)).astype("float32")
    log = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    loss = float(next_token_loss(logits, np.zeros((2, 3), int), padded=False))
    assert loss == pytest.approx(-log[..., 0].mean(), abs=1e-5)


def test_nats_are_the_mean_over_all_windows(small):
    numbers = np.random.default_rng(0).integers(1, 32, 100)
    inputs, targets = windows(numbers, 12)
    whole = float(next_token_loss(small(inputs), targets))
    assert nats(small, numbers, 12, batch_size=3) == pytest.approx(whole, abs=1e-4)


def test_by_length_every_batch_has_texts_of_about_one_length():
    lengths = np.random.default_rng(0).integers(1, 100, 2_000)
    settings = Settings(steps=40, batch_size=8)
    chosen = list(by_length(lengths)(2_000, settings, np.random.default_rng(0)))
    assert [len(batch) for batch in chosen] == [8] * 40
    assert np.mean([np.ptp(lengths[batch]) for batch in chosen]) < 10
    assert len(np.unique(np.concatenate(chosen[:32]))) == 256


def test_a_network_learns_what_always_follows(small):
    model = copied(small)
    numbers = np.tile(np.arange(1, 31), 40)
    learn_text(model, numbers, TextPlan(steps=150, length=12, learning_rate=1e-2))
    assert nats(model, numbers, 12) < 0.5 < 3 < nats(small, numbers, 12)


def test_the_same_seed_gives_the_same_weights(small):
    inputs, targets = windows(np.random.default_rng(0).integers(1, 32, 400), 12)
    model, runs = copied(small), []
    trainer = TextTrainer(model, Settings(5, 8))
    for seed in (1, 1, 2):
        model.set_weights(small.get_weights())
        trainer.fit([inputs], targets, seed)
        runs.append(model.get_weights()[0])
    np.testing.assert_array_equal(runs[0], runs[1])
    assert np.abs(runs[0] - runs[2]).max() > 0


def test_a_t5_learns_by_heart():
    config = dataclasses.replace(t5.CONFIGS["t5_nano"], width=32, depth=1, heads=2, mlp=32)
    keras.utils.set_random_seed(0)
    model = t5.build(config)
    learn(model, ["a: b", "a: c"] * 40, ["x", "y"] * 40, Settings(60, 16, 1e-2, 5))
    assert exact_match(model, ["a: b", "a: c", "a: b"], ["x", "y", "yy"]) == pytest.approx(2 / 3)


def test_padded_rows():
    assert padded([[1], [2, 3]]).tolist() == [[1, 0], [2, 3]]


def test_finetuning_leaves_the_first_model_alone():
    model = open_pretrained("gpt_nano", None)
    before = model.model.get_weights()[0].copy()
    tuned = finetune_text(model, TEXT, steps=3, batch_size=2, length=16)
    np.testing.assert_array_equal(model.model.get_weights()[0], before)
    assert np.abs(tuned.model.get_weights()[0] - before).max() > 0
    assert tuned.provenance.grade == "fine-tuned"
    assert perplexity(tuned, TEXT, 16) < perplexity(model, TEXT, 16)


@pytest.mark.parametrize(("text", "settings", "said"), [
    ("Too short.", {}, "more than 128 are needed"),
    ("a\ud800" * 500, {}, "lone surrogate"),
    (TEXT, {"length": 4096}, "at most"),
    (TEXT, {"steps": 0}, "steps"),
    (TEXT, {"rate": 1}, "rate"),
])  # fmt: skip
def test_what_can_not_be_learned_from_is_refused(text, settings, said):
    with pytest.raises(BadInput, match=said):
        finetune_text(open_pretrained("gpt_nano", None), text, **settings)


def test_a_model_of_pictures_is_no_author():
    with pytest.raises(BadInput, match="completes texts"):
        finetune_text(keras.Sequential([layers.Input((2,))]), TEXT)
