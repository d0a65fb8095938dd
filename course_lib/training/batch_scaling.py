"""python -m course_lib.training.batch_scaling: larger batches, other rates; writes data/experiments/batch_scaling.json.

A small network learns handwriting with plain stochastic gradient descent, every digit twenty times, whatever the batch. The
larger the batch, the fewer the updates: does a rate that grows with the batch make up for them?

Source of the rule: arXiv 1706.02677, section 2.1, and section 2.2 for the warm-up.
"""

from dataclasses import dataclass

import numpy as np

from course_lib.decoding.filters import log_softmax
from course_lib.media.digits import pictures, standardised
from course_lib.training.experiment import record
from course_lib.training.fit import batches

BATCHES, BASE = (16, 64, 256, 915), 16
RATE, MOMENTUM = 0.02, 0.9
EPOCHS, HIDDEN, SEEDS = 20, 128, 5
WARM_UP = 0.25  # part of the updates in which the rate rises
SERIES = 915  # digits of the first seven series; the others, by other hands, are held out


@dataclass(frozen=True)
class Way:
    """A batch, and what becomes of the learning rate: "kept", "scaled" with the batch, or "warmed" up to that as well."""

    batch: int
    rate: str

    @property
    def peak(self) -> float:
        """The learning rate at its peak."""
        return RATE if self.rate == "kept" else RATE * self.batch / BASE


WAYS = {f"{batch}, {rate}": Way(batch, rate) for batch in BATCHES for rate in ("kept", "scaled", "warmed")}


def measured(way: Way, draw: int) -> dict:
    """Train once, from weights and in an order that follow from the draw.

    Returns:
        The share of the held-out digits named rightly, the held-out loss, and the number of updates.
    """
    images, labels = pictures()
    x = standardised(images).reshape(len(images), -1)
    rng = np.random.default_rng([31, draw])
    shapes = [(64, HIDDEN), (HIDDEN,), (HIDDEN, 10), (10,)]
    weights = [rng.normal(0, np.sqrt(2 / s[0]), s) if len(s) == 2 else np.zeros(s) for s in shapes]
    speeds = [np.zeros(shape) for shape in shapes]
    steps = EPOCHS * SERIES // way.batch
    for step, chosen in zip(range(steps), batches(SERIES, way.batch, rng), strict=False):
        rising = WARM_UP * steps if way.rate == "warmed" else 0
        rate = way.peak * (min(1.0, (step + 1) / rising) if rising else 1.0)
        for weight, speed, gradient in zip(
            weights, speeds, gradients(weights, x[chosen], labels[chosen]), strict=True
        ):
            speed *= MOMENTUM
            speed -= rate * gradient
            weight += speed
    scores = _forward(weights, x[SERIES:])[1]
    right = np.mean(scores.argmax(axis=1) == labels[SERIES:])
    loss = -np.mean(log_softmax(scores)[np.arange(len(scores)), labels[SERIES:]])
    return {"right": float(right), "loss": float(loss), "updates": steps}


def gradients(weights: list[np.ndarray], x: np.ndarray, labels: np.ndarray) -> list[np.ndarray]:
    """Return the gradients of the mean loss of a batch.

    Args:
        weights: kernel (64, hidden) and bias (hidden,), kernel (hidden, 10) and bias (10,).
        x: (batch, 64).
        labels: (batch,), 0 to 9.

    Returns:
        An array for each of the weights, of its shape.
    """
    hidden, scores = _forward(weights, x)
    wrong = np.exp(log_softmax(scores))
    wrong[np.arange(len(x)), labels] -= 1
    wrong /= len(x)
    below = (wrong @ weights[2].T) * (hidden > 0)
    return [x.T @ below, below.sum(axis=0), hidden.T @ wrong, wrong.sum(axis=0)]


def _forward(weights, x) -> tuple[np.ndarray, np.ndarray]:
    hidden = np.maximum(x @ weights[0] + weights[1], 0)
    return hidden, hidden @ weights[2] + weights[3]


if __name__ == "__main__":
    record("batch_scaling", WAYS, range(SEEDS), measured)
