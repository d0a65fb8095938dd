"""Reads GGUF files, in which llama.cpp keeps a language model whole: its settings, its tokenizer and its numbers.

What a file claims about itself is held against its size before anything is made room for. The package `gguf` turns
packed numbers into plain ones; files are not opened by it, since its reader believes what they say.
"""

import math
import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from course_lib.errors import BadInput, first_line

_MAGIC, _VERSIONS = b"GGUF", (2, 3)
# The kinds of numbers among the settings, as `struct` and NumPy call them.
_NUMBERS = {
    0: "<B",
    1: "<b",
    2: "<H",
    3: "<h",
    4: "<I",
    5: "<i",
    6: "<f",
    7: "<?",
    10: "<Q",
    11: "<q",
    12: "<d",
}
_COUNT, _LENGTH = "<I", "<Q"
_STRING, _ARRAY = 8, 9
_MOST_TENSORS, _MOST_SETTINGS, _MOST_AXES = 100_000, 10_000, 4
_LONGEST_NAME = 1_000
_PACKINGS = (
    "F32",
    "F16",
    "BF16",
    "Q4_0",
    "Q4_1",
    "Q5_0",
    "Q5_1",
    "Q8_0",
    "Q2_K",
    "Q3_K",
    "Q4_K",
    "Q5_K",
    "Q6_K",
)


@dataclass(frozen=True)
class _Tensor:
    """Where a tensor lies, and how its numbers are packed."""

    shape: tuple[int, ...]  # as NumPy has it: the last axis runs fastest
    kind: int
    offset: int


def read_gguf(path: Path) -> dict[str, np.ndarray]:
    """Read the tensors of a GGUF file.

    Args:
        path: the file.

    Returns:
        The tensors by name, float32 whatever they were packed as.

    Raises:
        BadInput: where the file is no such file, is cut short, or lies about its sizes.
    """
    return _told(path, lambda file: dict(file.tensors()))


def read_settings(path: Path) -> dict[str, Any]:
    """Read what a GGUF file says beside its tensors: sizes, the tokenizer.

    Args:
        path: the file.

    Returns:
        Numbers, strings, lists of strings and arrays of numbers, by name; errors as for `read_gguf`.
    """
    return _told(path, lambda file: file.settings)


def _told(path: Path, use):
    try:
        return use(_File(path))
    except BadInput:
        raise
    except (
        Exception
    ) as error:  # whatever a broken file leads to: OSError, UnicodeDecodeError, struct.error, ...
        raise BadInput(f"{path.name} is not a GGUF file that can be read ({type(error).__name__}: "
                       f"{first_line(error)[:200]}): fetch the file again.") from error  # fmt: skip


class _File:
    """An open GGUF file, read up to where its numbers begin."""

    def __init__(self, path: Path):
        self.name, self.place = path.name, 0
        with open(path, "rb") as file:
            self.bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if self._take(4) != _MAGIC or self._number(_COUNT) not in _VERSIONS:
            raise BadInput(
                f"{path.name} is not a GGUF file of version 2 or 3: its first bytes are not theirs."
            )
        tensors, settings = self._number(_LENGTH), self._number(_LENGTH)
        if tensors > _MOST_TENSORS or settings > _MOST_SETTINGS:
            raise BadInput(f"{path.name} claims to hold {tensors:,} tensors and {settings:,} settings, more than any "
                           "model has: it was not read.")  # fmt: skip
        self.settings = dict(self._setting() for _ in range(settings))
        self._tensors = dict(self._tensor() for _ in range(tensors))
        if len(self.settings) < settings or len(self._tensors) < tensors:
            raise BadInput(f"{path.name} has two entries of one name: it was not read.")

    def tensors(self) -> Iterator[tuple[str, np.ndarray]]:
        """Yield each tensor's name and numbers."""
        align = self.settings.get("general.alignment", 32)
        if not isinstance(align, int) or align < 1:
            raise BadInput(f"{self.name} asks for an alignment that is none: it was not read.")
        start = -(-self.place // align) * align
        sizes = {name: self._size(tensor) for name, tensor in self._tensors.items()}
        # As if no two tensors shared their bytes: all together can't become much more than the file, then.
        if sum(sizes.values()) > len(self.bytes) - start:
            raise BadInput(
                f"{self.name} is cut short, or lies: its tensors are larger than the file. Fetch it again."
            )
        for name, tensor in self._tensors.items():
            self.place = start + tensor.offset
            yield name, _unpacked(self._take(sizes[name]), tensor)

    def _size(self, tensor: _Tensor) -> int:
        from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType

        kinds = {GGMLQuantizationType[name].value: GGMLQuantizationType[name] for name in _PACKINGS}
        if tensor.kind not in kinds:
            raise BadInput(
                f"{self.name} packs numbers in a way (number {tensor.kind}) that is not known here."
            )
        together, size = GGML_QUANT_SIZES[kinds[tensor.kind]]
        if tensor.shape[-1] % together:
            raise BadInput(
                f"{self.name} has a tensor whose rows do not fill blocks of {together}: it was not read."
            )
        return math.prod(tensor.shape) // together * size

    def _setting(self) -> tuple[str, Any]:
        return self._string(_LONGEST_NAME), self._value(self._number(_COUNT))

    def _value(self, kind: int):
        if kind in _NUMBERS:
            return self._number(_NUMBERS[kind])
        if kind == _STRING:
            return self._string()
        if kind != _ARRAY:
            raise BadInput(f"{self.name} has a setting of a kind (number {kind}) that is not known here.")
        kind, count = self._number(_COUNT), self._number(_LENGTH)
        if kind in _NUMBERS:
            dtype = np.dtype(_NUMBERS[kind])
            return np.frombuffer(self._take(count * dtype.itemsize), dtype)
        if kind != _STRING or 8 * count > len(self.bytes) - self.place:
            raise BadInput(
                f"{self.name} has a list that is longer than the file, or one of lists: it was not read."
            )
        return [self._string() for _ in range(count)]

    def _tensor(self) -> tuple[str, _Tensor]:
        name, axes = self._string(_LONGEST_NAME), self._number(_COUNT)
        if not 1 <= axes <= _MOST_AXES:
            raise BadInput(f"{self.name} has a tensor of {axes} axes: it was not read.")
        shape = tuple(self._number(_LENGTH) for _ in range(axes))[::-1]
        if 0 in shape:
            raise BadInput(f"{self.name} has a tensor without numbers: it was not read.")
        return name, _Tensor(shape, self._number(_COUNT), self._number(_LENGTH))

    def _string(self, longest: float = math.inf) -> str:
        length = self._number(_LENGTH)
        if length > longest:
            raise BadInput(f"{self.name} has a name of {length:,} bytes: it was not read.")
        return self._take(length).decode()

    def _number(self, kind: str):
        return struct.unpack(kind, self._take(struct.calcsize(kind)))[0]

    def _take(self, count: int) -> bytes:
        """Return the next bytes; whole numbers have no end in Python, so that no claim is too large to be compared."""
        if count > len(self.bytes) - self.place:
            raise BadInput(f"{self.name} is cut short, or lies about its sizes: fetch the file again.")
        self.place += count
        return self.bytes[self.place - count : self.place]


def _unpacked(packed: bytes, tensor: _Tensor) -> np.ndarray:
    from gguf.constants import GGMLQuantizationType
    from gguf.quants import dequantize

    rows = np.frombuffer(packed, np.uint8).reshape(*tensor.shape[:-1], -1)
    return dequantize(rows, GGMLQuantizationType(tensor.kind)).reshape(tensor.shape)
