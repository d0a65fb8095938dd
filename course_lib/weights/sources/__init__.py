"""One adapter per upstream. Each module has the same three functions, and is found by its name:

find(offer) -> Path or None     the file, where this machine has it; never asks the network
fetch(offer) -> Path            brings the file here, once a person has asked for it
read(path, offer) -> dict       the tensors by upstream name

Where upstream publishes a folder, the file is one of those in it, and the module has a fourth:

files(offer) -> names           what makes the folder whole
"""

import importlib
from types import ModuleType


def source(name: str) -> ModuleType:
    """Import an adapter by the name that a card gives it."""
    return importlib.import_module(f"{__name__}.{name}")
