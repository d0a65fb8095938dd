"""Tacotron 2 speaking by itself: each step sees what the step before has written, and says whether it was the last."""

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

THRESHOLD = 0.5  # the probability from which a step is the last one


@dataclass(frozen=True)
class Generated:
    """What a network wrote of one text.

    Attributes:
        mel: (frames, mels) float32, the natural logarithm of magnitudes.
        before: the same before the post-net.
        stop: (steps,) float32, at each step the probability that it is the last.
        alignment: (steps, letters) float32, where each step looked; a row adds up to 1.
        stopped: False where no step said so, and the longest that is allowed was reached.
    """

    mel: np.ndarray
    before: np.ndarray
    stop: np.ndarray
    alignment: np.ndarray
    stopped: bool


def generator(model: keras.Model, dropout: Callable | None = None) -> Callable[..., list[Generated]]:
    """Compile a network's way of speaking.

    Args:
        model: of this family.
        dropout: (step, batch, seed) -> (2, batch, units), the pre-net's factors at a step; drawn from the seed if None.

    Returns:
        A function (letters, seed=0, longest=300, threshold=0.5) -> a `Generated` for each text, where letters are (texts,
        letters) numbers, padded by 0, and longest counts steps. Equal seeds give equal results.
    """
    encoder, postnet = model.get_layer("encoder"), model.get_layer("postnet")
    run = _compiled(encoder, model.get_layer("decoder"), dropout or _drawn(model))
    frames = model.get_layer("decoder").frames_per_step
    correct = tf.function(
        lambda before: before + postnet(before, training=False), input_signature=[tf.TensorSpec((None, *postnet.input_shape[1:]))]
    )  # fmt: skip

    def generate(letters, seed=0, longest=300, threshold=THRESHOLD) -> list[Generated]:
        letters = np.atleast_2d(np.asarray(letters, np.int32))
        before, stop, alignment = (x.numpy() for x in run(letters, seed, longest, threshold))
        found = []
        for row, text in enumerate(letters):
            said = np.flatnonzero(stop[row] > threshold)
            steps, known = int(said[0]) + 1 if len(said) else stop.shape[1], text != 0
            # What others in the batch went on to write is not this text's: the post-net must not see it.
            written = before[row : row + 1, : steps * frames]
            mel = correct(written).numpy()[0]
            found.append(
                Generated(
                    mel, written[0], stop[row, :steps], alignment[row, :steps, known].T, bool(len(said))
                )
            )
        return found

    return generate


def _drawn(model) -> Callable:
    prenet = model.get_layer("decoder").prenet

    def dropout(step, batch, seed):
        luck = tf.random.stateless_uniform((2, batch, prenet.units), tf.stack([seed, step]))
        return tf.cast(luck >= prenet.rate, tf.float32) / (1 - prenet.rate)

    return dropout


def _compiled(encoder, decoder, dropout) -> Callable:
    """Return (letters, seed, longest, threshold) -> frames, probabilities of the end, attention; for all texts."""

    @tf.function(input_signature=[tf.TensorSpec((None, None), tf.int32), *(tf.TensorSpec((), tf.int32),) * 2, tf.TensorSpec(())],
                 autograph=False)  # fmt: skip
    def run(letters, seed, longest, threshold):
        memory, known = encoder(letters, training=False), tf.not_equal(letters, 0)
        keys, batch = decoder.attention.keys(memory), tf.shape(letters)[0]

        def go_on(step, ended, *_):
            return (step < longest) & ~tf.reduce_all(ended)

        def go(step, ended, last, state, written):
            seen = decoder.prenet(last, dropout(step, batch, seed))
            state = decoder.step(state, seen, memory, keys, known)
            mel, stop = decoder.write(tf.concat([state.writing, state.context], -1)[:, None])
            mel, stop = tf.reshape(mel, tf.shape(last)), tf.sigmoid(stop[:, 0])
            written = [
                rows.write(step, x) for rows, x in zip(written, (mel, stop, state.weights), strict=True)
            ]
            return step + 1, ended | (stop > threshold), mel, state, written

        last = tf.zeros((batch, decoder.mels * decoder.frames_per_step))
        written = [tf.TensorArray(tf.float32, 0, dynamic_size=True) for _ in range(3)]
        begin = (tf.constant(0), tf.zeros(batch, tf.bool), last, decoder.start(memory), written)
        *_, written = tf.while_loop(go_on, go, begin)
        mel, stop, alignment = (tf.experimental.numpy.swapaxes(rows.stack(), 0, 1) for rows in written)
        return tf.reshape(mel, (batch, -1, decoder.mels)), stop, alignment

    return run
