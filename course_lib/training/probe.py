"""The linear probe: one linear layer on frozen features, the cheapest way to teach a network new classes."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold, StratifiedKFold
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from course_lib.errors import BadInput

STRENGTHS = (0.01, 0.1, 1.0)  # scikit-learn's C: the larger, the less the weights are held back
FOLDS = 3
DEAD = 1e-6  # a feature that varies less, compared with the one that varies most, says nothing


@dataclass(frozen=True)
class Probe:
    """A linear classifier of features: logits = features @ kernel + bias.

    Attributes:
        kernel: (features, classes) float32, the standardisation of the features folded in.
        bias: (classes,) float32.
        strength: the C that cross-validation chose.
    """

    kernel: np.ndarray
    bias: np.ndarray
    strength: float

    def logits(self, features: np.ndarray) -> np.ndarray:
        """Return (n, classes) float32 for (n, features)."""
        return features @ self.kernel + self.bias

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Return the most probable class of each row of features, (n,) integers."""
        return self.logits(features).argmax(axis=1)

    def accuracy(self, features: np.ndarray, labels: np.ndarray) -> float:
        """Return the part of the rows that are classified rightly, 0 to 1."""
        return float((self.predict(features) == labels).mean())

    def dense(self, name: str = "head") -> keras.layers.Dense:
        """Return the same classifier as a Keras layer from features to logits."""
        layer = keras.layers.Dense(len(self.bias), name=name)
        layer.build((None, len(self.kernel)))
        layer.set_weights([self.kernel, self.bias])
        return layer


def linear_probe(
    features: np.ndarray,
    labels: np.ndarray,
    seed: int = 0,
    strengths: Sequence[float] = STRENGTHS,
    *,
    balance: bool = False,
    groups: np.ndarray | None = None,
) -> Probe:
    """Fit a linear probe; how strongly to hold its weights back is chosen by cross-validation.

    The choice sees the given rows alone, so a test set stays unseen; the final fit uses all of them.

    Args:
        features: (n, features), see `cached_features`.
        labels: (n,) integers; each of 0 to classes - 1 at least once.
        seed: of the folds.
        strengths: the values of C to choose from.
        balance: let each class weigh the same, however many rows it has.
        groups: (n,) integers: rows of one group, copies of one picture, are never on both sides of a fold.

    Returns:
        The probe.

    Raises:
        BadInput: the labels do not fit.

    Source: scikit-learn's LogisticRegression, multinomial, L2.
    """
    features, labels = np.asarray(features), np.asarray(labels)
    _check(features, labels)
    weights = "balanced" if balance else None
    model = LogisticRegression(C=strengths[len(strengths) // 2], max_iter=1000, class_weight=weights)
    folds = _folds(labels, groups, seed)
    if folds and len(strengths) >= 2:
        # The logarithm is smoother than accuracy, which ties when images are few.
        model = GridSearchCV(model, {"C": list(strengths)}, cv=folds, scoring="neg_log_loss")
    # One thread: matrices this small cost several, on a busy machine, ten times as much in waiting.
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # of candidates that will not be chosen
        features = _alive(features)
        scaler = StandardScaler().fit(features)
        rows, basis = _turned(scaler.transform(features))
        fitted = model.fit(rows, labels)
        return _folded(scaler, basis, getattr(fitted, "best_estimator_", fitted))


def _alive(features: np.ndarray) -> np.ndarray:
    """Set dead features to zero: standardised, one of 1e-33 would get a weight of 1e30, which no fine-tuning survives."""
    spread = features.std(axis=0)
    return features * (spread > DEAD * spread.max())


def _turned(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Write n rows of more than n features in n directions: an L2 penalty cares for no turn, so the probe is the same."""
    if rows.shape[1] <= len(rows):
        return rows, np.eye(rows.shape[1])
    directions, turned = np.linalg.qr(rows.T)
    return turned.T, directions


def _check(features: np.ndarray, labels: np.ndarray) -> None:
    """Say what is wrong with the labels."""
    if features.ndim != 2 or labels.shape != features.shape[:1]:
        raise BadInput(
            f"A probe needs features (n, d) and labels (n,), not the shapes {features.shape} and {labels.shape}."
        )
    if not np.issubdtype(labels.dtype, np.integer) or labels.min(initial=0) < 0:
        raise BadInput("A probe's labels are whole numbers from 0: number the classes first.")
    counts = np.bincount(labels, minlength=2)
    if not counts.all():
        raise BadInput(
            f"Class {counts.argmin()} has no image to learn from: give some, or number the classes without it."
        )


def _folds(labels: np.ndarray, groups: np.ndarray | None, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the rows to learn from and to compare on, fold by fold; none where a class has a single picture."""
    pictures = labels if groups is None else labels[np.unique(groups, return_index=True)[1]]
    folds = min(FOLDS, np.bincount(pictures).min())
    if folds < 2:
        return []
    kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    return list(kind(folds, shuffle=True, random_state=seed).split(labels, labels, groups))


def _folded(scaler: StandardScaler, basis: np.ndarray, regression: LogisticRegression) -> Probe:
    """Write standardise, turn, classify as one linear map: (x - mean) / std @ W + b = x @ (W / std) + ..."""
    kernel, bias = basis @ regression.coef_.T, regression.intercept_
    if kernel.shape[1] == 1:  # of two classes scikit-learn keeps the difference of the two logits
        kernel, bias = np.hstack([-kernel / 2, kernel / 2]), np.array([-bias[0] / 2, bias[0] / 2])
    kernel = kernel / scaler.scale_[:, None]
    bias = bias - scaler.mean_ @ kernel
    return Probe(kernel.astype(np.float32), bias.astype(np.float32), float(regression.C))
