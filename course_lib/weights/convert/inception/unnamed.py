"""keras.applications leaves most layers of Inception unnamed: Keras numbers them in the order in which they are made.

So a version says how many convolutions each branch of a module has, in that order; each has its batch norm behind it.
"""

import re
from collections.abc import Iterable, Mapping


def parts(modules: Iterable[str], branches: Mapping[str, str]) -> list[str]:
    """List all convolutions in the order in which keras.applications makes them.

    Args:
        modules: our modules in order, "module_a1", ..., of which some have several copies by number.
        branches: kind of module -> its convolutions, "1_1 2_1 2_2" for branch 1 with one and branch 2 with two.

    Returns:
        Our names without the layer's kind, "module_a1_branch2_1", ...
    """
    kinds = [(name, name.rstrip("0123456789")) for name in modules]
    return [f"{name}_branch{part}" for name, kind in kinds for part in branches[kind].split()]


def nth(module: str, names: list[str]) -> str:
    """Name "conv2d_7", or "batch_normalization_7", by the list; give back what is called otherwise."""
    found = re.fullmatch(r"(conv2d|batch_normalization)_(\d+)", module)
    if not found or int(found[2]) >= len(names):
        return module
    return f"{names[int(found[2])]}_{'conv' if found[1] == 'conv2d' else 'bn'}"
