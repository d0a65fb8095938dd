"""The quiz's HTML: stable, silent about its answers, readable by a screen reader, and asking nothing of the network."""

import base64
import json
import re
from html.parser import HTMLParser

import pytest

from course_lib.errors import BadInput, CourseError
from course_lib.lessons.bank_index import bank_files, quiz
from course_lib.lessons.quiz import Choice, Question, Quiz

QUESTIONS = [
    Question("Is `a < b`?", [Choice("yes", True, "Since é & `b`."), Choice("no", False, "Look <again>.")]),
    Question("Really?", [Choice("no", False, "Think."), Choice("yes", True, "Indeed.")]),
]
QUIZZES = [Quiz("99", QUESTIONS), *[quiz(number) for number in bank_files()]]
EVERY = pytest.mark.parametrize("shown", QUIZZES, ids=lambda shown: shown.number)


class Elements(HTMLParser):
    def __init__(self, html: str):
        super().__init__()
        self.found: list[tuple[str, dict]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict]:
        return [values for name, values in self.found if name == tag]


@EVERY
def test_it_is_the_same_each_time_and_ids_do_not_repeat(shown):
    html = shown._repr_html_()
    assert html == Quiz(shown.number, shown.questions)._repr_html_()
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))


@EVERY
def test_answers_and_explanations_are_not_in_clear(shown):
    html = shown._repr_html_()
    for question in shown.questions:
        for choice in question.choices:
            assert choice.why not in html


@EVERY
def test_every_choice_explains_itself_once_decoded(shown):
    inputs = Elements(shown._repr_html_()).all("input")
    choices = [choice for question in shown.questions for choice in question.choices]
    assert len(inputs) == len(choices)
    for values, choice in zip(inputs, choices, strict=True):
        said = json.loads(base64.b64decode(values["data-a"]))
        assert said["heading"] == ("Right." if choice.right else "Not quite.")
        assert len(said["why"]) > 5


@EVERY
def test_it_is_a_form_that_a_screen_reader_can_read(shown):
    elements = Elements(shown._repr_html_())
    fieldsets, legends = elements.all("fieldset"), elements.all("legend")
    assert len(fieldsets) == len(legends) == len(shown.questions)
    assert sum(d.get("role") == "status" for d in elements.all("div")) == len(shown.questions)
    assert {label["for"] for label in elements.all("label")} == {i["id"] for i in elements.all("input")}
    names = [i["name"] for i in elements.all("input")]
    assert len(set(names)) == len(shown.questions)


@EVERY
def test_nothing_is_asked_of_the_network(shown):
    html = shown._repr_html_()
    assert "http" not in html
    assert not any("src" in values or "href" in values for _, values in Elements(html).found)


def test_it_reads_well_in_a_terminal():
    assert repr(Quiz("99", QUESTIONS)).splitlines()[:2] == ["1. Is `a < b`?", "   ( ) yes"]


def test_texts_are_escaped():
    html = Quiz("99", QUESTIONS)._repr_html_()
    assert "<code>a &lt; b</code>" in html
    decoded = json.loads(base64.b64decode(Elements(html).all("input")[1]["data-a"]))
    assert decoded["why"] == "Look &lt;again&gt;."


def test_a_question_has_one_right_choice():
    with pytest.raises(CourseError, match="exactly one right"):
        Question("?", [Choice("a", True, "."), Choice("b", True, ".")])


def test_an_unknown_lesson_is_named():
    with pytest.raises(BadInput, match="'98'"):
        quiz("98")
