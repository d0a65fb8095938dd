"""Finding objects: the course's `.detect` beside KerasCV's detector of the same architecture and size."""

from collections.abc import Iterator
from functools import partial

import keras_cv
import numpy as np

from benchmarks.timing import Case
from course_lib import build, card, engines, load
from course_lib.media.images import read_image
from course_lib.media.samples import sample
from course_lib.media.scenes import make_scene
from course_lib.tasks.base import Provenance
from course_lib.tasks.detect import ObjectDetector
from course_lib.weights.labels import class_names
from course_lib.weights.preprocess import Preprocess

SIDE = 640


def detecting(left_out: list[str]) -> Iterator[Case]:
    """Yield the cases; frames a second are a thousand divided by the milliseconds.

    Args:
        left_out: gets a line for each engine that is not installed.
    """
    photo = read_image(sample("china"))
    peer = partial(
        _keras_cv().predict, np.random.default_rng(0).random((1, SIDE, SIDE, 3), np.float32), verbose=0
    )
    for engine in ("tf", "openvino"):
        if engine not in engines.installed():
            left_out.append(f"yolo_v8_n on {engine}, which is not installed")
            continue
        words = "by default" if engine == "tf" else engine
        run = partial(_yolo_v8_n().compile(engine=engine).detect, photo)
        yield Case(f"yolo_v8_n.detect(photo), {words}", "KerasCV predict", run, peer, limit=1.0)
    scene, nano = make_scene(seed=7)[0], load("yolo_v8_nano")
    network = nano._logits
    bare = partial(network, nano.preprocess([scene]))
    yield Case("yolo_v8_nano.detect(scene)", "its network alone", partial(nano.detect, scene), bare)


def _yolo_v8_n() -> ObjectDetector:
    """Return YOLOv8 n with random weights, which take as long as any others."""
    model = build("yolo_v8_n")
    names = partial(class_names, "coco")
    preprocess = Preprocess(SIDE, "unit", 0, letterbox=True)
    return ObjectDetector(
        card("yolo_v8_n"), model, Provenance("random", "yolo_v8_n", "the initialisers"), preprocess, names
    )


def _keras_cv():
    """Build the same with KerasCV, from its base classes: its presets would ask the network."""
    backbone = keras_cv.models.YOLOV8Backbone(
        stackwise_channels=[32, 64, 128, 256], stackwise_depth=[1, 2, 2, 1], include_rescaling=False,
        input_shape=(SIDE, SIDE, 3),
    )  # fmt: skip
    return keras_cv.models.YOLOV8Detector(backbone, 80, "xyxy", fpn_depth=1)
