"""BigGAN-deep's parts: spectral norm, the penalty of its filters, its random numbers, and both players' shapes."""

import dataclasses

import keras
import numpy as np
import pytest

from course_lib.zoo import biggan
from course_lib.zoo.biggan.parts import Pixels, SpectralConv2D, SpectralEmbedding, StandingNorm

NANO = biggan.BigGANConfig(
    32, ((True, 4, 4), (True, 4, 2), (False, 2, 2)), attention=None, width=16, channels=1, classes=10, latent=32, embedding=16,
    patch=2, statistics=1,
)  # fmt: skip
TINY = dataclasses.replace(NANO, size=8, blocks=((False, 4, 4), (True, 4, 2)), attention=1, width=8, patch=1)


@pytest.fixture(scope="module")
def generator():
    keras.utils.set_random_seed(0)
    return biggan.build(TINY)


def test_power_iteration_finds_the_largest_singular_value():
    keras.utils.set_random_seed(0)
    layer = SpectralConv2D(5, 3)
    layer.build((None, 8, 8, 4))
    layer.kernel.assign(np.random.default_rng(0).normal(size=(3, 3, 4, 5)))
    for _ in range(200):
        divided = layer.divided(training=True)
    wanted = np.linalg.svd(np.asarray(layer.kernel).reshape(-1, 5), compute_uv=False)[0]
    np.testing.assert_allclose(np.asarray(layer.kernel) / wanted, divided, rtol=1e-4)
    kept = np.array(layer.direction)
    layer.divided(training=False)
    np.testing.assert_array_equal(layer.direction, kept)


def test_a_table_of_classes_is_divided_too():
    layer = SpectralEmbedding(3, 4)
    layer.build((None,))
    layer.embeddings.assign(np.diag([2.0, 1.0, 0.5, 0.1])[:3])
    for _ in range(100):
        layer(np.array([0]), training=True)
    np.testing.assert_allclose(layer(np.array([0, 1])), [[1, 0, 0, 0], [0, 0.5, 0, 0]], atol=1e-5)


def test_the_orthogonal_penalty_leaves_lengths_alone(generator):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    model.layers[0].kernel.assign([[3.0, 0.0], [0.0, 4.0]])
    assert float(biggan.orthogonal_penalty(model, 1.0)) == 0
    model.layers[0].kernel.assign([[1.0, 2.0], [0.0, 1.0]])
    assert float(biggan.orthogonal_penalty(model, 0.5)) == pytest.approx(0.5 * 2 * 2**2)
    assert float(biggan.orthogonal_penalty(generator)) >= 0


def test_random_numbers_stay_within_the_truncation():
    config = dataclasses.replace(TINY, latent=10_000)
    drawn = biggan.latent(config, np.random.default_rng(0))
    assert np.abs(drawn).max() <= 2
    assert drawn.std() == pytest.approx(0.880, abs=0.02)  # of a normal distribution that is cut at 2
    half = biggan.latent(config, np.random.default_rng(0), truncation=0.5)
    np.testing.assert_allclose(half, 0.5 * drawn, rtol=1e-6)


def test_the_painter_answers_each_picture_by_itself(generator):
    paint = biggan.painter(generator, TINY)
    latents = np.stack([biggan.latent(TINY, np.random.default_rng(i)) for i in range(3)])
    pictures = paint(latents, np.array([0, 1, 1]))
    assert pictures.shape == (3, 8, 8, 1)
    assert np.abs(pictures).max() <= 1
    np.testing.assert_allclose(paint(latents[1:], np.array([1, 1])), pictures[1:], atol=1e-5)
    assert np.abs(paint(latents[1:], np.array([2, 2])) - pictures[1:]).max() > 1e-4


def test_attention_begins_by_changing_nothing(generator):
    assert float(generator.get_layer("attention_gain").gamma[0]) == 0
    assert {layer.name for layer in generator.layers} >= {
        "attention_query",
        "attention_attend",
        "block2_norm4_scale",
    }


def test_the_discriminator_is_asked_of_a_kind():
    keras.utils.set_random_seed(0)
    model = biggan.discriminator(TINY)
    image = np.random.default_rng(0).uniform(-1, 1, (2, 8, 8, 1)).astype(np.float32)
    answers = model({"image": np.repeat(image[:1], 2, axis=0), "label": np.array([0, 1])}).numpy()
    assert answers.shape == (2,)
    assert answers[0] != answers[1]


def test_a_truncation_between_two_sets_mixes_them():
    norm = StandingNorm(3, 0.0)
    x = np.zeros((2, 1, 1, 1), np.float32)
    norm(x, np.zeros(2, np.float32))
    norm.means.assign([[0.0], [-1.0], [-3.0]])
    np.testing.assert_allclose(np.ravel(norm(x, np.array([0.25, 0.9], np.float32))), [0.5, 2.6], rtol=1e-5)


def test_channels_are_laid_out_as_squares_of_pixels():
    x = np.arange(8, dtype=np.float32).reshape(1, 1, 2, 4)
    np.testing.assert_array_equal(Pixels(2)(x)[0, :, :, 0], [[0, 1, 4, 5], [2, 3, 6, 7]])


def test_small_players_fit_together():
    painted = biggan.build(NANO).output.shape
    assert painted[1:] == (32, 32, 1) == biggan.discriminator(NANO).inputs[0].shape[1:]
