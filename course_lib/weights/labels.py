"""What the numbers of a classifier's head are called."""

from functools import cache

from course_lib.media.fashion import KINDS
from course_lib.media.world import PRETRAIN_CLASSES
from course_lib.quiet import quiet_start


def _listed(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(","))


# The objects of two detection datasets, in the order in which networks score them.
COCO = _listed("""person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, fire hydrant, stop sign,
    parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe, backpack, umbrella,
    handbag, tie, suitcase, frisbee, skis, snowboard, sports ball, kite, baseball bat, baseball glove, skateboard,
    surfboard, tennis racket, bottle, wine glass, cup, fork, knife, spoon, bowl, banana, apple, sandwich, orange,
    broccoli, carrot, hot dog, pizza, donut, cake, chair, couch, potted plant, bed, dining table, toilet, tv, laptop,
    mouse, remote, keyboard, cell phone, microwave, oven, toaster, sink, refrigerator, book, clock, vase, scissors,
    teddy bear, hair drier, toothbrush""")
VOC = _listed("""aeroplane, bicycle, bird, boat, bottle, bus, car, cat, chair, cow, diningtable, dog, horse, motorbike,
    person, pottedplant, sheep, sofa, train, tvmonitor""")


def class_names(labels: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return class names in the order of the head's scores.

    Args:
        labels: the names themselves, nothing where there are none, or a set of names: "imagenet"; "imagenet+background", as TensorFlow-slim counts,
            with a class 0 for none of them; "coco" and "voc", the 80 and the 20 kinds of object in these datasets; "world",
            the 20 kinds that the nano models know; "fashion", Fashion-MNIST's ten.

    Returns:
        The names; ImageNet's 1,000 come from KerasHub, with spaces for underscores.
    """
    return SETS[labels]() if labels and isinstance(labels, str) else tuple(labels)


@cache
def _imagenet() -> tuple[str, ...]:
    with quiet_start():
        import keras_hub

    return tuple(keras_hub.utils.imagenet_id_to_name(index).replace("_", " ") for index in range(1000))


SETS = {
    "imagenet": _imagenet,
    "imagenet+background": lambda: ("background", *_imagenet()),
    "coco": lambda: COCO,
    "voc": lambda: VOC,
    "world": lambda: PRETRAIN_CLASSES,
    "fashion": lambda: KINDS,
}
