"""Renaming by rules, which is all that most converters do."""

import re
from collections.abc import Iterable


def rename(module: str, rules: Iterable[tuple[str, str]]) -> str:
    r"""Rename by the first rule that fits.

    Args:
        module: upstream's name of a layer.
        rules: (pattern, ours) pairs: a regular expression for the whole name, and our name, in which \1, \2, ...
            stand for its groups.

    Returns:
        Our layer's name; the given one where no rule fits, so that the check of all names says what is unknown.
    """
    for pattern, ours in rules:
        if found := re.fullmatch(pattern, module):
            return found.expand(ours)
    return module
