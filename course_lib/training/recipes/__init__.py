"""The recipes of the nano models: one module for each, found by its name, with `pretrain(out, seed, ...)`."""

import importlib
import pkgutil
from pathlib import Path

from course_lib.errors import BadInput


def names() -> list[str]:
    """Return the ids of the models that have a recipe."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def run(model_id: str, out: str | Path | None = None, seed: int = 0, **settings):
    """Train a nano model from nothing.

    Args:
        model_id: for instance "resnet_nano".
        out: the weights file to write; by default the one that the course ships.
        seed: of the weights, the data and their order.
        **settings: what to change in the recipe, for instance `images_seen=6400` for a quick try.

    Returns:
        The recipe's `Report`.

    Raises:
        BadInput: there is no such recipe, or no such setting.
    """
    if model_id not in names():
        raise BadInput(f"There is no recipe for {model_id!r}; there is one for: {', '.join(names())}.")
    return importlib.import_module(f"{__name__}.{model_id}").pretrain(out, seed, **settings)
