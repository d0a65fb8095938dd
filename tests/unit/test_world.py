"""The procedural world: the same seed paints the same pictures, and only shape tells the class."""

import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier

from course_lib.errors import BadInput
from course_lib.media import world, world_painter
from course_lib.media.world_shapes import HOLE, SHAPES
from course_lib.media.world_textures import unlike

ALL = world.PRETRAIN_CLASSES + world.HELDOUT_CLASSES


def test_there_are_twenty_classes_to_pretrain_on_and_eight_others():
    assert len(world.PRETRAIN_CLASSES) == 20
    assert len(world.HELDOUT_CLASSES) == 8
    assert len(set(ALL)) == 28


@pytest.mark.parametrize("size", [8, 32, 33, 96])
def test_images_have_the_shape_type_and_range_that_is_promised(size):
    images, labels = world.make_images(40, size=size)
    assert images.shape == (40, size, size, 3)
    assert images.dtype == np.uint8
    assert labels.shape == (40,)
    assert labels.dtype == np.int32
    assert images.min() < 30  # dark and bright pixels both occur: the range is 0 to 255, not 0 to 1
    assert images.max() > 225


def test_the_same_seed_paints_the_same_images():
    first, second = world.make_images(20, seed=7), world.make_images(20, seed=7)
    np.testing.assert_array_equal(first[0], second[0])
    np.testing.assert_array_equal(first[1], second[1])


def test_a_larger_data_set_begins_with_the_smaller_one():
    few, many = world.make_images(15, seed=3), world.make_images(47, seed=3)
    np.testing.assert_array_equal(few[0], many[0][:15])
    np.testing.assert_array_equal(few[1], many[1][:15])


def test_seeds_share_no_image():
    seen = [image.tobytes() for seed in range(5) for image in world.make_images(100, seed=seed)[0]]
    assert len(set(seen)) == 500


def test_two_classes_at_one_index_share_no_background():
    ball, key = (world.make_image(name, seed=1, index=4) for name in ("ball", "key"))
    assert np.abs(ball[0].astype(int) - key[0]).mean() > 10


def test_every_run_of_the_class_count_shows_each_class_once():
    _, labels = world.make_images(8 * 5, world.HELDOUT_CLASSES, seed=2)
    assert (np.sort(labels.reshape(5, 8)) == np.arange(8)).all()
    assert not (labels.reshape(5, 8) == labels[:8]).all()  # shuffled anew in each run


def test_no_images_are_an_empty_array():
    images, labels = world.make_images(0)
    assert images.shape == (0, 32, 32, 3)
    assert labels.shape == (0,)


def test_a_name_stands_for_its_own_class():
    """The label is the position in `classes`, so another order gives the same picture another number."""
    images, labels = world.make_images(6, ["star", "ball"], seed=4)
    expected = [world.make_image(["star", "ball"][k], seed=4, index=i) for i, k in enumerate(labels)]
    np.testing.assert_array_equal(images, expected)


@pytest.mark.parametrize("name", ALL)
def test_an_object_stays_in_its_box_and_is_visible(name):
    rng = np.random.default_rng(0)
    for _ in range(20):
        canvas = world_painter.paint_background(rng, 48)
        before = canvas.copy()
        placed = world_painter.paint_object(canvas, rng, name, (0.5, 0.5), 0.35)
        mask, changed = placed.mask(48), np.abs(canvas - before).max(axis=0) > 1e-6
        assert 0 <= mask.min() <= mask.max() <= 1
        assert mask.sum() > 0.04 * 48 * 48
        assert not changed[mask == 0].any()
        rows, columns = np.nonzero(mask)
        tight = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        np.testing.assert_allclose(placed.box, tight, atol=1.001)  # the box is known to a quarter of a pixel


def test_an_object_beyond_the_edge_is_cut_there():
    rng = np.random.default_rng(1)
    canvas = world_painter.paint_background(rng, 32)
    x0, y0, x1, y1 = world_painter.paint_object(canvas, rng, "ball", (0.0, 0.9), 0.4).box
    assert (x0, y1) == (0, 32)
    assert 10 < y0 < 24
    assert 6 < x1 < 16


def test_no_two_shapes_look_alike():
    """Drawn at one size and place, two classes differ in a good part of their pixels."""
    window = (slice(0, 32), slice(0, 32))

    def drawn(name):
        outlines = [part.outline * 15 + 16 for part in SHAPES[name]]
        return world_painter.draw_parts(name, outlines, window)[0][:2].ravel()

    parts = np.array([drawn(name) for name in ALL])
    parts /= np.linalg.norm(parts, axis=1, keepdims=True)
    alike = parts @ parts.T - np.eye(28)
    assert alike.max() < 0.96, [ALL[i] for i in np.unravel_index(alike.argmax(), alike.shape)]


def test_classes_can_be_told_apart_from_pixels_but_not_from_colour():
    """Linear models: on masks far better than chance (1/20), on mean colours no better."""

    def colours(seed):
        images, labels = world.make_images(1000, seed=seed)
        return images.reshape(1000, -1, 3).mean(axis=1) / 255, labels

    def masks(seed):
        rng, rows, labels = np.random.default_rng(seed), [], np.arange(1000) % 20
        for label in labels:
            canvas = np.zeros((3, 16, 16), np.float32)
            name = world.PRETRAIN_CLASSES[label]
            rows.append(world_painter.paint_object(canvas, rng, name, (0.5, 0.5), 0.45).mask(16).ravel())
        return np.array(rows), labels

    def accuracy(make):
        return RidgeClassifier().fit(*make(0)).score(*make(1))

    assert accuracy(colours) < 0.1
    assert accuracy(masks) > 0.6


def test_the_parts_of_every_shape_fit_the_unit_square():
    for name, parts in SHAPES.items():
        points = np.concatenate([part.outline for part in parts if part.paint != HOLE])
        assert np.abs(points).max() <= 1.0 + 1e-9, name
        assert np.ptp(points, axis=0).max() > 1.65, name  # and fill it, so that all classes are of one size


def test_an_unlike_colour_is_far_from_the_first():
    rng = np.random.default_rng(0)
    for _ in range(100):
        colour = rng.random(3)
        assert np.abs(unlike(rng, colour, 0.55) - colour).sum() > 0.55


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"classes": ["bal"]}, "did you mean 'ball'"),
        ({"classes": ["zzz"]}, "no class 'zzz'"),
        ({"classes": []}, "list of different class names"),
        ({"classes": "ball"}, "list of different class names"),
        ({"classes": ["ball", "ball"]}, "list of different class names"),
        ({"n": -1}, "n=-1"),
        ({"seed": -3}, "seed=-3"),
        ({"size": 4}, "from 8 to 1024"),
    ],
)
def test_bad_arguments_get_one_sentence(arguments, says):
    with pytest.raises(BadInput, match=says) as caught:
        world.make_images(**{"n": 2, **arguments})
    assert "\n" not in str(caught.value)


def test_the_mask_lies_where_the_object_is():
    inside = []
    for index in range(20):
        image, mask = world.make_masked_image("star", 64, seed=5, index=index)
        np.testing.assert_array_equal(image, world.make_image("star", 64, seed=5, index=index))
        assert mask.shape == (64, 64)
        assert mask.dtype == np.float32
        assert (mask.min(), mask.max()) == (0, 1)
        inside.append(mask.mean())
    assert 0.05 < np.mean(inside) < 0.6  # an object has a place, and leaves room for a background
    assert len({round(float(part), 4) for part in inside}) > 15


def test_masks_come_with_the_pictures_of_the_same_seed():
    images, labels, shares = world.make_masked_images(6, seed=4, grid=8)
    plain = world.make_images(6, seed=4)
    np.testing.assert_array_equal(images, plain[0])
    np.testing.assert_array_equal(labels, plain[1])
    _, mask = world.make_masked_image(world.PRETRAIN_CLASSES[labels[2]], seed=4, index=2)
    assert shares.shape == (6, 8, 8)
    assert shares[2, 3, 5] == pytest.approx(mask[12:16, 20:24].mean())


def test_a_grid_that_does_not_fit_gets_one_sentence():
    with pytest.raises(BadInput, match="no 8 equal cells"):
        world.make_masked_images(2, size=36)
