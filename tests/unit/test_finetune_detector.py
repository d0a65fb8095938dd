"""New kinds for a detector: what fits is kept, the rest begins anew, and a saved one opens again."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from course_lib import catalog
from course_lib.boxes import Boxes
from course_lib.errors import BadInput
from course_lib.loading import build, open_pretrained
from course_lib.media.scenes import make_scenes
from course_lib.tasks.base import Provenance
from course_lib.tasks.detect import ObjectDetector
from course_lib.training.detection.finetuning import finetune_detector, with_classes
from course_lib.weights.preprocess import Preprocess


@pytest.fixture(scope="module")
def detector():
    keras.utils.set_random_seed(0)
    card = catalog.card("yolo_v8_nano")
    nowhere = Provenance("random", card.id, "the initialisers")
    return ObjectDetector(card, build(card.id), nowhere, Preprocess(96, "tf", 0, letterbox=True))


@pytest.fixture(scope="module")
def tuned(detector, tmp_path_factory):
    images, truths = make_scenes(4, ["key", "rocket"], 64)
    folder = tmp_path_factory.mktemp("tuned")
    options = {"steps": 2, "batch_size": 4, "warmup": 0}
    data, names = (list(images), truths), ["key", "rocket"]
    tf.config.run_functions_eagerly(
        True
    )  # two updates take less time than compiling them; that is for test_detection_training
    try:
        return finetune_detector(detector, data, class_names=names, out=folder, **options), folder
    finally:
        tf.config.run_functions_eagerly(False)


@pytest.mark.parametrize("classes", [3, 20])  # 20 others are not the 20 that it knew
def test_only_the_class_scores_begin_anew(detector, classes):
    known = {variable.path: np.asarray(variable) for variable in detector.model.weights}
    fresh = [v.path for v in with_classes(detector, classes).weights if v.shape != known[v.path].shape
             or not np.array_equal(v, known[v.path])]  # fmt: skip
    assert {path.rpartition("/")[0] for path in fresh} == {f"head{level}_classes" for level in (3, 4, 5)}


def test_a_tuned_detector_says_what_it_knows(tuned, detector):
    found, _ = tuned
    assert found.labels == ("key", "rocket")
    assert found.provenance.grade == "fine-tuned"
    assert "4 pictures with boxes of 2 new classes" in found.provenance.trained_on
    assert found.model.output_shape[-1] == 4 * 8 + 2
    assert detector.model.output_shape[-1] == 4 * 8 + 20


def test_a_saved_detector_finds_the_same(tuned):
    found, folder = tuned
    again = open_pretrained(folder)
    pictures = make_scenes(1, seed=5)[0]
    first, second = (np.asarray(each.model(each.preprocess(pictures))) for each in (found, again))
    assert np.std(first) > 0.1
    np.testing.assert_array_equal(first, second)
    assert (type(again), again.labels, again.preprocess) == (type(found), found.labels, found.preprocess)


@pytest.mark.parametrize("model_id", ["yolo_v8_nano", "yolo_v9_nano"])
@pytest.mark.parametrize("size", [0, 50])
def test_a_size_is_a_whole_number_of_cells(model_id, size):
    with pytest.raises(BadInput, match=f"multiple of 32 pixels.* not {size}"):
        build(model_id, size=size)


def test_what_does_not_fit_is_said(detector):
    images, truths = make_scenes(2, ["key"], 64)
    picture = list(images)
    for data, names, words in (
        ((picture, truths[:1]), ["key"], "as many boxes as pictures"),
        (([], []), ["key"], "as many boxes as pictures"),
        ((picture, truths), [], "class_names is a list"),
        ((picture, truths), "key", "class_names is a list"),
        ((picture, [Boxes.of([[0, 0, 9, 9]], [3])] * 2), ["key"], "a name for each"),
        ((picture, [Boxes.of([[0, 0, 9, np.nan]], [0])] * 2), ["key"], "picture 0 .* finite"),
        ((picture, [truths[0], [[0, 0, 9, 9]]]), ["key"], "picture 1 are no `Boxes`"),
        (7, ["key"], "DetectionFolder"),
    ):
        with pytest.raises(BadInput, match=words):
            finetune_detector(detector, data, class_names=names)
    with pytest.raises(BadInput, match="no setting 'epochs'"):
        finetune_detector(detector, (picture, truths), class_names=["key"], epochs=3)
    for wrong, words in (
        ({"steps": 0}, "steps is 1 or more, not 0"),
        ({"mirror": "yes"}, "mirror is True or False"),
    ):
        with pytest.raises(BadInput, match=words):
            finetune_detector(detector, (picture, truths), class_names=["key"], **wrong)
    with pytest.raises(BadInput, match="begins with a loaded detector"):
        finetune_detector(None, (picture, truths), class_names=["key"])
