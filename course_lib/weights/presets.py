"""Presets, folders of configs and weights: in kagglehub's cache or wherever a person put one, and what is in them.

The libraries of Keras publish their models so. Each reads its own folders, and would ask the network for whatever is
missing: so nothing is asked of it before every file is here.
"""

import logging
import os
import warnings
from collections.abc import Collection, Iterable
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from course_lib.catalog import Weights
from course_lib.errors import BadInput, CourseError, first_line
from course_lib.weights.h5_file import check_h5

if TYPE_CHECKING:
    import numpy as np

PREFIX = "kaggle://"


def place_of(name: str) -> Path:
    """Return where kagglehub keeps a model, "owner/model/framework/variation/version": the folder of its version."""
    cache = os.environ.get("KAGGLEHUB_CACHE") or Path.home() / ".cache" / "kagglehub"
    return Path(cache) / "models" / name.removeprefix(PREFIX)


def mark_of(folder: Path, name: str) -> Path:
    """Return the file by which kagglehub marks that it has cached a file of a model whole."""
    return folder.parent / ".complete" / folder.name / f"{name}.complete"


def find(offer: Weights, names: Iterable[str]) -> Path | None:
    """Return the weights file of a preset where kagglehub has cached all of `names` whole, or None; never asks the network."""
    folder = place_of(offer.url)
    whole = all((folder / name).is_file() and mark_of(folder, name).is_file() for name in names)
    return folder / offer.file if whole else None


def fetch(offer: Weights, names: Iterable[str]) -> Path:
    """Let kagglehub bring a preset into its cache; it draws its own progress bars.

    Args:
        offer: its address, "kaggle://" and the model's handle, and which file has the weights.
        names: of all of its files.

    Returns:
        The weights file.

    Raises:
        CourseError: no network, or a model that asks for an account.
    """
    import kagglehub

    logging.getLogger("kagglehub").setLevel(logging.ERROR)  # it would announce each file on standard output
    handle = offer.url.removeprefix(PREFIX)
    try:
        for name in names:
            kagglehub.model_download(handle, name)
    except Exception as error:  # whatever kagglehub meets: the network, an account, its own API
        raise CourseError(
            f"kagglehub can't download {handle}: {_reason(error)} Check the network."
        ) from error
    return place_of(offer.url) / offer.file


def read(path: Path, offer: Weights, names: Collection[str], models, **options) -> "dict[str, np.ndarray]":
    """Read a preset through the model that it was published for.

    Args:
        path: its file of weights.
        offer: names that model, `builder`.
        names: of the files that make the folder whole.
        models: the module of the library in which the model is.
        **options: for the model's `from_preset`.

    Returns:
        The model's variables by path.

    Raises:
        BadInput: the folder is not a whole preset of this model.
    """
    folder = path.parent
    if missing := [name for name in names if not (folder / name).is_file()]:
        raise BadInput(f"{folder} is not a whole preset of {offer.builder}: {', '.join(missing)} should lie beside "
                       f"{path.name}.")  # fmt: skip
    for name in names:
        if name.endswith(".h5"):
            check_h5(folder / name)
    try:
        with warnings.catch_warnings(
            action="ignore"
        ):  # some models warn of what their own layers do to each other
            model = getattr(models, offer.builder).from_preset(str(folder), **options)
    except Exception as error:  # whatever Keras meets in a folder of another kind
        raise BadInput(f"{folder} does not fit {offer.builder}: {first_line(error)}") from error
    return variables(model)


def variables(model) -> "dict[str, np.ndarray]":
    """Return a model's variables by path; where several have the same, "module/name", the second is "module_1/name"."""
    import numpy as np

    arrays = {}
    for variable in model.weights:
        module, _, name = variable.path.rpartition("/")
        paths = (f"{module}_{number}/{name}" if number else variable.path for number in count())
        arrays[next(path for path in paths if path not in arrays)] = np.asarray(variable)
    return arrays


def _reason(error: Exception) -> str:
    """Say in a line what went wrong."""
    import requests  # what kagglehub asks the network with

    if isinstance(error, requests.ConnectionError | requests.Timeout):
        return "Kaggle can't be reached."
    return first_line(error)
