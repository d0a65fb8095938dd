"""The figures of decoding: they say what they show, and refuse what makes no figure."""

import numpy as np
import pytest

from course_lib import viz
from course_lib.errors import BadInput

ROWS = {"sure": {"as it is": [0.9, 0.1], "top-k 1": [1, 0]}, "unsure": {"as it is": [0.4, 0.3, 0.3]}}
LABELS = {"sure": ["a", "b"], "unsure": ["a", "b", "c"]}
LEVELS = [[(0, "the", -0.5), (0, "a", -0.9)], [(1, "dog", -1.0), (0, "cat", -1.2), (0, "<end>", -2.0)]]


def test_filtered_says_what_is_left():
    picture = viz.filtered(ROWS, LABELS)
    assert "top-k 1: 1 of 2 tokens, the first 100%" in picture.alt
    assert "unsure: as it is: 3 of 3 tokens" in picture.alt
    assert len(picture.data) < 40_000


def test_the_best_text_is_drawn_in_another_colour():
    picture = viz.beam_tree(LEVELS)
    assert "step 2: dog, cat, <end>" in picture.alt
    # Another parent, another road.
    other = viz.beam_tree([LEVELS[0], [(0, *LEVELS[1][0][1:]), *LEVELS[1][1:]]])
    assert picture.data != other.data
    assert viz.beam_tree(LEVELS).data == picture.data


@pytest.mark.parametrize(
    "call",
    [
        lambda: viz.filtered({}, {}),
        lambda: viz.filtered({"a": {}}, {"a": []}),
        lambda: viz.filtered({"a": {"b": np.ones(3)}}, {"a": ["x"]}),
        lambda: viz.beam_tree([]),
        lambda: viz.beam_tree([[(1, "the", -1.0)]]),
    ],
)
def test_what_makes_no_figure_is_told(call):
    with pytest.raises(BadInput):
        call()
