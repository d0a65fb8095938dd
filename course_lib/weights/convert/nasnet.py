"""Names of NASNet's layers upstream."""

import re

from course_lib.weights.convert.names import rename

# Upstream calls the block's first operation "left1", in reduction cells "reduction_left1"; the last block's left one
# is "left4" there, as the fourth block's is a pooling, which has no weights.
_IN_CELL = (
    (r"separable_conv_(\d)_reduction_left4", r"block5_left_sep\1"),
    (r"separable_conv_(\d)_bn_reduction_left4", r"block5_left_bn\1"),
    (r"separable_conv_(\d)_(?:normal|reduction)_(left|right)(\d)", r"block\3_\2_sep\1"),
    (r"separable_conv_(\d)_bn_(?:normal|reduction)_(left|right)(\d)", r"block\3_\2_bn\1"),
    (r"(?:normal|reduction)_(conv|bn)_1", r"h_\1"),
    (r"adjust_conv_projection", "p_conv"),
    (r"adjust_conv_(\d)", r"p_conv\1"),
    (r"adjust_bn", "p_bn"),
)
_FIXED = {"stem_conv1": "stem_conv", "stem_bn1": "stem_bn", "predictions": "head"}


def applications(module: str, config) -> str | None:
    """keras.applications: a layer's name ends in its cell: stem_1, or 0, 1, ... with reduce_<n> between the stages."""
    name = module.rpartition("/")[2]  # without the scopes, which say the same again
    found = re.fullmatch(r"(.+?)_(stem_\d|reduce_\d+|\d+)", name)
    if name in _FIXED or not found:
        return _FIXED.get(name, module)
    return f"{_cell(found[2], config.cells)}_{rename(found[1], _IN_CELL)}"


def _cell(number: str, cells: int) -> str:
    """Return our name of a cell; in the count of upstream, a reduction takes the place before stages 2 and 3."""
    kind, _, count = number.rpartition("_")
    if kind == "stem":
        return f"stem_cell{count}"
    if kind == "reduce":
        return f"stage{int(count) // cells + 1}_reduction"
    if int(count) < cells:
        return f"stage1_cell{int(count) + 1}"
    stage, index = divmod(int(count) - 1, cells)
    return f"stage{stage + 1}_cell{index + 1}"
