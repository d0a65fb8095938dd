"""Boxes on pictures: where they should be, names that can be read and stay in the picture, and words for the figure."""

import io

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageColor

from course_lib import viz
from course_lib.boxes import Boxes
from course_lib.errors import BadInput
from course_lib.viz import paint
from course_lib.viz.boxes import draw

NAMES = ["cat", "dog", "a name that is too long for any small picture " * 3]


def blank(height=100, width=160):
    return np.full((height, width, 3), 128, np.uint8)


def rgb(label):
    return ImageColor.getrgb(paint.colour(label))


def test_a_box_is_drawn_where_it_is_in_its_classes_colour():
    image = blank()
    out = draw(image, Boxes.of([[20, 40, 90.4, 80]], [1]), NAMES)
    assert out.shape == image.shape
    assert (image == 128).all()
    rows, columns = np.nonzero((out == rgb(1)).all(axis=2))
    assert (columns.min(), columns.max(), rows.max()) == (20, 89, 79)
    assert (out[60, 30:80] == 128).all()  # what is in the box stays
    assert (out[40, 20:90] == rgb(1)).all()


def test_a_name_that_has_no_room_above_stands_inside_and_two_do_not_hide_each_other():
    out = draw(blank(), Boxes.of([[0, 0, 160, 100]], [0]), NAMES)
    assert (out[1:9, 1:20] == rgb(0)).all(axis=2).mean() > 0.3
    both = draw(blank(), Boxes.of([[10, 30, 100, 90], [10, 30, 100, 90]], [0, 1], [0.9, 0.8]), NAMES)
    for label in (0, 1):
        assert (both == rgb(label)).all(axis=2).sum() > 200


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 2**32 - 1))
@example(1, 300, 0)
@example(300, 1, 0)
@example(1, 1, 0)
def test_every_picture_and_every_box_can_be_drawn(height, width, seed):
    rng = np.random.default_rng(seed)
    corners = np.sort(rng.normal(0.5, 1, (5, 2, 2)), axis=1).reshape(-1, 4) * [width, height, width, height]
    corners = np.concatenate([corners, [[np.nan] * 4, [np.inf] * 4, [9, 9, 1, 1], [1e30] * 4]])
    boxes = Boxes.of(corners, rng.integers(0, 3, 9), rng.uniform(0, 1, 9))
    out = draw(blank(height, width), boxes, NAMES)
    assert out.shape == (height, width, 3)
    assert out.dtype == np.uint8


def test_names_end_within_the_picture():
    font = paint._font(10)
    short = paint._shortened(NAMES[2], font, 60)
    assert short.endswith(paint.ELLIPSIS)
    assert font.getlength(short) <= 60
    for box in ((-50, -50, 20, 20), (150, 90, 400, 400), (0, 0, 160, 100)):
        x0, y0, x1, y1 = paint._place(box, 60, 12, (160, 100), [])
        assert 0 <= x0 < x1 < 160
        assert 0 <= y0 < y1 < 100


def test_each_class_has_a_colour_of_its_own_on_which_its_name_can_be_read():
    colours = [paint.colour(label) for label in range(100)]
    assert len(set(colours)) == 100

    def luminance(colour):
        shares = np.array(ImageColor.getrgb(colour)) / 255
        return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]  # fmt: skip

    for colour in colours:
        light, dark = sorted((luminance(colour), luminance(paint.ink_on(colour))))[::-1]
        assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_what_was_detected_brings_its_names():
    from course_lib.tasks.detect import Detections

    found = Detections(Boxes.of([[20, 40, 90, 80]], [1], [0.87]), NAMES)
    assert np.array_equal(draw(blank(), found), draw(blank(), found.boxes, NAMES))
    assert viz.detections(blank(), found).alt == "A picture with boxes: dog 87%."


def test_the_figure_says_what_was_found_and_dashes_the_truth():
    images = np.stack([blank(), blank()])
    found = [Boxes.of([[20, 40, 90, 80]], [0], [0.5]), Boxes.of([], [], [])]
    truth = [Boxes.of([[22, 38, 92, 82]], [0]), Boxes.of([[10, 10, 50, 50]], [1])]
    figure = viz.detections(images, found, NAMES, truth=truth, columns=2)
    assert figure.alt == "Grid of 2 pictures with boxes: cat 50%; nothing. The true boxes are dashed."
    assert figure.caption == "Dashed: the true boxes."
    plain = viz.detections(images, found, NAMES, columns=2)
    assert plain.caption is None
    one, other = (
        np.asarray(Image.open(io.BytesIO(f.data)).convert("RGB"), np.int16) for f in (figure, plain)
    )
    assert one.shape == other.shape
    changed = np.abs(one - other).max(axis=2) > 60
    half = one.shape[1] // 2
    assert 50 < changed[:, half:].sum() < 0.1 * changed[:, half:].size


@pytest.mark.parametrize(
    ("images", "boxes", "more", "says"),
    [
        (blank(), "cat", {}, "not str"),
        (blank(), Boxes.of([[0, 0, 9, 9]], [7]), {"names": NAMES}, "class 7"),
        ([blank()] * 2, [Boxes.of([], [])], {}, "2 pictures"),
        ([blank()], [Boxes.of([], [])], {"titles": "ab"}, "titles"),
        ("missing.jpg", Boxes.of([], []), {}, "missing"),
    ],
)
def test_wrong_input_is_one_clear_sentence(images, boxes, more, says):
    with pytest.raises(BadInput, match=says):
        viz.detections(images, boxes, **more)
