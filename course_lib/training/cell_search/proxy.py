"""The task on which a cell is judged: a small network, trained for a short time on scikit-learn's digits.

It is what CIFAR-10 was to the paper, a proxy. A cell has to be judged in a fraction of a second, so this is plain
TensorFlow, with all weights in one vector.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import prod

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

from course_lib.training.cell_search.space import Blocks, to_cell

EPSILON = 1e-3  # of batch norm
TRAINING, VALIDATION, TEST = slice(0, 800), slice(800, 1300), slice(1300, 1797)  # of the shuffled digits


@dataclass(frozen=True)
class Proxy:
    """How wide the network is, and how long it trains."""

    filters: int = 8  # of the first cell; the second has twice as many
    steps: int = 60
    batch_size: int = 32
    learning_rate: float = 1e-2  # at the start; it falls to zero in a straight line


@dataclass(frozen=True)
class Score:
    """How many digits a trained network names rightly."""

    validation: int  # of 500: what a search may look at
    test: int  # of 497: what its finds are judged by


def train(blocks: Blocks, seeds: Sequence[int] = (0,), proxy: Proxy | None = None) -> list[Score]:
    """Train the network with a cell, once for each seed.

    Args:
        blocks: the cell.
        seeds: of the first weights and of the batches.
        proxy: how wide and how long; the usual small one if None.

    Returns:
        A score for each seed.

    Source: arXiv 1707.07012, section 4: the search trains each cell for 20 epochs on CIFAR-10.
    """
    proxy = proxy or Proxy()
    images, labels = digits()
    weights = Weights(blocks, proxy.filters)
    update = _compiled_update(weights, proxy)
    scores = []
    for seed in seeds:
        dice = np.random.default_rng(seed)
        weights.restart(dice)
        for step in range(proxy.steps):
            chosen = dice.choice(TRAINING.stop, proxy.batch_size, replace=False)
            update(images[chosen], labels[chosen], float(step))
        right = weights.answers(images[VALIDATION.start :]) == labels[VALIDATION.start :]
        seen = VALIDATION.stop - VALIDATION.start
        scores.append(Score(int(right[:seen].sum()), int(right[seen:].sum())))
    return scores


@cache
def digits() -> tuple[np.ndarray, np.ndarray]:
    """Return scikit-learn's digits, shuffled once and for all: (1797, 8, 8, 1) of -1 to 1, and (1797,) labels."""
    data = load_digits()
    order = np.random.default_rng(0).permutation(len(data.target))
    return (data.images[order, ..., None] / 8 - 1).astype("float32"), data.target[order].astype("int32")


class Weights:
    """All weights of the network with one cell, in one vector, which makes an update of Adam a few operations."""

    def __init__(self, blocks: Blocks, filters: int):
        """Find out which weights the network asks for, by running it once.

        Args:
            blocks: the cell.
            filters: channels of the first cell.
        """
        self.blocks, self.filters, self.shapes = blocks, filters, []
        network(np.zeros((1, 8, 8, 1), "float32"), blocks, filters, self._note)
        self.sizes = [prod(shape) for shape in self.shapes]
        self.vector = tf.Variable(tf.zeros(sum(self.sizes)))

    def restart(self, dice: np.random.Generator) -> None:
        """Draw new weights: kernels at random (He's initialisation), scales 1, shifts 0."""
        self.vector.assign(np.concatenate([_drawn(shape, dice) for shape in self.shapes]))

    def logits(self, images):
        """Run the network: (n, 8, 8, 1) to (n, 10)."""
        slices = zip(tf.split(self.vector, self.sizes), self.shapes, strict=True)
        return network(images, self.blocks, self.filters, lambda shape: tf.reshape(*next(slices)))

    def answers(self, images) -> np.ndarray:
        """Return the likeliest digit of each image, (n,)."""
        return np.argmax(self.logits(images), axis=1)

    def _note(self, shape):
        self.shapes.append(shape)
        return tf.zeros(shape)


def network(images, blocks: Blocks, filters: int, take):
    """Run a stem, two copies of a cell with a pooling between them, and a linear layer.

    Args:
        images: (n, 8, 8, 1).
        blocks: the cell.
        filters: channels of the first cell; the second has twice as many.
        take: gives the next weights, of the shape that it is asked for.

    Returns:
        Logits (n, 10).
    """
    stem = _norm(tf.nn.conv2d(images, take((3, 3, 1, filters)), 1, "SAME"), take)
    first = run_cell(stem, stem, blocks, filters, take)
    h, p = (tf.nn.max_pool2d(x, 2, 2, "SAME") for x in (first, stem))
    second = run_cell(h, p, blocks, 2 * filters, take)
    features = tf.reduce_mean(tf.nn.relu(second), axis=(1, 2))
    return features @ take((features.shape[-1], 10)) + take((1, 10))


def run_cell(h, p, blocks: Blocks, filters: int, take):
    """Run one cell as `zoo.nasnet.build_cell` does, with 1x1 convolutions on both of its inputs."""
    states = {"h": _convolve(h, 1, filters, take), "p": _convolve(p, 1, filters, take)}
    for number, (left, left_operation, right, right_operation) in enumerate(blocks, start=1):
        terms = [(states[left], left_operation), (states[right], right_operation)]
        states[f"b{number}"] = tf.add(*(_operation(x, operation, filters, take) for x, operation in terms))
    return tf.concat([states[name] for name in to_cell(blocks).outputs], axis=-1)


def _operation(x, operation, filters, take):
    if operation == "conv3":
        return _convolve(x, 3, filters, take)
    return tf.nn.max_pool2d(x, 3, 1, "SAME") if operation == "max3" else x


def _convolve(x, kernel, filters, take):
    return _norm(tf.nn.conv2d(tf.nn.relu(x), take((kernel, kernel, x.shape[-1], filters)), 1, "SAME"), take)


def _norm(x, take):
    """Batch norm by the batch at hand, in use too: no moving averages, which so short a training would not settle."""
    scale, shift = take((x.shape[-1],)) + 1.0, take((x.shape[-1],))
    return tf.compat.v1.nn.fused_batch_norm(x, scale, shift, epsilon=EPSILON, is_training=True)[0]


def _drawn(shape, dice):
    if len(shape) == 1 or (shape[0] == 1 and len(shape) == 2):
        return np.zeros(prod(shape), "float32")  # scales are stored less 1
    return (dice.standard_normal(prod(shape)) * (2 / prod(shape[:-1])) ** 0.5).astype("float32")


def _compiled_update(weights: Weights, proxy: Proxy):
    """Return one update of Adam as a compiled function of (images, labels, step)."""
    mean, square = (tf.Variable(tf.zeros_like(weights.vector)) for _ in range(2))

    @tf.function(
        input_signature=[
            tf.TensorSpec((proxy.batch_size, 8, 8, 1)),
            tf.TensorSpec((proxy.batch_size,), tf.int32),
            tf.TensorSpec(()),
        ],
        autograph=False,
    )
    def update(images, labels, step):
        with tf.GradientTape() as tape:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, weights.logits(images))
            loss = tf.reduce_mean(losses)
        gradient = tape.gradient(loss, weights.vector)
        fresh = tf.cast(step > 0, tf.float32)  # at the first step nothing is remembered
        mean.assign(0.9 * fresh * mean + 0.1 * gradient)
        square.assign(0.99 * fresh * square + 0.01 * gradient**2)
        size = proxy.learning_rate * (1 - step / proxy.steps)
        debiased = (mean / (1 - 0.9 ** (step + 1)), square / (1 - 0.99 ** (step + 1)))
        weights.vector.assign_sub(size * debiased[0] / (tf.sqrt(debiased[1]) + 1e-8))

    return update
