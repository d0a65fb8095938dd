"""KerasCV's presets, which kagglehub brings."""

from pathlib import Path
from typing import TYPE_CHECKING

from course_lib.catalog import Weights
from course_lib.weights import presets

if TYPE_CHECKING:
    import numpy as np


def files(offer: Weights) -> tuple[str, ...]:
    """Return the names of the files that make a preset whole."""
    return ("config.json", offer.file)


def find(offer: Weights) -> Path | None:
    """Return the weights file of a preset that kagglehub has cached whole, or None."""
    return presets.find(offer, files(offer))


def fetch(offer: Weights) -> Path:
    """Let kagglehub bring the preset's files into its cache; errors as for `presets.fetch`."""
    return presets.fetch(offer, files(offer))


def read(path: Path, offer: Weights) -> "dict[str, np.ndarray]":
    """Read a preset through the model that it was published for; errors as for `presets.read`."""
    import keras_cv

    # A preset may say of itself that it has no weights; its random numbers are not wanted.
    return presets.read(path, offer, files(offer), keras_cv.models, load_weights=True)
