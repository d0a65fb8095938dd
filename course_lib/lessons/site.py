"""The web site: the built lessons as they are, the ledger of models, the library's pages; `make site` builds it offline."""

import importlib.util
import re
import shutil
import tempfile
from pathlib import Path

import nbformat

from course_lib.errors import CourseError
from course_lib.lessons.check_site import site_problems
from course_lib.lessons.contents import CHECKOUT, Lesson, lessons
from course_lib.lessons.site_pages import index_page, library_page, models_page
from course_lib.lessons.stamp import page, path_of

LINK = re.compile(r"\]\(((?:\.\./)+)((?!.*\.ipynb)[^)\s]+)\)")


def build_site(out: Path, root: Path = CHECKOUT) -> Path:
    """Build the site; a warning is an error, and so is a link that leads nowhere or a picture without words.

    Args:
        out: the folder; what was there goes.
        root: the top of the checkout.

    Returns:
        The front page.

    Raises:
        CourseError: if the site's libraries are not here, or something is wrong with a page.
    """
    if importlib.util.find_spec("sphinx") is None:
        raise CourseError("The site's libraries are not installed here: type `make site`.")
    from sphinx.cmd.build import main as sphinx

    with tempfile.TemporaryDirectory(prefix="course-site-") as scratch:
        pages, trees, made = (Path(scratch) / name for name in ("pages", "trees", "site"))
        write_pages(pages, root)
        options = ["-q", "-n", "-W", "--keep-going", "-c", str(root / "docs"), "-d", str(trees)]
        if sphinx([*options, str(pages), str(made)]):
            raise CourseError("The site was not built: Sphinx's warnings above say which page is wrong.")
        problems = site_problems(made)
        if problems:
            raise CourseError("\n".join([f"{len(problems)} problems on the built pages:", *problems]))
        shutil.rmtree(out, ignore_errors=True)
        shutil.move(made, out)
    return out / "index.html"


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
