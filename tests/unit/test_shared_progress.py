"""Progress for a teacher: what a learner hands in is read again, a class is one table, and no file of a stranger does harm."""

import csv
import io
import json
import os
import sys

import pytest

from course_lib.cli import main
from course_lib.errors import BadInput
from course_lib.lessons import progress
from course_lib.lessons.progress_page import my_progress
from course_lib.lessons.report import report
from course_lib.lessons.shared_progress import class_table, collect, export

FINISHED = {
    "00.1": "2026-01-02T03:04:05+00:00",
    "00.2": "2026-01-03T03:04:05+00:00",
    "04.1": "2026-01-04T03:04:05+00:00",
}


def _hand_in(path, name, finished=FINISHED):
    return export(path, name, report(finished), finished)


@pytest.mark.parametrize("kind", ["csv", "json"])
@pytest.mark.parametrize("name", ["Ada", 'Zoë, Ltd. "x"', "=1+1", "'quoted"])
def test_what_is_handed_in_is_read_again(tmp_path, kind, name):
    path = _hand_in(tmp_path / f"a.{kind}", name)
    (learner,), failed = collect([path])
    assert (learner.name, learner.right, failed) == (name, FINISHED, [])


def test_a_table_for_people_has_a_row_for_each_exercise_and_no_formula(tmp_path):
    rows = list(csv.DictReader(io.StringIO(_hand_in(tmp_path / "a.csv", "=cmd()").read_text())))
    entries = report({})
    assert len(rows) == sum(len(entry.exercises) for entry in entries)
    assert {row["name"] for row in rows} == {"'=cmd()"}
    assert [row["exercise"] for row in rows if row["right"]] == list(FINISHED)
    assert all(row["what"] for row in rows)


def test_a_class_is_one_table(tmp_path):
    _hand_in(tmp_path / "a.json", "Bea")
    _hand_in(tmp_path / "b.csv", "ada", {"00.1": "x"})
    _hand_in(tmp_path / "c.csv", "Bea", dict(list(FINISHED.items())[:1]))  # an older one
    (tmp_path / "notes.txt").write_text("no progress")
    learners, failed = collect([tmp_path])
    assert failed == []
    rows = list(csv.DictReader(io.StringIO(class_table(learners, report({})))))
    assert [(row["name"], row["exercises right"], row["00"], row["04"]) for row in rows] == [
        ("ada", "1", "1", "0"),
        ("Bea", "3", "2", "1"),
    ]
    assert list(rows[0])[3:] == [entry.number for entry in report({})]


def test_two_learners_of_one_name_both_stay_beside_their_files(tmp_path):
    others = {"00.1": "2026-01-09T09:09:09+00:00"}
    for name, finished in [("first", FINISHED), ("second", others), ("new", {}), ("third", FINISHED)]:
        _hand_in(tmp_path / f"{name}.json", "Anna", finished)
    _hand_in(tmp_path / "cleo.json", "Cleo")
    (tmp_path / "first.json").rename(tmp_path / "a\x1b\nb.json")
    learners, failed = collect([tmp_path, tmp_path])
    assert failed == []
    rows = list(csv.DictReader(io.StringIO(class_table(learners, report({})))))
    assert [(row["name"], row["exercises right"]) for row in rows] == [
        (f"Anna ({tmp_path}/a??b.json)", "3"),
        (f"Anna ({tmp_path}/new.json)", "0"),
        (f"Anna ({tmp_path}/second.json)", "1"),
        ("Cleo", "3"),
    ]


@pytest.mark.parametrize(
    "name", ['""', '"a\\nb"', "3", f'"{"x" * 81}"'], ids=["none", "two lines", "number", "long"]
)
def test_a_bad_name_is_told_with_its_file(tmp_path, name):
    for number in range(6, 9):
        _hand_in(tmp_path / f"{number}.json", f"Learner {number}")
    (tmp_path / "7.json").write_text(f'{{"name": {name}, "right": {{}}}}')
    learners, (sentence,) = collect([tmp_path])
    assert len(learners) == 2
    assert sentence.startswith(f"{tmp_path}/7.json: a name has 1 to 80 letters")


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 200_000, '{"name": "", "right": {}}', '{"name": "a\\nb", "right": {}}', '{"name": "a", "right": 3}',
                                  '{"name": 3, "right": {}}', '{"name": "a", "right": {"a": %s}}' % ("[" * 99_000),
                                  "\x00"], ids=range(10))  # fmt: skip
def test_a_file_that_is_none_stops_nobody(tmp_path, text):
    _hand_in(tmp_path / "a.json", "Ada")
    (tmp_path / "b.json").write_text(text)
    (tmp_path / "c.csv").write_text(text)
    learners, failed = collect([tmp_path])
    assert [one.name for one in learners] == ["Ada"]
    assert len(failed) == 2


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.csv")
    assert "no file" in collect([tmp_path])[1][0]
    with pytest.raises(BadInput, match="no files of learners"):
        collect([tmp_path / "empty" for _ in range(0)])


@pytest.mark.parametrize(
    ("path", "name"), [("a.txt", "Ada"), ("a", "Ada"), ("a.csv", ""), ("a.csv", "x" * 81), ("a.csv", "a\nb")]
)
def test_bad_names_are_refused(tmp_path, path, name):
    with pytest.raises(BadInput):
        _hand_in(tmp_path / path, name)
    assert list(tmp_path.iterdir()) == []


def test_the_command_shows_exports_and_collects(tmp_path, monkeypatch, capsys):
    def run(*command):
        monkeypatch.setattr(sys, "argv", ["course", "progress", *map(str, command)])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, *capsys.readouterr()

    progress.record("00.1")
    code, out, _ = run()
    assert code == 0
    assert "[x] 00.1" in out
    assert "next: 00.2" in out.splitlines()[0]
    assert run("--export", tmp_path / "ada.json", "--name", "Ada")[0] == 0
    assert json.loads((tmp_path / "ada.json").read_text())["name"] == "Ada"
    assert run("--collect", tmp_path)[1].splitlines()[1].startswith("Ada,1,0,1,")
    progress.progress_file().write_text("{")
    code, out, err = run()
    assert code == 0
    assert "kept as" in err
    assert err.count("\n") == 1
    assert run("--export", tmp_path / "x.txt", "--name", "Ada")[0] == 2


def test_the_page_shows_what_is_done_and_leads_on():
    for number in ("00.1", "00.2"):
        progress.record(number)
    page = my_progress()
    html = page._repr_html_()
    assert html.count("✓") == 2
    assert html.count("○") == page.summary.exercises - 2
    assert '<a href="1_convnets/04_resnet.ipynb">04 ResNet</a>' in html
    assert 'Next: <a href="00_start_here.ipynb">' in html
    assert "http" not in html
    assert repr(page).startswith(str(page.summary))
