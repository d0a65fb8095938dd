"""Training of recognisers by CTC: all ways to spell a text over time count together, so nobody says when each letter is heard."""

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import keras
import numpy as np
import tensorflow as tf

from course_lib.engines import compiled
from course_lib.errors import BadInput
from course_lib.training.fit import History, Settings, optimizer_of
from course_lib.training.language.fit import by_length

NO_LETTER = -1  # fills up rows of letters


@dataclass(frozen=True)
class Examples:
    """Recordings as a recogniser reads them, and what is said in them.

    Attributes:
        inputs: of each, what its listener prepared: (length, ...) float32.
        letters: of each, the numbers of its letters.
    """

    inputs: Sequence[np.ndarray]
    letters: Sequence[Sequence[int]]

    def __len__(self) -> int:
        return len(self.inputs)


def examples(recordings: Sequence, listener, letters) -> Examples:
    """Prepare recordings for a recogniser.

    Args:
        recordings: each with `text` and `audio`.
        listener: of the recogniser; it has `rate` and `prepare`.
        letters: a tokenizer of letters.

    Returns:
        The examples, in the same order.
    """
    inputs = [listener.prepare(recording.audio.resampled(listener.rate).samples) for recording in recordings]
    return Examples(inputs, [letters.tokenize(recording.text) for recording in recordings])


class CtcTrainer:
    """A recogniser with its compiled update, to be trained once or, from other weights, many times."""

    def __init__(
        self,
        model: keras.Model,
        settings: Settings,
        blank: int,
        multiple: int = 50,
        augment: Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray] | None = None,
        frames: Callable[[int], int] | None = None,
    ):
        """Get ready to train what is trainable of a model.

        Args:
            model: from (batch, length, ...) to (batch, frames, symbols) logits; zeros fill up a batch.
            settings: how to train; its batches are of recordings.
            blank: number of the symbol that writes nothing.
            multiple: batches are filled up to a multiple of this length, so that few shapes come up.
            augment: (a batch, its lengths, random numbers) -> the batch, changed; see `masked`.
            frames: how many frames of logits an input of a length gives; by default the model is asked, which takes a while.
        """
        self.model, self.settings = model, settings
        self._multiple, self._augment = multiple, augment
        self._frames = frames or _frames_of(model)
        self._optimizer = optimizer_of(settings)
        self._optimizer.build(model.trainable_variables)
        self._step = _compiled_step(model, self._optimizer, settings, blank)

    def fit(self, data: Examples, seed: int | None = None, watch: Callable | None = None) -> History:
        """Train the model from its present weights, in place.

        Args:
            data: the examples.
            seed: of their order and of the augmentation; by default that of the settings.
            watch: called after each update with its number and its loss.

        Returns:
            The history; its losses are in nats a letter.

        Raises:
            BadInput: a text has more letters than its recording has frames.
        """
        lengths = np.array([len(x) for x in data.inputs])
        self._check(lengths, data.letters)
        for variable in self._optimizer.variables:  # the moments and the count of updates: a fresh start
            variable.assign(np.zeros(variable.shape, variable.dtype))
        rng = np.random.default_rng(self.settings.seed if seed is None else seed)
        started, losses = time.perf_counter(), []
        for number, chosen in enumerate(by_length(lengths)(len(data), self.settings, rng), 1):
            losses.append(self._step(*self._batch(data, lengths, chosen, rng)))
            if watch:
                watch(number, float(losses[-1]))
        return History([float(loss) for loss in losses], time.perf_counter() - started)

    def _batch(self, data, lengths, chosen, rng):
        inputs = filled([data.inputs[i] for i in chosen], self._multiple)
        if self._augment:
            inputs = self._augment(inputs, lengths[chosen], rng)
        frames = np.array([self._frames(int(length)) for length in lengths[chosen]], np.int32)
        letters = filled([np.array(data.letters[i], np.int32) for i in chosen], 1, NO_LETTER)
        return tf.constant(inputs), tf.constant(frames), tf.constant(letters)

    def _check(self, lengths, letters):
        """CTC needs a frame for each letter, and one more between two that are the same."""
        for length, row in zip(lengths, letters, strict=True):
            needed = len(row) + sum(a == b for a, b in itertools.pairwise(row))
            if not row or needed > self._frames(int(length)):
                raise BadInput(f"A recording of {self._frames(int(length))} frames cannot have a text of {len(row)} letters: "
                               "leave it out, or mend its text.")  # fmt: skip


def masked(widest: int, masks: int = 2) -> Callable:
    """Return an augmentation that hides spans of time, so that a word must be known by less than all of it.

    Args:
        widest: of a span; each has a width by chance, up to this.
        masks: spans in a recording.

    Source: arXiv 1904.08779, section 2, its masking of time.
    """

    def augment(inputs, lengths, rng):
        inputs = inputs.copy()
        for row, length in zip(inputs, lengths, strict=True):
            for _ in range(masks):
                start = rng.integers(length)
                row[start : start + rng.integers(widest + 1)] = 0
        return inputs

    return augment


def filled(rows: Sequence[np.ndarray], multiple: int, value=0) -> np.ndarray:
    """Stack rows of unequal length, (n, ...), filled up with a value to a length that is a multiple."""
    longest = max(len(row) for row in rows)
    longest += -longest % multiple
    stack = np.full((len(rows), longest, *rows[0].shape[1:]), value, rows[0].dtype)
    for place, row in zip(stack, rows, strict=True):
        place[: len(row)] = row
    return stack


def logits_of(
    model: keras.Model,
    inputs: Sequence[np.ndarray],
    batch_size: int = 32,
    multiple: int = 50,
    frames: Callable | None = None,
) -> list[np.ndarray]:
    """Run a recogniser over many recordings.

    Args:
        model: from (batch, length, ...) to (batch, frames, symbols).
        inputs: (length, ...) each.
        batch_size: recordings at a time, of about one length.
        multiple, frames: as for `CtcTrainer`.

    Returns:
        Log-probabilities (frames, symbols) of each, in the same order.
    """
    frames, forward = frames or _frames_of(model), compiled(model)
    order, found = np.argsort([len(x) for x in inputs], kind="stable"), {}
    for start in range(0, len(order), batch_size):
        chosen = order[start : start + batch_size]
        rows = forward(filled([inputs[i] for i in chosen], multiple))
        rows -= np.logaddexp.reduce(rows, axis=-1, keepdims=True)
        found |= {i: row[: frames(len(inputs[i]))] for i, row in zip(chosen, rows, strict=True)}
    return [found[i] for i in range(len(inputs))]


def ctc_loss(logits, frames, letters, blank: int):
    """Return how surprised a recogniser is by a text: minus the logarithm of all its spellings' probability.

    Args:
        logits: (batch, frames, symbols).
        frames: (batch,) int32, how many of them count.
        letters: (batch, letters) int32, filled up with -1.
        blank: number of the symbol that writes nothing.

    Returns:
        (batch,), in nats.

    Source: Graves et al. 2006, "Connectionist Temporal Classification", section 4.
    """
    places = tf.where(letters >= 0)
    shape = tf.shape(letters, tf.int64)
    # TensorFlow's own operation for sparse rows is six times quicker on a processor than the one for dense ones.
    row = tf.SparseTensor(places, tf.gather_nd(letters, places), shape)
    return tf.nn.ctc_loss(row, logits, None, frames, logits_time_major=False, blank_index=blank)


def _compiled_step(model, optimizer, settings, blank):
    variables = model.trainable_variables
    kept = tf.TensorSpec((None, *model.input_shape[1:]))
    signature = [kept, tf.TensorSpec((None,), tf.int32), tf.TensorSpec((None, None), tf.int32)]

    def network(inputs):
        return model(inputs, training=not settings.frozen_statistics)

    if settings.jit_compile:  # TensorFlow's loss can't be compiled with it; a recurrent network neither
        network = tf.function(network, autograph=False, jit_compile=True)

    @tf.function(input_signature=None if settings.jit_compile else signature, autograph=False)
    def step(inputs, frames, letters):
        with tf.GradientTape() as tape:
            losses = ctc_loss(network(inputs), frames, letters, blank)
            loss = tf.reduce_sum(losses) / tf.cast(tf.reduce_sum(tf.cast(letters >= 0, tf.int32)), tf.float32)
        optimizer.apply(tape.gradient(loss, variables), variables)
        return loss

    return step


def _frames_of(model):
    """Return how many frames of logits a recording of a length gives: convolutions leave fewer than they read."""
    rest = model.input_shape[2:]
    return cache(lambda length: model.compute_output_shape((1, length, *rest))[1])
