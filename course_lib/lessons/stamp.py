"""What the build stamps on every lesson: where to open it elsewhere, and the cell that installs the course there."""

import tomllib
from functools import cache

import nbformat

from course_lib.lessons.contents import CHECKOUT, Lesson

BRANCH = "main"
# Hidden until somebody asks for it: JupyterLab reads the second, the web site the tag.
METADATA = {"tags": ["install", "hide-input"], "jupyter": {"source_hidden": True}}
# Runs before the course is there, so it can use nothing of it.
INSTALL = """# On Colab and Kaggle this installs the course beside TensorFlow and NumPy as they are. Elsewhere it does nothing.
import importlib
import importlib.metadata
import importlib.util
import os
import subprocess
import sys

hosted = "google.colab" in sys.modules or "KAGGLE_KERNEL_RUN_TYPE" in os.environ
if hosted and importlib.util.find_spec("course_lib") is None:
    there = {{package.name: package.version for package in importlib.metadata.distributions()}}
    keep = [f"{{name}}=={{there[name]}}" for name in ("tensorflow", "numpy", "protobuf") if name in there]
    course = "course-lib{extras} @ git+{repository}@{branch}"
    if subprocess.run([sys.executable, "-m", "pip", "install", "-q", *keep, course]).returncode:
        raise SystemExit(
            "The course could not be installed beside " + " and ".join(keep) + ". On Colab choose the newest runtime "
            "version, on Kaggle switch the Internet on in the notebook's settings; then run this cell again."
        )
    importlib.invalidate_caches()"""


@cache
def repository() -> str:
    """Return the repository's address, which stands in pyproject.toml and nowhere else."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["urls"]["Repository"]


def page(path: str) -> str:
    """Return the address of a file on the repository's own site.

    Args:
        path: the file, from the top of the repository.
    """
    return f"{repository()}/blob/{BRANCH}/{path}"


def path_of(lesson: Lesson) -> str:
    """Return a lesson's notebook from the top of the repository."""
    return "/".join(part for part in ("notebooks", lesson.part, lesson.notebook.name) if part)


def colab(lesson: Lesson) -> str:
    """Return the address that opens a lesson on Colab."""
    return page(path_of(lesson)).replace("https://github.com/", "https://colab.research.google.com/github/")


def kaggle(lesson: Lesson) -> str:
    """Return the address that opens a lesson on Kaggle."""
    return f"https://kaggle.com/kernels/welcome?src={page(path_of(lesson))}"


def stamp(notebook: nbformat.NotebookNode, lesson: Lesson) -> nbformat.NotebookNode:
    """Put the links under a lesson's title, and the cell that installs the course in front of its first code.

    Args:
        notebook: the lesson, read by `read_source`; one without a cell tagged `set-up` is left as it is.
        lesson: what it was read from.

    Returns:
        The same notebook, changed.
    """
    if not any("set-up" in cell.metadata.get("tags", []) for cell in notebook.cells):
        return notebook
    title, _, rest = notebook.cells[0].source.partition("\n")
    links = f"Open it on [Colab]({colab(lesson)}) or [Kaggle]({kaggle(lesson)})."
    notebook.cells[0].source = f"{title}\n\n{links}\n{rest}"
    first = next(k for k, cell in enumerate(notebook.cells) if cell.cell_type == "code")
    # What a lesson needs besides the course stands in its script's header.
    extras = notebook.metadata.get("course", {}).get("extras", "")
    source = INSTALL.format(repository=repository(), branch=BRANCH, extras=f"[{extras}]" if extras else "")
    notebook.cells.insert(first, nbformat.v4.new_code_cell(source, id="install", metadata=METADATA))
    return notebook
