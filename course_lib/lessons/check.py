"""The lesson check: does a lesson follow the recipe, and would its page stand up to a reader?"""

from pathlib import Path

import nbformat

from course_lib.lessons.build import outline, read_lesson_cells, read_source
from course_lib.lessons.check_bank import bank_problems
from course_lib.lessons.check_links import document_problems, link_problems
from course_lib.lessons.check_outputs import output_problems
from course_lib.lessons.check_recipe import measure, recipe_problems
from course_lib.lessons.contents import CHECKOUT, PROGRESS, Lesson, find_lesson, lessons

SIZE_LIMIT = 250_000  # bytes of a notebook with its outputs


def check(numbers: list[str] | None = None, root: Path = CHECKOUT) -> tuple[list[str], list[str]]:
    """Check lessons, without running them.

    Args:
        numbers: the lessons; if None or empty all of them, and the repository's own pages too.
        root: the top of the checkout.

    Returns:
        The problems, one line each with file and cell, and the measures, one line a lesson.

    Raises:
        CourseError: if the notebooks are not here, or a source has no title.
    """
    chosen = [find_lesson(number, root) for number in numbers] if numbers else lessons(root)
    problems, measures = [], []
    for lesson in chosen:
        problems += check_lesson(lesson, root)
        measures.append(f"{lesson.number} {lesson.name}: {measure(read_source(lesson.source))}")
    if not numbers:
        problems += orphans(chosen, root) + document_problems(root)
    return problems, measures


def check_lesson(lesson: Lesson, root: Path = CHECKOUT) -> list[str]:
    """Check one lesson: first its script, then the notebook that was built from it.

    Args:
        lesson: the lesson.
        root: the top of the checkout.

    Returns:
        The problems, one line each with file and cell.
    """
    source = read_source(lesson.source)
    found = recipe_problems(source) + link_problems(source, lesson.notebook.parent, root)
    found += bank_problems(source, lesson.number, root)
    problems = [f"{lesson.source.relative_to(root)}{problem}" for problem in found]
    return problems + notebook_problems(lesson, root)


def notebook_problems(lesson: Lesson, root: Path) -> list[str]:
    """Check a built notebook: in step with its script, run, light, and fit to be read.

    Args:
        lesson: the lesson.
        root: the top of the checkout.

    Returns:
        The problems, one line each with file and cell.
    """
    name = lesson.notebook.relative_to(root)
    mend = f"type `python -m course_lib.lessons build {lesson.number}`"
    if not lesson.notebook.exists():
        return [f"{name}: has not been built: {mend}."]
    source, notebook = read_lesson_cells(lesson), nbformat.read(lesson.notebook, as_version=4)
    if outline(source) != outline(notebook):
        return [f"{name}{first_difference(source, notebook)}: differs from its script: {mend}."]
    problems = [f"{name}{problem}" for problem in output_problems(notebook)]
    size = lesson.notebook.stat().st_size
    if size > SIZE_LIMIT:
        problems.append(
            f"{name}: has {size / 1000:.0f} kB, more than {SIZE_LIMIT / 1000:.0f}: draw smaller figures."
        )
    return problems


def first_difference(source: nbformat.NotebookNode, notebook: nbformat.NotebookNode) -> str:
    """Return where a script and its notebook part, as " cell 5"."""
    ours, theirs = outline(source), outline(notebook)
    same = next(
        (k for k, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), min(len(ours), len(theirs))
    )
    return f" cell {same + 1}"


def orphans(known: list[Lesson], root: Path) -> list[str]:
    """Return a problem for each notebook that no script stands behind."""
    built = {lesson.notebook for lesson in known} | {root / "notebooks" / f"{PROGRESS}.ipynb"}
    there = [path for path in (root / "notebooks").rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts]
    lost = sorted(path.relative_to(root) for path in there if path not in built)
    return [f"{path}: no script in notebooks/source builds it: write one, or delete it." for path in lost]


def run_check(numbers: list[str] | None = None, root: Path = CHECKOUT) -> int:
    """Check lessons and print what was found.

    Args:
        numbers: the lessons; all of them if None or empty.
        root: the top of the checkout.

    Returns:
        The exit code: 0 if all is well, else 1.
    """
    problems, measures = check(numbers, root)
    for line in measures + problems:
        print(line)
    if problems:
        print(f"{len(problems)} problem{'s' * (len(problems) > 1)} found.")
    return 1 if problems else 0
