"""Reads PyTorch checkpoint files without PyTorch and without running anything that they contain.

A .pth file is a pickle, and a pickle can call any function. This reader knows the few names that rebuild a tensor
and refuses every other; objects of networks' classes become empty shells, see torch_modules.py. It reads both layouts:
the zip archive (since PyTorch 1.6) and the older single stream.
"""

import io
import math
import pickle
import pickletools
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import NamedTuple

import numpy as np

from course_lib.errors import BadInput, first_line
from course_lib.weights.torch_modules import Shell, is_harmless, state_dict

_DTYPES = {
    "FloatStorage": "<f4", "HalfStorage": "<f2", "DoubleStorage": "<f8", "LongStorage": "<i8", "IntStorage": "<i4",
    "ShortStorage": "<i2", "CharStorage": "i1", "ByteStorage": "u1", "BoolStorage": "?", "BFloat16Storage": "<u2",
}  # fmt: skip
_MAGIC = 0x1950A86A20F9469CFC6C  # first object of the older layout
_PROTOCOL = 2  # the pickles that PyTorch writes
_MOST_STEPS = 2_000_000  # of one pickle; a YOLOv9-E that was saved whole has 200,000
_MOST_AXES = 32
OFTEN = 4  # tensors may share their numbers; together they have at most this many times the file's size


class _Storage(NamedTuple):  # a tuple: a pickle could change the fields of another object
    """A run of numbers whose bytes come later in the file."""

    key: str
    kind: str
    count: int


class _Tensor(NamedTuple):
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
        arrays = arrays_of(tensors, path, load_bytes)
        # A network is saved whole to be used, and then often at half precision; the precision is ours to choose.
        return {name: array.astype(np.float32) if whole and array.dtype == np.float16 else array
                for name, array in arrays.items()}  # fmt: skip
    except BadInput:
        raise
    except Exception as error:  # whatever a broken pickle raises: EOFError, KeyError, struct.error, ...
        raise BadInput(f"{path.name} is not a PyTorch checkpoint that can be read ({type(error).__name__}: "
                       f"{first_line(error)[:200]}): fetch the file again.") from error  # fmt: skip


def arrays_of(tensors: dict, path: Path, load_bytes) -> dict[str, np.ndarray]:
    """Turn what an unpickler made into arrays.

    Args:
        tensors: by name; what is no tensor is left out.
        path: the file they are of, and whose size bounds theirs.
        load_bytes: from a storage's key to its bytes.

    Raises:
        BadInput: a tensor that is larger than its storage, or too many of one storage.
    """
    found = {name: tensor for name, tensor in tensors.items() if isinstance(tensor, _Tensor)}
    _check_sizes(found, path)
    return {name: _array(tensor, load_bytes) for name, tensor in found.items()}


def _tensors(saved):
    """Return the names and tensors of a checkpoint, and whether they lie in a network that was saved whole."""
    if isinstance(saved, dict):
        # The moving average of the weights, where there is one, is what the YOLO projects use themselves.
        found = [saved[key] for key in ("ema", "model") if isinstance(saved.get(key), Shell)]
        saved = found[0] if found else saved.get("state_dict", saved)
    return (state_dict(saved) if isinstance(saved, Shell) else saved), isinstance(saved, Shell)


class Unpickler(pickle.Unpickler):
    """Knows tensors, dictionaries and sets; whatever else is harmless becomes a shell, and the rest is refused."""

    def __init__(self, file):
        super().__init__(file)
        self.storages, self.copied = {}, 0

    def find_class(self, module, name):
        # What a pickle gets it may also set attributes of: so each is made anew.
        if (module, name) == ("collections", "OrderedDict"):
            return lambda *rows: self._copied(OrderedDict, *rows)
        if module in ("builtins", "__builtin__") and name == "set":
            return lambda *members: self._copied(set, *members)
        if module == "torch._utils" and name in ("_rebuild_tensor", "_rebuild_tensor_v2"):
            return lambda *given: _tensor(*given)
        if module == "torch._utils" and name in ("_rebuild_parameter", "_rebuild_parameter_with_state"):
            return lambda tensor, *_: tensor
        if module == "torch" and name in _DTYPES:
            return name
        if is_harmless(module, name):
            return Shell
        wanted = repr(f"{module}.{name}"[:100])
        raise BadInput(f"This checkpoint asks to run {wanted}, which no weights file needs: it was not read. "
                       "Use a file from a source you trust.")  # fmt: skip

    def _copied(self, kind, entries=()):
        """Copy entries, but not the same million of them a million times."""
        self.copied += len(entries)
        if self.copied > _MOST_STEPS:
            raise BadInput("This checkpoint repeats itself without end: it was not read.")
        return kind(entries)

    def persistent_load(self, saved):
        # The older layout keeps the source of a network's classes beside them: ("module", class, file, source).
        if len(saved) == 4 and saved[0] == "module" and saved[1] is Shell:
            return Shell
        tag, kind, key, _location, count, *_ = saved
        if tag != "storage" or kind not in _DTYPES or not isinstance(key, str) or type(count) is not int:
            raise BadInput("This checkpoint refers to something that is not a tensor: it was not read.")
        return self.storages.setdefault(key, _Storage(key, kind, count))


def _tensor(storage, offset, shape, strides, *_) -> _Tensor:
    """Stand in for PyTorch's function that makes a tensor; nothing is believed to be a number before it is seen to be."""
    numbers = [offset, *shape[:_MOST_AXES], *strides[:_MOST_AXES]]
    if (
        not isinstance(storage, _Storage)
        or max(len(shape), len(strides)) > _MOST_AXES
        or any(type(number) is not int for number in numbers)
    ):
        raise BadInput("This checkpoint has a tensor whose shape is none: it was not read.")
    return _Tensor(storage, offset, tuple(shape), tuple(strides))


def unpickler(file, kind=Unpickler, protocol=_PROTOCOL, most=None) -> Unpickler:
    """Look through a pickle before any of it is unpickled: a few bytes of some opcodes fill the memory.

    Args:
        file: where the pickle begins.
        kind: the class of the unpickler.
        protocol: the latest whose opcodes may be in it.
        most: steps that it may have; None for what PyTorch's own files may.

    Raises:
        BadInput: there are other opcodes in it, or more.
    """
    most = _MOST_STEPS if most is None else most
    start = file.tell()
    for count, (opcode, argument, _) in enumerate(pickletools.genops(file)):
        far = opcode.name in ("PUT", "LONG_BINPUT") and argument > most
        if opcode.proto > protocol or far or count > most:
            raise BadInput("This checkpoint holds more, or other things, than weights need: it was not read.")
    file.seek(start)
    return kind(file)


def _read_zip(path):
    archive = zipfile.ZipFile(path)
    pickled = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
    folder = pickled.removesuffix("data.pkl")
    size = path.stat().st_size
    tensors = unpickler(io.BytesIO(archive.read(_within(archive.getinfo(pickled), size)))).load()
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
        return _read_open_stream(file, path.name, path.stat().st_size)


def read_storage(file: io.BytesIO):
    """Read a storage that PyTorch pickled by itself, as any pickle of a tensor does that is not PyTorch's own.

    Returns:
        The storage, and the function from its key to its bytes.

    Raises:
        BadInput: there is something else, or less, in it.
    """
    storage, load_bytes = _read_open_stream(file, "A tensor in this file", len(file.getbuffer()))
    if not isinstance(storage, _Storage):
        raise BadInput("This file has a tensor without numbers: it was not read.")
    return storage, load_bytes


def _read_open_stream(file, name, size):
    if unpickler(file).load() != _MAGIC:
        raise BadInput(f"{name} is not a PyTorch checkpoint: its first bytes are not theirs.")
    unpickler(file).load()  # protocol version
    unpickler(file).load()  # sizes of the writer's integers
    first = unpickler(file)
    tensors, storages, found = first.load(), first.storages, {}
    for key in unpickler(file).load():
        count = int.from_bytes(file.read(8), "little")
        wanted = count * np.dtype(_DTYPES[storages[key].kind]).itemsize if key in storages else 0
        if wanted > size - file.tell():
            raise BadInput(f"{name} is cut short: storage {key} should have {wanted} bytes.")
        found[key] = file.read(wanted)
    return tensors, found.__getitem__


def _check_sizes(tensors: dict[str, _Tensor], path: Path) -> None:
    """Refuse tensors that share their numbers so often that all together they would fill the memory."""
    sizes = [math.prod(t.shape) * np.dtype(_DTYPES[t.storage.kind]).itemsize for t in tensors.values()]
    if sum(sizes) > OFTEN * path.stat().st_size:
        raise BadInput(f"The tensors of {path.name} are larger than the file: it was not read.")


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
