"""How far a learner is: the exercises of every lesson, and which of them are done."""

from dataclasses import dataclass

from course_lib.lessons.bank_index import bank_files, lesson_bank
from course_lib.lessons.progress import done


@dataclass(frozen=True)
class LessonProgress:
    """How far a learner is in one lesson: the titles of its exercises, by id, and the ids that are done."""

    number: str
    name: str
    exercises: dict[str, str]
    done: frozenset[str]


def report() -> list[LessonProgress]:
    """Return how far the learner is in every lesson that has exercises.

    Returns:
        One entry a lesson, in the course's order.

    Raises:
        CourseError: if the file is damaged.
    """
    finished = done()
    entries = []
    for number, path in bank_files().items():
        titles = {key: item.title for key, item in lesson_bank(number).exercises.items()}
        name = path.stem.partition("_")[2].replace("_", " ")
        entries.append(LessonProgress(number, name, titles, frozenset(titles) & frozenset(finished)))
    return entries
