"""`--list`: the same answers as for paths on the command line, read as they are needed; what is no list is refused in a sentence."""

import io
import os
import sys

import numpy as np
import pytest
from PIL import Image

from course_lib import cli
from course_lib.cli.inputs import gathered
from course_lib.errors import BadInput

MODEL = ("--model", "vgg_nano")


@pytest.fixture
def pictures(tmp_path):
    paths = [tmp_path / name for name in ("b.png", "a.png", " c.png")]
    for i, path in enumerate(paths):
        Image.fromarray(np.full((32, 32, 3), 60 * i, np.uint8)).save(path)
    return [str(path) for path in paths]


def course(capsys, *arguments):
    sys.argv = ["course", *map(str, arguments)]
    with pytest.raises(SystemExit) as stop:
        cli.main()
    captured = capsys.readouterr()
    return stop.value.code, captured.out, captured.err


def test_a_list_gives_what_arguments_give(capsys, monkeypatch, tmp_path, pictures):
    listed = tmp_path / "list.txt"
    listed.write_bytes(b"\xef\xbb\xbf" + "\r\n\n".join(pictures).encode())  # as some editors write it
    expected = course(capsys, "classify", *pictures, *MODEL)
    assert course(capsys, "classify", "--list", listed, *MODEL) == expected
    with open(listed) as file:
        monkeypatch.setattr(sys, "stdin", file)
        assert course(capsys, "classify", "--list", "-", *MODEL) == expected
    out = tmp_path / "a.npz"
    assert course(capsys, "features", "--list", listed, "--out", out, *MODEL)[0] == 0
    assert np.load(out)["names"].tolist() == pictures


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "No such file"),
        (b"", "is empty"),
        (b"\n  \n", "is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is not a text"),
        (b"a" * 70_000, "is not a text"),
    ],
    ids=["missing", "empty", "blank", "picture", "endless"],
)
def test_what_is_no_list_is_refused_before_a_model_is_loaded(capsys, monkeypatch, tmp_path, text, says):
    monkeypatch.setattr("course_lib.loading.open_pretrained", lambda *_: pytest.fail("loaded"))
    listed = tmp_path / "list.txt"
    if text is not None:
        listed.write_bytes(text)
    for command in (["classify"], ["features", "--out", tmp_path / "a.npz"]):
        code, out, err = course(capsys, *command, "--list", listed)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert says in err


def test_pictures_or_a_list_and_not_both_nor_neither():
    with pytest.raises(BadInput, match="not both"):
        gathered(["sample:cat"], "list.txt")
    with pytest.raises(BadInput, match="--list FILE"):
        gathered([], "")


def test_a_list_is_read_as_it_is_needed(monkeypatch):
    class Endless(io.RawIOBase):
        def readable(self):
            return True

        def readinto(self, buffer):
            buffer[:] = (b"\xff.png\n" * len(buffer))[: len(buffer)]
            return len(buffer)

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Endless())))
    paths = iter(gathered(None, "-"))
    assert [next(paths) for _ in range(3)] == [os.fsdecode(b"\xff.png")] * 3
