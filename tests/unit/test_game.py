"""The game of two networks, on small problems with known answers."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from course_lib.errors import BadInput
from course_lib.training.generative.diff_augment import diff_augment
from course_lib.training.generative.game import Game
from course_lib.training.generative.losses import discriminator_loss, generator_loss, gradient_penalty
from course_lib.training.generative.play import play
from course_lib.training.generative.rules import Rules
from course_lib.training.generative.standing import settle


def _players(labelled=False, norm=False, width=32):
    keras.utils.set_random_seed(0)
    latent, point = keras.Input((2,), name="latent"), keras.Input((2,), name="image")
    label = keras.Input((), dtype="int32", name="label")
    x, y = latent, point
    if labelled:
        x = layers.concatenate([x, layers.Embedding(3, 4)(label)])
        y = layers.concatenate([y, layers.Embedding(3, 4)(label)])
    for _ in range(2):
        x = layers.Dense(width, "relu")(x)
        x = layers.BatchNormalization()(x) if norm else x
        y = layers.Dense(width, "leaky_relu")(y)
    inputs = ({"latent": latent}, {"image": point})
    if labelled:
        inputs = tuple(each | {"label": label} for each in inputs)
    return keras.Model(inputs[0], layers.Dense(2)(x)), keras.Model(inputs[1], layers.Dense(1)(y))


def _points(n=2000, seed=0):
    """Return three clouds and which cloud each point is of."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(3, size=n).astype(np.int32)
    centres = np.array([[2.0, 0.0], [-1.0, 1.7], [-1.0, -1.7]], np.float32)
    return centres[labels] + 0.2 * rng.standard_normal((n, 2), np.float32), labels


def _made(generator, n=1000, label=None):
    inputs = {"latent": np.random.default_rng(7).standard_normal((n, 2), np.float32)}
    if label is not None:
        inputs["label"] = np.full(n, label, np.int32)
    return np.asarray(generator(inputs))


def _energy_distance(a, b):
    def mean(x, y):
        return np.linalg.norm(x[:, None] - y[None], axis=-1).mean()

    return 2 * mean(a, b) - mean(a, a) - mean(b, b)


@pytest.mark.parametrize(
    "rules",
    [
        Rules(500, 64, "hinge", 1e-3, 1e-3, r1=0.1, ema=0.99),
        Rules(500, 64, "logistic", 1e-3, 1e-3, r1=0.1, r1_every=4, discriminator_steps=2, ema=0.99),
    ],
    ids=["hinge", "logistic"],
)
def test_the_game_brings_the_made_points_to_the_real_ones(rules):
    generator, discriminator = _players()
    points, _ = _points()
    before = _energy_distance(_made(generator), points[:1000])
    play(generator, discriminator, points, None, rules)
    after = _energy_distance(_made(generator), points[:1000])
    assert before > 0.5
    assert after < 0.15 * before


def test_each_label_is_made_where_it_belongs():
    generator, discriminator = _players(labelled=True)
    points, labels = _points()
    play(generator, discriminator, points, labels, Rules(500, 64, "hinge", 1e-3, 1e-3, r1=0.1, ema=0.99))
    for label in range(3):
        centre = points[labels == label].mean(axis=0)
        assert np.linalg.norm(_made(generator, 200, label).mean(axis=0) - centre) < 0.5


@pytest.mark.parametrize("norm", [False, True])
def test_a_killed_game_goes_on_and_ends_the_same(tmp_path, norm):
    points, labels = _points(200)
    rules = Rules(12, 16, r1=1.0, r1_every=5, discriminator_steps=2)
    whole = _players(labelled=True, norm=norm)
    losses = play(*whole, points, labels, rules)

    def stop(number, game):
        if number == 8:
            raise KeyboardInterrupt

    file = tmp_path / "game.npz"
    play(*_players(True, norm), points, labels, Rules.of(rules, steps=5), checkpoint=file)
    with pytest.raises(KeyboardInterrupt):
        play(*_players(True, norm), points, labels, rules, checkpoint=file, watch=stop)
    again = _players(labelled=True, norm=norm)
    np.testing.assert_allclose(play(*again, points, labels, rules, checkpoint=file), losses, rtol=1e-5)
    for ours, theirs in zip(again, whole, strict=True):
        for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_another_games_checkpoint_is_refused(tmp_path):
    points, _ = _points(100)
    play(*_players(), points, None, Rules(2, 8), checkpoint=tmp_path / "game.npz")
    with pytest.warns(UserWarning, match="begins anew"):
        losses = play(*_players(), points, None, Rules(3, 8, seed=1), checkpoint=tmp_path / "game.npz")
    assert len(losses) == 3


def test_compiled_and_plain_updates_agree():
    points, _ = _points(100)
    plain = play(*_players(), points, None, Rules(5, 8, r1=1.0, r1_every=2))
    compiled = play(*_players(), points, None, Rules(5, 8, r1=1.0, r1_every=2, jit_compile=True))
    np.testing.assert_allclose(compiled, plain, rtol=1e-3)


def test_a_penalty_of_the_generators_own_is_kept_small():
    points, _ = _points(100)

    def penalty(generator, inputs, seed):
        return 100.0 * tf.reduce_mean(tf.square(generator(inputs, training=True)))

    free, held = _players(), _players()
    play(*free, points, None, Rules(60, 32, generator_rate=3e-3))
    play(*held, points, None, Rules(60, 32, generator_rate=3e-3, penalty_every=2), penalty=penalty)
    assert np.abs(_made(held[0])).mean() < 0.2 * np.abs(_made(free[0])).mean()


def test_the_generator_ends_as_the_average_of_its_past():
    points, _ = _points(100)
    generator, discriminator = _players()
    game = Game(generator, discriminator, Rules(3, 8, ema=0.9))
    expected = [variable.numpy() for variable in generator.trainable_variables]
    for number in range(3):
        game.update(number, points, None)
        decay = min(0.9, (1 + number) / (10 + number))
        now = [variable.numpy() for variable in generator.trainable_variables]
        expected = [decay * old + (1 - decay) * new for old, new in zip(expected, now, strict=True)]
    game.finish()
    for variable, value in zip(generator.trainable_variables, expected, strict=True):
        np.testing.assert_allclose(variable, value, rtol=1e-4, atol=1e-6)


def test_standing_statistics_are_those_of_what_is_made():
    norm = layers.BatchNormalization(scale=False, center=False, momentum=0.999)
    latent = keras.Input((4,), name="latent")
    model = keras.Model({"latent": latent}, norm(layers.Rescaling(3.0, 5.0)(latent)))
    rng = np.random.default_rng(0)
    settle(model, lambda: {"latent": tf.constant(rng.standard_normal((64, 4), np.float32))})
    np.testing.assert_allclose(norm.moving_mean, 5.0, atol=0.3)
    np.testing.assert_allclose(norm.moving_variance, 9.0, rtol=0.1)
    assert norm.momentum == 0.999


def test_losses_by_hand():
    real, fake = tf.constant([2.0, 0.5]), tf.constant([-3.0, 1.0])
    assert float(discriminator_loss(real, fake, "hinge")) == pytest.approx((0 + 0.5) / 2 + (0 + 2) / 2)
    assert float(generator_loss(fake, "hinge")) == pytest.approx(1.0)
    wanted = np.mean(np.log(1 + np.exp([-2.0, -0.5]))) + np.mean(np.log(1 + np.exp([-3.0, 1.0])))
    assert float(discriminator_loss(real, fake, "logistic")) == pytest.approx(wanted, rel=1e-5)
    assert float(generator_loss(fake, "logistic")) == pytest.approx(
        np.mean(np.log(1 + np.exp([3.0, -1.0]))), rel=1e-5
    )
    assert float(gradient_penalty(tf.constant([[[3.0], [4.0]], [[0.0], [1.0]]]))) == pytest.approx(13.0)


@pytest.mark.parametrize("change", ["brightness", "shift", "cutout"])
def test_augmentation_changes_pictures_and_lets_gradients_pass(change):
    images = tf.random.stateless_uniform((16, 8, 8, 1), [0, 1], -1, 1)
    seed = tf.constant([3, 4])
    with tf.GradientTape() as tape:
        tape.watch(images)
        changed = diff_augment(images, (change,), seed)
    assert changed.shape == images.shape
    assert np.array_equal(changed, diff_augment(images, (change,), seed))
    assert not np.allclose(changed, diff_augment(images, (change,), seed + 1))
    assert np.any(tape.gradient(changed, images))


def test_a_shift_moves_and_fills_with_black():
    images = np.full((200, 16, 16, 1), -1.0, np.float32)
    images[:, 7, 9] = 1.0
    moved = np.asarray(diff_augment(tf.constant(images), ("shift",), tf.constant([0, 0])))
    np.testing.assert_allclose(moved.sum(axis=(1, 2, 3)), images.sum(axis=(1, 2, 3)), atol=1e-4)
    places = {tuple(np.argwhere(picture[..., 0] > 0)[0] - [7, 9]) for picture in moved}
    assert places == {(y, x) for y in range(-2, 3) for x in range(-2, 3)}
    edge = np.asarray(diff_augment(tf.ones((50, 16, 16, 1)), ("shift",), tf.constant([0, 0])))
    assert edge.min() == -1


def test_unknown_rules_are_refused():
    with pytest.raises(BadInput, match="hinge, logistic"):
        Rules(1, loss="wasserstein")
    with pytest.raises(BadInput, match="'mirror'"):
        Rules(1, augment=("mirror",))
