"""keras.applications: its published .h5 files, read by its own models."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from course_lib.catalog import Weights
from course_lib.errors import BadInput, first_line
from course_lib.weights.h5_file import check_h5
from course_lib.weights.sources.checkpoint import fetch, find

if TYPE_CHECKING:
    import numpy as np

_UNNAMED = r"(conv2d|batch_normalization)(?:_(\d+))?"

__all__ = ["arrays_of", "fetch", "find", "read"]


def read(path: Path, offer: Weights) -> "dict[str, np.ndarray]":
    """Read an official .h5 file through the model that it was published for, so that Keras itself sorts its names.

    Raises:
        BadInput: the file is not this model's, or claims more than its size.
    """
    check_h5(path)
    import keras

    model = getattr(keras.applications, offer.builder)(weights=None)
    try:
        model.load_weights(path)
    except Exception as error:  # whatever Keras meets in a file of another kind
        raise BadInput(
            f"{path.name} does not fit {offer.builder}: {first_line(error)} The file to use is {offer.file}."
        ) from error
    return arrays_of(model)


def arrays_of(model) -> "dict[str, np.ndarray]":
    """Return a Keras model's weights by variable path.

    Layers that keras.applications leaves unnamed are called by Keras after all that was built before ("conv2d_93"):
    they are counted from 0 here, "conv2d_0", "conv2d_1", ..., in the order in which the model builds them.
    """
    import numpy as np

    numbers = {}
    for layer in model.layers:
        if found := re.fullmatch(_UNNAMED, layer.name):
            numbers.setdefault(found[1], []).append(int(found[2] or 0))
    renamed = {}
    for variable in model.weights:
        layer, _, name = variable.path.rpartition("/")
        if found := re.fullmatch(_UNNAMED, layer):
            layer = f"{found[1]}_{sorted(numbers[found[1]]).index(int(found[2] or 0))}"
        renamed[f"{layer}/{name}"] = np.asarray(variable)
    return renamed
