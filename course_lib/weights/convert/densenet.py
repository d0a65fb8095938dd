"""Names of DenseNet's layers upstream."""

from course_lib.weights.convert.names import rename

# keras.applications counts the stem as stage 1, so its stages 2 to 5 are the paper's dense blocks 1 to 4.
_STAGES = ("", "", "1", "2", "3", "4")
# In a layer, 0 is the batch norm in front of convolution 1; what is called 1_bn stands in front of convolution 2.
_APPLICATIONS = (
    (r"predictions", "head"),
    (r"conv1_(conv|bn)", r"stem_\1"),
    (r"conv(\d)_block(\d+)_0_bn", r"block{\1}_layer\2_bn1"),
    (r"conv(\d)_block(\d+)_1_bn", r"block{\1}_layer\2_bn2"),
    (r"conv(\d)_block(\d+)_(\d)_conv", r"block{\1}_layer\2_conv\3"),
    (r"pool(\d)_(conv|bn)", r"transition{\1}_\2"),
    (r"bn", "final_bn"),
)


def applications(module: str, config) -> str | None:
    """keras.applications."""
    return rename(module, _APPLICATIONS, _STAGES)
