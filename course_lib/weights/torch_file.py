"""Reads PyTorch checkpoint files without PyTorch and without running anything that they contain.

A .pth file is a pickle, and a pickle can call any function. This reader knows the few names that rebuild a tensor
and refuses every other. It reads both layouts: the zip archive (since PyTorch 1.6) and the older single stream.
"""

import io
import math
import pickle
import zipfile
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course_lib.errors import BadInput

_DTYPES = {
    "FloatStorage": "<f4", "HalfStorage": "<f2", "DoubleStorage": "<f8", "LongStorage": "<i8", "IntStorage": "<i4",
    "ShortStorage": "<i2", "CharStorage": "i1", "ByteStorage": "u1", "BoolStorage": "?", "BFloat16Storage": "<u2",
}  # fmt: skip
_MAGIC = 0x1950A86A20F9469CFC6C  # first object of the older layout


@dataclass(frozen=True)
class _Storage:
    """A run of numbers whose bytes come later in the file."""

    key: str
    kind: str
    count: int


@dataclass(frozen=True)
class _Tensor:
    """A view on a storage: offset, shape and strides, counted in elements."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read_torch(path: Path) -> dict[str, np.ndarray]:
    """Read the tensors of a PyTorch state dict.

    Args:
        path: a .pth or .pt file.

    Returns:
        The tensors by name, as NumPy arrays; bfloat16 comes as float32.

    Raises:
        BadInput: where the file is no such file, lies about its sizes, or holds anything but tensors.
    """
    try:
        tensors, load_bytes = _read_zip(path) if zipfile.is_zipfile(path) else _read_stream(path)
        tensors = tensors.get("state_dict", tensors)
        return {
            name: _array(tensor, load_bytes)
            for name, tensor in tensors.items()
            if isinstance(tensor, _Tensor)
        }
    except BadInput:
        raise
    except Exception as error:  # whatever a broken pickle raises: EOFError, KeyError, struct.error, ...
        raise BadInput(f"{path.name} is not a PyTorch checkpoint that can be read ({type(error).__name__}: {error}): "
                       "fetch the file again.") from error  # fmt: skip


class _Unpickler(pickle.Unpickler):
    """Knows tensors and ordered dictionaries, and nothing else."""

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if module == "torch._utils" and name in ("_rebuild_tensor", "_rebuild_tensor_v2"):
            return lambda storage, offset, shape, strides, *_: _Tensor(
                storage, offset, tuple(shape), tuple(strides)
            )
        if module == "torch._utils" and name == "_rebuild_parameter":
            return lambda tensor, *_: tensor
        if module == "torch" and name in _DTYPES:
            return name
        raise BadInput(f"This checkpoint asks to run {module}.{name}, which no weights file needs: it was not read. "
                       "Use a file from a source you trust.")  # fmt: skip

    def persistent_load(self, saved):
        tag, kind, key, _location, count, *_ = saved
        if tag != "storage" or kind not in _DTYPES or not isinstance(count, int):
            raise BadInput("This checkpoint refers to something that is not a tensor: it was not read.")
        return _Storage(str(key), kind, count)


def _read_zip(path):
    archive = zipfile.ZipFile(path)
    pickled = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
    folder = pickled.removesuffix("data.pkl")
    size = path.stat().st_size
    tensors = _Unpickler(io.BytesIO(archive.read(_within(archive.getinfo(pickled), size)))).load()
    # PyTorch stores its archives uncompressed, so a member larger than the file is a bomb.
    return tensors, lambda key: archive.read(_within(archive.getinfo(f"{folder}data/{key}"), size))


def _within(member, size):
    if member.file_size > size:
        raise BadInput(
            f"This checkpoint unpacks {member.filename} to more than its own size: it was not read."
        )
    return member


def _read_stream(path):
    with open(path, "rb") as file:
        if _Unpickler(file).load() != _MAGIC:
            raise BadInput(f"{path.name} is not a PyTorch checkpoint: its first bytes are not theirs.")
        _Unpickler(file).load()  # protocol version
        _Unpickler(file).load()  # sizes of the writer's integers
        tensors = _Unpickler(file).load()
        storages = {t.storage.key: t.storage for t in tensors.values() if isinstance(t, _Tensor)}
        found = {}
        for key in _Unpickler(file).load():
            count = int.from_bytes(file.read(8), "little")
            wanted = count * np.dtype(_DTYPES[storages[key].kind]).itemsize if key in storages else 0
            if wanted > path.stat().st_size - file.tell():
                raise BadInput(f"{path.name} is cut short: storage {key} should have {wanted} bytes.")
            found[key] = file.read(wanted)
    return tensors, found.__getitem__


def _array(tensor: _Tensor, load_bytes) -> np.ndarray:
    kind = tensor.storage.kind
    flat = np.frombuffer(load_bytes(tensor.storage.key), _DTYPES[kind])
    last = tensor.offset + sum((n - 1) * s for n, s in zip(tensor.shape, tensor.strides, strict=True))
    negative = min((tensor.offset, *tensor.shape, *tensor.strides)) < 0
    # Strides of 0 could repeat one number into terabytes: no weights file does that.
    if negative or math.prod(tensor.shape) > flat.size or (0 not in tensor.shape and last >= flat.size):
        raise BadInput("This checkpoint has a tensor that reaches beyond its own storage: it was not read.")
    strides = [s * flat.itemsize for s in tensor.strides]
    array = np.lib.stride_tricks.as_strided(flat[tensor.offset :], tensor.shape, strides).copy()
    if kind == "BFloat16Storage":  # the upper half of a float32
        return (array.astype(np.uint32) << 16).view(np.float32)
    return array
