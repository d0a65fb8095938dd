"""The web site: the built lessons as they are, the ledger of models, the library's pages; `make site` builds it offline."""

import importlib.util
import os
import re
import tempfile
from pathlib import Path

import nbformat

from course_lib.errors import BadInput, CourseError
from course_lib.files import new_folder, put_back, resolved
from course_lib.lessons.check_site import site_problems
from course_lib.lessons.contents import CHECKOUT, Lesson, lessons
from course_lib.lessons.site_pages import index_page, library_page, models_page
from course_lib.lessons.stamp import page, path_of

# What every site has: by that one is known.
ALWAYS = ("index.html", "models.html", "library.html", "searchindex.js")
LINK = re.compile(r"\]\(((?:\.\./)+)((?!.*\.ipynb)[^)\s]+)\)")


def build_site(out: Path, root: Path = CHECKOUT) -> Path:
    """Build the site; a warning is an error, and so is a link that leads nowhere or a picture without words.

    Args:
        out: the folder: a new one, an empty one, or that of an earlier site, which goes once the new one is whole.
        root: the top of the checkout.

    Returns:
        The front page.

    Raises:
        BadInput: the folder is something else.
        CourseError: if the site's libraries are not here, something is wrong with a page, or the folder can't be written.
            Then the folder is as it was.
    """
    place = resolved(out)
    try:
        _check_place(place)
        _build(place, root)
    except OSError as error:
        raise CourseError(f"Can't write {out}: {error.strerror or error}. Choose another place, or free some space.") from error  # fmt: skip
    return place / "index.html"


def _check_place(place: Path) -> None:
    """Refuse a place where something would be lost that is no site of ours."""
    put_back(place)
    if not os.path.lexists(place):
        return
    if not place.is_dir():
        raise BadInput(f"{place} is a file: the site is a folder, give the name of a new one.")
    if any(place.iterdir()) and not all((place / name).is_file() for name in ALWAYS):
        raise BadInput(f"{place} is not empty, and no site that was built here: give the name of a new folder.")  # fmt: skip


def _build(place: Path, root: Path) -> None:
    if importlib.util.find_spec("sphinx") is None:
        raise CourseError("The site's libraries are not installed here: type `make site`.")
    from sphinx.cmd.build import main as sphinx

    with new_folder(place) as made, tempfile.TemporaryDirectory(prefix="course-site-") as scratch:
        pages, trees = (Path(scratch) / name for name in ("pages", "trees"))
        write_pages(pages, root)
        options = ["-q", "-n", "-W", "--keep-going", "-c", str(root / "docs"), "-d", str(trees)]
        if sphinx([*options, str(pages), str(made)]):
            raise CourseError("The site was not built: Sphinx's warnings above say which page is wrong.")
        problems = site_problems(made)
        if problems:
            raise CourseError("\n".join([f"{len(problems)} problems on the built pages:", *problems]))


def write_pages(folder: Path, root: Path = CHECKOUT) -> None:
    """Write what Sphinx reads: a copy of each lesson, and the pages that are made from the library.

    Args:
        folder: where they go.
        root: the top of the checkout.
    """
    chosen = [lesson for lesson in lessons(root) if lesson.notebook.exists()]
    opening = (root / "README.md").read_text(encoding="utf-8").partition("\n![")[0].strip() + "\n"
    texts = {path_of(lesson): lesson_page(lesson) for lesson in chosen}
    texts |= {"index.md": index_page(chosen, opening), "models.md": models_page(chosen)}
    texts |= {"library.rst": library_page()}
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def lesson_page(lesson: Lesson) -> str:
    """Return a lesson for the site: as it was built, with links to the repository's other files leading there.

    Args:
        lesson: the lesson.
    """
    notebook = nbformat.read(lesson.notebook, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = LINK.sub(lambda match: f"]({page(match[2])})", cell.source)
    return nbformat.writes(notebook) + "\n"
