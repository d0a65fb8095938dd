"""Exercises that check themselves: not attempted, try again with a text that helps, or correct."""

import ast
import inspect
import linecache
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from course_lib.errors import CourseError
from course_lib.lessons import progress
from course_lib.lessons.blank import is_blank
from course_lib.lessons.expect import TryAgain
from course_lib.lessons.markup import code_block, inline, panel

NOT_ATTEMPTED, TRY_AGAIN, CORRECT = "Not attempted yet", "Try again", "Correct"
TONES = {NOT_ATTEMPTED: "neutral", TRY_AGAIN: "bad", CORRECT: "good"}


@dataclass(frozen=True)
class Note:
    """Something an exercise says: a box in a notebook, a line in a terminal."""

    heading: str
    text: str
    code: str = ""
    tone: str = "neutral"

    def _repr_html_(self) -> str:
        return panel(
            self.heading, inline(self.text) + (code_block(self.code) if self.code else ""), self.tone
        )

    def __repr__(self) -> str:
        return f"{self.heading}: {self.text}" + (f"\n{self.code.strip()}" if self.code else "")


@dataclass(frozen=True, repr=False)
class Outcome(Note):
    """What `check` found; `heading` is one of NOT_ATTEMPTED, TRY_AGAIN and CORRECT."""

    @property
    def correct(self) -> bool:
        return self.heading == CORRECT


class Exercise:
    """One exercise of a lesson's bank.

    Args:
        id: the lesson's number, a dot, and the exercise's place, such as "00.1".
        title: a few words, for the list of what is done.
        starter: the source of the notebook's cell, without the last line that calls `check`;
            what is checked is the last name that it defines or assigns.
        mistake: the same cell as a learner typically gets it wrong.
        solution: the same cell as it should be.
        test: takes the learner's answer; raises TryAgain by way of `expect`, `expect_close`, `expect_shape`.
        hints: each says a little more than the one before.
        setup: source of what the notebook has made by then and the three cells need, such as imports.
    """

    def __init__(
        self,
        id: str,
        title: str,
        starter: str,
        mistake: str,
        solution: str,
        test: Callable[[Any], None],
        hints: Sequence[str],
        setup: str = "",
    ):
        self.id, self.title, self.setup = id, title, setup
        self.starter, self.mistake, self.solution_code = starter.strip(), mistake.strip(), solution.strip()
        self.test, self.hints = test, tuple(hints)
        self._hints_shown = 0

    @property
    def answer_name(self) -> str:
        """The name that the starter defines or assigns last: the one to hand to `check`."""
        return [name for statement in ast.parse(self.starter).body for name in _bound_names(statement)][-1]

    def check(self, answer: Any = ...) -> Outcome:
        """Say how an answer does; a bug in it never stops the notebook.

        Args:
            answer: the learner's function or value.

        Returns:
            The outcome, shown where it is the last line of a cell.
        """
        if is_blank(answer, self.starter):
            return self._not_attempted()
        try:
            self.test(answer)
        except TryAgain as advice:
            return Outcome(TRY_AGAIN, str(advice), tone="bad")
        except NotImplementedError:
            return self._not_attempted()
        except Exception as error:
            return Outcome(TRY_AGAIN, _explain(error, answer), tone="bad")
        return Outcome(CORRECT, self._praise(), tone="good")

    def hint(self) -> Note:
        """Return the next hint; after the last one, all of them and the way to the solution.

        Returns:
            The hint, shown where it is the last line of a cell.
        """
        self._hints_shown += 1
        if self._hints_shown <= len(self.hints):
            heading = f"Hint {self._hints_shown} of {len(self.hints)}"
            return Note(heading, self.hints[self._hints_shown - 1])
        every = "\n\n".join(self.hints)
        return Note("That was the last hint", f'{every}\n\nStill stuck? `exercise("{self.id}").solution()`')

    def solution(self) -> Note:
        """Return one right answer.

        Returns:
            The code, shown where it is the last line of a cell.
        """
        return Note("One solution", "There are others.", code=self.solution_code)

    def _not_attempted(self) -> Outcome:
        advice = (
            f'Put your answer in place of the dots and run the cell. Stuck? `exercise("{self.id}").hint()`'
        )
        return Outcome(NOT_ATTEMPTED, advice)

    def _praise(self) -> str:
        try:
            told = progress.record(self.id)
        except (OSError, CourseError) as error:
            return f"This could not be written down, though: {error}"
        return f"`{self.title}` is done. {told}".rstrip()


def run_cell(source: str, namespace: dict[str, Any], name: str = "cell") -> dict[str, Any]:
    """Run source as a notebook cell does, so that its functions can show their source.

    Args:
        source: Python code.
        namespace: the names it sees, and where it puts its own.
        name: what tracebacks call it.

    Returns:
        The namespace.
    """
    filename = f"<{name} {abs(hash(source))}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    exec(compile(source, filename, "exec"), namespace)
    return namespace


def _explain(error: Exception, answer: Any) -> str:
    """The error's one line, and where in the learner's code it happened."""
    line = traceback.format_exception_only(error)[-1].strip()
    code = getattr(inspect.unwrap(answer), "__code__", None) if callable(answer) else None
    frames = [f for f in traceback.extract_tb(error.__traceback__) if code and f.filename == code.co_filename]
    if frames:
        return f"Your code stopped at `{frames[-1].line}` with `{line}`."
    return f"The check could not use this answer, a `{type(answer).__name__}`: `{line}`."


def _bound_names(statement: ast.stmt) -> list[str]:
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return [statement.name]
    if isinstance(statement, (ast.Assign, ast.AnnAssign)):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        return [t.id for t in targets if isinstance(t, ast.Name)]
    return []
