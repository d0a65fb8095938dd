"""Notes for whoever teaches a lesson: how long it takes, where learners go wrong, what is worth talking about.

Errors, questions and advice stand in `teaching/*.toml`, one file for each part of the course; learners' notebooks don't show
them. Times follow from the lesson itself, by one rule for all: see `Timing`.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from course_lib.errors import BadInput, CourseError
from course_lib.lessons.bank_index import lesson_bank
from course_lib.lessons.contents import Lesson

FOLDER = Path(__file__).parent / "teaching"
WORDS = 130  # of a technical text, read in a minute
CODE = 0.75  # minutes to run a cell of code and to look at what it shows
EXERCISE, QUESTION = 6, 1  # minutes for each exercise, and for each question of the quiz
RULE = (f"{WORDS} words a minute, {CODE * 60:.0f} seconds for each cell of code, {EXERCISE} minutes for each exercise, "
        f"{QUESTION} for each question of the quiz; the seconds are the lesson's own, on two cores")  # fmt: skip
_SECONDS = re.compile(r"(?:about|less than) (?:(\d+) s\b|a minute)")


@dataclass(frozen=True)
class Notes:
    """What a teacher should know of a lesson.

    Attributes:
        errors: what learners commonly get wrong, and what helps.
        discuss: questions for the room, with what to listen for.
        tip: where to slow down, and what to leave out where time is short.
    """

    errors: tuple[str, ...]
    discuss: tuple[str, ...]
    tip: str


@dataclass(frozen=True)
class Timing:
    """How many minutes a lesson takes by `RULE`: an estimate, the same for all lessons, measured on no class.

    Attributes:
        read: reading the text and running its cells.
        practise: the exercises and the quiz.
        run: seconds that the notebook computes from its first cell to its last, as its opening says; None where it doesn't.
    """

    read: int
    practise: int
    run: int | None


def notes(number: str) -> Notes:
    """Return the notes of a lesson.

    Args:
        number: two digits, such as "04".

    Raises:
        BadInput: nobody has written any.
        CourseError: the file of its part is damaged.
    """
    known = _all()
    if number not in known:
        raise BadInput(f"There are no notes on lesson {number!r}: there are some on {', '.join(known)}.")
    return known[number]


def timing(lesson: Lesson) -> Timing:
    """Estimate how long a lesson takes, from its script and its bank."""
    texts, code = _cells(lesson.source.read_text(encoding="utf-8"))
    words = sum(len(text.split()) for text in texts)
    bank = lesson_bank(lesson.number)
    practise = EXERCISE * len(bank.exercises) + QUESTION * len(bank.questions)
    return Timing(round(words / WORDS + code * CODE), practise, _seconds(texts[0]))


def guide(lesson: Lesson) -> str:
    """Write the notes of a lesson as Markdown, for the screen or for paper."""
    told, time = notes(lesson.number), timing(lesson)
    runs = f"; its cells compute for {time.run} seconds" if time.run else ""
    lines = [
        f"# {lesson.number} {lesson.title}",
        f"Time: {time.read} minutes to read and run, {time.practise} for exercises and quiz{runs}.",
        told.tip,
        "Common errors:",
        "\n".join(f"- {error}" for error in told.errors),
        "To discuss:",
        "\n".join(f"- {question}" for question in told.discuss),
        "Exercises:",
        "\n".join(f"- {key} {item.title}" for key, item in lesson_bank(lesson.number).exercises.items()),
    ]
    return "\n\n".join(lines) + "\n"


def _cells(script: str) -> tuple[list[str], int]:
    """Return the texts of a percent script, and how many cells of code it has."""
    cells = re.split(r"^# %%", script, flags=re.MULTILINE)[1:]
    texts = [cell for cell in cells if cell.startswith(" [markdown]")]
    bodies = [re.sub(r"^# ?(> ?)?", "", text.partition("\n")[2], flags=re.MULTILINE) for text in texts]
    return bodies, len(cells) - len(texts)


def _seconds(opening: str) -> int | None:
    found = _SECONDS.search(" ".join(opening.split()))
    return None if found is None else int(found[1] or 60)


@cache
def _all(folder: Path = FOLDER) -> Mapping[str, Notes]:
    found = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            for number, table in tomllib.loads(path.read_text(encoding="utf-8")).items():
                if number in found:
                    raise CourseError(
                        f"{path.name} has notes on lesson {number}, as another file has: keep one."
                    )
                found[number] = Notes(tuple(table["errors"]), tuple(table["discuss"]), table["tip"])
        except (KeyError, TypeError, ValueError) as error:
            raise CourseError(f"The notes {path} can't be used: {error}. Mend that file.") from error
    return found
