"""A text as a voice reads it."""

import pytest

from course_lib.errors import BadInput
from course_lib.text.spoken import written_out


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("The cat", "the cat."),
        ("  the\n cat , ", "the cat."),
        ("Is it a cat?", "is it a cat?"),
        ("Dr. Who and Mrs. Peel", "doctor who and misess peel."),
        ("box 7", "box seven."),
        ("1,234 cats. 60 dogs!", "one thousand two hundred and thirty-four cats. sixty dogs!"),
        ("It\u2019s a \u201ccaf\u00e9\u201d", "it's a cafe."),
    ],
)
def test_it_is_written_out(text, read):
    assert written_out(text) == read
    assert written_out(read) == read


@pytest.mark.parametrize("text", ["", "  ", "?!", "...", None, 7, "\ud800"])
def test_nothing_to_say(text):
    with pytest.raises(BadInput):
        written_out(text)


@pytest.mark.parametrize("number", ["3.14", "12:30", "24/12", "1,23", "12345678"])
def test_numbers_that_could_be_read_in_many_ways_are_refused(number):
    with pytest.raises(BadInput, match="in words"):
        written_out(f"at {number} o'clock")
