"""Llama gives the same numbers as KerasHub's with the same weights, with a cache or without, and from llama.cpp's files."""

import dataclasses

import keras
import keras_hub
import numpy as np
import pytest

from course_lib import catalog
from course_lib.loading import open_pretrained
from course_lib.weights.convert import load_into
from course_lib.weights.convert.llama import to_keras_hub
from course_lib.weights.gguf_file import read_gguf
from course_lib.weights.sources import package
from course_lib.zoo import llama
from course_lib.zoo.cached import Steps
from tests.gguf_files import write_gguf

SMALL = dataclasses.replace(
    llama.CONFIGS["smollm2"], depth=2, vocabulary=200
)  # full width, fewer blocks and words
TEXTS = np.random.default_rng(1).integers(0, 200, (2, 9))
# On this machine; each test has an empty cache.
REAL = package.find(catalog.card("smollm2").weights[0])


def logits(backbone, texts) -> np.ndarray:
    """Return what KerasHub's own network says."""
    hidden = backbone({"token_ids": texts, "padding_mask": np.ones_like(texts)})
    return np.asarray(backbone.token_embedding(hidden, reverse=True))


def difference(found, expected) -> float:
    return np.abs(found - expected).max() / max(1, np.abs(expected).max())


@pytest.fixture(scope="module")
def pair():
    """KerasHub's network and ours, with the same random numbers."""
    keras.utils.set_random_seed(0)
    official = keras_hub.models.LlamaBackbone(
        SMALL.vocabulary, SMALL.depth, SMALL.heads, SMALL.width, SMALL.mlp, SMALL.kv_heads,
        rope_max_wavelength=SMALL.rotary, layer_norm_epsilon=SMALL.epsilon, tie_word_embeddings=True,
    )  # fmt: skip
    random = np.random.default_rng(0)
    for variable in official.weights:
        scale = variable.path.endswith("scale")
        variable.assign(
            random.uniform(0.8, 1.2, variable.shape) if scale else random.normal(0, 0.05, variable.shape)
        )
    ours = llama.build(SMALL)
    load_into(ours, {v.path: np.asarray(v) for v in official.weights}, "llama", "kerashub", SMALL)
    return official, ours


def test_same_weights_same_numbers(pair):
    official, ours = pair
    expected = logits(official, TEXTS)
    assert np.std(expected) > 0.1
    assert difference(np.asarray(ours(TEXTS)), expected) <= 1e-4


def test_token_by_token_the_same(pair):
    official, ours = pair
    steps = Steps(ours)
    said, cache = steps(TEXTS[:, :5], steps.start(2))
    for place in range(5, 9):
        assert difference(said, logits(official, TEXTS[:, :place])[:, -1]) <= 1e-4
        said, cache = steps(TEXTS[:, place : place + 1], cache)


def test_into_keras_hub_and_back(pair):
    official, ours = pair
    again = to_keras_hub(ours, SMALL)
    for variable in official.weights:
        np.testing.assert_array_equal(variable, next(v for v in again.weights if v.path == variable.path))


def as_llama_cpp(backbone, config) -> dict[str, np.ndarray]:
    """Write a network's tensors as llama.cpp has them: (out, in), and the two halves of a head's numbers by turns."""
    arrays = {v.path: np.asarray(v) for v in backbone.weights}
    found = {
        "token_embd.weight": arrays["token_embedding/embeddings"],
        "output_norm.weight": arrays["sequence_output_layernorm/scale"],
    }
    dense = {"ffn_gate": "gate", "ffn_up": "intermediate", "ffn_down": "output"}
    for block in range(config.depth):
        layer = f"transformer_layer_{block}"
        for short, name in (("attn_norm", "self_attention"), ("ffn_norm", "feedforward")):
            found[f"blk.{block}.{short}.weight"] = arrays[f"{layer}/{name}_layernorm/scale"]
        for short, name in dense.items():
            found[f"blk.{block}.{short}.weight"] = arrays[f"{layer}/feedforward_{name}_dense/kernel"].T
        for short in ("query", "key", "value"):
            kernel = arrays[f"{layer}/self_attention/{short}/kernel"]
            if short != "value":
                half = kernel.shape[-1] // 2
                kernel = np.stack([kernel[..., :half], kernel[..., half:]], axis=-1)
            found[f"blk.{block}.attn_{short[0]}.weight"] = kernel.reshape(config.width, -1).T
        out = arrays[f"{layer}/self_attention/attention_output/kernel"]
        found[f"blk.{block}.attn_output.weight"] = out.reshape(-1, config.width).T
    return {name: np.ascontiguousarray(array) for name, array in found.items()}


def test_a_file_of_llama_cpp_gives_the_same_numbers(pair, tmp_path):
    official, ours = pair
    path = write_gguf(tmp_path / "small.gguf", as_llama_cpp(official, SMALL))
    model = llama.build(SMALL)
    load_into(model, read_gguf(path), "llama", "gguf", SMALL)
    for found, expected in zip(model.weights, ours.weights, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_parameters_as_published():
    """Counted without building: all blocks are alike."""
    config = llama.CONFIGS["smollm2"]
    one, two = (llama.build(dataclasses.replace(config, depth=depth)).count_params() for depth in (1, 2))
    assert one + (config.depth - 1) * (two - one) == 134_515_008 == catalog.card("smollm2").params


@pytest.mark.skipif(not REAL, reason="`course fetch smollm2` brings the file that this wants")
def test_the_real_one_answers_and_is_the_same_in_keras_hub():
    model = open_pretrained("smollm2", weights=REAL)
    assert model.provenance.grade == "package"
    assert "Paris" in model.answer("What is the capital of France?")
    numbers = np.array(
        [model.tokenizer.chat([{"role": "user", "content": "What is the capital of France?"}])]
    )
    backbone = to_keras_hub(model.model, llama.CONFIGS["smollm2"])
    assert difference(np.asarray(model.model(numbers)), logits(backbone, numbers)) <= 1e-4
