"""The small network that is teacher and student, and what it is fed."""

import keras
import numpy as np
import tensorflow as tf

from course_lib.training import augment

CLASSES = 10


def network() -> keras.Model:
    """Build the network that is teacher and student: two hidden layers, with dropout that noise alone turns on."""
    layers = keras.layers
    hidden = [
        layer
        for number in (1, 2)
        for layer in (layers.Dense(128, "relu", name=f"hidden{number}"), layers.Dropout(0.3))
    ]
    return keras.Sequential([layers.Input((8, 8, 1)), layers.Flatten(), *hidden, layers.Dense(CLASSES)])


class Learner:
    """A network with its compiled update, to be trained many times from new weights."""

    def __init__(self):
        self.model = network()
        self.optimizer = keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True)
        self.optimizer.build(self.model.trainable_variables)
        self._steps = {noisy: self._compiled(noisy) for noisy in (False, True)}

    def start(self, seed: int, rate: float) -> None:
        """Begin again: new random weights, no momentum, dropout's dice in the same place."""
        random = np.random.default_rng(seed)
        for variable in self.model.trainable_variables:
            fan_in = variable.shape[0]
            size = np.sqrt(2 / fan_in) if len(variable.shape) == 2 else 0
            variable.assign(random.normal(0, size, variable.shape))
        for state in self.model.non_trainable_variables:
            state.assign(np.array([seed, 0], state.dtype))
        for variable in self.optimizer.variables:
            variable.assign(np.zeros(variable.shape, variable.dtype))
        self.optimizer.learning_rate = rate

    def learn(self, images, targets, weights, noise: float, random: np.random.Generator) -> None:
        """Make one update: targets (n, classes) are probabilities, weights (n,) say how much each counts."""
        self._steps[noise > 0](
            noised(images, noise, random), targets.astype(np.float32), weights.astype(np.float32)
        )

    def probabilities(self, images) -> np.ndarray:
        """Return the answers (n, classes), without dropout."""
        return tf.nn.softmax(self.model(images, training=False)).numpy()

    def accuracy(self, images, labels) -> float:
        """Return the share of right answers, 0 to 1."""
        return float(np.mean(self.probabilities(images).argmax(axis=1) == labels))

    def _compiled(self, noisy):
        variables = self.model.trainable_variables

        @tf.function(reduce_retracing=True, autograph=False)  # plain tensor code, nothing to rewrite
        def step(images, targets, weights):
            with tf.GradientTape() as tape:
                logits = self.model(images, training=noisy)
                losses = tf.nn.softmax_cross_entropy_with_logits(targets, logits)
                loss = tf.reduce_sum(weights * losses) / tf.reduce_sum(weights)
            self.optimizer.apply(tape.gradient(loss, variables), variables)

        return step


def noised(images: np.ndarray, noise: float, random: np.random.Generator) -> np.ndarray:
    """Shift each picture by up to a pixel and add noise to all pixels; nothing where `noise` is 0."""
    if not noise:
        return images
    return augment.shifted(images, 1, random) + random.normal(0, noise, images.shape).astype(np.float32)


def pseudo_labels(probabilities: np.ndarray, threshold: float, hard: bool) -> tuple[np.ndarray, np.ndarray]:
    """Turn a teacher's answers into targets.

    Args:
        probabilities: (n, classes).
        threshold: an answer whose largest probability is lower does not count.
        hard: whether all probability goes to the likeliest class.

    Returns:
        The targets (n, classes) and their weights (n,), 0 or 1.
    """
    sure = probabilities.max(axis=1) >= threshold
    targets = np.eye(probabilities.shape[1])[probabilities.argmax(axis=1)] if hard else probabilities
    return targets.astype(np.float32), sure.astype(np.float32)
