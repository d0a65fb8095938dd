"""Names of VGG's layers upstream."""

from course_lib.weights.convert.names import rename

_APPLICATIONS = (
    (r"predictions", "head"),
    (r"block(\d)_conv(\d)", r"stage\1_conv\2"),
    (r"fc(\d)", r"dense\1"),
)


def applications(module: str, config) -> str | None:
    """keras.applications."""
    return rename(module, _APPLICATIONS)
