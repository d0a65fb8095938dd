"""Names of Xception's layers upstream."""

import re

from course_lib.weights.convert.names import rename

_FIXED = (
    (r"predictions", "head"),
    (r"block1_conv(\d)", r"stem_conv\1"),
    (r"block1_conv(\d)_bn", r"stem_bn\1"),
)
_PARTS = {"conv2d": "shortcut_conv", "batch_normalization": "shortcut_bn"}


def applications(module: str, config) -> str | None:
    """keras.applications: block2 is the first block after the stem; shortcuts have no name, only an order."""
    names = config.block_names()
    if shortcut := re.fullmatch(r"(conv2d|batch_normalization)_(\d+)", module):
        halving = [name for name in names if name.startswith("entry") or name == "exit_block1"]
        number = int(shortcut[2])
        return f"{halving[number]}_{_PARTS[shortcut[1]]}" if number < len(halving) else module
    block = re.fullmatch(r"block(\d+)_sepconv(\d)(_bn)?", module)
    if not block or not 0 <= int(block[1]) - 2 < len(names):
        return rename(module, _FIXED)
    return f"{names[int(block[1]) - 2]}_{'bn' if block[3] else 'sepconv'}{block[2]}"
