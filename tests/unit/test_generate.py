"""Making pictures: the same ones however many are asked for, by class, in flat memory; and what is refused."""

import io
import tracemalloc

import numpy as np
import pytest
from PIL import Image

from course_lib.errors import BadInput, CourseError
from course_lib.media.animation import gif, write_gif
from course_lib.media.sheet import sheet
from course_lib.tasks.generate import between
from course_lib.weights.labels import class_names
from tests.unit.toy_maker import toy


@pytest.fixture
def maker(monkeypatch):
    return toy(monkeypatch)


def _kind(pictures):
    """Read what the toy wrote into the corner."""
    return np.round((pictures[:, 0, 0, 0] / 127.5 - 1) * 5).astype(int).tolist()


def test_pictures_are_grey_bytes_in_three_channels(maker):
    pictures = maker.generate(5)
    assert pictures.shape == (5, 8, 8, 3)
    assert pictures.dtype == np.uint8
    assert (pictures == pictures[..., :1]).all()
    first = np.random.default_rng([0, 0]).standard_normal(4)[0]
    assert pictures[0, 4, 4, 0] == pytest.approx((np.tanh(first) + 1) * 127.5, abs=0.51)


def test_a_picture_is_the_same_however_many_are_made(maker):
    many = maker.generate(70, seed=3)
    assert np.array_equal(many[:7], maker.generate(7, seed=3))
    assert np.array_equal(many, np.concatenate(list(maker.stream(70, seed=3))))
    assert not np.array_equal(many[:7], maker.generate(7, seed=4))
    assert len(np.unique(many[:, 4, 4, 0])) > 40


def test_classes_come_by_turns_by_name_and_by_number(maker):
    assert _kind(maker.generate(7)) == [0, 1, 2, 0, 1, 2, 0]
    assert _kind(maker.generate(3, classes="dog")) == [1, 1, 1]
    assert _kind(maker.generate(4, classes=["tree FROG", 0])) == [2, 0, 2, 0]
    assert _kind(maker.generate(2, classes=np.int64(1))) == [1, 1]
    assert _kind(maker.generate(40, classes=np.array([2, 1])))[30:34] == [2, 1, 2, 1]


def test_truncation_brings_pictures_closer_together(maker):
    far, near = (maker.generate(60, truncation=truncation)[:, 4, 4, 0] for truncation in (1.0, 0.2))
    assert near.std() < 0.5 * far.std()


def test_a_million_pictures_are_made_in_flat_memory(maker):
    stream = maker.stream(1_000_000)
    next(stream)
    tracemalloc.start()
    for _ in range(200):
        batch = next(stream)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000
    assert len(batch) == 32
    assert set(maker.batches) == {32}


def test_large_pictures_are_made_few_at_a_time(monkeypatch):
    maker = toy(monkeypatch, size=128, classes=0)
    assert len(maker.generate(9)) == 9
    assert maker.batches == [8, 8]


def test_a_walk_ends_where_it_began(maker):
    frames = maker.walk(stops=3, steps=10, seed=1, classes=["cat", "dog", "cat"])
    assert frames.shape == (30, 8, 8, 3)
    assert np.array_equal(frames[[0, 10, 20]], maker.generate(3, seed=1, classes=["cat", "dog", "cat"]))
    middle = frames[:, 4, 4, 0].astype(int)
    assert np.abs(np.diff(np.append(middle, middle[0]))).max() < 80
    assert _kind(frames) == [0] * 5 + [1] * 10 + [0] * 15
    assert _kind(maker.walk(stops=2, steps=2)) == [0] * 4


def test_the_way_between_two_is_an_arc():
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 1, 512))
    half = between(a, b, np.array([[0.5]]))
    assert np.linalg.norm(half) == pytest.approx((np.linalg.norm(a) + np.linalg.norm(b)) / 2, rel=0.02)
    np.testing.assert_allclose(between(a, b, np.array([[0.0]])), a)
    np.testing.assert_allclose(between(a, b, np.array([[1.0]])), b)
    np.testing.assert_allclose(between(a, a, np.array([[0.3]])), a)
    np.testing.assert_allclose(between(0 * a, 0 * a, np.array([[0.3]])), 0 * a)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"n": 0}, "from 1, not 0"),
        ({"n": -3}, "from 1, not -3"),
        ({"n": 2.0}, "whole number"),
        ({"n": True}, "whole number"),
        ({"n": 1_000_000_000}, r"let `.stream\(n\)`"),
        ({"seed": -1}, "seed"),
        ({"truncation": 0}, "from 0.02 to 1, not 0"),
        ({"truncation": 1.5}, "from 0.02 to 1, not 1.5"),
        ({"truncation": float("nan")}, "not nan"),
        ({"truncation": "half"}, "'half'"),
        ({"truncation": None}, "None"),
        ({"classes": "Dogg"}, "did you mean 'dog'"),
        ({"classes": "xyz"}, "it knows cat, dog, Tree frog"),
        ({"classes": 3}, "0 to 2, not 3"),
        ({"classes": -1}, "0 to 2, not -1"),
        ({"classes": []}, "empty"),
        ({"classes": 1.5}, "name or a number"),
        ({"classes": ["cat", None]}, "None"),
    ],
)
def test_what_makes_no_sense_is_refused_at_once(maker, asked, says):
    with pytest.raises(BadInput, match=says):
        maker.generate(**asked)
    if asked.get("n", 1) != 1_000_000_000:
        with pytest.raises(BadInput, match=says):
            maker.stream(**{"n": 1, **asked})  # before the first batch is asked for
    assert not maker.batches


def test_a_model_without_classes_takes_none(monkeypatch):
    maker = toy(monkeypatch, labels=(), classes=0)
    assert len(maker.generate(2)) == len(maker.walk(1, 2)) == 2
    with pytest.raises(BadInput, match="leave `classes` away"):
        maker.generate(1, classes="cat")


def test_weights_without_names_take_numbers(monkeypatch):
    maker = toy(monkeypatch, labels=())
    assert _kind(maker.generate(1, classes=2)) == [2]
    with pytest.raises(BadInput, match="no names"):
        maker.generate(1, classes="cat")


def test_it_looks_at_no_pictures_and_runs_in_tensorflow(maker):
    with pytest.raises(BadInput, match="take a classifier"):
        maker.features(np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(CourseError, match="TensorFlow alone"):
        maker.compile("litert")


def test_weights_without_labels_have_none():
    assert class_names("") == ()
    assert class_names(("a", "b")) == ("a", "b")


def test_a_gif_holds_the_frames(tmp_path):
    frames = np.arange(0, 250, 50, dtype=np.uint8)[:, None, None, None] * np.ones((1, 8, 8, 3), np.uint8)
    write_gif(tmp_path / "walk.gif", frames, 10)
    with Image.open(tmp_path / "walk.gif") as moving:
        assert moving.n_frames == 5
        assert moving.size == (128, 128)
        assert moving.info["duration"] == 100
        assert moving.info["loop"] == 0
        moving.seek(3)
        assert np.abs(np.asarray(moving.convert("L")).astype(int) - 150).max() <= 2


@pytest.mark.parametrize(
    ("frames", "speed", "says"),
    [
        (np.zeros((0, 8, 8, 3), np.uint8), 12, "frames"),
        (np.zeros((2, 8, 8, 1), np.uint8), 12, "frames"),
        (np.zeros((2, 8, 8, 3)), 12, "float64"),
        (np.zeros((2, 8, 8, 3), np.uint8), 90, "1 to 50"),
    ],
)
def test_what_is_no_moving_picture_is_refused(frames, speed, says):
    with pytest.raises(BadInput, match=says):
        gif(frames, speed)


def test_a_gif_ends_in_gif(tmp_path):
    with pytest.raises(BadInput, match=r"\.gif"):
        write_gif(tmp_path / "walk.mp4", np.zeros((2, 8, 8, 3), np.uint8))


def test_a_sheet_keeps_every_picture_in_its_place():
    images = np.random.default_rng(0).integers(0, 256, (5, 4, 6, 1), dtype=np.uint8)
    page = sheet(images, 3, scale=2)
    assert page.shape == (2 * (2 * 6 - 2), 2 * (3 * 8 - 2), 3)
    small = page[::2, ::2]
    for index, image in enumerate(images):
        top, left = 6 * (index // 3), 8 * (index % 3)
        assert (small[top : top + 4, left : left + 6] == image).all()
    assert (small[6:, 16:] == 255).all()
    with Image.open(io.BytesIO(gif(np.stack([page, page])))) as again:
        assert again.n_frames in (1, 2)


@pytest.mark.parametrize(
    "images", [np.zeros((0, 4, 4, 3), np.uint8), np.zeros((1, 4, 4, 2), np.uint8), np.ones(3)]
)
def test_a_sheet_of_nothing_is_refused(images):
    with pytest.raises(BadInput, match="made of pictures"):
        sheet(images)
