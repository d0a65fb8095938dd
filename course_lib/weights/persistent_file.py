"""Reads NVIDIA's network pickles without running anything that they contain.

Such a file is one pickle. It carries the source code of its classes and, opened by pickle itself, runs it. Here the code
stays text: each object becomes an empty shell that keeps its state, and each tensor is read as torch_file.py reads it. The older
files, of TensorFlow's time, hold NumPy arrays instead; what is known of them stands in dnnlib_file.py.
"""

import io
from pathlib import Path

import numpy as np

from course_lib.errors import BadInput, first_line
from course_lib.weights import dnnlib_file, torch_file
from course_lib.weights.torch_modules import Shell, state_dict

_PROTOCOL = 4  # of the pickles
_MOST_STEPS = 500_000  # of one pickle; three networks of 1,024 pixels have 30,000
_NETWORKS = ("G_ema", "G")  # the moving average of the generator draws best


class Table(dict):
    """Stands where the file has a dictionary of a class of its own."""

    __slots__ = ()

    def __new__(cls, *_, **__):
        return super().__new__(cls)

    def __init__(self, *_, **__):
        pass

    def __setstate__(self, state):
        pass


def read_persistent(path: Path) -> dict[str, np.ndarray]:
    """Read the generator's tensors of a file that NVIDIA's `persistence` wrote.

    Args:
        path: a .pkl file with networks "G_ema" or "G" in it; or one of the older ones, with three networks in a row.

    Returns:
        The tensors by name, as NumPy arrays.

    Raises:
        BadInput: where the file is no such file, wants to run something, or lies about its sizes.
    """
    try:
        content = path.read_bytes()
        unpickler = torch_file.unpickler(io.BytesIO(content), _Unpickler, _PROTOCOL, _MOST_STEPS)
        unpickler.room = len(content)
        saved = unpickler.load()
        if isinstance(saved, tuple):
            return dnnlib_file.arrays_of(saved, path)
        found = [
            saved[name]
            for name in _NETWORKS
            if isinstance(saved, dict) and isinstance(saved.get(name), Shell)
        ]
        if not found:
            raise BadInput(f"{path.name} has no generator in it: take the file that NVIDIA published.")
        return torch_file.arrays_of(state_dict(found[0]), path, unpickler.numbers.__getitem__)
    except BadInput:
        raise
    except Exception as error:  # whatever a broken pickle raises
        raise BadInput(f"{path.name} is not a network pickle that can be read ({type(error).__name__}: "
                       f"{first_line(error)[:200]}): fetch the file again.") from error  # fmt: skip


class _Unpickler(torch_file.Unpickler):
    """Knows besides how `persistence` keeps an object, and how a tensor stands in a pickle that is not PyTorch's own."""

    def __init__(self, file):
        super().__init__(file)
        self.numbers, self.room = {}, 0

    def find_class(self, module, name):
        if (module, name) == ("torch_utils.persistence", "_reconstruct_persistent_obj"):
            return lambda meta: _shell(meta)
        if (module, name) == ("torch.storage", "_load_from_bytes"):
            return lambda content: self._storage(content)
        if (module, name) == ("dnnlib.util", "EasyDict"):
            return Table
        if kind := dnnlib_file.kind(module, name):
            return kind
        return super().find_class(module, name)

    def persistent_load(self, saved):
        raise BadInput("This network pickle refers to something outside itself: it was not read.")

    def _storage(self, content):
        """Keep the numbers of one tensor's storage, a small file of PyTorch's older layout inside the pickle."""
        self.copied += 1
        self.room -= len(content) // torch_file.OFTEN
        if not isinstance(content, bytes) or self.room < 0 or self.copied > _MOST_STEPS:
            raise BadInput("This network pickle repeats its numbers without end: it was not read.")
        storage, load_bytes = torch_file.read_storage(io.BytesIO(content))
        key = str(len(self.numbers))
        self.numbers[key] = load_bytes(storage.key)
        return storage._replace(key=key)


def _shell(meta) -> Shell:
    """Make the shell of an object: its state is kept, its source is not looked at."""
    shell = Shell()
    if isinstance(meta, dict):
        shell.__setstate__(meta.get("state"))
    return shell
