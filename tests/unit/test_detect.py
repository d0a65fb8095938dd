"""Detection: a network whose numbers mean known boxes gives these boxes, in the pixels of the picture as it was given."""

import keras
import numpy as np
import pytest
from keras import layers, ops
from PIL import Image

from course_lib import engines
from course_lib.boxes import grid
from course_lib.catalog.cards import Card
from course_lib.errors import BadInput
from course_lib.media.letterbox import Letterbox
from course_lib.tasks import task_class
from course_lib.tasks.base import Provenance
from course_lib.training.finetuning import finetune
from course_lib.weights.labels import class_names
from course_lib.weights.preprocess import Preprocess

SIZE, BINS, LABELS = 64, 8, ("cat", "<dog>", "bus")
CARD = Card("boxes", "boxes", "Boxes", "detect", 2026, "", "", 0, SIZE, "", "17")
# In a picture 120 px high and 200 wide: corners, class, how sure.
OBJECTS = [((10.5, 20, 60, 90.25), 0, 0.9), ((100, 5, 199, 60), 1, 0.8), ((150, 70, 180, 110), 2, 0.3)]


def logits(objects, shape, sure_cells=1):
    """Return a head (cells, 4 * BINS + classes) that means these objects of a picture of this shape (height, width)."""
    centres, strides = grid.cells(SIZE, SIZE)
    head = np.zeros((len(centres), 4 * BINS + len(LABELS)), np.float32)
    head[:, 4 * BINS :] = -9
    for corners, label, score in objects:
        inside = Letterbox(*shape, SIZE).to_square([corners])
        distances = np.asarray(grid.distances_of(np.tile(inside, (len(centres), 1)), centres, strides))
        fitting = np.flatnonzero(((distances > 0) & (distances < BINS - 1)).all(axis=1))
        for cell in fitting[:sure_cells]:
            head[cell, : 4 * BINS] = np.concatenate([between(d) for d in distances[cell]])
            head[cell, 4 * BINS + label] = np.log(score / (1 - score))
    return head


def between(distance):
    """Return BINS logits whose mean is a distance between two of them."""
    low, share = int(distance), distance % 1
    row = np.full(BINS, -40, np.float32)
    row[[low, low + 1]] = np.log([max(1 - share, 1e-9), max(share, 1e-9)])
    return row


@keras.saving.register_keras_serializable("tests")
class Says(layers.Layer):
    """A head that says the same of each picture."""

    def __init__(self, numbers, **options):
        super().__init__(**options)
        self.numbers = self.add_weight(shape=numbers.shape, trainable=False)
        self.numbers.assign(numbers)

    def call(self, maps):
        return self.numbers[None] + 0 * ops.mean(maps, axis=(1, 2))[:, None, :1]


def detector(head, labels=LABELS, grade="nano"):
    image = layers.Input((SIZE, SIZE, 3), name="image")
    maps = layers.AveragePooling2D(32, name="spp_out")(image)
    model = keras.Model(image, Says(head, name="says")(maps))
    preprocess = Preprocess(SIZE, "unit", 0, letterbox=True)
    return task_class("detect")(CARD, model, Provenance(grade, "boxes", "a test"), preprocess, labels)


def picture(height=120, width=200):
    return np.full((height, width, 3), 255, np.uint8)


@pytest.fixture(scope="module")
def model():
    return detector(logits(OBJECTS, (120, 200)))


@pytest.mark.parametrize("shape", [(120, 200), (200, 120), (333, 1000), (31, 17)])
def test_boxes_come_back_on_pictures_of_every_shape(shape):
    height, width = shape
    scale = np.tile([width / 200, height / 120], 2)
    objects = [(tuple(corners * scale), label, score) for corners, label, score in OBJECTS]
    found = detector(logits(objects, shape)).detect(picture(*shape))
    assert [d.label for d in found] == list(LABELS)
    for one, (corners, label, score) in zip(found, objects, strict=True):
        np.testing.assert_allclose(one.box, corners, atol=0.5)
        assert one.index == label
        assert one.score == pytest.approx(score, abs=1e-5)
    np.testing.assert_allclose(found.boxes.corners, [d.box for d in found], atol=0.006)
    assert found.boxes.labels.tolist() == [0, 1, 2]


def test_each_picture_of_a_batch_gets_boxes_in_its_own_pixels(model):
    small, large, wide = model.detect([picture(60, 100), picture(240, 400), picture(12, 200)])
    np.testing.assert_allclose(2 * small.boxes.corners, large.boxes.corners / 2, atol=0.1)
    # What lies on the margin is cut off, and what lies there alone is none.
    assert len(wide) < len(small)
    assert all(0 <= y0 < y1 <= 12 for _, y0, _, y1 in (d.box for d in wide))


def test_thresholds(model):
    assert [d.label for d in model.detect(picture(), score=0.5)] == ["cat", "<dog>"]
    assert [d.label for d in model.detect(picture(), most=1)] == ["cat"]
    assert len(model.detect(picture(), score=1.0)) == 0
    assert len(model.detect(picture(), score=0)) >= 3
    crowded = detector(logits(OBJECTS, (120, 200), sure_cells=6))
    assert len(crowded.detect(picture())) == 3
    assert len(crowded.detect(picture(), overlap=1.0)) > 3


@pytest.mark.parametrize("wrong", [{"score": 1.5}, {"score": "high"}, {"score": float("nan")}, {"overlap": -0.1},
                                   {"overlap": True}, {"most": 0}, {"most": 2.5}, {"score": None}])  # fmt: skip
def test_a_wrong_threshold_is_told_by_name(model, wrong):
    with pytest.raises(BadInput, match=next(iter(wrong))):
        model.detect(picture(), **wrong)


def test_detections_print_and_names_cannot_break_the_page(model):
    found = model.detect(picture())
    lines = repr(found).splitlines()
    assert lines[0].split() == ["cat", "90.0%", "10,", "20,", "60,", "90"]
    assert len({line.index("%") for line in lines}) == 1
    page = found._repr_html_()
    assert "&lt;dog&gt;" in page
    assert "<dog>" not in page
    assert page.count("<tr>") == 4


def test_nothing_in_a_picture_is_no_error():
    found = detector(logits([], (120, 200))).detect(picture())
    assert len(found) == 0
    assert not found.error
    assert found.boxes.corners.shape == (0, 4)
    assert found.boxes.scores.shape == (0,)
    assert repr(found) == "nothing found"
    assert "nothing found" in found._repr_html_()


def test_nan_finds_nothing():
    head = np.full_like(logits([], (120, 200)), np.nan)
    assert len(detector(head).detect(picture(), score=0)) == 0


def test_one_bad_file_among_many_says_why(model, tmp_path):
    Image.fromarray(picture()).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_text("no picture")
    with pytest.warns(UserWarning, match="1 of 2"):
        good, bad = model.detect(tmp_path)
    assert good.name.endswith("a.png")
    assert len(good) == 3
    assert "b.png" in bad.error
    assert repr(bad) == bad.error
    assert len(bad) == 0
    with pytest.raises(BadInput, match=r"b\.png"):
        model.detect(tmp_path / "b.png")


def test_random_weights_know_no_classes():
    with pytest.raises(BadInput, match="random"):
        detector(logits([], (8, 8)), (), "random").detect(picture())


def test_features_are_the_mean_of_the_backbones_last_maps(model):
    rows = model.features([picture(64, 64), picture(64, 64) // 5])
    np.testing.assert_allclose(rows, [[1, 1, 1], [0.2, 0.2, 0.2]], atol=1e-5)


def test_another_engine_finds_the_same(model):
    if "openvino" not in engines.installed():  # which does not import it, and so does not wake its telemetry
        pytest.skip("OpenVINO is not installed")
    other = detector(logits(OBJECTS, (120, 200))).compile(engine="openvino")
    for ours, theirs in zip(model.detect(picture()), other.detect(picture()), strict=True):
        assert ours.label == theirs.label
        np.testing.assert_allclose(ours.box, theirs.box, atol=0.1)


def test_a_detector_is_no_classifier_to_finetune(model):
    with pytest.raises(BadInput, match="its task is detect"):
        finetune(model, (np.zeros((4, 8, 8, 3), np.uint8), [0, 1, 0, 1]))


def test_the_datasets_names():
    coco, voc = class_names("coco"), class_names("voc")
    assert (len(set(coco)), len(set(voc))) == (80, 20)
    assert [coco[i] for i in (0, 5, 11, 67, 79)] == ["person", "bus", "stop sign", "cell phone", "toothbrush"]
    assert list(voc) == sorted(voc)
    assert voc[14] == "person"
