"""The detector's grid: where its cells are, and that boxes survive the way to distances and back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.boxes import Boxes, grid
from course_lib.errors import BadInput


def test_cells_cover_the_picture_level_by_level_and_row_by_row():
    centres, strides = grid.cells(32, 64)
    assert centres[:3].tolist() == [[4, 4], [12, 4], [20, 4]]
    assert centres[8].tolist() == [4, 12]
    assert strides.ravel().tolist() == [8] * 32 + [16] * 8 + [32] * 2
    assert centres[-1].tolist() == [48, 16]


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_decode_reads_what_distances_say(seed):
    rng = np.random.default_rng(seed)
    centres, strides = grid.cells(64, 64)
    whole = rng.integers(0, 8, (len(centres), 4))
    logits = np.where(np.arange(8) == whole[..., None], 60.0, 0.0).reshape(-1, 32).astype(np.float32)
    corners = np.asarray(grid.decode(logits, centres, strides))
    np.testing.assert_allclose(corners[:, 2:] - centres, whole[:, 2:] * strides, atol=1e-3)
    np.testing.assert_allclose(grid.distances_of(corners, centres, strides), whole, atol=1e-4)


def test_a_distance_between_two_bins_is_their_mean():
    logits = np.full(16, -60, np.float32)
    logits[[2, 3]] = 0, np.log(3)
    np.testing.assert_allclose(grid.expected_distances(np.tile(logits, 4)), [2.75] * 4, rtol=1e-5)


def test_boxes_of_lists_and_of_nothing():
    none = Boxes.of([], [])
    assert none.corners.shape == (0, 4)
    assert len(none) == 0
    two = Boxes.of([[0, 0, 1, 1], [2, 2, 3, 3]], [4, 5], [0.1, 0.9])
    assert two[np.array([1])].labels.tolist() == [5]
    assert two[::-1].scores.tolist() == np.float32([0.9, 0.1]).tolist()
    for wrong in (([[0, 0, 1, 1]], [1, 2]), ([0, 0, 1], [1]), ([[0, 0, 1, 1]], [1], [])):
        with pytest.raises(BadInput, match="a box is x0, y0, x1, y1"):
            Boxes.of(*wrong)
