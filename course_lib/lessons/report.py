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

    @property
    def complete(self) -> bool:
        """Whether every exercise is right."""
        return len(self.done) == len(self.exercises)


@dataclass(frozen=True)
class Summary:
    """How far a learner is in all: counts, and the (id, title) of the exercise that comes next; None at the end."""

    exercises: int
    right: int
    lessons: int
    complete: int
    next: tuple[str, str] | None

    def __str__(self) -> str:
        ahead = (
            f"next: {self.next[0]} {self.next[1]} (`course lab {self.next[0][:2]}`)"
            if self.next
            else "all done"
        )
        return f"{self.right} of {self.exercises} exercises right, {self.complete} of {self.lessons} lessons done; {ahead}"


def summary(entries: list[LessonProgress], finished: dict[str, str]) -> Summary:
    """Sum a report up.

    What comes next is the first open exercise from the lesson on in which something was last done; behind the end it goes on
    at the beginning.

    Args:
        entries: what `report` returned.
        finished: when each exercise was done, as `progress.done` returns it.
    """
    known = {key for entry in entries for key in entry.done}
    last = max((key for key in finished if key in known), key=lambda key: (finished[key], key), default="")
    missing = [pair for entry in entries for pair in entry.exercises.items() if pair[0] not in entry.done]
    ahead = [pair for pair in missing if pair[0][:2] >= last[:2]] + missing
    total = sum(len(entry.exercises) for entry in entries)
    complete = sum(entry.complete for entry in entries)
    return Summary(total, len(known), len(entries), complete, ahead[0] if ahead else None)


def report(finished: dict[str, str] | None = None) -> list[LessonProgress]:
    """Return how far the learner is in every lesson that has exercises.

    Args:
        finished: what `progress.done` returned, if it was asked already.

    Returns:
        One entry a lesson, in the course's order.

    Raises:
        CourseError: if the file is damaged.
    """
    finished = done() if finished is None else finished
    entries = []
    for number, path in bank_files().items():
        titles = {key: item.title for key, item in lesson_bank(number).exercises.items()}
        name = path.stem.partition("_")[2].replace("_", " ")
        entries.append(LessonProgress(number, name, titles, frozenset(titles) & frozenset(finished)))
    return entries
