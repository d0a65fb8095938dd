"""Grids of made pictures and walks, as figures with words."""

import io

import numpy as np
import pytest
from PIL import Image

from course_lib import viz
from course_lib.errors import BadInput


def _open(picture):
    with Image.open(io.BytesIO(picture.data)) as found:
        return np.asarray(found.convert("RGB")).astype(int)


def test_samples_stand_in_rows_with_their_names():
    images = np.zeros((6, 8, 8, 1), np.uint8)
    images[5] = 200
    picture = viz.samples(images, ["coat", "bag"], columns=3, width=300)
    assert picture.alt == "Grid of 6 pictures in rows of 3: coat, bag."
    page = _open(picture)
    assert picture.size == (page.shape[1], page.shape[0])
    assert page.shape[1] <= 300
    bright = np.argwhere(np.abs(page[:, 92:] - 200).max(axis=2) < 12)  # beside the names
    # The last picture is the rightmost of the lower row, enlarged to whole squares.
    assert bright.min(axis=0)[0] > page.shape[0] / 2
    assert bright.min(axis=0)[1] > (page.shape[1] - 92) * 0.6
    assert (np.ptp(bright, axis=0) > 30).all()
    assert np.ptp(page[:, 8:84]) > 50  # the names


def test_large_samples_shrink():
    picture = viz.samples(
        np.zeros((4, 256, 256, 3), np.uint8), columns=4, width=400, alt="Four dark pictures."
    )
    assert picture.size[0] <= 400
    assert picture.alt == "Four dark pictures."


def test_a_walk_moves(tmp_path):
    frames = np.random.default_rng(0).integers(0, 256, (5, 32, 32, 3), dtype=np.uint8)
    picture = viz.moving(frames)
    assert picture.kind == "gif"
    assert "image/gif" in picture._repr_html_()
    assert "5 frames" in picture.alt
    assert picture.save(tmp_path / "walk").name == "walk.gif"
    with Image.open(tmp_path / "walk.gif") as moving:
        assert moving.n_frames == 5


def test_names_that_do_not_fit_are_refused():
    with pytest.raises(BadInput, match="2 rows and 3 names"):
        viz.samples(np.zeros((6, 8, 8, 1), np.uint8), ["a", "b", "c"], columns=3)
    with pytest.raises(BadInput, match="alternative text"):
        viz.moving(np.zeros((2, 8, 8, 3), np.uint8), alt=" ")
