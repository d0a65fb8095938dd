"""Where an export goes, what of it comes back if it can't, and which of many examples are read."""

import dataclasses
import os
import sys

import numpy as np
import pytest

from course_lib import cli
from course_lib.deploy import export, formats, manifest
from course_lib.errors import BadInput, CourseError
from course_lib.loading import open_pretrained


@pytest.fixture(scope="module")
def model():
    return open_pretrained("mobilenet_nano")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Let a format write next to nothing."""

    def write(network, folder):
        (folder / "model.tflite").write_bytes(b"network")

    def opened(path, threads):
        return lambda pictures: np.full((len(pictures), 20), 0.05)

    made = dataclasses.replace(formats.FORMATS["litert"], write=write, open=opened, exact=False)
    monkeypatch.setitem(formats.FORMATS, "litert", made)


def test_an_old_export_comes_back_where_the_new_one_can_not_take_its_place(model, tmp_path, monkeypatch):
    export(model, tmp_path / "x", ["litert"])
    replace = os.replace

    def full(old, new):
        if str(old).endswith(".part") and str(new) == str(tmp_path / "x"):
            raise OSError(28, "No space left on device")
        replace(old, new)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(CourseError, match="No space left"):
        export(model, tmp_path / "x", ["litert"], force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert manifest.is_export(tmp_path / "x")


def test_a_link_goes_on_leading_to_the_export_however_often_that_is_replaced(model, tmp_path):
    (tmp_path / "link").symlink_to("real")  # which is not there yet
    for again in (False, True, True):
        export(model, tmp_path / "link", ["litert"], force=again)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "real"]
        assert (tmp_path / "link").is_symlink()
        assert manifest.is_export(tmp_path / "real")


@pytest.mark.parametrize("place", [".", "", "..", "/", "../here"])
@pytest.mark.parametrize("force", [[], ["--force"]], ids=["new", "force"])
def test_the_folder_one_is_in_is_not_replaced(monkeypatch, capsys, tmp_path, place, force):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(sys, "argv", ["course", "export", "mobilenet_nano", place, *force])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 2
    assert "the folder you are in, or holds it" in capsys.readouterr().err
    assert list(tmp_path.rglob("*")) == [tmp_path / "here"]


@pytest.mark.parametrize(("names", "read"), [(["litert-int8"], [*range(0, 2400, 8)]), (["litert"], [])])
def test_no_more_examples_are_read_than_are_used(model, tmp_path, monkeypatch, names, read):
    seen = []

    def opened(images):
        seen.extend(int(image[0, 0, 0]) * 256 + int(image[0, 0, 1]) for image in images)
        raise BadInput("that is enough")

    monkeypatch.setattr("course_lib.deploy.exporting.open_images", opened)
    number = np.arange(2400)
    pictures = np.zeros((2400, 4, 4, 3), np.uint8)
    pictures[..., 0], pictures[..., 1] = (number // 256)[:, None, None], (number % 256)[:, None, None]
    if read:
        with pytest.raises(BadInput, match="that is enough"):
            export(model, tmp_path / "x", names, pictures)
    else:
        export(model, tmp_path / "x", names, pictures)
    assert seen == read
