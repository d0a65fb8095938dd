"""Names of MobileNet V2's layers upstream."""

import re

_FIXED = {
    "Conv1": "stem_conv",
    "bn_Conv1": "stem_bn",
    "Conv_1": "top_conv",
    "Conv_1_bn": "top_bn",
    "predictions": "head",
}
_PARTS = {
    "expand": "expand_conv", "expand_BN": "expand_bn", "depthwise": "dw_conv", "depthwise_BN": "dw_bn",
    "project": "project_conv", "project_BN": "project_bn",
}  # fmt: skip
_TORCH_FIXED = {
    "features.0.0": "stem_conv", "features.0.1": "stem_bn",
    "features.18.0": "top_conv", "features.18.1": "top_bn", "classifier.1": "head",
}  # fmt: skip
# The first block has no expansion, so its parts are counted differently.
_TORCH_FIRST = {"0.0": "dw_conv", "0.1": "dw_bn", "1": "project_conv", "2": "project_bn"}
_TORCH_PARTS = {
    "0.0": "expand_conv", "0.1": "expand_bn", "1.0": "dw_conv", "1.1": "dw_bn", "2": "project_conv", "3": "project_bn",
}  # fmt: skip


def applications(module: str, config) -> str | None:
    """keras.applications: expanded_conv is the first block, block_1 the second."""
    if module in _FIXED:
        return _FIXED[module]
    block = re.fullmatch(r"(?:expanded_conv|block_(\d+))_(\w+)", module)
    names = config.block_names()
    if not block or int(block[1] or 0) >= len(names) or block[2] not in _PARTS:
        return module
    return f"{names[int(block[1] or 0)]}_{_PARTS[block[2]]}"


def torch(module: str, config) -> str | None:
    """torchvision: features.1 is the first block."""
    if module in _TORCH_FIXED:
        return _TORCH_FIXED[module]
    block = re.fullmatch(r"features\.(\d+)\.conv\.([\d.]+)", module)
    parts = _TORCH_FIRST if block and block[1] == "1" else _TORCH_PARTS
    if not block or block[2] not in parts:
        return module
    return f"{config.block_names()[int(block[1]) - 1]}_{parts[block[2]]}"
