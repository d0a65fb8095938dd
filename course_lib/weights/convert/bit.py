"""Names of BiT's layers upstream."""

import re

from course_lib.weights.convert.names import rename

_FIXED = (
    (r"stem\.conv", "stem_conv"),
    (r"norm", "top_norm"),
    (r"head\.fc", "head"),
)


def torch(module: str, config) -> str | None:
    """timm counts stages and blocks from 0; ours from 2, since the stem is the first, and from 1."""
    block = re.fullmatch(r"stages\.(\d)\.blocks\.(\d+)\.(conv\d|norm\d|downsample\.conv)", module)
    if not block:
        return rename(module, _FIXED)
    part = block[3].replace("downsample.", "shortcut_")
    return f"stage{int(block[1]) + 2}_block{int(block[2]) + 1}_{part}"
