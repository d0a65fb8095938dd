"""keras.applications: its published .h5 files, read by its own models."""

from pathlib import Path
from typing import TYPE_CHECKING

from course_lib.catalog import Weights
from course_lib.errors import BadInput
from course_lib.weights.sources.checkpoint import fetch, find

if TYPE_CHECKING:
    import numpy as np

__all__ = ["arrays_of", "fetch", "find", "read"]


def read(path: Path, offer: Weights) -> "dict[str, np.ndarray]":
    """Read an official .h5 file through the model that it was published for, so that Keras itself sorts its names.

    Raises:
        BadInput: the file is not this model's.
    """
    import keras

    model = getattr(keras.applications, offer.builder)(weights=None)
    try:
        model.load_weights(path)
    except (OSError, ValueError, KeyError, TypeError) as error:
        first_line = str(error).strip().splitlines()[0]
        raise BadInput(
            f"{path.name} does not fit {offer.builder}: {first_line} The file to use is {offer.file}."
        ) from error
    return arrays_of(model)


def arrays_of(model) -> "dict[str, np.ndarray]":
    """Return a Keras model's weights by variable path."""
    import numpy as np

    return {variable.path: np.asarray(variable) for variable in model.weights}
