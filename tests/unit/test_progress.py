"""What a learner has done is kept whole, found again, and damaged by nothing."""

import multiprocessing
import os

import pytest

from course_lib.errors import CourseError
from course_lib.lessons import progress
from course_lib.lessons.bank_index import bank_files
from course_lib.lessons.report import report


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_nothing_is_done_at_first(home):
    assert progress.done() == {}
    assert not home.exists(), "looking makes no folder"


def test_what_is_done_is_found_again_with_its_first_time():
    progress.record("00.1")
    first = progress.done()["00.1"]
    progress.record("00.2")
    progress.record("00.1")
    assert list(progress.done()) == ["00.1", "00.2"]
    assert progress.done()["00.1"] == first


def test_a_damaged_file_is_said_in_one_sentence(home):
    home.mkdir()
    for text in ("", "{", "[]", '{"other": 1}', '{"done": 3}'):
        progress.progress_file().write_text(text)
        with pytest.raises(CourseError, match=r"delete .*progress\.json"):
            progress.done()


def test_a_write_that_fails_leaves_the_old_list(home, monkeypatch):
    progress.record("00.1")
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(CourseError, match="disk full"):
        progress.record("00.2")
    assert list(progress.done()) == ["00.1"]
    assert {path.suffix for path in home.iterdir()} <= {".json", ".lock"}


def test_two_notebooks_at_once_lose_nothing():
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        pool.map(progress.record, [f"00.{k}" for k in range(1, 21)])
    assert len(progress.done()) == 20


def test_the_environment_variable_may_use_the_home_sign(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COURSE_HOME", "~/mine")
    assert progress.course_home() == tmp_path / "mine"
    monkeypatch.delenv("COURSE_HOME")
    assert progress.course_home().name == "course_lib"


def test_the_report_has_each_lesson_with_exercises():
    progress.record("00.1")
    entries = report()
    assert [entry.number for entry in entries] == list(bank_files())
    for entry in entries:
        assert entry.done == {"00.1"} & set(entry.exercises)
        assert all(entry.exercises.values()), "each exercise has a title"
