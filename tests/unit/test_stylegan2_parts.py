"""StyleGAN2's parts, each against what it is said to do."""

import dataclasses

import keras
import numpy as np
import pytest

from course_lib.zoo import stylegan2
from course_lib.zoo.stylegan2.discriminator import MinibatchDeviation
from course_lib.zoo.stylegan2.layers import EqualisedDense, ModulatedConv2D, Noise
from course_lib.zoo.stylegan2.resampling import downsample, upfirdn, upsample

SMALL = stylegan2.StyleGan2Config(16, 1, classes=3, latent=5, style=6, mapping=2, base=64, most=8, centres=3)


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    model = stylegan2.build(SMALL)
    for layer in model.get_layer("synthesis").layers:
        if isinstance(layer, Noise):
            layer.strength.assign(0.2)
    stylegan2.find_centre(model, SMALL, count=300)
    return model


def latents(count, seed=0):
    rng = np.random.default_rng(seed)
    return np.stack([stylegan2.latent(SMALL, rng) for _ in range(count)])


def test_resampling_is_a_blur_of_zeros_and_pixels():
    x = np.random.default_rng(0).normal(size=(1, 5, 5, 2)).astype(np.float32)
    taps = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64
    zeros = np.zeros((10, 10, 2))
    zeros[::2, ::2] = x[0]
    padded = np.pad(zeros, ((2, 1), (2, 1), (0, 0)))
    wanted = [[4 * np.tensordot(taps, padded[i : i + 4, j : j + 4], 2) for j in range(10)] for i in range(10)]
    np.testing.assert_allclose(upsample(x)[0], wanted, atol=1e-5)
    blurred = upfirdn(x, pad=(1, 1))
    np.testing.assert_allclose(downsample(x), np.asarray(blurred)[:, ::2, ::2], atol=1e-6)


def test_what_is_even_stays_even():
    even = np.ones((1, 8, 8, 1), np.float32)
    np.testing.assert_allclose(np.asarray(upsample(even))[:, 2:-2, 2:-2], 1, atol=1e-6)
    np.testing.assert_allclose(np.asarray(downsample(even))[:, 1:-1, 1:-1], 1, atol=1e-6)


def test_each_picture_gets_the_kernel_of_its_style():
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(0)
    x, style = rng.normal(size=(2, 6, 6, 3)).astype("f4"), rng.uniform(0.1, 3, (2, 3)).astype("f4")
    layer = ModulatedConv2D(4, 3)
    found = np.asarray(layer(x, style))
    for picture in range(2):
        kernel = layer.kernel.numpy() * style[picture][:, None]
        kernel /= np.sqrt((kernel**2).sum(axis=(0, 1, 2)))
        alone = keras.ops.conv(x[picture : picture + 1], kernel, padding="same")
        np.testing.assert_allclose(found[picture : picture + 1], alone, atol=1e-5)
    np.testing.assert_allclose(layer(x, 7 * style), found, atol=1e-5)


def test_the_learning_rate_is_equalised():
    x = np.random.default_rng(0).normal(size=(500, 400)).astype("f4")
    keras.utils.set_random_seed(0)
    for rate in (1.0, 0.01):
        layer = EqualisedDense(300, rate=rate)
        assert np.std(layer(x)) == pytest.approx(1, abs=0.05)
        assert np.std(layer.kernel.numpy()) == pytest.approx(1 / rate, rel=0.05)


def test_noise_is_constant_unless_it_learns(model):
    inputs = {"latent": latents(2), "label": np.array([0, 1])}
    first, again = (np.asarray(model(inputs, training=False)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    learning = [np.asarray(model(inputs, training=True)) for _ in range(2)]
    assert np.abs(learning[0] - learning[1]).max() > 1e-3
    kept = model.get_weights()
    stylegan2.redraw_noise(model, seed=4)
    assert np.abs(np.asarray(model(inputs, training=False)) - first).max() > 1e-3
    model.set_weights(kept)


def test_truncation_ends_at_the_mean_of_the_class(model):
    paint, labels = stylegan2.painter(model, SMALL), np.array([0, 1, 2, 0])
    pictures = paint(latents(4), labels, 0.0)
    np.testing.assert_allclose(pictures[0], pictures[3], atol=1e-5)
    assert np.abs(pictures[0] - pictures[1]).max() > 1e-3
    w = np.asarray(stylegan2.styles(model, latents(4), labels))
    means = model.get_layer("centre").mean.numpy()
    np.testing.assert_allclose(stylegan2.truncated(model, w, 0.5, labels), (w + means[labels]) / 2, atol=1e-5)
    np.testing.assert_allclose(stylegan2.truncated(model, w, 0.0)[0], means.mean(axis=0), atol=1e-5)


def test_the_first_layers_take_the_coarse_style():
    coarse, fine = np.zeros((2, 6)), np.ones((2, 6))
    mixed = stylegan2.mixed(coarse, fine, 2, SMALL.styles)
    np.testing.assert_array_equal(mixed[:, :, 0], [[0, 0, 1, 1, 1, 1]] * 2)


def test_a_network_without_classes_and_a_copy_of_one(model):
    plain = stylegan2.build(dataclasses.replace(SMALL, classes=0, centres=1))
    assert list(plain.input) == ["latent"]
    assert stylegan2.painter(plain, SMALL)(latents(2), None, 0.7).shape == (2, 16, 16, 1)
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    inputs = {"latent": latents(2), "label": np.array([0, 1])}
    np.testing.assert_allclose(copy(inputs), model(inputs), atol=1e-6)


@pytest.mark.parametrize("batch", [2, 4, 8])
def test_pictures_that_are_all_alike_are_found_out(batch):
    one = np.random.default_rng(0).normal(size=(1, 4, 4, 3)).astype("f4")
    layer = MinibatchDeviation(4)
    alike = np.asarray(layer(np.repeat(one, batch, axis=0)))[..., 3]
    assert alike.max() < 1e-3
    different = np.random.default_rng(1).normal(size=(batch, 4, 4, 3)).astype("f4")
    assert np.asarray(layer(different))[..., 3].min() > 0.3


def test_the_discriminator_gives_one_number_for_each_picture():
    model = stylegan2.discriminator(SMALL)
    images = np.random.default_rng(0).normal(size=(4, 16, 16, 1)).astype("f4")
    scores = model({"image": images, "label": np.array([0, 1, 2, 0])})
    assert scores.shape == (4, 1)
    others = model({"image": images, "label": np.array([1, 1, 2, 0])})
    assert np.abs(np.asarray(scores - others))[0] > 1e-4
