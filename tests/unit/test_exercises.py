"""Exercises: what counts as blank, what a bug in an answer does, and every exercise of every lesson in three outcomes."""

import numpy as np
import pytest

from course_lib.errors import BadInput, CourseError
from course_lib.lessons import exercises
from course_lib.lessons.bank_index import bank_files, exercise, lesson_bank
from course_lib.lessons.blank import is_blank
from course_lib.lessons.exercises import CORRECT, NOT_ATTEMPTED, TRY_AGAIN, Exercise, run_cell
from course_lib.lessons.expect import TryAgain, expect, expect_close, expect_shape

EVERY = [item for number in bank_files() for item in lesson_bank(number).exercises.values()]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    return tmp_path


def answer(exercise: Exercise, source: str):
    """What a notebook has under the exercise's name after a cell was run."""
    return run_cell(source, run_cell(exercise.setup, {}))[exercise.answer_name]


@pytest.mark.parametrize("item", EVERY, ids=lambda item: item.id)
def test_every_exercise_has_three_outcomes(item):
    assert item.check(answer(item, item.starter)).heading == NOT_ATTEMPTED
    wrong = item.check(answer(item, item.mistake))
    assert wrong.heading == TRY_AGAIN
    assert len(wrong.text) > 20, "the text should help"
    right = item.check(answer(item, item.solution_code))
    assert right.heading == CORRECT, right.text


@pytest.mark.parametrize("item", EVERY, ids=lambda item: item.id)
def test_a_mistake_is_answered_by_the_test_and_not_by_a_crash(item):
    text = item.check(answer(item, item.mistake)).text
    assert not text.startswith(("Your code stopped", "The check could not use")), text


def make(starter: str, test=lambda f: expect(f(1) == 2, "Add one.")) -> Exercise:
    solution = "def f(x):\n    return x + 1"
    return Exercise(
        "99.1", "Add one", starter, "def f(x):\n    return x", solution, test, ["First.", "Second."]
    )


@pytest.mark.parametrize(
    "body",
    [
        "...",
        "pass",
        '"""Only a docstring."""',
        '"""A docstring."""\n    ...',
        "raise NotImplementedError",
        "raise NotImplementedError('yours')",
        "return ...",
        "return None",
        "return",
        "y = ...\n    return y",
        "return sum(...)",
        "return x + ...",
    ],
)
def test_blank_bodies(body):
    assert is_blank(run_cell(f"def f(x):\n    {body}\n", {})["f"])


@pytest.mark.parametrize(
    "body",
    [
        "return x[..., 0]",
        "y: tuple[int, ...] = (x,)\n    return y",
        "return x",
        "if x:\n        return None\n    return 1",
    ],
)
def test_bodies_that_are_attempts(body):
    assert not is_blank(run_cell(f"def f(x):\n    {body}\n", {})["f"])


def test_the_untouched_starter_is_blank_even_where_it_does_something():
    starter = "def f(x):\n    # change this line\n    return x"
    item = make(starter)
    assert item.check(run_cell(starter, {})["f"]).heading == NOT_ATTEMPTED
    assert item.check(run_cell("def f(x):\n    return x - 1", {})["f"]).heading == TRY_AGAIN


@pytest.mark.parametrize("value", [..., None, [1, ...], (..., 2), {"a": ...}])
def test_blank_values(value):
    assert is_blank(value)


@pytest.mark.parametrize("value", [0, False, "", [], np.zeros(3), 1.5, len])
def test_values_that_are_attempts(value):
    assert not is_blank(value)


def test_classes_and_lambdas():
    source = "class Empty:\n    ...\nclass Hole:\n    def call(self, x):\n        return ...\n"
    source += (
        "class Done:\n    def build(self, shape):\n        pass\n    def call(self, x):\n        return x\n"
    )
    source += "hole = lambda x: ...\ndone = lambda x: x\n"
    names = run_cell(source, {})
    assert {name: is_blank(names[name]) for name in ("Empty", "Hole", "Done", "hole", "done")} == {
        "Empty": True,
        "Hole": True,
        "Done": False,
        "hole": True,
        "done": False,
    }


def test_a_decorated_function_is_read_through_its_wrapper():
    source = "import functools\n@functools.lru_cache\ndef f(x):\n    ...\n"
    assert is_blank(run_cell(source, {})["f"])


def test_check_without_an_answer_is_not_attempted():
    assert make("def f(x):\n    ...").check().heading == NOT_ATTEMPTED


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return x + missing", "name 'missing' is not defined"),
        ("return x['a']", "TypeError"),
        ("return f(x)", "RecursionError"),
        ("assert False, 'mine'", "AssertionError: mine"),
    ],
)
def test_a_bug_in_the_answer_is_told_in_one_line_and_never_raised(body, said):
    outcome = make("def f(x):\n    ...").check(run_cell(f"def f(x):\n    {body}", {})["f"])
    assert outcome.heading == TRY_AGAIN
    assert said in outcome.text
    assert body in outcome.text, "the learner's own line is shown"
    assert "\n" not in outcome.text


def test_an_answer_of_the_wrong_kind_never_raises():
    for wrong in (3, "text", object(), [1], print, int):
        assert make("def f(x):\n    ...").check(wrong).heading == TRY_AGAIN


def test_not_implemented_deeper_down_is_not_attempted():
    source = "def g(x):\n    raise NotImplementedError\ndef f(x):\n    return g(x)"
    assert make("def f(x):\n    ...").check(run_cell(source, {})["f"]).heading == NOT_ATTEMPTED


def test_outcomes_are_announced_and_escaped():
    outcome = make("def f(x):\n    ...", lambda f: expect(False, "Is `a < b`?"))
    html = outcome.check(lambda x: x)._repr_html_()
    assert 'role="status"' in html
    assert "<code>a &lt; b</code>" in html
    assert repr(outcome.check(lambda x: x)) == "Try again: Is `a < b`?"


def test_hints_come_one_at_a_time_and_end_in_the_way_to_the_solution():
    item = make("def f(x):\n    ...")
    assert [item.hint().heading for _ in range(3)] == ["Hint 1 of 2", "Hint 2 of 2", "That was the last hint"]
    assert 'exercise("99.1").solution()' in item.hint().text
    assert "return x + 1" in repr(item.solution())
    assert "return x + 1" in item.solution()._repr_html_()


def test_a_correct_answer_counts_even_where_progress_cannot_be_written(home, monkeypatch):
    monkeypatch.setattr(exercises.progress, "record", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    outcome = make("def f(x):\n    ...").check(lambda x: x + 1)
    assert outcome.correct
    assert "disk full" in outcome.text


def test_numbers_compare_with_a_tolerance():
    expect_close(0.1 + 0.2, 0.3, "")
    expect_close(np.float32([1, 2]), [1, 2.00001], "")
    expect_close(True, 1, "")
    for got, said in (
        (1.1, "Yours is 1.1"),
        ([1, 2], r"shape is \(2,\)"),
        ("1", "without quotes"),
        (None, "return"),
        (object(), "a `object`"),
        (float("nan"), "nan"),
        (np.arange(100), "should be"),
    ):
        with pytest.raises(TryAgain, match=said):
            expect_close(got, 1.0, "Look again.")


def test_shapes_are_told():
    expect_shape(np.zeros((2, 3)), (2, 3), "")
    with pytest.raises(TryAgain, match=r"\(3, 2\)"):
        expect_shape(np.zeros((3, 2)), (2, 3), "Which axis comes first?")
    with pytest.raises(TryAgain, match="no shape"):
        expect_shape([1], (1,), "")


def test_an_unknown_exercise_is_named_with_what_there_is():
    with pytest.raises(BadInput, match=r"no exercise '99\.7'"):
        exercise("99.7")


def test_two_files_for_one_lesson_are_refused(tmp_path):
    for name in ("l90_a.py", "l90_b.py"):
        (tmp_path / name).write_text("EXERCISES, QUIZ = [], []")
    with pytest.raises(CourseError, match="claim lesson 90"):
        bank_files(tmp_path)


def test_ids_follow_from_the_lesson_and_the_place(tmp_path):
    text = (
        "from course_lib.lessons.exercises import Exercise\n"
        "EXERCISES = [Exercise('90.2', '', 'a = ...', '', '', print, [])]\nQUIZ = []"
    )
    (tmp_path / "l90_a.py").write_text(text)
    with pytest.raises(CourseError, match=r"should be 90\.1"):
        lesson_bank("90", tmp_path)
