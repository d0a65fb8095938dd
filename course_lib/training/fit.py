"""The training loop of the course: shuffled batches, AdamW, a cosine schedule, clipped gradients."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields

import keras
import numpy as np
import tensorflow as tf
from tqdm import tqdm

from course_lib.tasks.base import compiled
from course_lib.training import augment

# Shrinking these would fight normalisation and positions, not overfitting.
NO_DECAY = ["bias", "gamma", "beta", "embeddings", "class_token"]


@dataclass(frozen=True)
class Settings:
    """How to train.

    Attributes:
        steps: number of updates.
        batch_size: images in each.
        learning_rate: its peak; a cosine takes it down to zero.
        warmup: updates over which it rises from zero first.
        weight_decay: of AdamW, on kernels alone.
        clip_norm: largest norm of all gradients together; None for any.
        shift, mirror, recolour: which augmentations each batch gets; see `augment`.
        seed: of the shuffle and the shifts.
        frozen_statistics: run the model as in inference, so that batch norm keeps its moving averages and
            dropout is off: right for fine-tuning, wrong for training from scratch.
        jit_compile: compile the update with XLA: on a processor it makes small transformers half as fast again, and
            convolutions slower.
    """

    steps: int
    batch_size: int = 64
    learning_rate: float = 2e-3
    warmup: int = 0
    weight_decay: float = 1e-2
    clip_norm: float | None = 1.0
    shift: int = 0
    mirror: bool = False
    recolour: bool = False
    seed: int = 0
    frozen_statistics: bool = False
    jit_compile: bool = False

    @classmethod
    def of(cls, source, **others) -> "Settings":
        """Return the settings that a recipe or a plan has under the same names, and others beside them or in their place."""
        return cls(**same_fields(cls, source) | others)


def same_fields(cls: type, source) -> dict:
    """Return what a recipe or a plan has under the names of a dataclass's fields."""
    return {field.name: getattr(source, field.name) for field in fields(cls) if hasattr(source, field.name)}


@dataclass
class History:
    """What happened: the loss of every update, in order, and the seconds that all took."""

    loss: list[float] = field(default_factory=list)
    seconds: float = 0.0


class Trainer:
    """A classifier with its compiled update, to be trained once or, from other weights, many times.

    Compiling takes some seconds, as long as a hundred updates of a nano model. So an experiment over several
    seeds keeps one trainer, and calls `model.set_weights` before each run.
    """

    def __init__(self, model: keras.Model, settings: Settings, prepare: Callable = np.asarray):
        """Get ready to train.

        Args:
            model: from prepared images to (batch, classes) logits.
            settings: how to train.
            prepare: turns a batch of images into the model's input; it runs on each batch, so that a large
                data set may stay in memory as bytes.
        """
        self.model, self.settings, self.prepare = model, settings, prepare
        self._optimizer = optimizer_of(settings)
        self._optimizer.build(model.trainable_variables)
        self._step = _compiled_step(model, self._optimizer, settings)

    def fit(self, images: np.ndarray, labels: np.ndarray, seed: int | None = None) -> History:
        """Train the model from its present weights, in place.

        Args:
            images: (n, height, width, 3), as `prepare` expects them; (n, features) does as well.
            labels: (n,) integers, 0 to classes - 1.
            seed: of the shuffle and the augmentations; by default that of the settings.

        Returns:
            The history.
        """
        for variable in self._optimizer.variables:  # the moments and the count of updates: a fresh start
            variable.assign(np.zeros(variable.shape, variable.dtype))
        rng = np.random.default_rng(self.settings.seed if seed is None else seed)
        change = augment.Augmentation(self.settings.shift, self.settings.mirror, self.settings.recolour)
        started, losses = time.perf_counter(), []
        for chosen in updates(len(images), self.settings, rng):
            batch = self.prepare(change(images[chosen], rng))
            losses.append(self._step(tf.constant(batch, tf.float32), tf.constant(labels[chosen], tf.int32)))
        return History([float(loss) for loss in losses], time.perf_counter() - started)


def fit(
    model: keras.Model,
    images: np.ndarray,
    labels: np.ndarray,
    settings: Settings,
    prepare: Callable[[np.ndarray], np.ndarray] = np.asarray,
) -> History:
    """Train a classifier once, in place; the arguments are those of `Trainer` and `Trainer.fit`."""
    return Trainer(model, settings, prepare).fit(images, labels)


def predict(
    model: keras.Model,
    images: np.ndarray,
    prepare: Callable[[np.ndarray], np.ndarray] = np.asarray,
    batch_size: int = 256,
) -> np.ndarray:
    """Run a model over many images, batch by batch.

    Args:
        model: from prepared images to (batch, outputs).
        images: (n, height, width, 3), as `prepare` expects them.
        prepare: turns a batch of images into the model's input.
        batch_size: images at a time.

    Returns:
        The outputs (n, outputs), float32.
    """
    forward = compiled(model)
    starts = range(0, len(images), batch_size)
    outputs = [
        forward(prepare(images[start : start + batch_size]))
        for start in tqdm(starts, "predicting", unit="batch", delay=2, leave=False, disable=None)
    ]
    return np.concatenate(outputs) if outputs else np.empty((0, *model.output_shape[1:]), np.float32)


def accuracy(
    model: keras.Model,
    images: np.ndarray,
    labels: np.ndarray,
    prepare: Callable[[np.ndarray], np.ndarray] = np.asarray,
) -> float:
    """Return the share of images whose largest output is their label's, 0 to 1; arguments as for `predict`."""
    return float(np.mean(predict(model, images, prepare).argmax(axis=1) == labels))


def _compiled_step(model: keras.Model, optimizer: keras.optimizers.Optimizer, settings: Settings) -> Callable:
    """Return one update as a compiled function of (inputs, labels) that gives the loss."""
    variables = model.trainable_variables
    loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    signature = [tf.TensorSpec((None, *model.input_shape[1:])), tf.TensorSpec((None,), tf.int32)]

    # Plain tensor code: there is nothing for autograph to rewrite.
    @tf.function(input_signature=signature, autograph=False, jit_compile=settings.jit_compile)
    def step(inputs, labels):
        with tf.GradientTape() as tape:
            loss = loss_of(labels, model(inputs, training=not settings.frozen_statistics))
        optimizer.apply(tape.gradient(loss, variables), variables)
        return loss

    return step


def optimizer_of(settings: Settings) -> keras.optimizers.Optimizer:
    """Return AdamW with warm-up and cosine, as the settings want it; biases, norms and positions do not decay."""
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0 if settings.warmup else settings.learning_rate,
        decay_steps=max(1, settings.steps - settings.warmup),
        warmup_target=settings.learning_rate if settings.warmup else None,
        warmup_steps=settings.warmup,
    )
    optimizer = keras.optimizers.AdamW(
        schedule, weight_decay=settings.weight_decay, global_clipnorm=settings.clip_norm
    )
    optimizer.exclude_from_weight_decay(var_names=NO_DECAY)
    return optimizer


def updates(count: int, settings: Settings, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield the indices of the batch of each update, under a progress bar."""
    bar = tqdm(range(settings.steps), "training", unit="step", delay=2, leave=False, disable=None)
    for _, chosen in zip(bar, batches(count, settings.batch_size, rng), strict=False):
        yield chosen


def batches(count: int, batch_size: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield batches of indices for ever: every image once, in random order, then all again."""
    order = np.empty(0, np.int64)
    while True:
        while len(order) < batch_size:
            order = np.concatenate([order, rng.permutation(count)])
        yield order[:batch_size]
        order = order[batch_size:]
