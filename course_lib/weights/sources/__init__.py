"""One adapter per upstream. Each module has the same three functions, and is found by its name:

find(offer) -> Path or None     the file, where this machine has it; never asks the network
fetch(offer) -> Path            brings the file here, once a person has asked for it
read(path, offer) -> dict       the tensors by upstream name

Where upstream publishes a folder, the file is one of those in it, and the module has a fourth:

files(offer) -> names           what makes the folder whole
"""

import importlib
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from course_lib.catalog import Weights

if TYPE_CHECKING:  # listing models looks for files here, and must not wait for NumPy
    import numpy as np


def source(name: str) -> ModuleType:
    """Import an adapter by the name that a card gives it."""
    return importlib.import_module(f"{__name__}.{name}")


def paths(offer: Weights, first: Path) -> list[Path]:
    """Return where all files of an offer are: as its source finds them, or beside the first one where that lies elsewhere."""
    find = source(offer.source).find
    if offer.also and first == find(offer):
        return [find(part) or first.with_name(Path(part.file).name) for part in offer.parts]
    return [first, *(first.with_name(Path(part.file).name) for part in offer.also)]


def read(offer: Weights, first: Path) -> "dict[str, np.ndarray]":
    """Read the tensors of an offer by upstream name, from all of its files; each file's names get its prefix."""
    arrays = {}
    for path, part in zip(paths(offer, first), offer.parts, strict=True):
        found = source(part.source).read(path, part)
        arrays |= {part.prefix + name: array for name, array in found.items()} if part.prefix else found
    return arrays
