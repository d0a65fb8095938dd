"""The learner's progress as a page in a notebook: what is done, what is right, what comes next."""

from html import escape
from pathlib import Path

from course_lib.lessons.contents import CHECKOUT, lessons
from course_lib.lessons.markup import COLOURS
from course_lib.lessons.progress import done
from course_lib.lessons.report import LessonProgress, Summary, report, summary

CELL = "text-align:left;padding:.25em .8em"


class ProgressPage:
    """How far the learner is; shown as a table in a notebook and as lines in a terminal.

    Attributes:
        entries: one for each lesson.
        summary: what they add up to.
    """

    def __init__(self, root: Path = CHECKOUT):
        finished = done()
        self.entries: list[LessonProgress] = report(finished)
        self.summary: Summary = summary(self.entries, finished)
        self._lessons = {lesson.number: lesson for lesson in lessons(root)}
        self._folder = root / "notebooks"

    def __repr__(self) -> str:
        lines = [f"{entry.number} {entry.name:<30}{len(entry.done)} of {len(entry.exercises)}" for entry in self.entries]  # fmt: skip
        return "\n".join([str(self.summary), *lines])

    def _repr_html_(self) -> str:
        total = self.summary
        ahead = f"Next: {self._link(total.next[0][:2])}, exercise {escape(total.next[0])}, {escape(total.next[1])}." if total.next else "All is done."  # fmt: skip
        head = "".join(f'<th scope="col" style="{CELL}">{name}</th>' for name in ("lesson", "right", "exercises"))  # fmt: skip
        return (
            f'<p role="status"><strong>{total.right} of {total.exercises} exercises right, {total.complete} of {total.lessons} '
            f"lessons done.</strong> {ahead}</p><table><thead><tr>{head}</tr></thead><tbody>"
            f"{''.join(map(self._row, self.entries))}</tbody></table>"
        )

    def _row(self, entry: LessonProgress) -> str:
        marks = "<br>".join(
            f'<span style="color:{COLOURS["good" if key in entry.done else "neutral"]}">{"✓" if key in entry.done else "○"}</span> '
            f"{escape(key)} {escape(title)}{'' if key in entry.done else ' <em>(open)</em>'}"
            for key, title in entry.exercises.items()
        )
        count = f"{len(entry.done)} of {len(entry.exercises)}{', done' if entry.complete else ''}"
        cells = (self._link(entry.number), count, marks)
        return "<tr>" + "".join(f'<td style="{CELL};vertical-align:top">{cell}</td>' for cell in cells) + "</tr>"  # fmt: skip

    def _link(self, number: str) -> str:
        """Return a link that JupyterLab opens beside this page, where the notebook is here."""
        lesson = self._lessons.get(number)
        if lesson is None:
            return f"lesson {escape(number)}"
        place = lesson.notebook.relative_to(self._folder).as_posix()
        return f'<a href="{escape(place)}">{escape(number)} {escape(lesson.title.partition(":")[0])}</a>'


def my_progress() -> ProgressPage:
    """Return how far you are, from the list that the exercises keep on this machine.

    Returns:
        The page, shown where it is the last line of a cell; run the cell again after an exercise.

    Raises:
        CourseError: if the notebooks are not here.
    """
    return ProgressPage()
