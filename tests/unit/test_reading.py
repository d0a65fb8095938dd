"""Reading boxes out of raw numbers: what is put in comes out, and nothing else."""

import numpy as np

from course_lib.boxes import grid
from course_lib.boxes.reading import read

BINS, CLASSES = 8, 3
CENTRES, STRIDES = grid.cells(64, 64)


def answer(*objects):
    """Return the raw numbers of a network that sees these objects: (cell, distances in strides, label, logit)."""
    outputs = np.full((len(CENTRES), 4 * BINS + CLASSES), -9, np.float32)
    for cell, distances, label, logit in objects:
        for edge, distance in enumerate(distances):
            outputs[cell, edge * BINS + distance] = 30
        outputs[cell, 4 * BINS + label] = logit
    return outputs


def test_objects_come_back_surest_first():
    found = read(answer((9, (1, 1, 2, 2), 0, 1.0), (70, (1, 0, 1, 2), 2, 3.0)), CLASSES, CENTRES, STRIDES)
    assert found.labels.tolist() == [2, 0]
    np.testing.assert_allclose(found.scores, 1 / (1 + np.exp([-3.0, -1.0])), rtol=1e-5)
    x, y = CENTRES[9]
    np.testing.assert_allclose(found.corners[1], [x - 8, y - 8, x + 16, y + 16], atol=1e-3)


def test_doubles_go_and_other_classes_stay():
    same = ((9, (1, 1, 2, 2), 0, 2.0), (10, (2, 1, 1, 2), 0, 1.0))
    assert len(read(answer(*same), CLASSES, CENTRES, STRIDES)) == 1
    other = (same[0], (10, (2, 1, 1, 2), 1, 1.0))
    assert read(answer(*other), CLASSES, CENTRES, STRIDES).labels.tolist() == [0, 1]


def test_nothing_sure_is_nothing_found():
    found = read(answer(), CLASSES, CENTRES, STRIDES)
    assert len(found) == 0
    assert found.scores.shape == (0,)
