"""Training by CTC: it learns, at any length, and says which recordings it can't learn from."""

import keras
import numpy as np
import pytest
from keras import layers

from course_lib.errors import BadInput
from course_lib.media.sound.audio import Audio
from course_lib.media.sound.corpus import Recording
from course_lib.text.letters import DEEPSPEECH
from course_lib.training.fit import Settings
from course_lib.training.speech.ctc import (
    CtcTrainer,
    Examples,
    ctc_loss,
    examples,
    filled,
    logits_of,
    masked,
)
from course_lib.zoo import deepspeech

BLANK = 3


@pytest.fixture(scope="module")
def hearing():
    """Twelve recordings in which a number says which letter is heard, for three frames each, of unequal lengths."""
    rng = np.random.default_rng(0)
    letters = [rng.permutation(3)[: 2 + i % 2].tolist() for i in range(12)]
    inputs = [np.float32(np.repeat(np.eye(3)[row], 3, axis=0)) for row in letters]
    return Examples(inputs, letters)


def small(strides=1):
    """A recogniser of a few numbers; its convolution may leave fewer frames than it reads."""
    keras.utils.set_random_seed(0)
    heard = layers.Input((None, 3))
    x = layers.Conv1D(16, 3, strides=strides, padding="valid", activation="relu")(heard)
    return keras.Model(heard, layers.Dense(4, name="head")(x))


@pytest.mark.parametrize("jit", [False, True])
def test_a_recogniser_learns_what_is_said_but_not_when(hearing, jit):
    model = small()
    settings = Settings(steps=60, batch_size=6, learning_rate=2e-2, jit_compile=jit)
    seen = []
    history = CtcTrainer(model, settings, BLANK, multiple=5).fit(hearing, watch=lambda *x: seen.append(x))
    assert history.loss[0] > 1 > 0.2 > history.loss[-1]
    assert [number for number, _ in seen] == list(range(1, 61))


def test_the_loss_does_not_look_behind_a_recordings_end():
    rng = np.random.default_rng(0)
    logits, letters = rng.normal(size=(1, 9, 4)).astype("float32"), np.array([[0, 2, -1]], np.int32)
    longer = np.concatenate([logits, 9 * rng.normal(size=(1, 4, 4))], axis=1).astype("float32")
    frames = np.array([9], np.int32)
    assert float(ctc_loss(logits, frames, letters, BLANK)[0]) == pytest.approx(
        float(ctc_loss(longer, frames, letters, BLANK)[0]), abs=1e-5
    )


def test_a_blank_may_have_any_number():
    logits = np.random.default_rng(0).normal(size=(1, 9, 4)).astype("float32")
    frames, letters = np.array([9], np.int32), np.array([[0, 2, 2]], np.int32)
    turned = np.roll(logits, 1, axis=-1)  # the last symbol becomes the first
    assert float(ctc_loss(logits, frames, letters, 3)[0]) == pytest.approx(
        float(ctc_loss(turned, frames, letters + 1, 0)[0]), abs=1e-5
    )


def test_a_text_that_is_too_long_for_its_recording_is_named(hearing):
    trainer = CtcTrainer(small(strides=2), Settings(steps=1), BLANK)
    with pytest.raises(BadInput, match=r"of 2 frames .* 3 letters"):
        trainer.fit(Examples([hearing.inputs[0][:6]], [[0, 1, 2]]))
    with pytest.raises(BadInput, match="leave it out"):  # two alike need a blank between them
        trainer.fit(Examples([hearing.inputs[0][:6]], [[1, 1]]))


def test_logits_do_not_depend_on_the_batch(hearing):
    model = small(strides=2)
    together = logits_of(model, hearing.inputs, batch_size=5)
    assert [len(rows) for rows in together] == [(len(x) - 3) // 2 + 1 for x in hearing.inputs]
    alone = [logits_of(model, [x])[0] for x in hearing.inputs[:3]]
    for rows, expected in zip(together, alone, strict=False):
        np.testing.assert_allclose(rows, expected, atol=1e-5)
        np.testing.assert_allclose(np.exp(rows).sum(-1), 1, atol=1e-5)


def test_masks_hide_spans_and_nothing_else():
    inputs = np.ones((4, 20, 2), np.float32)
    changed = masked(5, masks=1)(inputs, np.full(4, 20), np.random.default_rng(0))
    assert inputs.all()
    hidden = (changed == 0).all(axis=2).sum(axis=1)
    assert hidden.max() > 0
    assert hidden.max() <= 5


def test_rows_are_filled_up_to_a_multiple():
    rows = filled([np.arange(3), np.arange(5)], 4, value=-1)
    assert rows.tolist() == [[0, 1, 2, -1, -1, -1, -1, -1], [0, 1, 2, 3, 4, -1, -1, -1]]


def test_recordings_become_examples_at_the_listeners_rate():
    sound = Audio(np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32), 16_000)
    listener = deepspeech.listener(deepspeech.CONFIGS["deepspeech_nano"])
    found = examples([Recording("a cat", "nobody", sound)], listener, DEEPSPEECH)
    assert found.inputs[0].shape == (49, 26)
    assert len(found) == 1
    assert DEEPSPEECH.detokenize(found.letters[0]) == "a cat"
