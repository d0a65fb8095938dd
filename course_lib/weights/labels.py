"""What the numbers of a classifier's head are called."""

from functools import cache

from course_lib.media.world import PRETRAIN_CLASSES
from course_lib.quiet import quiet_start


def class_names(labels: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return class names in the order of the head's scores.

    Args:
        labels: the names themselves, or a set of names: "imagenet"; "imagenet+background", as TensorFlow-slim counts,
            with a class 0 for none of them; "world", the 20 kinds that the nano models know.

    Returns:
        The names; ImageNet's 1,000 come from KerasHub, with spaces for underscores.
    """
    return SETS[labels]() if isinstance(labels, str) else tuple(labels)


@cache
def _imagenet() -> tuple[str, ...]:
    with quiet_start():
        import keras_hub

    return tuple(keras_hub.utils.imagenet_id_to_name(index).replace("_", " ") for index in range(1000))


SETS = {
    "imagenet": _imagenet,
    "imagenet+background": lambda: ("background", *_imagenet()),
    "world": lambda: PRETRAIN_CLASSES,
}
