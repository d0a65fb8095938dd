"""Scenes: the boxes are where the objects are, and a seed decides everything."""

import numpy as np
import pytest

from course_lib.errors import BadInput
from course_lib.media import scenes
from course_lib.media.world import HELDOUT_CLASSES, PRETRAIN_CLASSES


@pytest.fixture(scope="module")
def made():
    return scenes.make_scenes(60, seed=3)


def test_one_to_six_objects_whose_boxes_lie_inside(made):
    images, boxes = made
    assert images.shape == (60, 96, 96, 3)
    assert images.dtype == np.uint8
    assert {len(found) for found in boxes} == {1, 2, 3, 4, 5, 6}
    for found in boxes:
        assert found.scores is None
        assert (found.corners >= 0).all()
        assert (found.corners <= 96).all()
        assert (found.corners[:, 2:] - found.corners[:, :2] > 5).all()
        assert set(found.labels) <= set(range(len(PRETRAIN_CLASSES)))


def test_a_longer_set_begins_with_the_shorter_and_may_be_painted_in_parts(made):
    images, boxes = scenes.make_scenes(2, seed=3, first=5)
    assert (images == made[0][5:7]).all()
    assert (boxes[1].corners == made[1][6].corners).all()
    assert (scenes.make_scenes(1, seed=4)[0] != made[0][:1]).any()


def test_the_box_is_tight_round_what_was_painted(monkeypatch):
    """Without noise and clutter, the pixels that differ from an empty scene lie in the box and reach its edges."""
    flat = np.full((3, 64, 64), 0.5, np.float32)
    monkeypatch.setattr(scenes, "paint_background", lambda rng, size: flat.copy())
    monkeypatch.setattr(scenes, "photograph", lambda canvas, rng: canvas.transpose(1, 2, 0))
    monkeypatch.setattr(scenes, "MOST", 1)
    for index in range(8):
        image, boxes = scenes.make_scene(["heart"], 64, 0, index)
        rows, columns = np.nonzero(np.abs(image - 0.5).sum(axis=2) > 1e-3)
        seen = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        np.testing.assert_allclose(boxes.corners[0], seen, atol=1)


def test_objects_hide_little_of_one_another():
    rng = np.random.default_rng(0)
    for _ in range(100):
        places = scenes._places(rng, 6)
        for i, (centre, radius) in enumerate(places):
            assert all(scenes._hidden(centre, radius, *other) <= scenes.HIDDEN for other in places[:i])


def test_kinds_of_the_other_set_and_bad_input():
    _, boxes = scenes.make_scenes(5, HELDOUT_CLASSES[:1])
    assert set(np.concatenate([found.labels for found in boxes])) == {0}
    for wrong in ({"n": -1}, {"n": 1, "size": 8}, {"n": 1, "classes": ["unicorn"]}, {"n": 1, "seed": -1}):
        with pytest.raises(BadInput):
            scenes.make_scenes(**wrong)
