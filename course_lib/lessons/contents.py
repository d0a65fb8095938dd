"""The table of contents: lessons are found by their sources in `notebooks/source`, nothing lists them by hand."""

import itertools
import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from course_lib.errors import BadInput, CourseError

CHECKOUT = Path(__file__).resolve().parents[2]
PROGRESS = "my_progress"  # the notebook beside the lessons that is none
FILE_NAME = re.compile(r"(\d\d)_(\w+)\.py")


@dataclass(frozen=True)
class Lesson:
    """One lesson: its place in the course, its single source, and the notebook that is built from it."""

    number: str
    name: str
    part: str
    title: str
    source: Path
    notebook: Path


def lessons(root: Path = CHECKOUT) -> list[Lesson]:
    """Return the lessons of a checkout, in order.

    Args:
        root: the top of the checkout.

    Returns:
        One entry a source in `notebooks/source`.

    Raises:
        CourseError: if the course was installed without its notebooks, or two sources claim one number.
    """
    folder = root / "notebooks" / "source"
    if not folder.is_dir():
        raise CourseError(
            "The notebooks are not here, since only the library is installed: "
            "get the course's repository and type `make lab` in it."
        )
    found = sorted(
        (read_lesson(path, root) for path in folder.rglob("*.py")), key=lambda lesson: lesson.number
    )
    for first, second in itertools.pairwise(found):
        if first.number == second.number:
            raise CourseError(
                f"{first.source} and {second.source} are both lesson {first.number}: renumber one."
            )
    return found


def find_lesson(number: str, root: Path = CHECKOUT) -> Lesson:
    """Return one lesson.

    Args:
        number: "04", "4", or the lesson's name, such as "resnet" or "04_resnet".
        root: the top of the checkout.

    Returns:
        The lesson.

    Raises:
        BadInput: if there is none of that number or name; the sentence names the nearest.
        CourseError: if the notebooks are not here.
    """
    known = lessons(root)
    wanted = str(number).strip().lower()
    wanted = wanted.zfill(2) if wanted.isdigit() else wanted
    for lesson in known:
        if wanted in (lesson.number, lesson.name, f"{lesson.number}_{lesson.name}"):
            return lesson
    names = [f"{lesson.number}_{lesson.name}" for lesson in known]
    near = get_close_matches(wanted, names, n=3, cutoff=0.4) or names
    raise BadInput(f"There is no lesson {number!r}: did you mean {', '.join(near)}?")


def read_lesson(source: Path, root: Path) -> Lesson:
    """Return the lesson that a source holds.

    Args:
        source: `notebooks/source/<part>/<nn>_<name>.py`, the part's folder left out for lesson 00.
        root: the top of the checkout.

    Returns:
        The lesson.

    Raises:
        CourseError: if the file's name or its title is not as it should be.
    """
    inner = source.relative_to(root / "notebooks" / "source")
    match = FILE_NAME.fullmatch(source.name)
    if not match or len(inner.parts) > 2:
        raise CourseError(
            f"{inner} should be named <part>/<two digits>_<name>.py, such as 1_convnets/04_resnet.py."
        )
    title = re.search(r"^# # (.+)$", source.read_text(encoding="utf-8"), flags=re.MULTILINE)
    if not title:
        raise CourseError(f"{inner} has no title: its first markdown cell should begin with `# # The title`.")
    part = inner.parent.name
    notebook = root / "notebooks" / inner.with_suffix(".ipynb")
    return Lesson(match[1], match[2], part, title[1].strip(), source, notebook)
