"""Where the site goes: nothing is lost that is no site, and a build that fails leaves the old site as it was."""

import sys
import types
from pathlib import Path

import pytest

from course_lib import files
from course_lib.errors import CourseError
from course_lib.lessons import __main__ as command
from course_lib.lessons import site


@pytest.fixture
def sphinx(monkeypatch):
    """A Sphinx of the tests: it writes what every site has, with a word in it; `sphinx.fails` is what a build ends with."""
    told = types.SimpleNamespace(fails=0, word="new", built=0)

    def main(arguments):
        told.built += 1
        folder = Path(arguments[-1])
        folder.mkdir(exist_ok=True)  # as Sphinx does
        for name in site.ALWAYS:
            (folder / name).write_text(told.word)
        return told.fails

    monkeypatch.setitem(sys.modules, "sphinx.cmd.build", types.SimpleNamespace(main=main))
    for name in ("sphinx", "sphinx.cmd"):
        monkeypatch.setitem(sys.modules, name, types.SimpleNamespace(__spec__=1))
    monkeypatch.setattr(site, "write_pages", lambda *_: None)
    return told


def _run(out, capsys):
    code = command.main(["site", "--out", str(out)])
    return code, capsys.readouterr().err


def _all(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()
    }


@pytest.mark.parametrize("where", ["~", "~/photos", "."])
def test_a_folder_that_is_no_site_stays(sphinx, tmp_path, monkeypatch, capsys, where):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "index.html").write_text("of mine")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    code, err = _run(where, capsys)
    assert (code, err.count("\n"), sphinx.built) == (2, 1, 0)
    assert "is not empty" in err
    assert _all(tmp_path) == {"photos/index.html": "of mine"}


def test_a_file_stays(sphinx, tmp_path, capsys):
    (tmp_path / "site").write_text("mine")
    code, err = _run(tmp_path / "site", capsys)
    assert (code, err.count("\n"), sphinx.built) == (2, 1, 0)
    assert "is a file" in err
    code, err = _run(tmp_path / "site" / "below", capsys)
    assert (code, err.count("\n"), sphinx.built) == (2, 1, 0)
    assert "Can't write" in err
    assert _all(tmp_path) == {"site": "mine"}


def test_new_and_empty_folders_and_earlier_sites_are_built(sphinx, tmp_path, monkeypatch, capsys):
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to("empty")
    monkeypatch.chdir(tmp_path)
    for out in ("new/er", "empty", "link"):
        for sphinx.word in ("first", "second"):
            assert _run(out, capsys)[0] == 0
            assert _all(tmp_path / out) == dict.fromkeys(site.ALWAYS, sphinx.word)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "link", "new"]


def test_a_build_that_fails_leaves_the_old_site(sphinx, tmp_path, monkeypatch, capsys):
    assert _run(tmp_path / "site", capsys)[0] == 0
    sphinx.word = "half"
    sphinx.fails = 1
    assert "Sphinx" in _run(tmp_path / "site", capsys)[1]
    sphinx.fails = 0
    monkeypatch.setattr(site, "site_problems", lambda _: ["a link leads nowhere"])
    assert "leads nowhere" in _run(tmp_path / "site", capsys)[1]
    assert sphinx.built == 3
    assert _all(tmp_path) == {f"site/{name}": "new" for name in site.ALWAYS}


def test_a_stop_between_the_last_two_steps_is_mended(sphinx, tmp_path, monkeypatch, capsys):
    assert _run(tmp_path / "site", capsys)[0] == 0
    (tmp_path / "site").rename(tmp_path / ".site.previous")
    sphinx.fails = 1
    with pytest.raises(CourseError):
        site.build_site(tmp_path / "site")
    assert _all(tmp_path) == {f"site/{name}": "new" for name in site.ALWAYS}


def test_an_old_folder_comes_back_where_the_new_one_cannot_take_its_place(tmp_path, monkeypatch):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "old").touch()
    replace = files.os.replace

    def fails_once(old, new):
        if str(old).endswith(".part"):
            raise OSError(5, "Input/output error")
        replace(old, new)

    monkeypatch.setattr(files.os, "replace", fails_once)
    with pytest.raises(OSError, match="Input"), files.new_folder(tmp_path / "a") as new:
        (new / "new").touch()
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")] == ["a", "a/old"]
