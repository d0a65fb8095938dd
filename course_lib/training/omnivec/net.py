"""A net for one modality or for several, with its two compiled updates: guess what is hidden, and name the digit."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import keras
import numpy as np
import tensorflow as tf

from course_lib.training.fit import NO_DECAY
from course_lib.training.omnivec.data import Digits, batches, hide, splits
from course_lib.zoo import omnivec

BATCH = 32  # of each modality
NEVER_SHRUNK = [*NO_DECAY, "embeddings", "token"]


class Net:
    """A net that is compiled once and trained many times.

    Attributes:
        config: its config; what it shares its trunk among.
        model: from inputs to logits, see `zoo.omnivec.build`.
        masked: the same tokenizers and trunk, guessing what is hidden.
    """

    def __init__(self, *modalities: str, model: keras.Model | None = None):
        """Get ready to train.

        Args:
            *modalities: who shares the trunk; "image", "audio", "text".
            model: what `zoo.omnivec.build` gave for these; by default a fresh one.
        """
        self.config = replace(omnivec.CONFIGS["omnivec_nano"], modalities=modalities)
        self.model = omnivec.build(self.config) if model is None else model
        self.masked = omnivec.build_masked(self.model, self.config)
        self._fresh: dict[int, tuple[list, list]] = {}
        self._name, self._guess = _Update(self.model, _naming_loss), _Update(self.masked, _guessing_loss)

    def begin(self, seed: int) -> None:
        """Start again from the random weights of a seed."""
        if seed not in self._fresh:
            keras.utils.set_random_seed(seed)
            fresh = omnivec.build(self.config)
            masked = omnivec.build_masked(fresh, self.config)
            self._fresh[seed] = masked.get_weights(), fresh.get_weights()
        for model, weights in zip((self.masked, self.model), self._fresh[seed], strict=True):
            model.set_weights(weights)

    def pretrain(self, updates: int, rate: float, seed: int) -> np.ndarray:
        """Learn to guess hidden tokens, without labels.

        Args:
            updates: how many; each sees `BATCH` examples of each modality.
            rate: the highest learning rate.
            seed: of the batches and of what is hidden.

        Returns:
            The loss of each update, summed over the modalities.
        """
        rng = np.random.default_rng([seed, 1])
        return self._guess(self._hiding(rng), updates, rate)

    def train(self, examples: dict[str, Digits], updates: int, rate: float, seed: int) -> np.ndarray:
        """Learn to name digits; `examples` has the labelled ones of each modality, the rest is as for `pretrain`."""
        rng = np.random.default_rng([seed, 2])
        streams = {name: batches(examples[name], BATCH, rng) for name in self.config.modalities}
        return self._name(_side_by_side(streams), updates, rate)

    def score(self, part: str) -> dict[str, float]:
        """Return the accuracy in each modality, 0 to 1, on the part "validation" or "test"."""
        truth = {name: splits(name)[part] for name in self.config.modalities}
        logits = self.model({name: digits.inputs for name, digits in truth.items()}, training=False)
        return {
            name: float(np.mean(np.argmax(logits[name], axis=-1) == digits.labels))
            for name, digits in truth.items()
        }

    def take(self, other: "Net") -> None:
        """Take over the tokenizers and the trunk of another net, in which this one's modalities are among others."""
        for layer in self.model.layers:
            if layer.weights and not layer.name.endswith("_head"):
                layer.set_weights(other.model.get_layer(layer.name).get_weights())

    def _hiding(self, rng) -> Iterator[tuple[dict, dict]]:
        train = {name: splits(name)["train"] for name in self.config.modalities}
        for inputs, _ in _side_by_side({name: batches(train[name], BATCH, rng) for name in train}):
            masks = {f"{name}_hidden": hide(name, rows, rng) for name, rows in inputs.items()}
            yield inputs | masks, {}


class _Update:
    """One update of a model under XLA, which makes transformers as small as these several times faster."""

    def __init__(self, model: keras.Model, loss_of: Callable):
        optimizer = keras.optimizers.AdamW(weight_decay=1e-2, global_clipnorm=1.0)
        optimizer.exclude_from_weight_decay(var_names=NEVER_SHRUNK)
        optimizer.build(model.trainable_variables)
        self._optimizer = optimizer

        @tf.function(jit_compile=True, autograph=False)
        def step(inputs, labels):
            with tf.GradientTape() as tape:
                loss = loss_of(model(inputs, training=True), inputs, labels)
            optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
            return loss

        self._step = step

    def __call__(self, stream: Iterator[tuple[dict, dict]], updates: int, rate: float) -> np.ndarray:
        for variable in self._optimizer.variables:
            variable.assign(np.zeros(variable.shape, variable.dtype))
        losses = []
        for number, (inputs, labels) in zip(range(updates), stream, strict=False):
            self._optimizer.learning_rate.assign(rate * _schedule(number, updates))
            losses.append(self._step(_tensors(inputs), _tensors(labels)))
        return np.array([float(loss) for loss in losses])


def _schedule(number: int, updates: int) -> float:
    """Rise over the first tenth, then fall along a cosine to zero."""
    warmup = max(1, updates // 10)
    if number < warmup:
        return (number + 1) / warmup
    return (1 + np.cos(np.pi * (number - warmup) / (updates - warmup))) / 2


def _naming_loss(logits, inputs, labels):
    """Sum the cross-entropies of all modalities."""
    losses = [tf.nn.sparse_softmax_cross_entropy_with_logits(labels[name], logits[name]) for name in logits]
    return tf.add_n([tf.reduce_mean(loss) for loss in losses])


def _guessing_loss(guesses, inputs, labels):
    """Sum, over the modalities, the mean loss of the hidden tokens: squared for numbers, cross-entropy for letters."""
    losses = []
    for name, guess in guesses.items():
        modality, hidden = omnivec.MODALITIES[name], inputs[f"{name}_hidden"]
        truth = omnivec.cut(inputs[name], modality)
        if modality.letters:
            each = tf.nn.sparse_softmax_cross_entropy_with_logits(truth, guess)
        else:
            each = tf.reduce_mean((guess - truth) ** 2, axis=-1)
        losses.append(tf.reduce_sum(each * hidden) / tf.maximum(tf.reduce_sum(hidden), 1.0))
    return tf.add_n(losses)


def _side_by_side(streams: dict[str, Iterator[Digits]]) -> Iterator[tuple[dict, dict]]:
    """Yield (inputs, labels), each {modality: array}, a batch of every modality at a time."""
    while True:
        batch = {name: next(stream) for name, stream in streams.items()}
        yield {n: b.inputs for n, b in batch.items()}, {n: b.labels for n, b in batch.items()}


def _tensors(arrays: dict[str, np.ndarray]) -> dict[str, tf.Tensor]:
    return {name: tf.constant(array) for name, array in arrays.items()}
