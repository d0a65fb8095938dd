"""The sample photographs are the ones that the cards describe, and anybody may use them."""

import hashlib

import pytest

from course_lib.errors import BadInput
from course_lib.media.images import read_image
from course_lib.media.samples import sample, samples

FREE = {"CC0-1.0", "public domain", "CC-BY-2.0"}


@pytest.mark.parametrize("name", samples())
def test_file_is_the_one_described(name):
    found = samples()[name]
    assert hashlib.sha256(found.path.read_bytes()).hexdigest() == found.sha256
    assert found.licence in FREE
    assert found.title
    assert found.credit
    assert found.source.startswith("https://")


def test_names():
    assert {"cat", "coffee", "camera", "rocket", "astronaut", "china", "flower"} <= samples().keys()
    assert sample("cat").name == "chelsea.png"
    assert read_image("sample:cat").shape == (300, 451, 3)


def test_unknown_name_suggests_the_nearest():
    with pytest.raises(BadInput, match="did you mean 'coffee'"):
        sample("cofee")
    with pytest.raises(BadInput, match="the samples are cat"):
        read_image("sample:zebra")
