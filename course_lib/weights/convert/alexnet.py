"""Names of AlexNet's layers upstream."""

from course_lib.weights.convert.names import rename

# Places in torchvision's two stacks, which count ReLU, pooling and dropout too.
_TORCH = (
    (r"features\.0", "conv1"),
    (r"features\.3", "conv2"),
    (r"features\.6", "conv3"),
    (r"features\.8", "conv4"),
    (r"features\.10", "conv5"),
    (r"classifier\.1", "dense6"),
    (r"classifier\.4", "dense7"),
    (r"classifier\.6", "head"),
)


def torch(module: str, config) -> str | None:
    """torchvision."""
    return rename(module, _TORCH)
