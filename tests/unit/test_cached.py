"""Attention that remembers: token by token it says what it says of the whole text."""

import keras
import numpy as np
import pytest
from keras import layers

from course_lib.zoo import cached
from course_lib.zoo.attention import CachedAttention, Places, rotated
from course_lib.zoo.cached import Steps
from course_lib.zoo.cost import multiply_adds

KINDS = {
    "learned places": {},
    "rotated, shared keys": {"rotary": 10_000.0, "kv_heads": 2, "use_bias": False},
    "not scaled": {"scale": False},
}


def network(rotary=0.0, **options):
    tokens = layers.Input((None,), dtype="int32", name="tokens")
    words = layers.ReversibleEmbedding(50, 32, name="words")
    x = words(tokens)
    x = x if rotary else Places(64, name="places")(x)
    for number in (1, 2):
        y = layers.LayerNormalization(name=f"block{number}_norm")(x)
        y = CachedAttention(4, 8, rotary=rotary, name=f"block{number}_attention", **options)(y)
        x = layers.Add()([x, y])
    x = layers.LayerNormalization(name="norm")(x)
    model = keras.Model(tokens, words(x, reverse=True))
    rng = np.random.default_rng(1)
    for variable in model.weights:
        variable.assign(rng.normal(size=variable.shape) * 0.3)
    return model


@pytest.fixture(scope="module", params=KINDS)
def model(request):
    return network(**KINDS[request.param])


def test_token_by_token_equals_the_whole_text(model):
    texts = np.random.default_rng(0).integers(0, 50, (3, 12))
    whole = np.asarray(model(texts))
    steps = Steps(model)
    logits, cache = steps(texts[:, :4], steps.start(3))
    np.testing.assert_allclose(logits, whole[:, 3], atol=1e-5)
    for place in range(4, 12):
        logits, cache = steps(texts[:, place : place + 1], cache)
        np.testing.assert_allclose(logits, whole[:, place], atol=1e-5)
    assert [x.shape[3] for x in cache] == [12, 12]


def test_a_long_text_is_read_in_parts(model, monkeypatch):
    monkeypatch.setattr(cached, "AT_ONCE", 5)
    texts = np.random.default_rng(0).integers(0, 50, (2, 12))
    steps = Steps(model)
    logits, cache = steps(texts, steps.start(2))
    np.testing.assert_allclose(logits, model(texts)[:, -1], atol=1e-5)
    assert [x.shape[3] for x in cache] == [12, 12]


def test_texts_change_places_in_the_cache(model):
    texts = np.random.default_rng(0).integers(0, 50, (3, 5))
    steps, rows = Steps(model), np.array([2, 2, 0])
    _, cache = steps(texts, steps.start(3))
    logits, _ = steps(texts[rows, :1], steps.reorder(cache, rows))
    _, own = steps(texts[rows], steps.start(3))
    np.testing.assert_allclose(logits, steps(texts[rows, :1], own)[0], atol=1e-5)


def test_the_model_stays_as_it_was(model, tmp_path):
    before = model.count_params()
    Steps(model)
    assert model.count_params() == before
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    texts = np.arange(6)[None]
    np.testing.assert_allclose(model(texts), again(texts), atol=1e-6)


def test_a_rotated_product_only_knows_the_distance():
    query, key = np.random.default_rng(0).normal(size=(2, 1, 1, 1, 8)).astype("float32")
    products = [
        float(np.sum(np.asarray(rotated(query, at + 3, 100.0)) * np.asarray(rotated(key, at, 100.0))))
        for at in (0, 1, 50)
    ]
    np.testing.assert_allclose(products, products[0], atol=1e-4)
    other = float(np.sum(np.asarray(rotated(query, 9, 100.0)) * np.asarray(rotated(key, 0, 100.0))))
    assert abs(other - products[0]) > 1e-3


def test_masked_tokens_are_not_seen():
    look = CachedAttention(2, 4, causal=False)
    x = np.random.default_rng(0).normal(size=(1, 5, 8)).astype("float32")
    visible = np.array([[True, True, True, False, False]])
    np.testing.assert_allclose(look(x, visible=visible)[:, :3], look(x[:, :3]), atol=1e-6)


def test_multiply_adds_are_those_of_one_token():
    attention = 4 * 32 * 32 + 2 * 32  # and one product with one key, of four heads of eight
    assert multiply_adds(network()) == 2 * attention + 50 * 32
