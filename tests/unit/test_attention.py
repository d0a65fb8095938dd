"""Attention maps, rollout and position embeddings, on transformers small enough to check by hand."""

import numpy as np
import pytest

import course_lib
from course_lib import viz
from course_lib.errors import BadInput
from course_lib.loading import open_pretrained
from course_lib.media.samples import sample

keras = pytest.importorskip("keras")
RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def vit():
    keras.utils.set_random_seed(0)
    model = course_lib.build("vit_b16", patch=8, size=32, width=16, depth=3, heads=2, mlp=24, classes=5)
    for layer in model.layers:
        if layer.name.endswith("attention"):  # sharper than fresh weights, which look everywhere alike
            layer.set_weights([4 * weight for weight in layer.get_weights()])
    return model


def test_scores_are_those_of_the_layer_itself(vit):
    batch = RNG.normal(size=(2, 32, 32, 3)).astype(np.float32)
    maps = viz.attention_maps(vit, batch)
    assert list(maps) == ["block1_attention", "block2_attention", "block3_attention"]
    inside = viz.layer_outputs(vit, batch, ["block2_norm1", "block2_attention"])
    layer, x = vit.get_layer("block2_attention"), inside["block2_norm1"]
    query, key = (np.einsum("ntd,dhk->nhtk", x, d.kernel) for d in (layer.query_dense, layer.key_dense))
    scores = np.exp(np.einsum("nhtk,nhsk->nhts", query, key) / np.sqrt(8))
    expected = scores / scores.sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(maps["block2_attention"], expected, atol=1e-5)
    # and they make the layer's own output
    values = np.einsum("ntd,dhk->nhtk", x, layer.value_dense.kernel)
    mixed = np.einsum("nhts,nhsk,hkd->ntd", maps["block2_attention"], values, layer.output_dense.kernel)
    np.testing.assert_allclose(mixed, inside["block2_attention"], atol=1e-4)


def test_rows_of_the_rollout_sum_to_one(vit):
    rolled = viz.rollout(viz.attention_maps(vit, RNG.normal(size=(3, 32, 32, 3))))
    assert rolled.shape == (3, 17, 17)
    assert rolled.min() >= 0
    np.testing.assert_allclose(rolled.sum(axis=-1), 1, atol=1e-5)


def test_rollout_by_hand():
    """In the first block token 0 takes all from token 1, in the second from token 2; the others keep to themselves."""
    first, second = np.eye(3), np.eye(3)
    first[0], second[0] = [0, 1, 0], [0, 0, 1]
    rolled = viz.rollout([block[None, None] for block in (first, second)])
    # half stays, half comes from token 2; of what stays, half came from token 1
    np.testing.assert_allclose(rolled[0, 0], [0.25, 0.25, 0.5])
    np.testing.assert_allclose(rolled[0, 1:], np.eye(3)[1:])


def test_heads_are_averaged():
    one, other = np.eye(2), np.eye(2)[::-1]
    np.testing.assert_allclose(viz.rollout([np.stack([one, other])[None]])[0], [[0.75, 0.25], [0.25, 0.75]])


@pytest.fixture
def pretrained(vit, monkeypatch):
    loaded = open_pretrained("resnet_nano")
    loaded.model = vit
    return loaded


def test_it_is_drawn_over_one_picture_or_many(pretrained):
    one = viz.attention(pretrained, sample("cat"))
    assert "heat map" in one.alt
    many = viz.attention(pretrained, [sample("cat"), sample("coffee")], ["cat", "coffee"])
    assert "cat, coffee" in many.alt
    assert many.size[1] > 2 * 200


def test_similarity_of_positions_by_hand():
    embeddings = np.array([[9, 9], [1, 0], [2, 0], [0, 3], [-1, 0]])  # the class token's is left out
    similarity = viz.position_similarity(embeddings)
    np.testing.assert_allclose(similarity[0, 0], [[1, 1], [0, -1]], atol=1e-6)
    np.testing.assert_allclose(similarity[1, 0], [[0, 0], [1, 0]], atol=1e-6)
    # neighbours: 1-2, 1-3, 2-4, 3-4; the others: 1-4, 2-3
    assert "Neighbours: 0.00 on average; all others: -0.50." in viz.positions(similarity).alt


def test_bad_input_gives_a_sentence(vit):
    with pytest.raises(BadInput, match="no layer of multi-head attention"):
        viz.attention_maps(course_lib.build("resnet_nano"), np.zeros((1, 32, 32, 3)))
    with pytest.raises(BadInput, match="one array for each block"):
        viz.rollout([])
    with pytest.raises(BadInput, match="one array for each block"):
        viz.rollout([np.zeros((1, 2, 3, 4))])
    with pytest.raises(BadInput, match="no square"):
        viz.position_similarity(np.zeros((4, 2)))
