"""Renaming by rules, which is all that most converters do."""

import re
from collections.abc import Iterable, Sequence


def rename(module: str, rules: Iterable[tuple[str, str]], blocks: Sequence[str] = ()) -> str:
    r"""Rename by the first rule that fits.

    Args:
        module: upstream's name of a layer.
        rules: (pattern, ours) pairs: a regular expression for the whole name, and our name, in which \1, \2, ...
            stand for its groups.
        blocks: our names of the blocks, where upstream counts them: `{\1}` in our name stands for the block of that
            number, `{}` for the first.

    Returns:
        Our layer's name; the given one where no rule fits, so that the check of all names says what is unknown.
    """
    for pattern, ours in rules:
        if found := re.fullmatch(pattern, module):
            try:
                return found.expand(ours).format(*blocks)
            except IndexError:  # a file with more blocks than the model
                return module
    return module
