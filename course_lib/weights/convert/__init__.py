"""From upstream names to ours: one file per family says how modules are called, this one moves the numbers.

Every tensor is used once or dropped by name, every variable is set, every number is finite; else nothing is loaded.
"""

import importlib
from collections.abc import Callable, Mapping

import keras
import numpy as np

from course_lib.errors import CourseError

# What PyTorch calls a variable, by the kind of layer, and how its axes go over.
_TORCH = {
    "BatchNormalization": {
        "weight": ("gamma", ()),
        "bias": ("beta", ()),
        "running_mean": ("moving_mean", ()),
        "running_var": ("moving_variance", ()),
    },
    "Conv2D": {"weight": ("kernel", (2, 3, 1, 0)), "bias": ("bias", ())},  # OIHW to HWIO
    "DepthwiseConv2D": {"weight": ("kernel", (2, 3, 0, 1)), "bias": ("bias", ())},
    "Dense": {"weight": ("kernel", (1, 0)), "bias": ("bias", ())},
}


def load_into(model: keras.Model, arrays: Mapping[str, np.ndarray], family: str, layout: str, config) -> None:
    """Put upstream numbers into one of our models.

    Args:
        model: a model of the zoo.
        arrays: tensors by upstream name.
        family: names the converter, `convert/<family>.py`.
        layout: "ours", "applications" or "torch": whose names and axes the arrays have.
        config: the model's config, for converters that count blocks.

    Raises:
        CourseError: where the arrays and the model do not match exactly; the model is then left as it was.
    """
    translated = {}
    for name, array in arrays.items():
        path, axes = _translate(model, name, family, layout, config)
        if path in translated:
            raise CourseError(
                f"Two tensors of this file claim {path}; the second is {name}: not a file for this model."
            )
        if path:
            translated[path] = np.transpose(array, axes) if axes else array
    _assign(model, translated)


def _translate(model, name, family, layout, config) -> tuple[str | None, tuple[int, ...]]:
    """Return our variable path for an upstream name and the order of its axes; no path for what is dropped."""
    if layout == "ours":
        return name, ()
    module, _, variable = name.rpartition("/" if layout == "applications" else ".")
    if layout == "torch" and variable == "num_batches_tracked":
        return None, ()  # PyTorch counts batches; Keras's batch norm has no use for it
    layer = _renamer(family, layout)(module, config)
    if layer is None:
        return None, ()
    if layout == "applications":
        return f"{layer}/{variable}", ()
    try:
        ours, axes = _TORCH[type(model.get_layer(layer)).__name__][variable]
    except (KeyError, ValueError):
        raise CourseError(f"This file has a tensor {name} that this model has no place for: it is another "
                          "model's file.") from None  # fmt: skip
    return f"{layer}/{ours}", axes


def _renamer(family: str, layout: str) -> Callable:
    """Find `applications(module, config)` or `torch(module, config)` in the family's converter."""
    return getattr(importlib.import_module(f"{__name__}.{family}"), layout)


def _assign(model, arrays) -> None:
    variables = {variable.path: variable for variable in model.weights}
    missing, extra = variables.keys() - arrays.keys(), arrays.keys() - variables.keys()
    if missing or extra:
        raise CourseError(f"These weights do not fit: {len(missing)} variables are not in the file ({_few(missing)}), "
                          f"{len(extra)} tensors are not in the model ({_few(extra)}).")  # fmt: skip
    for path, array in arrays.items():
        if tuple(array.shape) != tuple(variables[path].shape):
            raise CourseError(f"These weights do not fit: {path} has shape {tuple(array.shape)} in the file and "
                              f"{tuple(variables[path].shape)} in the model.")  # fmt: skip
        if not np.isfinite(array).all():
            raise CourseError(f"These weights are damaged: {path} holds numbers that are not finite.")
    for path, array in arrays.items():
        variables[path].assign(array)


def _few(names) -> str:
    return ", ".join(sorted(names)[:3]) or "none"
