"""Architectures written to be read: one file per family, each with `build(config)` and `CONFIGS`.

A family is found by its file's name, so nothing here lists families.
"""

import importlib
import sys
from types import ModuleType

# Keras follows a network from its end to its beginning by calls within calls. EfficientNet-L2 needs nearly all of the
# thousand that Python allows, and a notebook or a test runner has used some of them already.
sys.setrecursionlimit(max(sys.getrecursionlimit(), 10_000))


def family(name: str) -> ModuleType:
    """Import a family's module.

    Args:
        name: the family, as its card names it, for instance "resnet".

    Returns:
        The module, with `build(config) -> keras.Model` and `CONFIGS: dict[str, config]`.
    """
    return importlib.import_module(f"{__name__}.{name}")
