"""LoRA on Keras's own terms: nothing changes at first, little moves, and what was learned can be merged."""

import keras
import keras_hub
import numpy as np
import pytest

from course_lib.errors import BadInput
from course_lib.training.language import lora
from course_lib.zoo import bert, gpt

TOKENS = np.array([[5, 6, 7, 8]], np.int32)
TINY = bert.BertConfig(width=16, depth=2, heads=2, mlp=24, vocabulary=20, context=8, separator=3)


def _bert():
    return bert.build(TINY)


def _gpt():
    return gpt.build(gpt.GPTConfig(width=16, depth=2, heads=2, mlp=24, vocabulary=20, context=8, dropout=0.0))


def _learn(model):
    """Make one large update towards whatever."""
    model.compile(keras.optimizers.SGD(1.0), "mse", run_eagerly=True)
    answers = np.asarray(model(TOKENS))
    wanted = np.cos(np.arange(answers.size)).reshape(
        answers.shape
    )  # equal numbers are nothing to a normalised output
    for _ in range(2):  # the first matrices only learn once the second ones are not zero
        model.train_on_batch(TOKENS, wanted)


@pytest.mark.parametrize("build", [_bert, _gpt])
def test_only_the_thin_matrices_move(build):
    model = build()
    before, answers = {v.path: np.asarray(v) for v in model.variables}, np.asarray(model(TOKENS))
    adapted = lora.add_lora(model, rank=3)
    assert adapted == [f"block{n}_attention/{part}" for n in (1, 2) for part in ("query", "value")]
    assert lora.trained_parameters(model) == 4 * 3 * (16 + 16)
    np.testing.assert_array_equal(model(TOKENS), answers)
    _learn(model)
    assert np.abs(np.asarray(model(TOKENS)) - answers).max() > 1e-6
    for variable in model.variables:
        if variable.path in before:
            np.testing.assert_array_equal(variable, before[variable.path], err_msg=variable.path)


def test_what_was_learned_is_merged_into_the_network():
    model = _gpt()
    first = {v.path: np.asarray(v) for v in model.variables}
    lora.add_lora(model, rank=2, layers=r"block1_.*")
    _learn(model)
    learned = np.asarray(model(TOKENS))
    lora.merge(model)
    np.testing.assert_allclose(model(TOKENS), learned, atol=1e-5)
    plain = _gpt()
    merged = {v.path: np.asarray(v) for v in model.variables}
    for variable in plain.variables:
        variable.assign(merged[variable.path])
    np.testing.assert_allclose(plain(TOKENS), learned, atol=1e-5)
    kernel = "block1_attention/query/kernel"
    assert np.linalg.matrix_rank(merged[kernel] - first[kernel], tol=1e-5) <= 2


def test_it_begins_anew_as_it_began_first():
    model = _bert()
    answers = np.asarray(model(TOKENS))
    lora.add_lora(model, rank=2, seed=7)
    begun = [np.asarray(v) for v in model.trainable_variables]
    _learn(model)
    lora.restart(model, seed=7)
    np.testing.assert_allclose(model(TOKENS), answers, atol=1e-6)
    for variable, first in zip(model.trainable_variables, begun, strict=True):
        np.testing.assert_array_equal(variable, first)


def test_on_keras_hubs_gpt_2_as_well():
    model = keras_hub.models.GPT2Backbone(20, 2, 2, 16, 24, max_sequence_length=8)
    given = {"token_ids": TOKENS, "padding_mask": np.ones_like(TOKENS)}
    answers = np.asarray(model(given))
    adapted = lora.add_lora(model, rank=3, layers=r".*/(query|value)")
    assert len(adapted) == 4
    assert lora.trained_parameters(model) < 0.1 * model.count_params()
    np.testing.assert_array_equal(model(given), answers)
    model.compile(keras.optimizers.SGD(1.0), "mse", run_eagerly=True)
    for _ in range(2):
        model.train_on_batch(given, np.ones_like(answers))
    learned = np.asarray(model(given))
    assert np.abs(learned - answers).max() > 1e-4
    lora.merge(model)
    np.testing.assert_allclose(model(given), learned, atol=1e-5)


def test_what_cannot_be_adapted_is_said_in_a_sentence():
    model = _bert()
    with pytest.raises(BadInput, match="No dense layer of bert is called 'nothing'"):
        lora.add_lora(model, 2, layers="nothing")
    with pytest.raises(BadInput, match="a whole number from 1 on, not 0"):
        lora.add_lora(model, 0)
    lora.add_lora(model, 1)
    with pytest.raises(BadInput, match="has its LoRA already"):
        lora.add_lora(model, 2)
