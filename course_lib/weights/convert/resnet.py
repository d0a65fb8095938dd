"""Names of ResNet's layers upstream."""

from course_lib.weights.convert.names import rename

# conv2_block1_0_bn is the shortcut's, conv2_block1_1_bn the first convolution's; the preact_bn and the post_bn
# are the second version's.
_APPLICATIONS = (
    (r"predictions", "head"),
    (r"conv1_(conv|bn)", r"stem_\1"),
    (r"post_bn", "top_bn"),
    (r"conv(\d)_block(\d+)_preact_bn", r"stage\1_block\2_preact_bn"),
    (r"conv(\d)_block(\d+)_0_(conv|bn)", r"stage\1_block\2_shortcut_\3"),
    (r"conv(\d)_block(\d+)_(\d)_(conv|bn)", r"stage\1_block\2_\4\3"),
)


def applications(module: str, config) -> str | None:
    """keras.applications."""
    return rename(module, _APPLICATIONS)
