"""Finding a lesson's exercises and quiz by its number: a new file in `bank/` is all that it takes."""

import importlib.util
import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from course_lib.errors import BadInput, CourseError
from course_lib.lessons.exercises import Exercise
from course_lib.lessons.quiz import Question, Quiz

BANK_FOLDER = Path(__file__).parent / "bank"
FILE_NAME = re.compile(r"l(\d\d)_(\w+)\.py")


@dataclass(frozen=True)
class Bank:
    """What one file of the bank holds: a lesson's exercises by id, and the questions of its quiz."""

    number: str
    path: Path
    exercises: dict[str, Exercise]
    questions: tuple[Question, ...]


def bank_files(folder: Path | None = None) -> dict[str, Path]:
    """Return the files of the bank by lesson number.

    Args:
        folder: where they lie; BANK_FOLDER if None.

    Returns:
        For instance {"00": .../l00_start_here.py}, in the order of the lessons.

    Raises:
        CourseError: if two files claim one lesson.
    """
    files: dict[str, Path] = {}
    for path in sorted((folder or BANK_FOLDER).glob("l*.py")):
        match = FILE_NAME.fullmatch(path.name)
        if match and match[1] in files:
            both = f"{files[match[1]].name} and {path.name}"
            raise CourseError(f"Two files claim lesson {match[1]}, {both}: keep one.")
        if match:
            files[match[1]] = path
    return files


def lesson_bank(number: str, folder: Path | None = None) -> Bank:
    """Return the exercises and the quiz of a lesson.

    Args:
        number: two digits, such as "04".
        folder: where the files of the bank lie; BANK_FOLDER if None.

    Returns:
        The lesson's bank.

    Raises:
        BadInput: if no lesson of that number has a bank.
        CourseError: if an exercise's id does not follow from the lesson's number and its place.
    """
    files = bank_files(folder)
    if number not in files:
        known = ", ".join(files) or "none"
        raise BadInput(
            f"There are no exercises for lesson {number!r}: the lessons that have some are {known}."
        )
    return _read(number, files[number])


@cache
def _read(number: str, path: Path) -> Bank:
    module = _import(path)
    exercises, wanted = list(module.EXERCISES), [f"{number}.{k}" for k in range(1, len(module.EXERCISES) + 1)]
    if [item.id for item in exercises] != wanted:
        raise CourseError(f"{path.name}: the exercises' ids should be {', '.join(wanted)}, in this order.")
    return Bank(number, path, {item.id: item for item in exercises}, tuple(module.QUIZ))


def exercise(exercise_id: str) -> Exercise:
    """Return an exercise by its id.

    Args:
        exercise_id: the lesson's number, a dot, and the exercise's place, such as "00.1".

    Returns:
        The exercise: `.check(answer)`, `.hint()`, `.solution()`.

    Raises:
        BadInput: if there is none of that id; the sentence names the nearest.
    """
    number = str(exercise_id).partition(".")[0]
    known = lesson_bank(number).exercises if number in bank_files() else {}
    if exercise_id in known:
        return known[exercise_id]
    everywhere = [i for n in bank_files() for i in lesson_bank(n).exercises]
    near = list(known) or get_close_matches(str(exercise_id), everywhere, n=3, cutoff=0)
    raise BadInput(
        f"There is no exercise {exercise_id!r}: did you mean {' or '.join(near) or 'another course'}?"
    )


def quiz(number: str) -> Quiz:
    """Return the quiz of a lesson.

    Args:
        number: two digits, such as "00".

    Returns:
        The quiz, shown where it is the last line of a cell.

    Raises:
        BadInput: if no lesson of that number has one.
    """
    return Quiz(number, lesson_bank(number).questions)


def _import(path: Path):
    """Import by path, so that a checkout's bank is read and not one that happens to be installed."""
    spec = importlib.util.spec_from_file_location(f"course_lib.lessons.bank.{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
