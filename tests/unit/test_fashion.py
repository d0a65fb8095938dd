"""Fashion-MNIST: what is shipped of it, and the full set where the machine has it."""

import gzip

import numpy as np
import pytest

from course_lib.errors import BadInput, CourseError
from course_lib.media import fashion

full = pytest.mark.skipif(not fashion.is_here(), reason="the full Fashion-MNIST is not on this machine")


@pytest.mark.parametrize(("shipped", "count"), [(fashion.held_out, 100), (fashion.few, 20)])
def test_shipped_pictures(shipped, count):
    images, labels = shipped()
    assert images.shape == (10 * count, 32, 32, 1)
    assert images.dtype == np.uint8
    assert (np.bincount(labels) == count).all()
    assert not images[:, [0, 1, -2, -1]].any()
    assert not images[:, :, [0, 1, -2, -1]].any()
    # Each picture is one thing that fills its frame, not parts of two neighbours on the sheet.
    assert (images.reshape(len(images), -1).max(axis=1) > 150).all()


def test_shipped_pictures_are_the_callers_own():
    images, _ = fashion.few()
    images[:] = 0
    assert fashion.few()[0].any()


def test_a_kind_looks_like_itself():
    """A picture's kind is that of the nearest mean picture, more often than not."""
    known, kinds = fashion.few()
    means = np.stack([known[kinds == kind].mean(axis=0) for kind in range(10)]).reshape(10, -1)
    images, labels = fashion.held_out()
    distances = ((images.reshape(-1, 1, 1024).astype(float) - means) ** 2).sum(axis=2)
    assert np.mean(distances.argmin(axis=1) == labels) > 0.6


@full
@pytest.mark.parametrize(
    ("split", "shipped", "count"), [("test", fashion.held_out, 10_000), ("train", fashion.few, 60_000)]
)
def test_shipped_pictures_are_the_first_of_the_full_set(split, shipped, count):
    images, labels = fashion.fashion(split)
    assert images.shape == (count, 32, 32, 1)
    ours, kinds = shipped()
    for kind in range(10):
        assert np.array_equal(images[labels == kind][: (kinds == kind).sum()], ours[kinds == kind])


def test_another_split_is_refused():
    with pytest.raises(BadInput, match="'train' and 'test'"):
        fashion.fashion("validation")


def test_a_machine_without_the_full_set_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(fashion, "DEBIAN", tmp_path)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(CourseError, match="dataset-fashion-mnist"):
        fashion.fashion("train")
    assert len(fashion.held_out()[0]) == 1_000


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(b"other pictures", mtime=0),
        b"no gzip",
        gzip.compress(b"cut", mtime=0)[:-6],
        gzip.compress(b"torn" * 99, mtime=0)[:10] + b"\xff" * 30,
    ],
)
def test_other_files_are_refused(tmp_path, monkeypatch, content):
    monkeypatch.setattr(fashion, "DEBIAN", tmp_path)
    for name in fashion.SHA256:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(CourseError, match="again"):
        fashion.fashion("test")
