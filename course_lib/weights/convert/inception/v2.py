"""Names of BN-Inception's layers upstream."""

from course_lib.weights.convert.inception.v1 import slim_name

_SLIM = (
    (r"Logits/Conv2d_1c_1x1", "head"),
    (r"Conv2d_1a_7x7", "stem1"),
    (r"Conv2d_2b_1x1", "stem2"),
    (r"Conv2d_2c_3x3", "stem3"),
)
# A module that halves the map ends a stage in the paper, and begins the next one in TensorFlow-slim.
_MIXED = ("3b", "3c", "4a", "4b", "4c", "4d", "4e", "5a", "5b", "5c")
_BRANCHES = (
    (r"Branch_0/Conv2d_0a_1x1", "1x1"),
    (r"Branch_1/Conv2d_0a_1x1", "3x3_reduce"),
    (r"Branch_1/Conv2d_0b_3x3", "3x3"),
    (r"Branch_2/Conv2d_0a_1x1", "double_reduce"),
    (r"Branch_2/Conv2d_0b_3x3", "double1"),
    (r"Branch_2/Conv2d_0c_3x3", "double2"),
    (r"Branch_3/Conv2d_0b_1x1", "pool_proj"),
)
_HALVING = (
    (r"Branch_0/Conv2d_0a_1x1", "3x3_reduce"),
    (r"Branch_0/Conv2d_1a_3x3", "3x3"),
    (r"Branch_1/Conv2d_0a_1x1", "double_reduce"),
    (r"Branch_1/Conv2d_0b_3x3", "double1"),
    (r"Branch_1/Conv2d_1a_3x3", "double2"),
)


def slim(module: str, config) -> str | None:
    """TensorFlow-slim: InceptionV2/Mixed_4a/Branch_0/Conv2d_1a_3x3, and its BatchNorm below it."""
    modules = {mixed: f"module{name}" for mixed, (name, *_) in zip(_MIXED, config.modules, strict=True)}
    halving = "Mixed_4a/" in module or "Mixed_5a/" in module
    return slim_name(module, "InceptionV2", modules, _SLIM, _HALVING if halving else _BRANCHES)
