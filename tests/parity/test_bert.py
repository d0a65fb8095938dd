"""BERT, against KerasHub's with the same numbers, which come by Hugging Face's names and axes."""

import keras
import keras_hub
import numpy as np
import pytest

from course_lib import load
from course_lib.catalog import card
from course_lib.weights import cache
from course_lib.weights.convert import load_into
from course_lib.zoo import bert

SMALL = bert.BertConfig(width=24, depth=2, heads=3, mlp=40, vocabulary=50, context=16, separator=3)
# Two sentences with padding, one, and one pair of sentences.
TOKENS = np.array(
    [[2, 7, 9, 11, 3, 0, 0, 0], [2, 40, 41, 42, 43, 44, 45, 3], [2, 8, 3, 9, 10, 3, 0, 0]], np.int32
)
BEHIND = np.array([[0] * 8, [0] * 8, [0, 0, 0, 1, 1, 1, 0, 0]], np.int32)  # of the second sentence

HERE = cache.find(card("minilm_l6").weights[0].file)


@pytest.fixture(scope="module")
def reference():
    model = keras_hub.models.BertBackbone(
        vocabulary_size=50,
        num_layers=2,
        num_heads=3,
        hidden_dim=24,
        intermediate_dim=40,
        max_sequence_length=16,
    )
    for number in range(2):  # KerasHub approximates GELU, the published networks do not
        model.get_layer(
            f"transformer_layer_{number}"
        )._feedforward_intermediate_dense.activation = keras.activations.gelu
    generator = np.random.default_rng(0)
    for variable in model.weights:  # else biases are 0 and normalisations do nothing
        variable.assign(variable + generator.normal(0, 0.2, variable.shape))
    return model


@pytest.fixture(scope="module")
def ours(reference):
    model = bert.build(SMALL)
    load_into(model, _as_published(reference), "bert", "torch", SMALL)
    return model


def test_tokens_are_those_of_keras_hub(ours, reference):
    expected = _tokens_of(reference)
    found = np.asarray(keras.Model(ours.input, ours.get_layer("norm").output)(TOKENS))
    known = TOKENS != 0
    assert np.abs(found - expected)[known].max() <= 1e-4


def test_a_sentence_is_the_mean_of_its_tokens_brought_to_length_one(ours, reference):
    for vector, tokens, row in zip(np.asarray(ours(TOKENS)), _tokens_of(reference), TOKENS, strict=True):
        mean = tokens[row != 0].mean(axis=0)
        np.testing.assert_allclose(vector, mean / np.linalg.norm(mean), atol=1e-5)


def test_padding_changes_nothing(ours):
    np.testing.assert_allclose(ours(TOKENS[:1]), ours(TOKENS[:1, :5]), atol=1e-5)


@pytest.mark.skipif(not HERE, reason="all-MiniLM-L6-v2 is not on this machine")
def test_the_real_model_knows_what_belongs_together(monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(HERE.parents[1]))
    encoder = load("minilm_l6")
    near, far = encoder.similarity("guitar", "musician"), encoder.similarity("guitar", "stock market")
    assert near > 0.6
    assert far < 0.2
    vectors = encoder.features(["a guitar", "the guitar " * 1000])
    assert vectors.shape == (2, 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def _tokens_of(reference) -> np.ndarray:
    given = {"token_ids": TOKENS, "segment_ids": BEHIND, "padding_mask": TOKENS != 0}
    return np.asarray(reference(given)["sequence_output"])


def _as_published(reference) -> dict[str, np.ndarray]:
    """Return KerasHub's numbers by Hugging Face's names: kernels stand the other way round there."""
    numbers = {variable.path: np.asarray(variable) for variable in reference.weights}
    found = {"embeddings.position_ids": np.arange(16)[None], "pooler.dense.weight": np.zeros((24, 24))}
    found["pooler.dense.bias"] = np.zeros(24)
    for theirs, name in (
        ("token_embedding", "word_embeddings"), ("position_embedding", "position_embeddings"),
        ("segment_embedding", "token_type_embeddings"),
    ):  # fmt: skip
        found[f"embeddings.{name}.weight"] = numbers[f"{theirs}/embeddings"]
    _norm(found, "embeddings.LayerNorm", numbers, "embeddings_layer_norm")
    for number in range(2):
        layer, block = f"encoder.layer.{number}", f"transformer_layer_{number}"
        for part in ("query", "key", "value"):
            _dense(found, f"{layer}.attention.self.{part}", numbers, f"{block}/self_attention_layer/{part}")
        out = f"{block}/self_attention_layer/attention_output"
        _dense(found, f"{layer}.attention.output.dense", numbers, out, inputs=24)
        _dense(found, f"{layer}.intermediate.dense", numbers, f"{block}/feedforward_intermediate_dense")
        _dense(found, f"{layer}.output.dense", numbers, f"{block}/feedforward_output_dense", inputs=40)
        _norm(found, f"{layer}.attention.output.LayerNorm", numbers, f"{block}/self_attention_layer_norm")
        _norm(found, f"{layer}.output.LayerNorm", numbers, f"{block}/feedforward_layer_norm")
    return found


def _dense(found, name, numbers, path, inputs=24):
    found[f"{name}.weight"] = numbers[f"{path}/kernel"].reshape(inputs, -1).T
    found[f"{name}.bias"] = numbers[f"{path}/bias"].reshape(-1)


def _norm(found, name, numbers, path):
    found[f"{name}.weight"], found[f"{name}.bias"] = numbers[f"{path}/gamma"], numbers[f"{path}/beta"]
