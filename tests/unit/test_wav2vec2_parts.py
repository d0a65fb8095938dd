"""wav2vec 2.0's own task: gaps, distractors, codes, and what a network learns of them."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from course_lib import catalog
from course_lib.errors import BadInput
from course_lib.tasks.base import Provenance
from course_lib.tasks.listen import Listening
from course_lib.training.fit import Settings
from course_lib.training.speech import contrastive, fine_tuning
from course_lib.zoo import wav2vec2
from course_lib.zoo.wav2vec2 import pretraining

TINY = {
    "width": 16, "depth": 1, "heads": 2, "mlp": 24, "rate": 8000, "channels": (8, 8, 12), "kernels": (10, 8, 4),
    "strides": (5, 8, 4), "norm_first": True, "position_kernel": 8, "position_groups": 2, "codes": 5, "code_width": 8,
    "target_width": 8,
}  # fmt: skip
TAUGHT = wav2vec2.Wav2Vec2Config(**TINY, symbols=0)
HEARD = wav2vec2.Wav2Vec2Config(**TINY, symbols=4)


@pytest.fixture(scope="module")
def taught():
    keras.utils.set_random_seed(0)
    return wav2vec2.build(TAUGHT)


def test_gaps_are_spans():
    masks = pretraining.span_masks(6, 100, np.random.default_rng(0), share=0.06, length=10)
    assert masks.shape == (6, 100)
    for row in masks:
        edges = np.flatnonzero(np.diff(np.pad(row.astype(int), 1)))
        assert np.diff(edges)[::2].min() >= 10
        assert 10 < row.sum() <= 60


def test_distractors_are_other_hidden_frames():
    rng = np.random.default_rng(1)
    masks = pretraining.span_masks(3, 50, rng)
    others = pretraining.distractors(masks, 30, rng)
    for row, mask in zip(others, masks, strict=True):
        places = np.flatnonzero(mask)
        assert not (row[places] == places[:, None]).any()
        assert set(row[places].ravel()) == set(places)


def test_logits_are_cosines_and_the_same_codes_do_not_compete():
    rng = np.random.default_rng(2)
    guesses, targets = rng.normal(size=(2, 1, 4, 3)).astype(np.float32)
    chosen, others = (
        np.array([[[0, 1], [2, 1], [0, 1], [3, 3]]]),
        np.array([[[1, 2], [3, 0], [0, 1], [2, 0]]]),
    )
    found = np.asarray(pretraining.contrastive_logits(guesses, targets, chosen, others))
    cosine = guesses[0, 0] @ targets[0, 1] / np.linalg.norm(guesses[0, 0]) / np.linalg.norm(targets[0, 1])
    assert found.shape == (1, 4, 3)
    assert found[0, 0, 1] == pytest.approx(10 * cosine, rel=1e-4)
    assert found[0, 0, 2] < -1e8  # frames 0 and 2 have the same codes


def test_loss_counts_hidden_frames_alone():
    logits = np.array([[[2.0, 0, 0], [0, 5, 0], [0, 0, 9]]], np.float32)
    loss, right = pretraining.contrastive_loss(logits, np.array([[True, True, False]]))
    expected = np.mean([np.log(np.exp(2) + 2) - 2, np.log(np.exp(5) + 2)])
    assert float(loss) == pytest.approx(expected, rel=1e-5)
    assert float(right) == 0.5


def test_codes_in_use():
    even = np.full((1, 7, 2, 5), 0.2, np.float32)
    assert float(pretraining.perplexity(even)) == pytest.approx(10, rel=1e-4)
    assert float(pretraining.diversity_loss(even)) == pytest.approx(0, abs=1e-4)
    one = np.eye(5, dtype=np.float32)[np.zeros((1, 7, 2), int)]
    assert float(pretraining.perplexity(one)) == pytest.approx(2, rel=1e-4)


def test_draws_are_fair_and_let_a_gradient_through():
    logits = tf.Variable(np.log([[[[0.7, 0.2, 0.1]]]]) * np.ones((1, 4000, 1, 1)), dtype=tf.float32)
    noise = pretraining.gumbel_noise(np.random.default_rng(3).random((1, 4000, 1, 3), np.float32))
    with tf.GradientTape() as tape:
        shares = pretraining.gumbel_shares(logits, noise, 1.0)
        first = tf.reduce_sum(shares[..., 0])
    assert set(np.unique(np.round(shares, 5))) == {0.0, 1.0}
    np.testing.assert_allclose(np.mean(shares, axis=(0, 1, 2)), [0.7, 0.2, 0.1], atol=0.03)
    assert float(tf.reduce_sum(abs(tape.gradient(first, logits)))) > 1


def test_frames_are_those_of_the_convolutions(taught):
    listener = wav2vec2.listener(TAUGHT)
    for samples in (800, 1234, 4001):
        found = taught(
            {
                "samples": np.zeros((1, samples), np.float32),
                "mask": np.zeros((1, listener.frames(samples)), bool),
            }
        )
        assert found["targets"].shape == (1, listener.frames(samples), 8)
    assert listener.hop == 160
    assert listener.frames(20) == 0
    heard = listener.prepare(np.float32([1, 2, 3, 4]) * 0.01)
    assert heard.mean() == pytest.approx(0, abs=1e-6)
    assert heard.std() == pytest.approx(1, abs=1e-2)


def test_it_learns_to_guess_and_is_measured_without_draws():
    keras.utils.set_random_seed(1)
    model, rng = wav2vec2.build(TAUGHT), np.random.default_rng(4)
    listener = wav2vec2.listener(TAUGHT)
    tones = [listener.prepare(_melody(rng)) for _ in range(24)]
    task = contrastive.Task(others=8, span=2, share=0.2)
    trainer = contrastive.ContrastiveTrainer(model, TAUGHT, Settings(40, 8, 1e-2, warmup=5), task)
    course = trainer.fit(tones)
    assert len(course.loss) == len(course.codes) == 40
    assert np.mean(course.accuracy[-10:]) > 2 / 9
    accuracy, codes = contrastive.guessed(model, TAUGHT, tones[:3], task=task)
    assert 0 < accuracy <= 1
    assert 2 <= codes <= 10


def test_letters_begin_with_what_was_learned_without_them(taught):
    model = wav2vec2.build(HEARD)
    head = np.asarray(model.get_layer("head").kernel)
    fine_tuning.begin_with(model, taught)
    np.testing.assert_array_equal(model.get_layer("conv2").kernel, taught.get_layer("conv2").kernel)
    np.testing.assert_array_equal(model.get_layer("positions").kernel, taught.get_layer("positions").kernel)
    np.testing.assert_array_equal(model.get_layer("head").kernel, head)
    before = len(model.trainable_variables)
    fine_tuning.freeze_ears(model)
    assert before - len(model.trainable_variables) == 7  # three kernels, two pairs of norms
    fine_tuning.freeze_ears(model, False)
    assert len(model.trainable_variables) == before


def test_listening(taught):
    ears = Listening(catalog.card("wav2vec2_nano_pretrained"), taught, Provenance("random", "", ""), None,
                     listener=wav2vec2.listener(TAUGHT))  # fmt: skip
    sound = (np.random.default_rng(5).normal(0, 0.1, 4000).astype(np.float32), 8000)
    heard = ears.hear(sound)
    assert heard.features.shape == (len(heard.codes), 12)
    assert heard.context.shape == (len(heard.codes), 16)
    assert heard.codes.shape[1] == 2
    assert heard.codes.max() < 5
    assert heard.step == 0.02
    assert ears.features([sound, sound]).shape == (2, 16)
    with pytest.raises(BadInput, match="shorter than one frame"):
        ears.hear((np.ones(30, np.float32) * 0.1, 8000))


def _melody(rng):
    """Four tones after each other, half a second in all."""
    pitches = rng.choice([200, 400, 800, 1600], 4)
    return np.concatenate([np.sin(2 * np.pi * pitch * np.arange(1000) / 8000) for pitch in pitches]).astype(
        np.float32
    )
