"""CTC by hand: against all paths one by one, against Keras, and against the gradient that TensorFlow finds."""

import itertools
import math

import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from course_lib.decoding.alignments import log_prob, shares
from course_lib.errors import BadInput
from course_lib.training.speech.ctc import ctc_loss

CASES = [(0, [0, 1], 2), (1, [1, 1], 2), (2, [], 2), (3, [0, 1, 0], 2), (4, [1, 2, 2], 0)]


def random_log_probs(frames, symbols, seed):
    logits = 2 * np.random.default_rng(seed).normal(size=(frames, symbols))
    return logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)


def paths_of(letters, frames, symbols, blank):
    for path in itertools.product(range(symbols), repeat=frames):
        if [symbol for symbol, _ in itertools.groupby(path) if symbol != blank] == letters:
            yield path


@pytest.mark.parametrize(("seed", "letters", "blank"), CASES)
def test_it_is_the_sum_over_all_paths(seed, letters, blank):
    log_probs = random_log_probs(6, 3, seed)
    each = [math.exp(sum(log_probs[range(6), path])) for path in paths_of(letters, 6, 3, blank)]
    assert math.exp(log_prob(log_probs, letters, blank)) == pytest.approx(sum(each), rel=1e-9)


@pytest.mark.parametrize(("seed", "letters", "blank"), CASES)
def test_shares_count_the_paths_through_each_place(seed, letters, blank):
    log_probs = random_log_probs(5, 3, seed)
    expected = np.zeros((5, 3))
    for path in paths_of(letters, 5, 3, blank):
        expected[range(5), path] += math.exp(sum(log_probs[range(5), path]))
    expected /= expected.sum(axis=1, keepdims=True)
    places = [blank] + [symbol for letter in letters for symbol in (letter, blank)]
    found = np.zeros((5, 3))
    for place, share in zip(places, shares(log_probs, letters, blank).T, strict=True):
        found[:, place] += share
    np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_it_is_keras_loss_and_ours_for_training(seed):
    rng = np.random.default_rng(seed)
    frames, symbols = int(rng.integers(8, 40)), 29
    log_probs = random_log_probs(frames, symbols, seed)
    letters = rng.integers(0, symbols - 1, rng.integers(1, frames // 2))
    expected = -log_prob(log_probs, letters, symbols - 1)
    lengths = [np.array([len(x)], np.int32) for x in (letters, log_probs)]
    one = np.float32(log_probs[None])
    keras_loss = ops.ctc_loss(letters[None].astype("int32"), one, *lengths, mask_index=symbols - 1)
    assert float(keras_loss[0]) == pytest.approx(expected, rel=1e-4)
    ours = ctc_loss(tf.constant(one), lengths[1], letters[None].astype("int32"), symbols - 1)
    assert float(ours[0]) == pytest.approx(expected, rel=1e-4)


def test_the_gradient_is_what_the_network_says_less_the_shares():
    letters, blank = [3, 0, 0, 2], 4
    logits = tf.constant(np.float32(random_log_probs(12, 5, 0)))
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = ctc_loss(logits[None], np.array([12], np.int32), np.array([letters], np.int32), blank)
    expected = tf.nn.softmax(logits).numpy()
    places = [blank, 3, blank, 0, blank, 0, blank, 2, blank]
    for place, share in zip(places, shares(logits.numpy(), letters, blank).T, strict=True):
        expected[:, place] -= share
    np.testing.assert_allclose(tape.gradient(loss, logits), expected, atol=1e-5)


def test_too_few_frames_have_no_path():
    assert log_prob(random_log_probs(2, 3, 0), [0, 0], 2) == -math.inf
    with pytest.raises(BadInput, match="2 frames are too few"):
        shares(random_log_probs(2, 3, 0), [0, 0], 2)
