"""Names of Inception-ResNet v2's layers upstream."""

from course_lib.weights.convert.inception.unnamed import nth, parts
from course_lib.weights.convert.inception.v3 import STEM
from course_lib.weights.convert.names import rename

_BRANCHES = {
    "module_a": "1_1 2_1 2_2 3_1 3_2 3_3 4_1",
    "block_a": "1_1 2_1 2_2 3_1 3_2 3_3",
    "reduction_a": "1_1 2_1 2_2 2_3",
    "block_b": "1_1 2_1 2_2 2_3",
    "reduction_b": "1_1 1_2 2_1 2_2 3_1 3_2 3_3",
    "block_c": "1_1 2_1 2_2 2_3",
}
# The few that have names: what each block adds, and the top.
_NAMED = (
    (r"predictions", "head"),
    (r"conv_7b", "top_1_conv"),
    (r"conv_7b_bn", "top_1_bn"),
    (r"block35_(\d+)_conv", r"block_a\1_up"),
    (r"block17_(\d+)_conv", r"block_b\1_up"),
    (r"block8_(\d+)_conv", r"block_c\1_up"),
)


def applications(module: str, config) -> str | None:
    """keras.applications."""
    return rename(nth(module, STEM + parts(config.modules(), _BRANCHES)), _NAMED)
