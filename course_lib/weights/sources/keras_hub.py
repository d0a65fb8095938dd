"""KerasHub's presets: a folder of configs and weights, in kagglehub's cache or wherever a person put it.

KerasHub itself reads the folder, as its own models wrote it. It would ask the network for anything that is missing:
so nothing is asked of it before every file is here.
"""

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

from course_lib.catalog import Weights
from course_lib.errors import BadInput, CourseError, first_line

if TYPE_CHECKING:
    import numpy as np

# What a preset consists of; the card's `file` is the backbone's weights among them.
BACKBONE = ("config.json", "metadata.json", "model.weights.h5")
TASK = ("task.json", "task.weights.h5")  # the head of a classifier


def files(offer: Weights) -> tuple[str, ...]:
    """Return the names of the files that make a preset whole."""
    return BACKBONE if offer.builder.endswith("Backbone") else BACKBONE + TASK


def find(offer: Weights) -> Path | None:
    """Return the weights file of a preset that kagglehub has cached whole, or None."""
    folder = _cached(offer)
    done = folder.parent / ".complete" / folder.name
    whole = all((folder / name).is_file() and (done / f"{name}.complete").is_file() for name in files(offer))
    return folder / offer.file if whole else None


def fetch(offer: Weights) -> Path:
    """Let kagglehub bring the preset's files into its cache; it draws its own progress bars.

    Raises:
        CourseError: no network, or a model that asks for an account.
    """
    import kagglehub

    logging.getLogger("kagglehub").setLevel(logging.ERROR)  # it would announce each file on standard output
    handle = offer.url.removeprefix("kaggle://")
    try:
        for name in files(offer):
            kagglehub.model_download(handle, name)
    except Exception as error:  # whatever kagglehub meets: the network, an account, its own API
        raise CourseError(
            f"kagglehub can't download {handle}: {_reason(error)} Check the network."
        ) from error
    return _cached(offer) / offer.file


def read(path: Path, offer: Weights) -> "dict[str, np.ndarray]":
    """Read a preset through the model that it was published for.

    Raises:
        BadInput: the folder is not a whole preset of this model.
    """
    if missing := [name for name in files(offer) if not (path.parent / name).is_file()]:
        raise BadInput(
            f"{path.parent} is not a whole KerasHub preset: {', '.join(missing)} should lie beside {path.name}."
        )
    import keras_hub
    import numpy as np

    try:
        model = getattr(keras_hub.models, offer.builder).from_preset(str(path.parent))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{path.parent} does not fit {offer.builder}: {_reason(error)}") from error
    return {variable.path: np.asarray(variable) for variable in model.weights}


def _cached(offer: Weights) -> Path:
    """Return where kagglehub keeps a preset."""
    return place_of(offer.url.removeprefix("kaggle://"))


def place_of(name: str) -> Path:
    """Return where kagglehub keeps a model, "owner/model/framework/variation/version": the folder of its version."""
    cache = os.environ.get("KAGGLEHUB_CACHE") or Path.home() / ".cache" / "kagglehub"
    return Path(cache) / "models" / name


def _reason(error: Exception) -> str:
    """Say in a line what went wrong."""
    import requests  # what kagglehub asks the network with

    if isinstance(error, requests.ConnectionError | requests.Timeout):
        return "Kaggle can't be reached."
    return first_line(error)
