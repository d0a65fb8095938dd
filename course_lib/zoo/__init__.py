"""Architectures written to be read: one file per family, each with `build(config)` and `CONFIGS`.

A family is found by its file's name, so nothing here lists families.
"""

import importlib
from types import ModuleType


def family(name: str) -> ModuleType:
    """Import a family's module.

    Args:
        name: the family, as its card names it, for instance "resnet".

    Returns:
        The module, with `build(config) -> keras.Model` and `CONFIGS: dict[str, config]`.
    """
    return importlib.import_module(f"{__name__}.{name}")
