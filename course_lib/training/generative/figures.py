"""Four figures of made pictures. No one of them is enough: what fools one is caught by another.

The distance sees whether all of them together look like real ones; recognition, whether each is what it was meant to be;
diversity, whether a kind is more than one picture; the nearest real picture, whether they were learned by heart.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from course_lib.errors import BadInput

CHUNK = 500  # pictures that are compared with all others at once


class Gaussian(NamedTuple):
    """Mean (d,) and covariance (d, d) of features, float64."""

    mean: np.ndarray
    covariance: np.ndarray


@dataclass(frozen=True)
class Figures:
    """What was measured of a set of made pictures.

    Attributes:
        distance: Frechet distance of their features from the real pictures'.
        recognised: share that the judge takes for the kind that was asked for, 0 to 1; nan where none was.
        diversity: mean distance of two of a kind, as a share of that of real ones.
        nearest: mean distance from a picture to the nearest training picture, pixels of 0 to 1.
        copies: share that is nearer to a training picture than all but a hundredth of the real test pictures are.
    """

    distance: float
    recognised: float
    diversity: float
    nearest: float
    copies: float


def gaussian_of(features: np.ndarray) -> Gaussian:
    """Return mean and covariance of features (n, d); n must be at least 2."""
    if len(features) < 2:
        raise BadInput("A distribution is measured on two pictures at least.")
    features = np.asarray(features, np.float64)
    return Gaussian(features.mean(axis=0), np.cov(features, rowvar=False).reshape(features.shape[1], -1))


def frechet_distance(a: Gaussian, b: Gaussian) -> float:
    """Say how far apart two normal distributions are.

    Args:
        a, b: `Gaussian`s of the same dimension.

    Returns:
        |mean a - mean b|^2 + trace(A + B - 2 (A B)^(1/2)); 0 for the same distribution.

    Source: D. C. Dowson and B. V. Landau (1982), equation 4; arXiv 1706.08500 (the FID), equation 6.
    """
    # (A B)^(1/2) has the trace of (A^(1/2) B A^(1/2))^(1/2), and that is a symmetric matrix: no complex numbers.
    values, vectors = np.linalg.eigh(a.covariance)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    middle = np.linalg.eigvalsh(root @ b.covariance @ root)
    apart = np.sum((a.mean - b.mean) ** 2) + np.trace(a.covariance) + np.trace(b.covariance)
    return float(max(0.0, apart - 2 * np.sum(np.sqrt(np.maximum(middle, 0)))))


def spread_within(features: np.ndarray, labels: np.ndarray, kinds: int = 10) -> np.ndarray:
    """Return the mean distance between two pictures of a kind, for each kind.

    Args:
        features: (n, d).
        labels: (n,), 0 to kinds - 1.
        kinds: how many there are.

    Returns:
        (kinds,); 0 for a kind with fewer than two pictures. Of a kind with more than 1,000, the first count.
    """
    means = np.zeros(kinds)
    for kind in range(kinds):
        rows = np.asarray(features[labels == kind][:1000], np.float64)
        if len(rows) > 1:
            squares = _squared_distances(rows, rows)
            np.fill_diagonal(squares, 0)
            means[kind] = np.sqrt(squares).sum() / (len(rows) * (len(rows) - 1))
    return means


def nearest_distances(images: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return how far each picture is from the nearest of others.

    Args:
        images: (n, ...) uint8.
        known: (m, ...) uint8, of the same shape each.

    Returns:
        (n,): root mean squared difference of pixels of 0 to 1.
    """
    rows, others = _rows(images), _rows(known)
    chunks = (rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK))
    least = np.concatenate([_squared_distances(chunk, others).min(axis=1) for chunk in chunks])
    return np.sqrt(least / rows.shape[1])


def _rows(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1).astype(np.float32) / 255


def _squared_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    squares = np.sum(a**2, axis=1)[:, None] - 2 * a @ b.T + np.sum(b**2, axis=1)
    return np.maximum(squares, 0)
