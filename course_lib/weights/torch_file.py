"""Reads PyTorch checkpoint files without PyTorch and without running anything that they contain.

A .pth file is a pickle, and a pickle can call any function. This reader knows the few names that rebuild a tensor
and refuses every other; objects of networks' classes become empty shells, see torch_modules.py. It reads both layouts:
the zip archive (since PyTorch 1.6) and the older single stream.
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
from course_lib.weights.torch_modules import Shell, is_harmless, state_dict

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
    """Read the tensors of a PyTorch state dict, or of a network that was saved whole.

    Args:
        path: a .pth or .pt file.

    Returns:
        The tensors by name, as NumPy arrays; bfloat16 comes as float32, and so does all that a whole network holds.

    Raises:
        BadInput: where the file is no such file, lies about its sizes, or holds anything but tensors.
    """
    try:
        saved, load_bytes = _read_zip(path) if zipfile.is_zipfile(path) else _read_stream(path)
        tensors, whole = _tensors(saved)
        arrays = {name: _array(tensor, load_bytes) for name, tensor in tensors if isinstance(tensor, _Tensor)}
        # A network is saved whole to be used, and then often at half precision; the precision is ours to choose.
        return {name: array.astype(np.float32) if whole and array.dtype == np.float16 else array
                for name, array in arrays.items()}  # fmt: skip
    except BadInput:
        raise
    except Exception as error:  # whatever a broken pickle raises: EOFError, KeyError, struct.error, ...
        raise BadInput(f"{path.name} is not a PyTorch checkpoint that can be read ({type(error).__name__}: {error}): "
                       "fetch the file again.") from error  # fmt: skip


def _tensors(saved):
    """Return the names and tensors of a checkpoint, and whether they lie in a network that was saved whole."""
    if isinstance(saved, dict):
        # The moving average of the weights, where there is one, is what the YOLO projects use themselves.
        found = [saved[key] for key in ("ema", "model") if isinstance(saved.get(key), Shell)]
        saved = found[0] if found else saved.get("state_dict", saved)
    return (state_dict(saved) if isinstance(saved, Shell) else saved).items(), isinstance(saved, Shell)


class _Unpickler(pickle.Unpickler):
    """Knows tensors, dictionaries and sets; whatever else is harmless becomes a shell, and the rest is refused."""

    def __init__(self, file):
        super().__init__(file)
        self.storages = {}

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if module in ("builtins", "__builtin__") and name == "set":
            return set
        if module == "torch._utils" and name in ("_rebuild_tensor", "_rebuild_tensor_v2"):
            return lambda storage, offset, shape, strides, *_: _Tensor(
                storage, offset, tuple(shape), tuple(strides)
            )
        if module == "torch._utils" and name in ("_rebuild_parameter", "_rebuild_parameter_with_state"):
            return lambda tensor, *_: tensor
        if module == "torch" and name in _DTYPES:
            return name
        if is_harmless(module, name):
            return Shell
        raise BadInput(f"This checkpoint asks to run {module}.{name}, which no weights file needs: it was not read. "
                       "Use a file from a source you trust.")  # fmt: skip

    def persistent_load(self, saved):
        tag, kind, key, _location, count, *_ = saved
        if tag != "storage" or kind not in _DTYPES or not isinstance(count, int):
            raise BadInput("This checkpoint refers to something that is not a tensor: it was not read.")
        return self.storages.setdefault(str(key), _Storage(str(key), kind, count))


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
        unpickler = _Unpickler(file)
        tensors, storages, found = unpickler.load(), unpickler.storages, {}
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
