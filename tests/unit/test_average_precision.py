"""Average precision: equal to pycocotools, and to values found by hand."""

import contextlib
import io
import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from course_lib.boxes import Boxes
from course_lib.boxes.average_precision import MOST, at_recalls, evaluate, precision_recall
from course_lib.errors import BadInput

NONE = Boxes.of([], [])
NONE_FOUND = Boxes.of([], [], [])


def coco_scores(truths, found, classes) -> tuple[float, float, float, np.ndarray]:
    """Return what pycocotools says: mAP, mAP50, mAP75 and the AP of each class; -1 where there is no truth."""
    images = [{"id": i} for i in range(1, len(truths) + 1)]
    categories = [{"id": i, "name": str(i)} for i in range(classes)]
    with contextlib.redirect_stdout(io.StringIO()):
        data = COCO()
        data.dataset = {"images": images, "categories": categories, "annotations": annotations(truths)}
        data.createIndex()
        rows = annotations(found)
        results = data.loadRes(rows) if rows else COCO()
        evaluation = COCOeval(data, results, "bbox")
        evaluation.params.imgIds = [image["id"] for image in images]
        evaluation.params.catIds = list(range(classes))
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    precision = evaluation.eval["precision"][:, :, :, 0, -1]  # thresholds, recalls, classes
    return *evaluation.stats[:3], precision.mean((0, 1))


def annotations(pictures) -> list[dict]:
    rows = []
    for image, boxes in enumerate(pictures, 1):
        for index, (x0, y0, x1, y1) in enumerate(boxes.corners.astype(float).tolist()):
            row = {"id": len(rows) + 1, "image_id": image, "category_id": int(boxes.labels[index])}
            row |= {"bbox": [x0, y0, x1 - x0, y1 - y0], "area": (x1 - x0) * (y1 - y0), "iscrowd": 0}
            rows.append(row if boxes.scores is None else row | {"score": float(boxes.scores[index])})
    return rows


def some_boxes(generator, count, classes, whole) -> Boxes:
    low = generator.uniform(0, 25, (count, 2))
    corners = np.concatenate([low, low + generator.uniform(0.5, 25, (count, 2))], -1)
    # Whole pixels give equal IoUs, and such right at a threshold.
    corners = np.ceil(corners) if whole else corners
    corners[:, 2:] = np.maximum(corners[:, 2:], corners[:, :2] + 0.25)
    return Boxes.of(corners, generator.integers(0, classes, count))


def some_findings(generator, truth, classes, whole) -> Boxes:
    """Boxes near the true ones, some twice, with scores of which many are equal, and some out of the blue."""
    near = truth[generator.integers(0, len(truth), 2 * len(truth))] if len(truth) else truth
    shape = near.corners.shape
    shift = generator.integers(-2, 3, shape) if whole else generator.normal(0, 1, shape)
    blue = some_boxes(generator, int(generator.integers(0, 6)), classes, whole)
    corners = np.concatenate([near.corners + shift, blue.corners])
    corners[:, 2:] = np.maximum(corners[:, 2:], corners[:, :2] + 0.25)
    labels = np.concatenate([near.labels, blue.labels])
    wrong = generator.random(len(labels)) < 0.1
    labels[wrong] = generator.integers(0, classes, wrong.sum())
    return Boxes.of(corners, labels, generator.integers(0, 15, len(labels)) / 15)


@st.composite
def cases(draw):
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    classes, whole = draw(st.integers(1, 5)), draw(st.booleans())
    counts = draw(st.lists(st.integers(0, 6), min_size=1, max_size=8))
    truths = [some_boxes(generator, count, max(1, classes - 1), whole) for count in counts]
    found = [some_findings(generator, truth, classes, whole) for truth in truths]
    return truths, [boxes if generator.random() > 0.1 else NONE_FOUND for boxes in found], classes


def assert_as_coco(truths, found, classes) -> None:
    scores = evaluate(truths, found, classes)
    all_, at50, at75, per_class = coco_scores(truths, found, classes)
    expected = [math.nan if value == -1 else value for value in (all_, at50, at75, *per_class)]
    ours = [scores.map, scores.map50, scores.map75, *scores.per_class]
    np.testing.assert_allclose(ours, expected, atol=1e-6, equal_nan=True)


@settings(max_examples=60, deadline=None)
@given(cases())
def test_equal_to_pycocotools(case):
    assert_as_coco(*case)


def test_many_findings_equal_to_pycocotools():
    generator = np.random.default_rng(3)
    truths = [some_boxes(generator, 40, 2, whole=True) for _ in range(2)]
    found = [some_boxes(generator, 3 * MOST, 2, whole=True) for _ in range(2)]
    found = [
        Boxes(each.corners, each.labels, np.float32(generator.integers(0, 50, len(each)) / 50))
        for each in found
    ]
    assert_as_coco(truths, found, 2)
    assert len(evaluate(truths, found, 2).scores) == 4 * MOST


@pytest.mark.parametrize(
    ("truths", "found", "expected"),
    [
        ([], [], math.nan),
        ([NONE], [NONE_FOUND], math.nan),
        ([NONE], [Boxes.of([[0, 0, 9, 9]], [0], [1])], math.nan),
        ([Boxes.of([[0, 0, 9, 9]], [0])], [NONE_FOUND], 0.0),
        ([Boxes.of([[0, 0, 9, 9]], [0])], [Boxes.of([[0, 0, 9, 9]], [1], [1])], 0.0),
        ([Boxes.of([[0, 0, 9, 9]], [0])], [Boxes.of([[0, 0, 9, 9]], [0], [0.1])], 1.0),
        ([Boxes.of([[5, 5, 5, 5]], [0])], [Boxes.of([[5, 5, 5, 5]], [0], [1])], 0.0),
    ],
)
def test_nothing_and_all(truths, found, expected):
    scores = evaluate(truths, found, 2)
    np.testing.assert_equal([scores.map, scores.map50, scores.map75], [expected] * 3)


def test_by_hand():
    # Two true boxes. From the surest: right, a second one of the same (wrong), right at IoU 0.6 only.
    truth = Boxes.of([[0, 0, 10, 10], [50, 0, 60, 10]], [1, 1])
    found = Boxes.of([[50, 0, 60, 6], [0, 0, 10, 10], [0, 0, 10, 10]], [1, 1, 1], [0.3, 0.9, 0.8])
    scores = evaluate([truth], [found], 2)
    recall, precision, sure = scores.curve(1)
    np.testing.assert_allclose(recall, [0.5, 0.5, 1])
    np.testing.assert_allclose(precision, [1, 1 / 2, 2 / 3])
    np.testing.assert_allclose(sure, [0.9, 0.8, 0.3])
    assert scores.curve(1, iou=0.65)[0].tolist() == [0.5, 0.5, 0.5]
    assert scores.map50 == pytest.approx((51 + 50 * 2 / 3) / 101)
    assert scores.map75 == pytest.approx(51 / 101)
    assert np.isnan(scores.per_class[0])
    assert scores.curve(0)[0].size == 0


def test_the_best_precision_from_a_recall_on():
    recall, precision = precision_recall(np.array([False, True]), 2)
    values = at_recalls(recall, precision)
    assert values[:51].tolist() == [0.5] * 51
    assert values[51:].tolist() == [0.0] * 50


def test_what_does_not_fit_is_said():
    one = Boxes.of([[0, 0, 1, 1]], [3], [1.0])
    with pytest.raises(BadInput, match="2 pictures and found boxes of 1"):
        evaluate([NONE, NONE], [NONE_FOUND], 1)
    with pytest.raises(BadInput, match="label outside 0 to 2"):
        evaluate([NONE], [one], 3)
    with pytest.raises(BadInput, match="no scores"):
        evaluate([NONE], [NONE], 3)
    with pytest.raises(BadInput, match=r"IoU 0\.52"):
        evaluate([NONE], [NONE_FOUND], 3).curve(0, iou=0.52)


def test_a_thousand_pictures_take_seconds():
    generator = np.random.default_rng(0)
    truths = [some_boxes(generator, 4, 2, whole=False) for _ in range(1000)]
    found = [some_boxes(generator, 30, 2, whole=False) for _ in range(1000)]
    found = [Boxes(each.corners, each.labels, generator.random(30, np.float32)) for each in found]
    begun = time.process_time()
    evaluate(truths, found, 2)
    assert time.process_time() - begun < 4
