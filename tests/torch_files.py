"""Writes files as PyTorch does, without PyTorch: to test what reads them."""

import collections
import contextlib
import io
import pickle
import struct
import sys
import types
import zipfile
from unittest import mock

import numpy as np

MAGIC = 0x1950A86A20F9469CFC6C  # first object of the older layout
MODULES = ("torch.nn.modules", "models", "glow")  # where classes of modules come from
KINDS = {"float32": "FloatStorage", "float16": "HalfStorage", "int64": "LongStorage"}


class FakeTensor:
    """Pickles as a PyTorch tensor does: a view on a storage, counted in elements."""

    def __init__(self, key, offset, shape, strides, count, kind="FloatStorage"):
        self.storage = ("storage", kind, key, "cpu", count, None)
        self.rest = (offset, shape, strides)

    def __reduce__(self):
        return sys.modules["torch._utils"]._rebuild_tensor_v2, (
            Storage(self.storage),
            *self.rest,
            False,
            collections.OrderedDict(),
        )


class FakeObject:
    """Pickles as an object of a class that is not here."""

    def __init__(self, path, **state):
        self.path, self.state = path, state

    def __reduce__(self):
        return _class(self.path), (), self.state


def fake_module(path, modules=(), parameters=(), buffers=(), **state):
    """Make what pickles as a network's module.

    Args:
        path: of its class, such as "models.common.Conv".
        modules, parameters, buffers: its tables, (name, what) pairs: other modules and `FakeTensor`s.
        **state: what else it keeps.
    """
    tables = {"_modules": modules, "_parameters": parameters, "_buffers": buffers}
    return FakeObject(path, **{key: collections.OrderedDict(table) for key, table in tables.items()}, **state)


class FakeCall:
    """Pickles as a call of a class or a function that is not here."""

    def __init__(self, path, *arguments):
        self.path, self.arguments = path, arguments

    def __reduce__(self):
        return _class(self.path), self.arguments


class Storage:
    """Pickles as a reference to numbers that come later in the file."""

    def __init__(self, saved):
        self.saved = saved


class Pickler(pickle.Pickler):
    """Writes storages by reference; of the classes of modules, where it is told to, the source at their first use."""

    def __init__(self, *arguments, sources=False, **options):
        super().__init__(*arguments, **options)
        self.sources, self.told = sources, set()

    def persistent_id(self, thing):
        if self.sources and isinstance(thing, type) and thing.__module__.startswith(MODULES):
            if thing in self.told:
                return None
            self.told.add(thing)
            return ("module", thing, "model.py", f"class {thing.__name__}: ...")
        if isinstance(thing, Storage):
            tag, kind, *rest = thing.saved
            return (tag, getattr(sys.modules["torch"], kind), *rest)
        return None


def write_torch(path, arrays):
    """Write a state dict as `torch.save` does.

    Args:
        path: the .pth file.
        arrays: tensors by name, float32 or int64.

    Returns:
        The path.
    """
    tensors, storages = collections.OrderedDict(), {}
    for key, (name, array) in enumerate(arrays.items()):
        strides = tuple(step // array.itemsize for step in np.asarray(array, order="C").strides)
        kind = KINDS[str(array.dtype)]
        tensors[name] = FakeTensor(str(key), 0, array.shape, strides, array.size, kind)
        storages[str(key)] = array.tobytes()
    return zip_file(path, tensors, storages)


def zip_file(path, tensors, storages):
    """Write the layout that PyTorch has had since 1.6: an archive."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickled(tensors))
        for key, data in storages.items():
            archive.writestr(f"archive/data/{key}", data)
    return path


def stream_file(path, tensors, storages):
    """Write the older layout: one stream of pickles, then the numbers, all of them float32."""
    parts = [
        pickle.dumps(MAGIC, 2),
        pickle.dumps(1001, 2),
        pickle.dumps({}, 2),
        pickled(tensors, sources=True),
        pickle.dumps(list(storages), 2),
    ]
    parts += [struct.pack("<q", len(data) // 4) + data for data in storages.values()]
    path.write_bytes(b"".join(parts))
    return path


def pickled(thing, sources: bool = False, protocol: int = 2) -> bytes:
    """Pickle what may hold `FakeTensor`s; the older layout has the sources of modules beside them."""
    stream = io.BytesIO()
    with _named_torch():
        Pickler(stream, protocol=protocol, sources=sources).dump(thing)
    return stream.getvalue()


@contextlib.contextmanager
def _named_torch():
    """Let there be the names that pickles of PyTorch refer to."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")

    def _rebuild_tensor_v2():
        raise AssertionError("the reader must not call what the file names")

    _rebuild_tensor_v2.__module__, _rebuild_tensor_v2.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
    utils._rebuild_tensor_v2 = _rebuild_tensor_v2
    for kind in (*KINDS.values(), "BFloat16Storage"):
        setattr(torch, kind, type(kind, (), {"__module__": "torch"}))
    with mock.patch.dict(sys.modules, {"torch": torch, "torch._utils": utils}):
        yield


def _class(path):
    """Let there be a class that the pickle being written can refer to, in a module of its own or in one that is here."""
    module, _, name = path.rpartition(".")
    parts = module.split(".")
    for end in range(1, len(parts) + 1):
        above = ".".join(parts[:end])
        sys.modules.setdefault(above, types.ModuleType(above))  # `_named_torch` takes them away again
    if not hasattr(sys.modules[module], name):
        setattr(sys.modules[module], name, type(name, (), {"__module__": module}))
    return getattr(sys.modules[module], name)
