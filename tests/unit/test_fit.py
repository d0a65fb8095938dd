"""The training loop and its augmentations."""

import keras
import numpy as np
import pytest

from course_lib.training import augment
from course_lib.training.fit import Settings, Trainer, batches, fit, optimizer_of, predict


def small_net():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((4, 4, 1))
    x = keras.layers.BatchNormalization(name="bn")(keras.layers.Conv2D(4, 3, name="conv")(inputs))
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.ReLU()(x))
    return keras.Model(inputs, keras.layers.Dense(2, name="head")(x))


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    labels = np.arange(64) % 2
    return rng.normal(size=(64, 4, 4, 1)).astype(np.float32) + labels[:, None, None, None] * 2, labels


def test_training_lowers_the_loss_and_predicts(data):
    model = small_net()
    history = fit(model, *data, Settings(steps=60, batch_size=16, learning_rate=0.03))
    assert len(history.loss) == 60
    assert np.mean(history.loss[-10:]) < 0.5 * np.mean(history.loss[:10])
    assert (predict(model, data[0], batch_size=10).argmax(axis=1) == data[1]).mean() > 0.9
    assert history.seconds > 0


def test_batch_norm_moves_in_training_but_not_when_its_statistics_are_frozen(data):
    for frozen in (True, False):
        model = small_net()
        fit(model, *data, Settings(steps=3, frozen_statistics=frozen))
        bn = model.get_layer("bn")
        assert (np.array(bn.moving_mean) == 0).all() == frozen
        assert not (np.array(bn.gamma) == 1).all()  # its weights train in either case


def test_no_images_predict_an_empty_array():
    assert predict(small_net(), np.empty((0, 4, 4, 1), np.float32)).shape == (0, 2)


def test_every_image_comes_once_before_any_comes_twice():
    drawn = batches(10, 4, np.random.default_rng(0))
    seen = np.concatenate([next(drawn) for _ in range(5)])
    assert sorted(seen[:10]) == sorted(seen[10:]) == list(range(10))
    assert list(seen[:10]) != list(seen[10:])


def test_a_batch_may_be_larger_than_the_data():
    assert len(next(batches(3, 8, np.random.default_rng(0)))) == 8


def test_the_learning_rate_rises_then_falls_to_zero():
    rate = optimizer_of(Settings(steps=100, warmup=10, learning_rate=1e-3))._learning_rate
    assert float(rate(0)) == 0
    assert float(rate(10)) == pytest.approx(1e-3, rel=1e-4)
    assert float(rate(55)) == pytest.approx(5e-4, rel=1e-4)
    assert float(rate(100)) == pytest.approx(0, abs=1e-9)


def test_only_kernels_decay(data):
    """With a loss that is constant the only change of a weight is its decay."""
    model = small_net()
    model.get_layer("bn").beta.assign([1.0] * 4)
    optimizer = optimizer_of(Settings(steps=100, weight_decay=0.5, learning_rate=0.1))
    before = {v.path: np.array(v) for v in model.trainable_variables}
    optimizer.build(model.trainable_variables)
    optimizer.apply([keras.ops.zeros_like(v) for v in model.trainable_variables], model.trainable_variables)
    for variable in model.trainable_variables:
        factor = 0.95 if variable.path.endswith("kernel") else 1.0
        np.testing.assert_allclose(variable, factor * before[variable.path], rtol=1e-5, err_msg=variable.path)


def test_a_shift_moves_the_whole_image_by_at_most_what_is_asked():
    images = np.zeros((50, 9, 9, 3), np.uint8)
    images[:, 4, 4] = 255
    moved = augment.shifted(images, 2, np.random.default_rng(0))
    assert moved.shape == images.shape
    assert moved.dtype == np.uint8
    _, rows, columns = np.nonzero(moved[..., 0])
    assert len(rows) == 50
    assert set(rows) == set(columns) == {2, 3, 4, 5, 6}


def test_mirroring_swaps_about_half():
    images = np.zeros((100, 2, 4, 3), np.uint8)
    images[:, :, 0] = 1
    left = augment.mirrored(images, np.random.default_rng(0))[:, 0, 0, 0]
    assert 30 < left.sum() < 70


def test_recolouring_keeps_the_three_values_of_each_pixel():
    images = np.random.default_rng(1).integers(0, 256, (40, 3, 3, 3), np.uint8)
    new = augment.recoloured(images, np.random.default_rng(0))
    np.testing.assert_array_equal(np.sort(new, axis=3), np.sort(images, axis=3))
    assert (new != images).any(axis=(1, 2, 3)).mean() > 0.6


def test_a_trainer_starts_afresh_each_time(data):
    """From the same weights and seed a second run repeats the first: no moments are left over."""
    model = small_net()
    start = model.get_weights()
    trainer = Trainer(model, Settings(steps=10, batch_size=16))
    first = trainer.fit(*data, seed=4).loss
    model.set_weights(start)
    np.testing.assert_allclose(trainer.fit(*data, seed=4).loss, first, rtol=1e-4)
    model.set_weights(start)
    assert not np.allclose(trainer.fit(*data, seed=5).loss, first, rtol=1e-4)


def test_xla_takes_the_same_steps(data):
    model = small_net()
    start = model.get_weights()
    plain = Trainer(model, Settings(steps=10, batch_size=16)).fit(*data, seed=4).loss
    model.set_weights(start)
    fused = Trainer(model, Settings(steps=10, batch_size=16, jit_compile=True)).fit(*data, seed=4).loss
    np.testing.assert_allclose(fused, plain, rtol=1e-3)
