"""Holding made pictures against Fashion-MNIST: the four figures, and what real pictures score in them."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from course_lib.catalog import card
from course_lib.data_dir import data_dir
from course_lib.files import write_atomically
from course_lib.media import fashion
from course_lib.training.generative.figures import (
    Figures,
    Gaussian,
    frechet_distance,
    gaussian_of,
    nearest_distances,
    spread_within,
)
from course_lib.training.generative.judge import JUDGE, judge

NEAREST_OF = 1_000  # pictures whose nearest neighbours are looked for: each has 60,000 to be compared with
DRAWS = 3  # of real training pictures, held against the test split


@dataclass(frozen=True)
class Real:
    """What the judge says of the 10,000 real test pictures.

    Attributes:
        features: their `Gaussian`.
        spread: (10,), mean distance of two of a kind.
        near: a hundredth of them is nearer to a training picture than this; see `nearest_distances`.
        recognised: share that the judge gets right.
        nearest: mean distance to the nearest training picture.
        baseline: (3,), Frechet distances of 10,000 training pictures from them.
        baseline_small: (3,), the same of 1,000 training pictures.
    """

    features: Gaussian
    spread: np.ndarray
    near: float
    recognised: float
    nearest: float
    baseline: np.ndarray
    baseline_small: np.ndarray


def measure(images: np.ndarray, labels: np.ndarray | None) -> Figures:
    """Measure made pictures.

    Args:
        images: (n, 32, 32, 1) uint8.
        labels: (n,) what each was meant to show, or None; then kinds are what the judge says.

    Returns:
        The figures; nearest and copies are nan where the training pictures are not on this machine.
    """
    features, seen = judge()(images)
    known, kinds = real(), seen if labels is None else labels
    recognised = float("nan") if labels is None else float(np.mean(seen == labels))
    diversity = float(np.mean(spread_within(features, kinds) / known.spread))
    nearest, copies = float("nan"), float("nan")
    if fashion.is_here():
        gaps = nearest_distances(images[:NEAREST_OF], fashion.fashion("train")[0])
        nearest, copies = float(np.mean(gaps)), float(np.mean(gaps < known.near))
    return Figures(
        frechet_distance(gaussian_of(features), known.features), recognised, diversity, nearest, copies
    )


@cache
def real() -> Real:
    """Return what was measured of the real test pictures; it comes with the course, so that no lesson needs all of them."""
    with np.load(_file()) as found:
        alone = {name: float(found[name]) for name in ("near", "recognised", "nearest")}
        both = {name: found[name] for name in ("spread", "baseline", "baseline_small")}
        return Real(features=Gaussian(found["mean"], found["covariance"]), **alone, **both)


def record() -> None:
    """Measure the real pictures anew: to be done after each training of the judge."""
    images, labels = fashion.fashion("test")
    train, _ = fashion.fashion("train")
    features, seen = judge()(images)
    theirs = gaussian_of(features)
    gaps = nearest_distances(images[:: len(images) // NEAREST_OF], train)
    drawn = [
        judge()(train[np.random.default_rng(seed).permutation(len(train))[:10_000]])[0]
        for seed in range(DRAWS)
    ]
    content = {
        "judge": np.array(card(JUDGE).weights[0].hash),
        "mean": theirs.mean,
        "covariance": theirs.covariance,
        "spread": spread_within(features, labels),
        "near": np.quantile(gaps, 0.01),
        "recognised": np.mean(seen == labels),
        "nearest": np.mean(gaps),
        "baseline": [frechet_distance(gaussian_of(each), theirs) for each in drawn],
        "baseline_small": [frechet_distance(gaussian_of(each[:1_000]), theirs) for each in drawn],
    }
    write_atomically(_file(), lambda file: np.savez_compressed(file, **content))
    for name in ("near", "recognised", "nearest", "baseline", "baseline_small", "spread"):
        print(name, content[name])


def _file() -> Path:
    return data_dir() / "fashion" / "judged.npz"


if __name__ == "__main__":
    record()
