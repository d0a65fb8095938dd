"""What the numbers of a classifier's head are called."""

from functools import cache

from course_lib.quiet import quiet_start


def class_names(labels: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return class names in the order of the head's scores.

    Args:
        labels: "imagenet", or the names themselves.

    Returns:
        The names; ImageNet's 1,000 come from KerasHub, with spaces for underscores.
    """
    return _imagenet() if labels == "imagenet" else tuple(labels)


@cache
def _imagenet() -> tuple[str, ...]:
    with quiet_start():
        import keras_hub

    return tuple(keras_hub.utils.imagenet_id_to_name(index).replace("_", " ") for index in range(1000))
