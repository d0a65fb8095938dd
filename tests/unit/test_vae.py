"""The variational autoencoder's bound: by formula, by hand, by drawing, and that training makes it better."""

import dataclasses
import math

import keras
import numpy as np
import pytest

from course_lib.training.fit import Settings
from course_lib.training.generative.judge import Judge
from course_lib.training.generative.vae import Balance, bits_a_pixel, kept, learn
from course_lib.zoo import vae

SMALL = vae.VAEConfig(latent=3, widths=(8, 8), size=8)
KINDS = {"convolutional": SMALL, "dense": dataclasses.replace(SMALL, dense=True)}


@pytest.fixture(params=KINDS)
def config(request):
    return KINDS[request.param]


@pytest.fixture
def model(config):
    """A network that knows nothing, whose codes differ none the less."""
    keras.utils.set_random_seed(4)
    model = vae.build(config)
    for name in ("mean", "log_variance"):
        layer = model.get_layer("encoder").get_layer(name)
        layer.bias.assign(0.3 * np.arange(3))
    return model


def pictures(count, seed=0):
    return np.random.default_rng(seed).random((count, 8, 8, 1), np.float32)


def noise(*shape, seed=1):
    return np.random.default_rng(seed).standard_normal(shape, np.float32)


def test_a_code_is_the_mean_plus_so_many_deviations(model):
    images, drawn = pictures(5), noise(5, 3)
    found = {name: np.asarray(value) for name, value in model([images, drawn]).items()}
    assert found["rebuilt"].shape == (5, 8, 8, 1)
    assert 0 < found["rebuilt"].min() < found["rebuilt"].max() < 1
    by_hand = found["mean"] + np.exp(found["log_variance"]) ** 0.5 * drawn
    np.testing.assert_allclose(found["latent"], by_hand, rtol=1e-5)
    np.testing.assert_array_equal(model.get_layer("decoder")(found["latent"]), found["rebuilt"])
    np.testing.assert_array_equal(model.get_layer("encoder")(images)[0], found["mean"])


def test_gradients_reach_the_encoder_through_a_drawn_code(model):
    import tensorflow as tf

    kernels = [model.get_layer("encoder").get_layer(name).kernel for name in ("mean", "log_variance")]
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model([pictures(2), noise(2, 3)])["rebuilt"] ** 2)
    for gradient in tape.gradient(loss, [kernel.value for kernel in kernels]):
        assert np.abs(gradient).max() > 0


def test_likelihoods_by_hand():
    images, rebuilt = pictures(2), pictures(2, seed=9)
    normal = np.exp(-((images - rebuilt) ** 2) / (2 * 0.2**2)) / (0.2 * math.sqrt(2 * math.pi))
    found = vae.log_likelihood(images, rebuilt, 0.2)
    np.testing.assert_allclose(found, np.log(normal).sum(axis=(1, 2, 3)), rtol=1e-5)
    white = np.float32(images > 0.5)
    chances = np.where(white > 0, rebuilt, 1 - rebuilt)
    found = vae.log_likelihood(white, rebuilt, 0)
    np.testing.assert_allclose(found, np.log(chances).sum(axis=(1, 2, 3)), rtol=1e-4)


def test_the_divergence_is_an_integral():
    """Of two normal densities, on a fine grid."""
    mean, log_variance = 0.7, -1.3
    grid = np.linspace(-9, 9, 20001)
    q = np.exp(-((grid - mean) ** 2) / (2 * math.exp(log_variance))) / math.sqrt(
        2 * math.pi * math.exp(log_variance)
    )
    p = np.exp(-(grid**2) / 2) / math.sqrt(2 * math.pi)
    by_hand = np.sum(q * np.log(np.maximum(q, 1e-300) / p)) * (grid[1] - grid[0])
    row = [np.full((1, 2), value, np.float32) for value in (mean, log_variance)]
    np.testing.assert_allclose(vae.divergence(*row), 2 * by_hand, rtol=1e-4)
    np.testing.assert_allclose(vae.divergence(*row, each=True), [[by_hand] * 2], rtol=1e-4)
    assert float(vae.divergence(np.zeros((1, 2)), np.zeros((1, 2)))[0]) == 0


@pytest.mark.parametrize("sigma", [0.3, 0.0], ids=["normal", "Bernoulli"])
def test_the_formula_is_what_drawing_codes_gives_within_its_error(model, sigma):
    images, samples = pictures(4), 150
    drawn = noise(samples, 4, 3)
    weights = np.asarray(vae.log_weights(model, images, drawn, sigma))
    likely = np.mean(
        [vae.log_likelihood(images, model([images, d])["rebuilt"], sigma) for d in drawn], axis=0
    )
    found = model([images, drawn[0]])
    formula = likely - np.asarray(vae.divergence(found["mean"], found["log_variance"]))
    error = (weights - likely).std(axis=0) / math.sqrt(samples) + 1e-3
    assert np.all(np.abs(weights.mean(axis=0) - formula) < 4 * error)
    assert np.all(np.asarray(vae.tightened(weights)) > weights.mean(axis=0))
    one = vae.elbo(images, found, sigma)
    np.testing.assert_allclose(
        vae.elbo(images, found, sigma, beta=3) - one,
        -2 * vae.divergence(found["mean"], found["log_variance"]), rtol=1e-3,
    )  # fmt: skip


def test_the_bound_lies_below_the_likelihood():
    """A decoder whose pictures are normal numbers, so that their likelihood is known: x = z + noise, one pixel."""
    code = keras.layers.Input((1,))
    decoder = keras.Model(code, keras.layers.Reshape((1, 1, 1))(code))
    image, drawn = keras.layers.Input((1, 1, 1)), keras.layers.Input((1,))
    flat = keras.layers.Flatten()(image)
    mean, log_variance = keras.layers.Rescaling(0.5)(flat), keras.layers.Rescaling(0.0, -1.0)(flat)
    latent = vae.Sampling()(mean, log_variance, drawn)
    found = {"mean": mean, "log_variance": log_variance, "latent": latent, "rebuilt": decoder(latent)}
    model, x = keras.Model([image, drawn], found), np.full((1000, 1, 1, 1), 0.8, np.float32)
    truth = -0.5 * (0.8**2 / 2 + math.log(2 * math.pi * 2))  # normal, of variance 1 + 1
    weights = np.asarray(vae.log_weights(model, x, noise(5, 1000, 1), 1.0)).reshape(-1, 1)
    assert weights.mean() < truth - 0.01
    assert float(vae.tightened(weights)[0]) == pytest.approx(truth, abs=0.02)


def test_training_makes_the_bound_better_and_free_bits_keep_the_code_alive():
    images = np.uint8(255 * np.clip(pictures(64) * np.linspace(0, 1, 64)[:, None, None, None], 0, 1))
    settings, found = Settings(steps=150, batch_size=16, learning_rate=5e-3, weight_decay=0.0), {}
    for name, balance in {
        "plain": Balance(),
        "crushed": Balance(beta=100),
        "kept": Balance(beta=100, free=0.5),
    }.items():
        keras.utils.set_random_seed(1)
        model = vae.build(KINDS["dense"])
        before = bits_a_pixel(model, images, 0.1)
        history = learn(model, images, settings, 0.1, balance)
        far = vae.divergence(*model.get_layer("encoder")(images / np.float32(255)))
        found[name] = (
            before,
            bits_a_pixel(model, images, 0.1),
            kept(model, images),
            float(np.mean(far)),
            history,
        )
    before, after, share, far, history = found["plain"]
    assert after < before - 0.5
    assert np.mean(history.loss[-10:]) < np.mean(history.loss[:10])
    assert share > 0.2
    assert found["crushed"][3] < 0.2 < 1 < found["kept"][3] < far + 5


def test_the_painter_and_its_codes():
    model = vae.build(SMALL)
    codes = np.stack([vae.latent(SMALL, np.random.default_rng([7, i])) for i in range(3)])
    assert codes.dtype == np.float32
    np.testing.assert_allclose(vae.latent(SMALL, np.random.default_rng([7, 1]), 0.5), 0.5 * codes[1])
    painted = vae.painter(model, SMALL)(codes, None, 0.5)
    np.testing.assert_allclose(painted, 2 * model.get_layer("decoder")(codes) - 1, atol=1e-6)


def test_the_judge_is_sure_of_pictures_of_one_kind_alone():
    image = keras.layers.Input((32, 32, 3))
    pooled = keras.layers.GlobalAveragePooling2D(name="pool")(image)
    model = keras.Model(image, keras.layers.Dense(3, name="head")(pooled))
    model.get_layer("head").set_weights([np.eye(3)[:, ::-1] * [5, 0, 0], np.zeros(3)])
    grey = np.full((4, 32, 32, 1), 128, np.uint8)
    grey[:3] = 255  # 5 against 0 and 0
    found = Judge(model)
    assert found.sure(grey) == 0.75
    assert found.sure(grey, least=0.999) == 0
    features, kinds = found(grey)
    assert features.shape == (4, 3)
    assert kinds[:3].tolist() == [0] * 3
