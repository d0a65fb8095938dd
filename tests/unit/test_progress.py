"""What a learner has done is kept whole, found again, and damaged by nothing."""

import multiprocessing
import os

import pytest

from course_lib.errors import CourseError
from course_lib.lessons import progress
from course_lib.lessons.bank_index import bank_files
from course_lib.lessons.report import report, summary


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


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", pytest.param("[" * 200_000, id="deep"), '{"other": 1}', '{"done": 3}', '{"done": {"00.1": 3}}',
     "\x00", "\ufffd"],
)  # fmt: skip
def test_a_damaged_list_is_kept_aside_and_said(home, text):
    home.mkdir()
    progress.progress_file().write_text(text)
    with pytest.warns(UserWarning, match=r"kept as .*progress-damaged-1\.json"):
        assert progress.done() == {}
    assert (home / "progress-damaged-1.json").read_text() == text
    assert not progress.progress_file().exists()


def test_an_exercise_is_noted_even_where_the_list_was_damaged(home):
    home.mkdir()
    for number in (1, 2):
        progress.progress_file().write_bytes(b"\xff\xfe damaged")
        assert f"progress-damaged-{number}.json" in progress.record("00.1")
        assert list(progress.done()) == ["00.1"]
    assert progress.record("00.2") == ""


def test_a_damaged_list_that_cannot_be_moved_is_one_sentence(home, monkeypatch):
    home.mkdir()
    progress.progress_file().write_text("{")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(PermissionError(13, "no right")))
    with pytest.raises(CourseError, match=r"no right.* Delete it"):
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


def _finished(*ids):
    return {key: f"2026-01-01T00:00:{second:02}" for second, key in enumerate(ids)}


def test_what_is_next_goes_on_where_one_was():
    numbers = [entry.number for entry in report({})]
    first, second = numbers[:2]
    titles = {entry.number: entry.exercises for entry in report({})}

    def next_of(*ids):
        return summary(report(_finished(*ids)), _finished(*ids)).next

    assert next_of()[0] == f"{first}.1"
    assert next_of(f"{first}.1")[0] == f"{first}.2"
    assert next_of(f"{first}.1", "04.1")[0] == "04.2", "the lesson in which one was last"
    assert next_of("04.1", f"{first}.1")[0] == f"{first}.2"
    assert next_of(*titles[first])[0] == f"{second}.1"
    everything = [key for number in numbers for key in titles[number]]
    assert next_of(*everything) is None
    assert next_of(*everything[1:])[0] == everything[0], "what was left out comes at the end"
    assert next_of("99.1")[0] == f"{first}.1", "an exercise that is no more does not count"


def test_the_sum_counts_whole_lessons():
    entries = report({})
    finished = _finished(*entries[0].exercises, next(iter(entries[1].exercises)))
    total = summary(report(finished), finished)
    assert (total.complete, total.lessons) == (1, len(entries))
    assert total.right == len(entries[0].exercises) + 1
    assert f"1 of {len(entries)} lessons done" in str(total)
