"""LoRA: a large matrix stays as it is, and what is learned beside it is the product of two thin ones.

Keras's dense layers know it as `enable_lora`; here it is switched on for chosen layers of a whole network, and all
else is frozen, biases and normalisations too.
"""

import math
import re

import keras
import numpy as np

from course_lib.errors import BadInput

# What attention asks and what it hands on: the two of its four matrices to which the paper gives its budget.
ATTENTION = r".*_attention/(query|value)"


def add_lora(model: keras.Model, rank: int, layers: str = ATTENTION, seed: int = 0) -> list[str]:
    """Freeze a network but for two thin matrices beside each of the chosen dense layers; its answers are the same at first.

    Args:
        model: a network of the zoo, or any other; it is changed in place, and must not be compiled before.
        rank: columns of the first thin matrix, rows of the second.
        layers: a regular expression for the whole path of a dense layer, for instance "block1_attention/query".
        seed: of the first matrices; the second ones begin with zeros.

    Returns:
        The paths of the layers that learn now.

    Raises:
        BadInput: no dense layer has such a path, the rank is no positive number, or the network has its LoRA already.

    Source: Hu et al. 2021, arXiv 2106.09685, section 4.1.
    """
    chosen = {path: dense for path, dense in _dense(model).items() if re.fullmatch(layers, path)}
    if not chosen:
        raise BadInput(
            f"No dense layer of {model.name} is called {layers!r}; there are: {_few(_dense(model))}."
        )
    if not isinstance(rank, int) or rank < 1:
        raise BadInput(f"The rank of LoRA is a whole number from 1 on, not {rank!r}.")
    if _adapted(model):
        raise BadInput(f"{model.name} has its LoRA already: build the network again for another rank.")
    for variable in model.variables:
        variable.trainable = False
    for number, dense in enumerate(chosen.values()):
        dense.enable_lora(rank, a_initializer=keras.initializers.HeUniform(seed + number))
    return list(chosen)


def restart(model: keras.Model, seed: int = 0) -> None:
    """Take back what LoRA has learned: new first matrices, zeros in the second ones."""
    for number, dense in enumerate(_adapted(model)):
        shape = dense.lora_kernel_a.shape
        dense.lora_kernel_a.assign(keras.initializers.HeUniform(seed + number)(shape))
        dense.lora_kernel_b.assign(np.zeros(dense.lora_kernel_b.shape))


def merge(model: keras.Model) -> None:
    """Add what LoRA has learned to the matrices that it stands beside; the answers stay the same, and it begins anew."""
    for dense in _adapted(model):
        dense._kernel.assign(dense.kernel)  # `kernel` is the sum, `_kernel` what was there before
        dense.lora_kernel_b.assign(np.zeros(dense.lora_kernel_b.shape))


def trained_parameters(model: keras.Model) -> int:
    """Count the numbers that training would move."""
    return sum(math.prod(variable.shape) for variable in model.trainable_variables)


def _dense(model: keras.Model) -> dict[str, keras.layers.Layer]:
    """Find the dense layers of a network, those inside other layers as well, by path."""
    kinds = keras.layers.Dense | keras.layers.EinsumDense
    layers = [x for x in model._flatten_layers(include_self=False) if isinstance(x, kinds) and x.built]
    kernels = [next(v for v in layer.variables if v.name == "kernel") for layer in layers]
    named = zip((kernel.path.removesuffix("/kernel") for kernel in kernels), layers, strict=True)
    return dict(sorted(named, key=lambda pair: pair[0]))


def _adapted(model: keras.Model) -> list[keras.layers.Layer]:
    return [layer for layer in _dense(model).values() if layer.lora_enabled]


def _few(paths) -> str:
    return ", ".join(list(paths)[:4]) + (", ..." if len(paths) > 4 else "") or "none"
