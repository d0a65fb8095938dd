"""From upstream names to ours: one file per family says how modules are called, this one moves the numbers.

Every tensor is used once or dropped by name, every variable is set, every number is finite; else nothing is loaded.
"""

import importlib
import math
from collections.abc import Mapping
from types import ModuleType

import keras
import numpy as np

from course_lib.errors import CourseError
from course_lib.weights.convert.attention import unpacked
from course_lib.zoo.attention import CachedAttention

# What upstream calls a variable of a layer, and how its axes go over; keras.applications has Keras's own names.
_OIHW, _TF = (2, 3, 1, 0), ()
_TORCH = {
    "BatchNormalization": {
        "weight": ("gamma", ()),
        "bias": ("beta", ()),
        "running_mean": ("moving_mean", ()),
        "running_var": ("moving_variance", ()),
    },
    "CachedAttention": {"weight": ("kernel", (1, 0)), "bias": ("bias", ())},
    "Conv1D": {"weight": ("kernel", (2, 1, 0)), "bias": ("bias", ())},
    "Conv2D": {"weight": ("kernel", _OIHW), "bias": ("bias", ())},
    "DepthwiseConv2D": {"weight": ("kernel", (2, 3, 0, 1)), "bias": ("bias", ())},
    "Conv1DTranspose": {"weight": ("kernel", (2, 1, 0)), "bias": ("bias", ())},
    "Dense": {"weight": ("kernel", (1, 0)), "bias": ("bias", ())},
    "Embedding": {"weight": ("embeddings", ())},
    "Gain": {"gamma": ("gamma", ())},
    "GroupNormalization": {"weight": ("gamma", ()), "bias": ("beta", ())},
    "InvertibleConv1D": {"weight": ("kernel", (2, 1, 0))},
    "LayerNormalization": {"weight": ("gamma", ()), "bias": ("beta", ())},
    # Each of its four projections, by name a part of the layer; as in CachedAttention.
    "MultiHeadAttention": {"weight": ("kernel", (1, 0)), "bias": ("bias", ())},
    "RMSNormalization": {"weight": ("scale", ())},
    "StandingNorm": {
        "weight": ("gamma", ()),
        "bias": ("beta", ()),
        "running_means": ("means", ()),
        "running_vars": ("variances", ()),
    },
}
_SLIM = {
    "BatchNormalization": {name: (name, _TF) for name in ("gamma", "beta", "moving_mean", "moving_variance")},
    "Conv2D": {"weights": ("kernel", _TF), "biases": ("bias", _TF)},
    "SeparableConv2D": {
        "depthwise_weights": ("depthwise_kernel", _TF),
        "pointwise_weights": ("pointwise_kernel", _TF),
        "biases": ("bias", _TF),
    },
    "Dense": {"weights": ("kernel", _TF), "biases": ("bias", _TF)},
}
# layout -> (what stands between module and variable, the variables' names; None for Keras's own)
_LAYOUTS = {
    "applications": ("/", None),
    "dnnlib": ("/", None),  # NVIDIA's pickles of TensorFlow's time; the converter gives them our names
    "kerashub": ("/", None),
    "torch": (".", _TORCH),
    "gguf": (".", _TORCH),  # llama.cpp's files are made from PyTorch's
    "slim": ("/", _SLIM),
}


def load_into(model: keras.Model, arrays: Mapping[str, np.ndarray], family: str, layout: str, config) -> None:
    """Put upstream numbers into one of our models.

    Args:
        model: a model of the zoo.
        arrays: tensors by upstream name.
        family: names the converter, `convert/<family>.py`.
        layout: "ours", "applications", "kerashub", "torch", "gguf" (llama.cpp) or "slim" (TensorFlow-slim):
            whose names and axes the arrays have.
        config: the model's config, for converters that count blocks.

    Raises:
        CourseError: where the arrays and the model do not match exactly; the model is then left as it was.
    """
    variables = {variable.path: variable for variable in model.weights}
    for path, array in matched(model, arrays, family, layout, config).items():
        variables[path].assign(array)


def matched(
    model: keras.Model, arrays: Mapping[str, np.ndarray], family: str, layout: str, config
) -> dict[str, np.ndarray]:
    """Find the variable of each upstream tensor, and check that all fit; arguments and errors as for `load_into`.

    Returns:
        An array for every variable of the model, by the variable's path, its axes in Keras's order.
    """
    translated, layers = {}, _layers(model)
    arrays = unpacked(arrays) if layout == "torch" else arrays
    if layout != "ours" and (prepare := getattr(_converter(family), f"{layout}_arrays", None)):
        arrays = prepare(arrays, config)
    for name, array in arrays.items():
        layer, variable, axes = _translate(layers, name, family, layout, config)
        path = f"{layer}/{variable}" if layer else None
        if path in translated:
            raise CourseError(
                f"Two tensors of this file claim {path}; the second is {name}: not a file for this model."
            )
        if path:
            array = _channels_last(layers, layer, array) if layout == "torch" else array
            translated[path] = _reordered(array, axes)
    return _checked(model, layers, translated)


def opener(family: str, layout: str):
    """Return what opens files of a layout that run as they are, or None where their numbers go into our network.

    It is the converter's `<layout>_file`, `(path, offer, config) -> model`; the model is called as ours would be.
    """
    return None if layout == "ours" else getattr(_converter(family), f"{layout}_file", None)


def _translate(layers, name, family, layout, config) -> tuple[str | None, str, tuple[int, ...]]:
    """Return our layer and variable for an upstream name, and the order of its axes; no layer for what is dropped."""
    if layout == "ours":
        layer, _, variable = name.rpartition("/")
        return layer, variable, ()
    if path := getattr(_converter(family), f"{layout}_parameters", {}).get(name):
        layer, _, variable = path.rpartition("/")
        return layer, variable, ()
    separator, variables = _LAYOUTS[layout]
    module, _, variable = name.rpartition(separator)
    if variable in ("num_batches_tracked", "global_step", "attn_mask"):
        return None, "", ()  # PyTorch and TensorFlow-slim count updates; a mask is made anew
    layer = getattr(_converter(family), layout)(module, config)
    if layer is None or variables is None:
        return layer, variable, ()
    try:
        kinds = (
            kind.__name__ for kind in type(_layer(layers, layer)).__mro__
        )  # a layer is what it is derived from
        return layer, *variables[next(kind for kind in kinds if kind in variables)][variable]
    except (KeyError, StopIteration, ValueError):
        raise CourseError(f"This file has a tensor {name} that this model has no place for: it is another "
                          "model's file.") from None  # fmt: skip


def _channels_last(layers, layer, array):
    """Reorder a Dense layer's inputs where they are flattened maps: PyTorch flattens channels first, Keras last."""
    if not isinstance(_layer(layers, layer), keras.layers.Dense) or array.ndim != 2:
        return array
    source = _layer(layers, layer).input._keras_history.operation
    if not isinstance(source, keras.layers.Flatten) or len(source.input.shape) != 4:
        return array
    height, width, channels = source.input.shape[1:]
    if array.shape[1] != height * width * channels:
        return array  # the check of shapes will say it
    maps = array.reshape(-1, channels, height, width)
    return maps.transpose(0, 2, 3, 1).reshape(len(array), -1)


def _converter(family: str) -> ModuleType:
    """Import a family's converter.

    It has a function for each layout, `(module, config) -> layer or None`. Parameters that belong to no layer upstream may
    stand in a table beside it, `<layout>_parameters`: upstream's name -> our path; they go over as they lie. Where names can't
    be read one by one, `<layout>_arrays`, `(arrays, config) -> arrays`, sees the whole file first.
    """
    return importlib.import_module(f"{__name__}.{family}")


def _layers(model) -> dict[str, keras.layers.Layer]:
    """Index a model's layers by name, and those of models inside it; an outer name goes before an inner one."""
    inner = [layer for layer in model.layers if isinstance(layer, keras.Model)]
    return {layer.name: layer for place in (*reversed(inner), model) for layer in place.layers}


def _layer(layers, path: str):
    """Return the layer of a path; what stands behind a slash is a part of it."""
    return layers[path.partition("/")[0]]


def _reordered(array, axes):
    """Transpose; PyTorch may have a 1x1 convolution, (out, in, 1, 1), where we have a dense layer."""
    if array.ndim == 4 and len(axes) == 2:
        axes = _OIHW
    return np.transpose(array, axes) if axes else array


def _checked(model, layers, arrays):
    """Return the arrays, each in its variable's shape."""
    variables = {variable.path: variable for variable in model.weights}
    missing, extra = variables.keys() - arrays.keys(), arrays.keys() - variables.keys()
    if missing or extra:
        raise CourseError(f"These weights do not fit: {len(missing)} variables are not in the file ({_few(missing)}), "
                          f"{len(extra)} tensors are not in the model ({_few(extra)}).")  # fmt: skip
    arrays = {path: _reshaped(layers, path, array, variables[path].shape) for path, array in arrays.items()}
    for path, array in arrays.items():
        if tuple(array.shape) != tuple(variables[path].shape):
            raise CourseError(f"These weights do not fit: {path} has shape {tuple(array.shape)} in the file and "
                              f"{tuple(variables[path].shape)} in the model.")  # fmt: skip
        if not np.isfinite(array).all():
            raise CourseError(f"These weights are damaged: {path} holds numbers that are not finite.")
    return arrays


def _reshaped(layers, path: str, array, shape):
    """Give an array the shape of our variable where that changes nothing but how its numbers are grouped.

    A 1x1 convolution of pooled features is the dense layer that we have in its place; a lone token is a row of one; and
    Keras's attention has an axis for the heads, of which upstream's projections, and our own, know nothing.
    """
    heads = isinstance(_layer(layers, path), keras.layers.MultiHeadAttention | CachedAttention)
    same = _without_leading_ones(array.shape) == _without_leading_ones(shape)
    return array.reshape(shape) if same or (heads and array.size == math.prod(shape)) else array


def _without_leading_ones(shape) -> tuple[int, ...]:
    shape = tuple(shape)
    return _without_leading_ones(shape[1:]) if shape[:1] == (1,) else shape


def _few(names) -> str:
    return ", ".join(sorted(names)[:3]) or "none"
