"""PyTorch's attention: packed projections are cut apart, and Keras's attention computes the same with them."""

import keras
import numpy as np
import pytest

from course_lib.errors import CourseError
from course_lib.weights import convert
from course_lib.weights.convert import load_into
from course_lib.weights.convert.attention import unpacked

WIDTH, HEADS = 6, 2
RANDOM = np.random.default_rng(0)


def attention_by_hand(x, weight, bias, out_weight, out_bias):
    """nn.MultiheadAttention: x W^T + b for queries, keys, values in a row; heads are slices of the width."""
    q, k, v = np.split(x @ weight.T + bias, 3, axis=-1)
    heads = []
    for part in np.split(np.arange(WIDTH), HEADS):
        scores = np.exp(q[:, part] @ k[:, part].T / np.sqrt(len(part)))
        heads.append(scores / scores.sum(axis=-1, keepdims=True) @ v[:, part])
    return np.concatenate(heads, axis=-1) @ out_weight.T + out_bias


def test_parts_keep_their_numbers():
    packed = RANDOM.normal(size=(9, 3))
    parts = unpacked({"a.attn.in_proj_weight": packed, "a.ln.weight": packed[0]})
    assert list(parts) == ["a.attn.query.weight", "a.attn.key.weight", "a.attn.value.weight", "a.ln.weight"]
    np.testing.assert_array_equal(parts["a.attn.key.weight"], packed[3:6])
    assert list(unpacked({"b.qkv.bias": packed[:, 0]})) == ["b.query.bias", "b.key.bias", "b.value.bias"]
    assert list(unpacked({"c.k_proj_weight": packed})) == ["c.key.weight"]


def small_model():
    x = keras.Input((4, WIDTH))
    attention = keras.layers.MultiHeadAttention(HEADS, WIDTH // HEADS, name="attention")
    return keras.Model(x, attention(x, x))


@pytest.fixture
def family(monkeypatch):
    """A converter in which upstream's names are ours."""

    class Same:
        @staticmethod
        def torch(module, config):
            return module.replace(".", "/").replace("out_proj", "attention_output")

    monkeypatch.setattr(convert, "_converter", lambda family: Same)


def test_keras_attention_gives_pytorchs_numbers(family):
    shapes = {"in_proj_weight": (3 * WIDTH, WIDTH), "in_proj_bias": 3 * WIDTH,
              "out_proj.weight": (WIDTH, WIDTH), "out_proj.bias": WIDTH}  # fmt: skip
    arrays = {f"attention.{name}": RANDOM.normal(size=shape) for name, shape in shapes.items()}
    model, x = small_model(), RANDOM.normal(size=(4, WIDTH))
    load_into(model, arrays, "any", "torch", None)
    np.testing.assert_allclose(model(x[None])[0], attention_by_hand(x, *arrays.values()), atol=1e-5)


def test_an_attention_of_another_width_is_refused(family):
    arrays = {"attention.in_proj_weight": np.zeros((3 * 8, WIDTH)), "attention.in_proj_bias": np.zeros(24),
              "attention.out_proj.weight": np.zeros((WIDTH, 8)), "attention.out_proj.bias": np.zeros(WIDTH)}  # fmt: skip
    with pytest.raises(CourseError, match="do not fit"):
        load_into(small_model(), arrays, "any", "torch", None)
