"""Mode collapse, counted: eight clouds on a ring, and how many of them a generator finds.

`python -m course_lib.training.generative.modes` measures every way with three seeds, for lesson 28.
"""

from dataclasses import dataclass

import keras
import numpy as np
from keras import layers

from course_lib.training.experiment import record
from course_lib.training.generative.play import play
from course_lib.training.generative.rules import Rules

CLOUDS, RADIUS, DEVIATION = 8, 2.0, 0.1
LATENT, WIDTH = 8, 64
SLOPE = 5.0  # what a held discriminator's answer may change for a step of 1: a point has two numbers, a picture hundreds
STEPS, LOOK = 3_000, 500  # updates, and from one look at the points to the next
POINTS = 2_000  # that are made to be counted
SHOWN = 300  # that are kept to be drawn
SHARE = 0.02  # of the points that a cloud must get to count as found: an eighth would be fair


@dataclass(frozen=True)
class Way:
    """A loss, and whether the discriminator's layers are held to what stretches nothing."""

    loss: str
    spectral: bool


WAYS = {
    "plain": Way("logistic", False),
    "hinge loss": Way("hinge", False),
    "spectral norm": Way("logistic", True),
    "spectral norm, hinge loss": Way("hinge", True),
}


def ring(count: int, seed: int = 0) -> np.ndarray:
    """Draw points (count, 2) float32 from eight small clouds on a circle of radius 2."""
    rng = np.random.default_rng(seed)
    return (
        _centres()[rng.integers(CLOUDS, size=count)] + DEVIATION * rng.standard_normal((count, 2))
    ).astype(np.float32)


def found(points: np.ndarray) -> tuple[int, float]:
    """Count clouds.

    Args:
        points: (n, 2).

    Returns:
        How many clouds got at least 2 % of the points, within three deviations of their centre; and the share of points
        that lie in any cloud.

    Source: arXiv 1611.02163 (Metz et al.), the ring; arXiv 1712.04086 (PacGAN), three deviations.
    """
    gaps = np.linalg.norm(points[:, None] - _centres(), axis=-1)
    inside = gaps.min(axis=1) < 3 * DEVIATION
    counts = np.bincount(gaps.argmin(axis=1)[inside], minlength=CLOUDS)
    return int(np.sum(counts >= SHARE * len(points))), float(np.mean(inside))


def players(spectral: bool) -> tuple[keras.Model, keras.Model]:
    """Build a generator (batch, 8) -> (batch, 2) and a discriminator (batch, 2) -> (batch, 1), of two hidden layers each."""
    latent, point = layers.Input((LATENT,), name="latent"), layers.Input((2,), name="image")
    made, told = latent, point
    held = layers.SpectralNormalization if spectral else (lambda layer: layer)
    told = layers.Rescaling(SLOPE)(told) if spectral else told
    for _ in range(2):
        made = layers.Dense(WIDTH, "relu")(made)
        told = held(layers.Dense(WIDTH, "leaky_relu"))(told)
    generator = keras.Model({"latent": latent}, layers.Dense(2)(made))
    return generator, keras.Model({"image": point}, held(layers.Dense(1))(told))


def rules(way: Way, seed: int = 0, steps: int = STEPS) -> Rules:
    """Return the rules of a game on the ring: three updates of an eager discriminator to one of the generator's.

    The weights of the moment count, no average: collapse shows itself in them.
    """
    return Rules(
        steps, 128, way.loss, 1e-3, 3e-3, beta_1=0.5, beta_2=0.999, discriminator_steps=3, ema=0.0, seed=seed
    )


def run(way: Way, seed: int, steps: int = STEPS) -> dict:
    """Play one game on the ring.

    Args:
        way: see `WAYS`.
        seed: of the weights and of all that is drawn.
        steps: updates of each player.

    Returns:
        "found" and "inside" at the end, "after": [update, found] on the way, and for seed 0 some "points" of the end.
    """
    keras.utils.set_random_seed(seed)
    generator, discriminator = players(way.spectral)
    noise = np.random.default_rng([seed, 1]).standard_normal((POINTS, LATENT), np.float32)
    after = []

    def look(number, game):
        if number % LOOK == 0:
            after.append([number, found(np.asarray(generator({"latent": noise})))[0]])

    play(generator, discriminator, ring(20_000, seed), None, rules(way, seed, steps), watch=look)
    points = np.asarray(generator({"latent": noise}))
    clouds, inside = found(points)
    result = {"found": clouds, "inside": round(inside, 4), "after": after}
    return result if seed else result | {"points": points[:SHOWN].astype(float).round(2).tolist()}


def _centres() -> np.ndarray:
    angles = 2 * np.pi * np.arange(CLOUDS) / CLOUDS
    return RADIUS * np.stack([np.cos(angles), np.sin(angles)], axis=1)


if __name__ == "__main__":
    record("modes", WAYS, range(3), run)
