"""Names of MobileNet's layers upstream."""

from course_lib.weights.convert.names import rename

# V2 and V3 call the first block expanded_conv, without a number.
_BLOCK = r"(?:expanded_conv|block)(?:_(\d+))?_"
_APPLICATIONS = (
    (r"conv_(dw|pw)_(\d+)", r"block\2_\1_conv"),  # V1
    (r"conv_(dw|pw)_(\d+)_bn", r"block\2_\1_bn"),
    (rf"{_BLOCK}(expand|project)", r"{\1}_\2_conv"),  # V2 and V3
    (rf"{_BLOCK}(expand|project)_(?:BN|bn)", r"{\1}_\2_bn"),
    (rf"{_BLOCK}depthwise", r"{\1}_dw_conv"),
    (rf"{_BLOCK}depthwise_(?:BN|bn)", r"{\1}_dw_bn"),
    (rf"{_BLOCK}squeeze_excite_conv", r"{\1}_se_reduce"),
    (rf"{_BLOCK}squeeze_excite_conv_1", r"{\1}_se_expand"),
    (r"conv1|Conv1|conv", "stem_conv"),  # in V1, V2, V3
    (r"conv1_bn|bn_Conv1|conv_bn", "stem_bn"),
    (r"Conv_1|conv_1", "top_conv"),
    (r"(?:Conv|conv)_1_bn", "top_bn"),
    (r"conv_2", "top_dense"),
    (r"conv_preds|predictions|logits", "head"),
)
_TORCH = (
    (r"features\.0\.0", "stem_conv"),
    (r"features\.0\.1", "stem_bn"),
    (r"features\.18\.0", "top_conv"),
    (r"features\.18\.1", "top_bn"),
    (r"classifier\.1", "head"),
    # The first block has no expansion, so its parts are counted differently.
    (r"features\.(1)\.conv\.0\.0", r"{\1}_dw_conv"),
    (r"features\.(1)\.conv\.0\.1", r"{\1}_dw_bn"),
    (r"features\.(1)\.conv\.1", r"{\1}_project_conv"),
    (r"features\.(1)\.conv\.2", r"{\1}_project_bn"),
    (r"features\.(\d+)\.conv\.0\.0", r"{\1}_expand_conv"),
    (r"features\.(\d+)\.conv\.0\.1", r"{\1}_expand_bn"),
    (r"features\.(\d+)\.conv\.1\.0", r"{\1}_dw_conv"),
    (r"features\.(\d+)\.conv\.1\.1", r"{\1}_dw_bn"),
    (r"features\.(\d+)\.conv\.2", r"{\1}_project_conv"),
    (r"features\.(\d+)\.conv\.3", r"{\1}_project_bn"),
)


def applications(module: str, config) -> str | None:
    """keras.applications: V1, V2 and V3."""
    return rename(module, _APPLICATIONS, config.block_names())


def torch(module: str, config) -> str | None:
    """torchvision's V2: features.0 is the stem, features.1 the first block."""
    return rename(module, _TORCH, ["stem", *config.block_names()])
