"""What NVIDIA's older network pickles hold, of TensorFlow's time: networks within networks, their variables NumPy arrays.

NumPy's own way to rebuild an array from a pickle trusts what it reads; here shape, type and bytes are kept apart and
put together by us, once they fit each other.
"""

import math
from pathlib import Path

import numpy as np

from course_lib.errors import BadInput
from course_lib.weights.torch_modules import Shell

_NUMBERS = {"f4": "<f4", "f8": "<f8", "i4": "<i4", "i8": "<i8"}
_GENERATOR = 2  # of generator, discriminator and the generator's moving average, in this order
_DEEPEST, _MOST_AXES = 4, 8


class Kind(Shell):
    """Stands where the file has a NumPy type: keeps its name."""

    __slots__ = ("name",)

    def __new__(cls, name="", *_, **__):
        kind = super().__new__(cls)
        kind.name = name
        return kind


class Array(Shell):
    """Stands where the file has a NumPy array: keeps (version, shape, type, order, bytes), unread."""

    __slots__ = ("parts",)

    def __new__(cls, *_, **__):
        array = super().__new__(cls)
        array.parts = ()
        return array

    def __setstate__(self, parts):
        self.parts = parts


def kind(module: str, name: str):
    """Return what stands in for a class or function that such a file names, or None."""
    if (module, name) == ("dnnlib.tflib.network", "Network"):
        return Shell
    if (module, name) == ("numpy", "dtype"):
        return Kind
    if module in ("numpy.core.multiarray", "numpy._core.multiarray") and name == "_reconstruct":
        return Array
    return None


def arrays_of(networks: tuple, path: Path) -> dict[str, np.ndarray]:
    """Collect the variables of the generator's moving average.

    Args:
        networks: the shells of generator, discriminator and moving average.
        path: of the file, whose size bounds the arrays'.

    Returns:
        Arrays by name; those of a network within have its name in front: "synthesis/4x4/Const/const".

    Raises:
        BadInput: the networks are none, or an array is not what it says.
    """
    if len(networks) <= _GENERATOR or not isinstance(networks[_GENERATOR], Shell):
        raise BadInput(f"{path.name} has no generator in it: take the file that NVIDIA published.")
    found, left = {}, [("", networks[_GENERATOR], 0)]
    room = path.stat().st_size
    while left:
        prefix, network, depth = left.pop()
        parts, variables = network.state.get("components", {}), network.state.get("variables", [])
        if depth > _DEEPEST or not isinstance(parts, dict) or not isinstance(variables, list):
            raise BadInput(f"{path.name} has networks nested without end, or none: it was not read.")
        for name, variable in variables:
            found[f"{prefix}{name}"] = _array(variable, name)
            room -= found[f"{prefix}{name}"].nbytes
            if room < 0:
                raise BadInput(f"The arrays of {path.name} are larger than the file: it was not read.")
        left += [
            (f"{prefix}{name}/", part, depth + 1) for name, part in parts.items() if isinstance(part, Shell)
        ]
    return found


def _array(variable, name) -> np.ndarray:
    """Put an array together, if its parts fit."""
    if not isinstance(variable, Array) or not isinstance(variable.parts, tuple) or len(variable.parts) != 5:
        raise BadInput(f"The variable {str(name)[:100]} of this file is no array: it was not read.")
    _, shape, number, turned, content = variable.parts
    known = _NUMBERS.get(number.name) if isinstance(number, Kind) and isinstance(number.name, str) else None
    sizes = isinstance(shape, tuple) and len(shape) <= _MOST_AXES and all(type(size) is int for size in shape)
    if not known or not sizes or turned or not isinstance(content, bytes) or min(shape, default=0) < 0:
        raise BadInput(
            f"The variable {str(name)[:100]} of this file is of a kind that no weights are: it was not read."
        )
    if math.prod(shape) * np.dtype(known).itemsize != len(content):
        raise BadInput(f"The variable {str(name)[:100]} of this file has other numbers than its shape says.")
    return np.frombuffer(content, known).reshape(shape).astype(np.float32)
