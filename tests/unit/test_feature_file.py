"""A file of features grows on disk, not in memory, and is what `np.load` reads."""

import tracemalloc

import numpy as np
import pytest

from course_lib.cli.feature_file import FeatureFile
from course_lib.errors import CourseError


def test_what_went_in_is_read_back(tmp_path):
    rows = np.random.default_rng(0).normal(size=(7, 5)).astype(np.float32)
    file = FeatureFile(tmp_path / "x.npz")
    for number, row in enumerate(rows):
        file.add(f"picture {number}: ü", row)
    assert list(tmp_path.iterdir()) == []  # nothing that a kill could leave behind
    file.save()
    with np.load(tmp_path / "x.npz", allow_pickle=False) as found:
        np.testing.assert_array_equal(found["features"], rows)
        assert found["names"].tolist() == [f"picture {number}: ü" for number in range(7)]


def test_features_do_not_gather_in_memory(tmp_path):
    row = np.ones(2560, np.float32)
    file = FeatureFile(tmp_path / "x.npz")
    file.add("first", row)
    tracemalloc.start()
    for _ in range(2000):  # 20 MB
        file.add("x", row)
    file.save()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 2_000_000
    with np.load(tmp_path / "x.npz") as found:
        assert found["features"].shape == (2001, 2560)


def test_a_missing_folder_is_told_of_before_any_work(tmp_path):
    with pytest.raises(CourseError, match="Can't write"):
        FeatureFile(tmp_path / "none" / "x.npz")
