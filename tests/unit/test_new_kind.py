"""The measurement behind lesson 17: its scenes, its ways, and what it found."""

import json

import numpy as np
import pytest

from course_lib.data_dir import data_dir
from course_lib.training.detection.finetuning import DetectorPlan
from course_lib.training.detection.new_kind import DRAWS, KIND, WAYS, scenes_with


def test_only_the_new_kind_is_labelled_and_each_scene_has_one():
    images, boxes = scenes_with(KIND, 5, seed=3)
    assert images.shape == (5, 96, 96, 3)
    assert images.dtype == np.uint8
    assert all(len(found) and not found.labels.any() for found in boxes)
    again, same = scenes_with(KIND, 2, seed=3)
    assert np.array_equal(again, images[:2])
    assert np.array_equal(same[1].corners, boxes[1].corners)
    assert not np.array_equal(scenes_with(KIND, 2, seed=4)[0], again)


@pytest.mark.parametrize("name", WAYS)
def test_a_way_is_a_plan(name):
    plan = DetectorPlan(**WAYS[name].settings)
    assert plan.steps == WAYS[name].steps
    assert plan.frozen_statistics == WAYS[name].knows


def test_what_lesson_17_says_of_the_record():
    recorded = json.loads((data_dir() / "experiments" / "new_kind.json").read_text())
    assert list(recorded) == list(WAYS)
    assert {len(runs) for runs in recorded.values()} == {len(DRAWS)}
    scores = {name: [run["map50"] for run in runs] for name, runs in recorded.items()}
    assert min(scores["fine-tuned, 100 steps"]) > max(scores["from scratch, 400 steps"])
    assert max(run["seconds"] for run in recorded["fine-tuned, 100 steps"]) < 40
