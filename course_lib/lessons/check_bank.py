"""Do a lesson's cells and its bank of exercises and questions agree?"""

import re
from pathlib import Path

import nbformat

from course_lib.errors import CourseError
from course_lib.lessons.bank_index import Bank, bank_files, lesson_bank

CHECK_LINE = re.compile(r'\s*^exercise\("([^"]+)"\)\.check\((\w+)\)\s*\Z', flags=re.MULTILINE)
QUIZ_LINE = re.compile(r'^quiz\("([^"]+)"\)\s*\Z', flags=re.MULTILINE)
EXERCISES, QUESTIONS = (2, 4), (3, 5)


def bank_problems(script: nbformat.NotebookNode, number: str, root: Path) -> list[str]:
    """Check a lesson's cells against its file in the bank.

    Args:
        script: the script, read by `read_source`.
        number: the lesson's number, such as "04".
        root: the top of the checkout.

    Returns:
        The problems, each beginning with ": " or " cell N: ".
    """
    folder = root / "course_lib" / "lessons" / "bank"
    if number not in bank_files(folder):
        return [f": course_lib/lessons/bank has no l{number}_<name>.py with EXERCISES and QUIZ."]
    try:
        bank = lesson_bank(number, folder)
    except CourseError as error:
        return [f": {error}"]
    return count_problems(bank) + exercise_problems(script, bank) + quiz_problems(script, number)


def count_problems(bank: Bank) -> list[str]:
    """Check how many exercises and questions there are, and that each exercise has a hint."""
    problems = []
    for name, there, (low, high) in (
        ("exercises", len(bank.exercises), EXERCISES),
        ("questions in the quiz", len(bank.questions), QUESTIONS),
    ):
        if not low <= there <= high:
            problems.append(f": {there} {name} in {bank.path.name}; the measure is {low} to {high}.")
    silent = [key for key, item in bank.exercises.items() if not item.hints]
    return problems + [f": exercise {key} in {bank.path.name} has no hint." for key in silent]


def exercise_problems(script: nbformat.NotebookNode, bank: Bank) -> list[str]:
    """Check that every exercise stands in the lesson once, with the starter of the bank."""
    problems, seen = [], []
    for place, cell in enumerate(script.cells, 1):
        match = CHECK_LINE.search(cell.source) if cell.cell_type == "code" else None
        if not match:
            continue
        key, name = match[1], match[2]
        seen.append(key)
        exercise = bank.exercises.get(key)
        if exercise is None:
            problems.append(f" cell {place}: {bank.path.name} has no exercise {key}.")
        elif cell.source[: match.start()].strip() != exercise.starter:
            problems.append(f" cell {place}: differs from the starter of exercise {key} in {bank.path.name}.")
        elif name != exercise.answer_name:
            problems.append(
                f" cell {place}: checks `{name}`, but the starter's answer is `{exercise.answer_name}`."
            )
    for key in bank.exercises:
        if seen.count(key) != 1:
            problems.append(
                f': exercise {key} should be checked in one cell that ends in `exercise("{key}").check(...)`.'
            )
    return problems


def quiz_problems(script: nbformat.NotebookNode, number: str) -> list[str]:
    """Check that the lesson shows its own quiz."""
    shown = [
        match[1] for c in script.cells if c.cell_type == "code" and (match := QUIZ_LINE.search(c.source))
    ]
    if shown == [number]:
        return []
    return [f': one cell should end in `quiz("{number}")`; found: {", ".join(shown) or "none"}.']
