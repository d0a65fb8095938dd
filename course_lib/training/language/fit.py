"""The training loop of networks that write: after each token, the one that came next should be the likeliest."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from course_lib.tracing import signature
from course_lib.training.fit import History, Settings, optimizer_of, updates

POOL = 32  # batches among which texts are sorted by length
NOTHING = 0  # in padded texts: padding, and a target that is not to be learned


class TextTrainer:
    """A network of texts with its compiled update, to be trained once or, from other weights, many times."""

    def __init__(self, model: keras.Model, settings: Settings, padded: bool = True):
        """Get ready to train what is trainable of a model.

        Args:
            model: from token numbers to (texts, tokens, vocabulary) logits; its last input is the text that is written.
            settings: how to train; its batches are of texts.
            padded: texts are filled up with NOTHING, which is not learned. Else that number is a token like any other: GPT-2's "!".
        """
        self.model, self.settings, self.padded = model, settings, padded
        self._optimizer = optimizer_of(settings)
        self._optimizer.build(model.trainable_variables)
        self._step = _compiled_step(model, self._optimizer, settings, padded)

    def fit(
        self,
        inputs: Sequence[np.ndarray],
        targets: np.ndarray,
        seed: int | None = None,
        order: Callable = updates,
    ) -> History:
        """Train the model from its present weights, in place.

        Args:
            inputs: an array (texts, tokens) for each input of the model.
            targets: (texts, tokens), the token that follows each; in padded texts NOTHING where that is not to be learned.
            seed: of the order; by default that of the settings.
            order: (count, settings, random numbers) -> the texts of each batch.

        Returns:
            The history.
        """
        for variable in self._optimizer.variables:  # the moments and the count of updates: a fresh start
            variable.assign(np.zeros(variable.shape, variable.dtype))
        rng = np.random.default_rng(self.settings.seed if seed is None else seed)
        started, losses = time.perf_counter(), []
        for chosen in order(len(targets), self.settings, rng):
            batch = [x[chosen] for x in (*inputs, targets)]
            batch = _trimmed(*batch) if self.padded else batch
            losses.append(self._step(*(tf.constant(x, tf.int32) for x in batch)))
        return History([float(loss) for loss in losses], time.perf_counter() - started)


def by_length(lengths: np.ndarray) -> Callable:
    """Return an order, for `TextTrainer.fit`, in which a batch has texts of about one length, so that little is padding."""

    def order(count, settings, rng):
        pool = replace(settings, steps=-(-settings.steps // POOL), batch_size=POOL * settings.batch_size)
        batches = (
            batch
            for chosen in updates(count, pool, rng)
            for batch in rng.permutation(
                np.array_split(chosen[np.argsort(lengths[chosen], kind="stable")], POOL)
            )
        )
        yield from islice(batches, settings.steps)

    return order


def next_token_loss(logits, targets, padded: bool = True):
    """Return the mean cross entropy of the tokens that are to be learned.

    Args:
        logits: (texts, tokens, vocabulary).
        targets: (texts, tokens) token numbers.
        padded: leave out the targets that are NOTHING.

    Returns:
        A scalar, in nats.
    """
    losses = ops.sparse_categorical_crossentropy(targets, logits, from_logits=True)
    if not padded:
        return ops.mean(losses)
    counts = ops.cast(ops.not_equal(targets, NOTHING), losses.dtype)
    return ops.sum(losses * counts) / ops.maximum(ops.sum(counts), 1)


def windows(numbers: np.ndarray, length: int, stride: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Cut a long row of tokens into texts for training.

    Args:
        numbers: (tokens,).
        length: tokens of a text.
        stride: from the start of one to that of the next; by default `length`.

    Returns:
        Inputs and targets, (texts, length) each; a target is the token behind its input.
    """
    numbers = np.asarray(numbers, np.int32)
    starts = np.arange(0, len(numbers) - length, stride or length)
    return tuple(numbers[starts[:, None] + np.arange(length) + shift] for shift in (0, 1))


def nats(model: keras.Model, numbers: np.ndarray, length: int, batch_size: int = 16) -> float:
    """Return how surprised a model is by each token of a text, in the mean: the cross entropy.

    Args:
        model: from (texts, tokens) to logits.
        numbers: (tokens,), at least length + 1.
        length: of the windows in which the text is read, each for itself: in the mean a token has half of it before it.
        batch_size: windows at a time.

    Returns:
        Nats a token; the exponential is the perplexity.
    """
    inputs, targets = windows(numbers, length)
    measure = tf.function(lambda x, y: next_token_loss(model(x, training=False), y, False), autograph=False)
    spec = tf.TensorSpec((None, length), tf.int32)
    measure = measure.get_concrete_function(spec, spec)  # one trace for all batches, the last one too
    sums = []
    for start in range(0, len(inputs), batch_size):
        x, y = (tf.constant(part[start : start + batch_size], tf.int32) for part in (inputs, targets))
        sums.append(float(measure(x, y)) * len(x))
    return sum(sums) / len(inputs)


def _trimmed(*batch: np.ndarray) -> list[np.ndarray]:
    """Cut off the columns where all is padding; what is written and what is to be learned stay equally wide."""
    *sources, tokens, targets = batch
    width = _longest(targets)
    return [*(x[:, : _longest(x)] for x in sources), tokens[:, :width], targets[:, :width]]


def _longest(x: np.ndarray) -> int:
    return int(np.flatnonzero((x != NOTHING).any(axis=0)).max(initial=0)) + 1


def _compiled_step(
    model: keras.Model, optimizer: keras.optimizers.Optimizer, settings: Settings, padded: bool
) -> Callable:
    """Return one update as a compiled function of (inputs, targets) that gives the loss."""
    variables = model.trainable_variables
    tokens = [*signature(model), tf.TensorSpec((None, None), tf.int32)]

    @tf.function(input_signature=tokens, autograph=False, jit_compile=settings.jit_compile)
    def step(*batch):
        *inputs, targets = batch
        given = keras.tree.pack_sequence_as(model.input, inputs)
        with tf.GradientTape() as tape:
            logits = model(given, training=not settings.frozen_statistics)
            loss = next_token_loss(logits, targets, padded)
        optimizer.apply(tape.gradient(loss, variables), variables)
        return loss

    return step
