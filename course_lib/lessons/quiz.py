"""A quiz in plain HTML: it asks nothing of the network, keeps its answers out of sight, and has stable ids."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from course_lib.errors import CourseError
from course_lib.lessons.markup import COLOURS, inline

SCRIPT = files("course_lib.lessons").joinpath("quiz.js")


@dataclass(frozen=True)
class Choice:
    """One choice: its text, whether it is the right one, and why."""

    text: str
    right: bool
    why: str


@dataclass(frozen=True)
class Question:
    """One question with its choices, of which exactly one is right."""

    text: str
    choices: Sequence[Choice]

    def __post_init__(self) -> None:
        if sum(choice.right for choice in self.choices) != 1:
            raise CourseError(f"The question {self.text!r} should have exactly one right choice.")


@dataclass(frozen=True)
class Quiz:
    """The questions of a lesson, shown as a form in a notebook and as a list in a terminal."""

    number: str
    questions: Sequence[Question]

    def _repr_html_(self) -> str:
        body = "".join(_question_html(self.number, k, q) for k, q in enumerate(self.questions, 1))
        opening = f'<form class="course-quiz" id="quiz-{self.number}">'
        return f"{opening}{body}</form><script>{SCRIPT.read_text(encoding='utf-8')}</script>"

    def __repr__(self) -> str:
        lines = []
        for k, question in enumerate(self.questions, 1):
            lines.append(f"{k}. {question.text}")
            lines += [f"   ( ) {choice.text}" for choice in question.choices]
        return "\n".join(lines)


def _question_html(number: str, k: int, question: Question) -> str:
    name = f"quiz-{number}-q{k}"
    choices = "".join(_choice_html(name, j, choice) for j, choice in enumerate(question.choices, 1))
    box = "border:1px solid currentColor;border-radius:4px;padding:.4em .8em;margin:.6em 0;max-width:46em"
    return (
        f'<fieldset id="{name}" style="{box}">'
        f'<legend style="font-weight:bold;padding:0 .3em;width:auto">Question {k}</legend>'
        f'<div style="margin-bottom:.3em">{inline(question.text)}</div>{choices}'
        f'<div role="status" style="min-height:1.6em;padding-left:.6em;border-left:4px solid {COLOURS["neutral"]}">'
        "Run this cell to answer.</div></fieldset>"
    )


def _choice_html(name: str, j: int, choice: Choice) -> str:
    """One radio button; `data-a` hides the explanation from whoever looks at the page or its source.

    `data-lm-...` leaves it the arrow keys, which JupyterLab would take for its own shortcuts.
    """
    heading, colour = ("Right.", COLOURS["good"]) if choice.right else ("Not quite.", COLOURS["bad"])
    said = json.dumps({"heading": heading, "why": inline(choice.why), "colour": colour})
    hidden = base64.b64encode(said.encode()).decode()
    identity = f"{name}-c{j}"
    return (
        f'<label for="{identity}" style="display:block;padding:.15em 0;cursor:pointer">'
        f'<input type="radio" id="{identity}" name="{name}" value="{j}" data-a="{hidden}" '
        f'data-lm-suppress-shortcuts="true" style="margin-right:.5em"> {inline(choice.text)}</label>'
    )
