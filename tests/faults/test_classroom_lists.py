"""The list of a classroom's shelf comes from a stranger, or over a line that breaks: whatever it is, one sentence and exit 2."""

import json

import pytest

from course_lib.errors import BadInput, CourseError
from course_lib.weights.shelf import Shelf, put
from tests.faults.classroom import SHA256
from tests.faults.server import served, serving

DAMAGED = {
    "empty": "",
    "list": "[]",
    "number": "3",
    "deep": "[" * 200_000,
    "no files": '{"models": {}}',
    "pairs": '{"models": [[1, 2]], "files": {}}',
    "a way out": '{"models": {}, "files": {"a": {"sha256": "../../x", "bytes": 1}}}',
    "no entry": '{"models": {}, "files": {"a": 3}}',
    "no text": "\0\udcff",
}


@pytest.fixture(params=DAMAGED)
def damaged(request):
    """Bytes that are no list."""
    return DAMAGED[request.param].encode(errors="surrogateescape")


def test_a_damaged_list_is_one_sentence(filled, run, damaged):
    (filled / "classroom.json").write_bytes(damaged)
    with served(filled) as address:
        for place in (filled, address):
            code, _, err = run("fetch", "--all", "--from", place)
            assert (code, err.count("\n")) == (2, 1)
            assert "damaged" in err


def test_a_damaged_list_is_not_filled_on(filled, run, machine, damaged):
    machine("teacher")
    (filled / "classroom.json").write_bytes(damaged)
    with pytest.raises(BadInput, match="damaged"):
        put(filled, "resnet_nano", [])
    code, _, err = run("fetch", "resnet_nano", "--for", "classroom", filled)
    assert (code, err.count("\n")) == (2, 1)
    assert "damaged" in err
    assert (filled / "classroom.json").read_bytes() == damaged
    assert (filled / "files" / SHA256).is_file()


@pytest.mark.parametrize("how", ["cut", "cut at once", "cut chunked", "cut without length", "status 503", "login", "gzipped badly"])  # fmt: skip
def test_a_line_that_breaks_is_one_sentence(machine, how):
    machine("learner")
    with (
        serving(json.dumps({"models": {}, "files": {}}).encode(), [how]) as (url, _),
        pytest.raises(CourseError, match="classroom"),
    ):
        Shelf(url.removesuffix("/weights.bin"))


def test_a_compressed_list_is_read(machine):
    machine("learner")
    with serving(json.dumps({"models": {"a": []}, "files": {}}).encode(), ["gzipped"]) as (url, _):
        assert Shelf(url.removesuffix("/weights.bin")).models == ["a"]


@pytest.mark.parametrize("place", ["nowhere", "http://127.0.0.1:9"])
def test_no_shelf_at_all_is_one_sentence(run, machine, place):
    machine("learner")
    code, _, err = run("fetch", "--all", "--from", place)
    assert (code, err.count("\n")) == (2, 1)
    assert "classroom" in err
