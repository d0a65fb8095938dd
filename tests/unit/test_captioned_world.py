"""The captioned world: captions that are true, and pairs that stay unseen."""

import hashlib

import numpy as np
import pytest

from course_lib.errors import BadInput
from course_lib.media import world_captions as world
from course_lib.media.world_captions import Scene


def test_the_same_seed_gives_the_same_pictures():
    images, scenes = world.make_captioned(6, seed=4)
    again, same = world.make_captioned(9, seed=4)
    np.testing.assert_array_equal(images, again[:6])
    assert scenes == same[:6]
    assert not np.array_equal(images, world.make_captioned(6, seed=5)[0])


def test_the_pictures_stay_what_the_weights_were_trained_on():
    images, _ = world.make_captioned(20, seed=0)
    assert hashlib.sha256(images.tobytes()).hexdigest()[:16] == "f09ca01ea7d949f8"


def test_training_and_new_pairs_have_nothing_in_common():
    known, new = (
        {(s.kind, s.colour) for s in world.make_captioned(2000, 8, seed=1, new_pairs=flag)[1]}
        for flag in (0, 1)
    )
    assert len(new) == 2 * len(world.KINDS)
    assert not known & new
    assert {kind for kind, _ in known} == set(world.KINDS)
    assert {colour for _, colour in known} == {colour for _, colour in new} == set(world.COLOURS)


@pytest.mark.parametrize("colour", world.COLOURS)
def test_the_object_has_the_colour_of_the_caption(colour):
    """A box without its accent covers the centre of the picture: its named colour is the nearest of the eight."""
    named = np.array(list(world.COLOURS.values()))
    nearest = []
    for seed in range(12):
        scene = Scene("heart", colour, "big", "plain")
        image = world.paint_scene(scene, np.random.default_rng(seed), 64) / 255
        corner, distance = (
            image[:2, :2].mean(axis=(0, 1)),
            np.abs(image - image[:2, :2].mean(axis=(0, 1))).sum(axis=2),
        )
        inside = image[distance >= np.quantile(distance, 0.9)].mean(axis=0)
        assert np.abs(inside - corner).sum() > 0.3
        spread = np.ptp(named, axis=1) > 0.3
        hues = named - named.min(axis=1, keepdims=True)
        hue = inside - inside.min()
        if np.ptp(inside) > 0.15:
            angles = (hues @ hue) / np.maximum(np.linalg.norm(hues, axis=1), 1e-6)
            angles[~spread] = -1
            nearest.append(list(world.COLOURS)[int(angles.argmax())])
        else:
            nearest.append("black" if inside.mean() < 0.35 else "white")
    assert nearest.count(colour) >= 11


def test_big_is_bigger_than_small():
    areas = {}
    for size in world.SIZES:
        scene = Scene("ball", "white", size, "plain")
        pictures = [world.paint_scene(scene, np.random.default_rng(seed), 48) for seed in range(10)]
        different = [np.abs(p.astype(int) - p[:3, :3].mean(axis=(0, 1))).sum(axis=2) > 90 for p in pictures]
        areas[size] = np.mean(different)
    assert areas["big"] > 2 * areas["small"]


def test_captions_tell_the_scene_in_known_words():
    scene = Scene("arrow", "orange", "small", "striped")
    assert scene.caption() == "a small orange arrow on a striped background"
    assert [scene.caption(i) for i in range(1, 5)] == [
        "a picture of an arrow",
        "an orange arrow",
        "a picture of an orange arrow",
        "a striped background with a small orange arrow",
    ]
    words = {word for _, s in zip(range(500), world.make_captioned(500, 8)[1], strict=True)
             for i in range(5) for word in s.caption(i).split()}  # fmt: skip
    assert words == set(world.WORDS)


@pytest.mark.parametrize("wrong", [{"n": -1}, {"seed": -1}, {"size": 4}])
def test_numbers_that_make_no_sense(wrong):
    with pytest.raises(BadInput, match="0 or more"):
        world.make_captioned(**{"n": 1} | wrong)
