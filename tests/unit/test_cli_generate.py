"""`course generate`: grids, folders, walks, JSON, and one line for what is wrong."""

import json
import sys

import numpy as np
import pytest
from PIL import Image

from course_lib import cli
from tests.unit.toy_maker import toy


@pytest.fixture
def maker(monkeypatch):
    return toy(monkeypatch)


@pytest.fixture
def course(capsys, monkeypatch, maker):
    monkeypatch.setattr("course_lib.loading.open_pretrained", lambda name, _: maker)
    monkeypatch.setattr("course_lib.loading.announcement", lambda model: f"{model.card.id}: a test")

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["course", "generate", "--model", "toy", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        captured = capsys.readouterr()
        errors = [line for line in captured.err.splitlines() if line.startswith("course:")]
        return stop.value.code, captured.out, errors

    return call


def _pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


def test_a_grid_holds_the_pictures(course, maker, tmp_path):
    code, out, errors = course("--out", tmp_path / "grid.png", "-n", 5, "--columns", 3, "--seed", 2)
    assert (code, errors) == (0, [])
    assert "5 pictures, 3 in a row" in out
    page = _pixels(tmp_path / "grid.png")
    assert page.shape == (18, 28, 3)
    assert np.array_equal(page[10:, 10:18], maker.generate(5, seed=2)[4])


def test_a_folder_gets_a_file_for_each(course, maker, tmp_path):
    code, _, _ = course("--out", tmp_path / "many", "-n", 40, "--class", "dog", "--truncation", 0.5)
    assert code == 0
    files = sorted(path.name for path in (tmp_path / "many").iterdir())
    assert files == [f"{index:02}.png" for index in range(40)]
    wanted = maker.generate(40, classes="dog", truncation=0.5)
    assert np.array_equal(_pixels(tmp_path / "many" / "37.png"), wanted[37])


def test_a_walk_is_a_gif_and_json_tells_all(course, tmp_path):
    code, out, _ = course("--walk", tmp_path / "w.gif", "--class", "cat", "--class", 2, "--json", "--seed", 4)
    record = json.loads(out)
    assert code == 0
    assert record["model"] == "toy"
    assert record["provenance"]["grade"] == "nano"
    assert (record["classes"], record["seed"], record["frames"]) == (["cat", 2], 4, 48)
    with Image.open(tmp_path / "w.gif") as moving:
        assert moving.is_animated


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "--walk walk.gif"),
        (("--out", "grid.jpg"), "written as .png"),
        (("--walk", "walk.mp4"), "ends in .gif"),
        (("--out", "g.png", "-n", 0), "one picture at least"),
        (("--out", "g.png", "-n", 1_000_000), "62,500 at most"),
        (("--out", "g.png", "--class", "horse"), "no class 'horse'"),
        (("--out", "g.png", "--class", 9), "0 to 2, not 9"),
        (("--out", "g.png", "--truncation", 7), "from 0.02 to 1"),
        (("--out", "g.png", "--seed", -1), "seed"),
        (("--out", "missing/g.png", "-n", 2), "missing/g.png"),
    ],
)
def test_what_is_wrong_is_one_line(course, tmp_path, monkeypatch, arguments, says):
    monkeypatch.chdir(tmp_path)
    code, out, errors = course(*arguments)
    assert code == 2
    assert len(errors) == 1
    assert says in errors[0]
    assert not out
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_told(course, tmp_path):
    (tmp_path / "file").write_text("")
    code, _, errors = course("--out", tmp_path / "file" / "many", "-n", 2)
    assert code == 2
    assert "Choose another place" in errors[0]
