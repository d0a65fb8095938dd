"""The recipes of the nano models: one module for each, found by its name, with its `RECIPE`."""

import importlib
import pkgutil
from pathlib import Path

from course_lib.data_dir import data_dir
from course_lib.errors import BadInput
from course_lib.training.nano import Report


def names() -> list[str]:
    """Return the ids of the models that have a recipe."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def run(model_id: str, out: str | Path | None = None, seed: int = 0, **settings) -> Report:
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
    return recipe(model_id).changed(settings).pretrain(model_id, Path(out or shipped(model_id)), seed)


def repeat(model_id: str, seed: int) -> Report:
    """Train a shipped nano model again with another seed, and add its score to the shipped report.

    Args:
        model_id: for instance "resnet_nano".
        seed: another than the shipped weights' own.

    Returns:
        The report, whose `spread` now tells how much the seed matters.
    """
    return recipe(model_id).repeat(model_id, shipped(model_id).with_suffix(".json"), seed)


def recipe(model_id: str):
    """Return a model's recipe; raise BadInput where there is none."""
    if model_id not in names():
        raise BadInput(f"There is no recipe for {model_id!r}; there is one for: {', '.join(names())}.")
    return importlib.import_module(f"{__name__}.{model_id}").RECIPE


def shipped(model_id: str) -> Path:
    """Return where a nano model's weights lie in the course's data."""
    return data_dir() / "weights" / f"{model_id}.safetensors"
