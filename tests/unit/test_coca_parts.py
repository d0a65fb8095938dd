"""CoCa's parts, each against what it should do by hand."""

import dataclasses

import keras
import numpy as np
import pytest

from course_lib.zoo import coca


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return coca.build(coca.CONFIGS["coca_nano"])


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).normal(size=(3, 32, 32, 3)).astype(np.float32)


def texts(*rows):
    filled = np.zeros((len(rows), coca.CONFIGS["coca_nano"].context), np.int32)
    for row, numbers in zip(filled, rows, strict=True):
        row[: len(numbers)] = numbers
    return filled


def test_contrastive_loss_by_hand():
    similarity = np.array([[2.0, 0.0, -1.0], [1.0, 3.0, 0.5], [0.0, 0.2, 0.1]], np.float32)
    rows = [np.log(np.exp(row).sum()) - row[i] for i, row in enumerate(similarity)]
    columns = [np.log(np.exp(column).sum()) - column[i] for i, column in enumerate(similarity.T)]
    expected = (np.mean(rows) + np.mean(columns)) / 2
    assert float(coca.contrastive_loss(similarity)) == pytest.approx(expected, rel=1e-5)


def test_captioning_loss_by_hand_and_without_padding():
    logits = np.random.default_rng(1).normal(size=(2, 5, 7)).astype(np.float32)
    text = np.array([[1, 4, 2, 0, 0], [1, 5, 6, 3, 2]])
    losses = [
        np.log(np.exp(logits[i, place]).sum()) - logits[i, place, text[i, place + 1]]
        for i, place in ((0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (1, 3))
    ]
    assert float(coca.captioning_loss(logits, text)) == pytest.approx(np.mean(losses), rel=1e-5)
    logits[0, 2:], logits[1, 4] = 99, -99  # behind padding, and behind the last token
    assert float(coca.captioning_loss(logits, text)) == pytest.approx(np.mean(losses), rel=1e-5)


def test_embeddings_have_length_1_and_similarity_their_scaled_products(model, images):
    text = texts([1, 10, 2], [1, 11, 12, 2])
    found = model({"image": images[:2], "text": text})
    for name in ("image_embedding", "text_embedding"):
        np.testing.assert_allclose(np.linalg.norm(found[name], axis=1), 1, rtol=1e-4)
    products = np.asarray(found["image_embedding"]) @ np.asarray(found["text_embedding"]).T
    np.testing.assert_allclose(found["similarity"], products / 0.07, rtol=1e-3, atol=1e-3)


def test_the_pooler_weighs_the_tokens_by_its_queries(model, images):
    """Attention of two heads written out, from the layer's own kernels."""
    parts = [model.get_layer(f"pooler_{name}") for name in ("norm_queries", "norm_tokens", "attention")]
    outputs = [part.output for part in parts]
    queries, tokens, expected = (
        np.asarray(array) for array in keras.Model(model.get_layer("image").output, outputs)(images[:1])
    )
    layer = parts[2]
    query, key, value, out = (
        [np.asarray(weight) for weight in dense.weights]
        for dense in (layer.query_dense, layer.key_dense, layer.value_dense, layer.output_dense)
    )
    q, k, v = (
        np.einsum("td,dhk->htk", x[0], kernel) + bias[:, None]
        for x, (kernel, bias) in ((queries, query), (tokens, key), (tokens, value))
    )
    weights = np.exp(q @ k.transpose(0, 2, 1) / np.sqrt(k.shape[-1]))
    weights /= weights.sum(axis=-1, keepdims=True)
    found = np.einsum("htk,hkd->td", weights @ v, out[0]) + out[1]
    np.testing.assert_allclose(found, expected[0], atol=1e-4)
    assert len(found) == coca.CONFIGS["coca_nano"].queries


def test_no_token_sees_what_comes_behind_it(model, images):
    first, second = texts([1, 10, 11, 12, 2]), texts([1, 10, 11, 20, 21, 22, 2])
    one, other = (model({"image": images[:1], "text": text})["caption"] for text in (first, second))
    np.testing.assert_allclose(one[0, :3], other[0, :3], atol=1e-5)
    assert np.abs(one[0, 3] - other[0, 3]).max() > 1e-3


def test_a_text_does_not_depend_on_what_follows_its_end_but_on_its_words(model):
    encoder = coca.text_encoder(model)
    one, other = (np.asarray(encoder(texts(row))) for row in ([1, 10, 11, 2], [1, 10, 12, 2]))
    assert np.abs(one - other).max() > 1e-3
    longer = coca.build(dataclasses.replace(coca.CONFIGS["coca_nano"], context=20))
    by_path = {variable.path: variable for variable in model.weights}
    for variable in longer.weights:
        if variable.path.startswith("text_positions"):
            places = np.asarray(by_path[variable.path])
            variable.assign(np.concatenate([places[:-1], np.ones((6, 64)), places[-1:]]))
        else:
            variable.assign(by_path[variable.path])
    padded = np.pad(texts([1, 10, 11, 2]), ((0, 0), (0, 6)))
    np.testing.assert_allclose(coca.text_encoder(longer)(padded), one, atol=1e-5)


def test_captions_look_at_the_picture_and_embeddings_of_texts_do_not(model, images):
    text = texts([1, 10, 11, 2])
    one, other = (model({"image": image[None], "text": text}) for image in images[:2])
    assert np.abs(one["caption"] - other["caption"]).max() > 1e-4
    np.testing.assert_allclose(one["text_embedding"], other["text_embedding"], atol=1e-6)


def test_the_parts_are_the_whole(model, images):
    text = texts([1, 10, 2], [1, 11, 2], [1, 12, 2])
    whole = model({"image": images, "text": text}, training=False)
    embedding, memory = coca.image_encoder(model)(images, training=False)
    np.testing.assert_allclose(embedding, whole["image_embedding"], atol=1e-5)
    np.testing.assert_allclose(coca.text_encoder(model)(text), whole["text_embedding"], atol=1e-5)
    np.testing.assert_allclose(
        coca.captioner(model)([memory, keras.ops.convert_to_tensor(text)]), whole["caption"], atol=1e-4
    )
    assert memory.shape == (3, 8, 64)  # the first query's token is the embedding's


def test_a_saved_model_is_the_same(model, images, tmp_path):
    model.save(tmp_path / "coca.keras")
    again = keras.saving.load_model(tmp_path / "coca.keras")
    inputs = {"image": images[:1], "text": texts([1, 10, 2])}
    np.testing.assert_allclose(model(inputs)["caption"], again(inputs)["caption"], atol=1e-5)
