"""Is w straighter than z? How well a plane over either tells what a picture looks like, and how far pictures move for a small step.

python -m course_lib.training.generative.entangled
"""

import numpy as np

from course_lib.training.experiment import record
from course_lib.training.generative.directions import PROPERTIES
from course_lib.training.generative.judge import judge
from course_lib.zoo import stylegan2

MODEL = "stylegan2_nano"
DRAWS, PICTURES, STEPS = 3, 1_000, 500
STEP = 0.01  # of the way from one point to another


def straightness(space: np.ndarray, values: np.ndarray) -> float:
    """Return the share of a property's variance that a plane over a space tells of points that it was not fitted to.

    Args:
        space: (n, k) points.
        values: (n,) the property.

    Returns:
        R squared on the second half of the points, of the plane fitted to the first.
    """
    half = len(space) // 2
    inputs = np.column_stack([space, np.ones(len(space))])
    plane = np.linalg.lstsq(inputs[:half], values[:half], rcond=None)[0]
    missed = values[half:] - inputs[half:] @ plane
    return float(1 - missed.var() / values[half:].var())


def measured(space: str, draw: int) -> dict[str, float]:
    """Measure one space, "z" or "w", with the random numbers of one draw; both spaces see the same pictures."""
    from course_lib.loading import open_pretrained

    model = open_pretrained(MODEL, "nano").model
    rng = np.random.default_rng([29, draw])
    z = rng.standard_normal((PICTURES, model.input["latent"].shape[-1]), np.float32)
    found = {name: [] for name in PROPERTIES}
    for kind in range(10):
        w = np.asarray(stylegan2.styles(model, z, np.full(PICTURES, kind)))
        pictures = _drawn(model, w)
        for name, value in PROPERTIES.items():
            if (values := value(pictures)).std() > 0:
                found[name].append(straightness(z if space == "z" else w, values))
    straight = {name: round(float(np.mean(each)), 4) for name, each in found.items()}
    return straight | {"path length": round(path_length(model, space, rng), 2)}


def path_length(model, space: str, rng: np.random.Generator) -> float:
    """Return how far pictures move in the judge's features, squared, for a step between two points, over the step squared.

    Source: arXiv 1812.04948, section 4.1; the judge of Fashion-MNIST stands in for VGG-16.
    """
    z = rng.standard_normal((2, STEPS, model.input["latent"].shape[-1]), np.float32)
    kinds, share = np.arange(STEPS) % 10, rng.uniform(0, 1 - STEP, (STEPS, 1)).astype(np.float32)
    ends = [np.asarray(stylegan2.styles(model, each, kinds)) for each in z]

    def at(share):
        if space == "w":
            return ends[0] + share * (ends[1] - ends[0])
        return np.asarray(stylegan2.styles(model, _turned(*z, share), kinds))

    features = [judge()(_drawn(model, at(part)))[0] for part in (share, share + STEP)]
    return float(np.mean(np.sum((features[1] - features[0]) ** 2, axis=1)) / STEP**2)


def _turned(a: np.ndarray, b: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Go from one direction to another along a great circle: only directions count, as z is normalised."""
    a, b = (each / np.linalg.norm(each, axis=1, keepdims=True) for each in (a, b))
    angle = np.arccos(np.clip(np.sum(a * b, axis=1, keepdims=True), -1, 1))
    return (np.sin((1 - share) * angle) * a + np.sin(share * angle) * b) / np.sin(angle)


def _drawn(model, w: np.ndarray) -> np.ndarray:
    parts = [stylegan2.draw(model, w[start : start + 250]) for start in range(0, len(w), 250)]
    return np.clip((np.concatenate(parts) + 1) * 127.5, 0, 255)  # not rounded: a small step moves little


if __name__ == "__main__":
    record("entangled", {"z": "z", "w": "w"}, range(DRAWS), measured)
