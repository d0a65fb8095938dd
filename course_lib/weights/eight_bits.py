"""Weights in eight bits: whole numbers from -127 to 127, and for each output channel what a step of 1 is worth.

A kernel of float numbers becomes two tensors: int8 under the kernel's name, and float32 under that name and SCALE.
"""

from collections.abc import Mapping

import numpy as np

from course_lib.errors import BadInput

SCALE = ".scale"
BITS = (16, 8)
LARGEST = 127  # -128 stays unused, so that both signs reach as far
LEAST = 1024  # numbers; a smaller tensor saves nothing that one would notice
_NOTHING = 1e-30  # a step below this is none: the channel is one of zeros


def pack(arrays: Mapping[str, np.ndarray], bits: int) -> dict[str, np.ndarray]:
    """Turn a model's weights into the tensors of a file.

    Args:
        arrays: float arrays by name.
        bits: 16 for float16; with 8, arrays of two axes or more and at least LEAST numbers become int8 and a scale.

    Returns:
        The tensors by name. What `unpack` makes of them is packed to the same tensors again.
    """
    tensors = {}
    for name, array in arrays.items():
        if bits == 8 and array.ndim >= 2 and array.size >= LEAST:
            tensors[name], tensors[name + SCALE] = quantise(array)
        else:
            tensors[name] = array.astype(np.float16)
    return tensors


def quantise(array: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Round an array to whole numbers, in steps that are just wide enough for each output channel.

    Args:
        array: of two axes or more, the last for output channels; a depthwise kernel's last two are.

    Returns:
        Whole numbers, int8, of the array's shape; and the steps, float32, of length 1 along all other axes.
    """
    channels = 1 if array.shape[-1] > 1 else 2
    widest = np.abs(array).max(axis=tuple(range(array.ndim - channels)), keepdims=True).astype(np.float32)
    # A step of 16 binary digits: then 127 steps are a float32 exactly, and what was rounded once stays as it is.
    digits, exponent = np.frexp(widest / LARGEST)
    scale = np.ldexp(np.floor(digits * 2**16) / 2**16, exponent).astype(np.float32)
    scale = np.where(scale < _NOTHING, np.float32(1), scale)
    return np.clip(np.rint(array / scale), -LARGEST, LARGEST).astype(np.int8), scale


def unpack(tensors: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Turn the tensors of a file into float32 arrays, under the names that they had before `pack`.

    Raises:
        BadInput: whole numbers without their scale, a scale without its numbers, or one that does not fit them.
    """
    arrays = {}
    for name, tensor in tensors.items():
        if tensor.dtype == np.int8:
            arrays[name] = tensor * _scale(tensors, name)
        elif not name.endswith(SCALE):
            arrays[name] = tensor.astype(np.float32)
        elif getattr(tensors.get(name.removesuffix(SCALE)), "dtype", None) != np.int8:
            raise BadInput(f"it has {name} without the whole numbers that this belongs to")
    return arrays


def _scale(tensors, name: str) -> np.ndarray:
    scale, shape = tensors.get(name + SCALE), tensors[name].shape
    if scale is None:
        raise BadInput(f"it has whole numbers for {name}, and no {name}{SCALE} to say what they are worth")
    fits = scale.dtype == np.float32 and scale.ndim == len(shape)
    if not fits or any(ours not in (1, theirs) for ours, theirs in zip(scale.shape, shape, strict=True)):
        raise BadInput(f"its {name}{SCALE} of shape {scale.shape} does not fit {name} of shape {shape}")
    if not (np.isfinite(scale) & (scale > 0)).all():
        raise BadInput(f"its {name}{SCALE} holds numbers that are not finite and above 0")
    return scale
