"""Texts with holes: nothing is lost, and what is read beforehand tells no held-out answer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.errors import BadInput
from course_lib.media.spelling import MONTHS
from course_lib.media.text_tasks import held_out, make_lines
from course_lib.training.language.span_corruption import corrupted

BLANKS = tuple(range(2, 12))


@given(
    st.lists(st.integers(20, 90), min_size=2, max_size=80),
    st.integers(0, 999),
    st.floats(0.05, 0.5),
    st.floats(1, 6),
)
def test_filling_the_holes_gives_the_text_back(numbers, seed, rate, span):
    source, target = corrupted(numbers, BLANKS, np.random.default_rng(seed), rate, span)
    fillings, hole = {}, None
    for number in target:
        if number in BLANKS:
            hole = fillings.setdefault(number, [])
        else:
            hole.append(number)
    filled = [x for number in source for x in (fillings[number] if number in BLANKS else [number])]
    assert filled == numbers
    assert (
        [number for number in source if number in BLANKS] == list(fillings) == list(BLANKS[: len(fillings)])
    )
    assert all(fillings.values())
    assert sum(map(len, fillings.values())) == max(1, round(rate * len(numbers)))


def test_a_text_of_one_token_has_no_holes():
    with pytest.raises(BadInput, match="two tokens or more"):
        corrupted([20], BLANKS, np.random.default_rng(0))


@pytest.mark.parametrize("together", [False, True])
def test_lines_are_the_same_for_a_seed_and_tell_no_held_out_answer(together):
    lines = make_lines(500, seed=1, together=together)
    assert lines == make_lines(500, seed=1, together=together)
    for line in lines if together else ():
        parts = line.replace(" (", " = ").replace(")", "").replace(", that is ", " = ").split(" = ")
        for part in parts:
            assert not held_out(f"{_asked_by(part)}: {part}"), line


def _asked_by(thing):
    """The task whose question this is."""
    if thing.isdigit():
        return "words"
    if any(letter.isdigit() for letter in thing):
        return "iso" if any(month in thing for month in MONTHS) else "date"
    return "digits"
