"""Running a lesson from its first cell to its last, without a browser."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from tqdm import tqdm

from course_lib.errors import CourseError
from course_lib.lessons.contents import CHECKOUT, Lesson, find_lesson
from course_lib.lessons.execute import execute
from course_lib.lessons.offline import offline_environment


@dataclass(frozen=True)
class LessonRun:
    """One run of a lesson: the notebook with the outputs that it gave here, and its time in seconds."""

    lesson: Lesson
    notebook: nbformat.NotebookNode
    seconds: float


def run_lesson(
    number: str,
    offline: bool = False,
    root: Path = CHECKOUT,
    say: Callable[[str], None] = print,
) -> LessonRun:
    """Run a lesson headless, in an empty folder, and leave its notebook as it was.

    Args:
        number: the lesson's number or name.
        offline: do without the network, and without this user's weights and progress.
        root: the top of the checkout.
        say: what to do with the one line at the end.

    Returns:
        The run.

    Raises:
        BadInput: if there is no such lesson.
        CourseError: if a cell fails, or the lesson has not been built.
    """
    lesson = find_lesson(number, root)
    notebook = read_without_outputs(lesson)
    code_cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="course-run-") as scratch:
        folder = Path(scratch) / "notebook"
        folder.mkdir()
        environment = offline_environment(Path(scratch)) if offline else None
        with tqdm(
            total=code_cells, desc=f"lesson {lesson.number}", unit="cell", leave=False, disable=None
        ) as bar:
            try:
                execute(notebook, folder, environment, on_cell=bar.update)
            except CourseError as error:
                raise CourseError(f"Lesson {lesson.number} stopped: {error}") from error
    seconds = time.perf_counter() - begun
    say(f"Lesson {lesson.number} ran to its end: {code_cells} cells in {seconds:.1f} s.")
    return LessonRun(lesson, notebook, seconds)


def read_without_outputs(lesson: Lesson) -> nbformat.NotebookNode:
    """Return a lesson's notebook as it is before anything ran, so that no old output passes for a new one.

    Args:
        lesson: the lesson.

    Returns:
        The notebook.

    Raises:
        CourseError: if it has not been built.
    """
    if not lesson.notebook.exists():
        raise CourseError(f"Lesson {lesson.number} has not been built: type `make lessons` first.")
    notebook = nbformat.read(lesson.notebook, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook
