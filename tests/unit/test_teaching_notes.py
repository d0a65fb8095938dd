"""Notes for teachers: every lesson has some, with something in them, and its times follow from the lesson."""

import sys

import pytest

from course_lib.cli import main
from course_lib.errors import BadInput, CourseError
from course_lib.lessons import notes as module
from course_lib.lessons.contents import find_lesson, lessons
from course_lib.lessons.notes import guide, notes, timing

NUMBERS = [lesson.number for lesson in lessons()]


@pytest.mark.parametrize("number", NUMBERS)
def test_every_lesson_has_notes_that_say_something(number):
    told = notes(number)
    assert 2 <= len(told.errors) <= 5
    assert 2 <= len(told.discuss) <= 4
    texts = (*told.errors, *told.discuss, told.tip)
    assert len(set(texts)) == len(texts)
    assert all(len(text.split()) >= 8 for text in texts), [t for t in texts if len(t.split()) < 8]
    assert 60 <= sum(len(text.split()) for text in texts) <= 200
    assert all("?" in question for question in told.discuss)


def test_notes_of_two_lessons_have_nothing_in_common():
    texts = [
        text
        for number in NUMBERS
        for text in (*notes(number).errors, *notes(number).discuss, notes(number).tip)
    ]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("number", NUMBERS)
def test_times_are_those_of_a_lesson(number):
    time = timing(find_lesson(number))
    assert 20 <= time.read <= 60
    assert 10 <= time.practise <= 30
    assert 10 <= time.run <= 60


def test_times_follow_the_rule(tmp_path):
    folder = tmp_path / "notebooks" / "source" / "1_convnets"
    folder.mkdir(parents=True)
    text = " ".join(["word"] * 257)
    cells = ["# # Title", f"# {text}", "# > On two cores about", "# > 40 s, 1 GB."]
    script = "\n".join(["# %% [markdown]", *cells, "", *["# %%", "x = 1", ""] * 4])
    (folder / "04_resnet.py").write_text(script)
    time = timing(find_lesson("04", tmp_path))
    assert time.read == round(268 / 130 + 4 * 0.75)
    assert time.run == 40
    assert time.practise == 6 * 2 + 5


def test_the_command_prints_one_or_all(monkeypatch, capsys):
    def run(*command):
        monkeypatch.setattr(sys, "argv", ["course", "teach", *command])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, capsys.readouterr().out

    code, out = run("resnet")
    assert code == 0
    assert out.startswith("# 04 ResNet")
    for part in (guide(find_lesson("04")), "Common errors:", "To discuss:", "130 words a minute"):
        assert part in out
    assert run()[1].count("Common errors:") == len(NUMBERS)
    assert run("99")[0] == run("")[0] == 2


def test_without_notes_it_is_said(tmp_path):
    with pytest.raises(BadInput, match="no notes on lesson '77'"):
        notes("77")
    for text in ("[04]\nerrors = []", "[04", "04 = 3"):
        (tmp_path / "a.toml").write_text(text)
        module._all.cache_clear()
        with pytest.raises(CourseError, match=r"a\.toml"):
            module._all(tmp_path)
    module._all.cache_clear()
