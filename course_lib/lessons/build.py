"""From a percent-format script to a notebook with its outputs, the same bytes each time."""

import hashlib
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import jupytext
import nbformat

from course_lib.errors import CourseError
from course_lib.files import write_text
from course_lib.lessons.contents import CHECKOUT, Lesson, find_lesson, lessons
from course_lib.lessons.execute import execute
from course_lib.lessons.offline import offline_environment
from course_lib.lessons.stamp import stamp

# What the kernel would add here names this machine's Python version: of no use to a reader, and it changes.
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}


def build(
    numbers: list[str] | None = None,
    force: bool = False,
    root: Path = CHECKOUT,
    say: Callable[[str], None] = print,
) -> list[Lesson]:
    """Build the notebooks whose source changed; where only words did, the outputs are kept.

    Args:
        numbers: the lessons; all of them if None or empty.
        force: build those also whose source did not change.
        root: the top of the checkout.
        say: what to do with the one line a lesson.

    Returns:
        The lessons that were built.

    Raises:
        CourseError: if a cell fails or writes to stderr; the notebook that was there stays.
    """
    chosen = [find_lesson(number, root) for number in numbers] if numbers else lessons(root)
    built = []
    for lesson in chosen:
        name = lesson.notebook.relative_to(root)
        if not force and is_in_step(lesson):
            say(f"{name}: unchanged")
            continue
        if not force and keep_outputs(lesson):
            say(f"{name}: new words or address, the same code, outputs kept")
            built.append(lesson)
            continue
        begun = time.perf_counter()
        say(f"{name}: running ...")
        build_lesson(lesson)
        size = lesson.notebook.stat().st_size / 1000
        say(f"{name}: built in {time.perf_counter() - begun:.0f} s, {size:.0f} kB")
        built.append(lesson)
    return built


def build_lesson(lesson: Lesson) -> None:
    """Build one notebook, offline and apart from the user's own folders.

    Args:
        lesson: the lesson.

    Raises:
        CourseError: if a cell fails or writes to stderr; the notebook that was there stays.
    """
    notebook = read_lesson_cells(lesson)
    with tempfile.TemporaryDirectory(prefix="course-build-") as scratch:
        folder = Path(scratch) / "notebook"
        folder.mkdir()
        try:
            execute(notebook, folder, offline_environment(Path(scratch)))
        except CourseError as error:
            raise CourseError(f"{lesson.source.name}: {error}") from error
    refuse_noise(notebook, lesson.source.name)
    write_notebook(notebook, lesson.notebook)


def keep_outputs(lesson: Lesson) -> bool:
    """Give a notebook the words of its script without running it, where nothing but words changed.

    Args:
        lesson: the lesson.

    Returns:
        False, and nothing is written, where a code cell or its tags changed, or there is no notebook yet.
    """
    if not lesson.notebook.exists():
        return False
    notebook, old = read_lesson_cells(lesson), nbformat.read(lesson.notebook, as_version=4)
    if written(notebook) != written(old):
        return False
    ran = (cell for cell in old.cells if is_written(cell))
    notebook.cells = [next(ran) if is_written(cell) else cell for cell in notebook.cells]
    number(notebook)
    write_notebook(notebook, lesson.notebook)
    return True


def is_written(cell: nbformat.NotebookNode) -> bool:
    """Say whether a cell is code of the lesson's writer; the stamp's does nothing where lessons are built."""
    return cell.cell_type == "code" and "install" not in tags(cell)


def written(notebook: nbformat.NotebookNode) -> list[tuple[str, list[str]]]:
    """Return the source and the tags of each code cell of the lesson's writer."""
    return [(cell.source, tags(cell)) for cell in notebook.cells if is_written(cell)]


def number(notebook: nbformat.NotebookNode) -> None:
    """Number the code cells in their order, as a run from a fresh start does."""
    for count, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), 1):
        cell.execution_count = count
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count


def read_lesson_cells(lesson: Lesson) -> nbformat.NotebookNode:
    """Return a lesson's notebook as it is before it runs: its script's cells, and what the build stamps on it."""
    return stamp(read_source(lesson.source), lesson)


def read_source(source: Path) -> nbformat.NotebookNode:
    """Read a percent-format script as a notebook without outputs.

    Args:
        source: the script.

    Returns:
        The notebook, with ids that follow from the cells' text alone; the script's header is its metadata.
    """
    notebook = jupytext.read(source, fmt="py:percent")
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    seen: dict[str, int] = {}
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({"tags": tags(cell)} if tags(cell) else {})
        text = f"{cell.cell_type}\n{cell.source}"
        seen[text] = seen.get(text, 0) + 1
        cell.id = hashlib.sha256(f"{text}\n{seen[text]}".encode()).hexdigest()[:12]
    return notebook


def is_in_step(lesson: Lesson) -> bool:
    """Say whether a notebook has the cells of its script: the same types, sources and tags, in the same order.

    Args:
        lesson: the lesson.

    Returns:
        False also where there is no notebook yet.
    """
    if not lesson.notebook.exists():
        return False
    return outline(read_lesson_cells(lesson)) == outline(nbformat.read(lesson.notebook, as_version=4))


def outline(notebook: nbformat.NotebookNode) -> list[tuple[str, str, list[str]]]:
    """Return what a script and its notebook must have in common: each cell's type, source and tags."""
    return [(c.cell_type, c.source, tags(c)) for c in notebook.cells]


def tags(cell: nbformat.NotebookNode) -> list[str]:
    """Return a cell's tags, or an empty list."""
    return list(cell.metadata.get("tags", []))


def refuse_noise(notebook: nbformat.NotebookNode, name: str) -> None:
    """Stop at the first cell that wrote to stderr: a learner would see it too, so it is mended, not hidden.

    Args:
        notebook: an executed notebook.
        name: what to call it.

    Raises:
        CourseError: with the cell's number and its words.
    """
    for number, cell in enumerate(notebook.cells, 1):
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr":
                raise CourseError(f"{name}: cell {number} wrote to stderr: {output.text.strip()[:200]!r}")


def write_notebook(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Place a notebook whole, with METADATA: one that cannot be written leaves the old one as it was.

    Args:
        notebook: the notebook.
        path: where it goes; folders are made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook.metadata = nbformat.from_dict(METADATA)
    text = nbformat.writes(notebook) + "\n"
    write_text(path, text)
