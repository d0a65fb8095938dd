"""Do links and pictures lead somewhere, and do pictures speak to those who cannot see them?"""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat

from course_lib.lessons.prose import Links, find_links

PAGES = ("*.md", "docs/**/*.md", "data/**/*.md")


def link_problems(script: nbformat.NotebookNode, folder: Path, root: Path) -> list[str]:
    """Check the links and pictures in a lesson's texts.

    Args:
        script: the script, read by `read_source`.
        folder: the notebook's folder, which its links start from.
        root: the top of the checkout.

    Returns:
        The problems, each beginning with " cell N: ".
    """
    found = [find_links(c.source) if c.cell_type == "markdown" else Links() for c in script.cells]
    anchors = {anchor(heading) for links in found for heading in links.headings}
    return [
        f" cell {number}: {problem}"
        for number, links in enumerate(found, 1)
        for problem in text_problems(links, anchors, folder, root)
    ]


def document_problems(root: Path) -> list[str]:
    """Check the links and pictures of the repository's own pages.

    Args:
        root: the top of the checkout.

    Returns:
        The problems, one line each with the file's name.
    """
    problems = []
    for path in sorted(page for pattern in PAGES for page in root.glob(pattern)):
        links = find_links(path.read_text(encoding="utf-8"))
        anchors = {anchor(heading) for heading in links.headings}
        found = text_problems(links, anchors, path.parent, root)
        problems += [f"{path.relative_to(root)}: {problem}" for problem in found]
    return problems


def text_problems(links: Links, anchors: set[str], folder: Path, root: Path) -> list[str]:
    """Return what is wrong with the links and pictures of one text."""
    problems = [f"the picture {source[:60]!r} has no alt text." for source in links.silent]
    for target in links.targets + links.pictures:
        reason = why_dead(target, anchors, folder, root)
        if reason:
            problems.append(f"the link {target[:80]!r} {reason}.")
    return problems


def why_dead(target: str, anchors: set[str], folder: Path, root: Path) -> str:
    """Return why a link leads nowhere, or an empty text; addresses on the web are not visited."""
    parts = urlsplit(target)
    if parts.scheme in ("http", "https", "mailto", "data"):
        return ""
    if parts.scheme or parts.netloc or parts.path.startswith("/"):
        return "should be relative, or an address on the web"
    if not parts.path:
        return "" if anchor(parts.fragment) in anchors else "names no heading of this text"
    path = (folder / unquote(parts.path)).resolve()
    if not path.is_relative_to(root.resolve()):
        return "leads out of the repository"
    return "" if path.exists() else "leads to no file"


def anchor(heading: str) -> str:
    """Return what Jupyter and GitHub both make of a heading, without what they disagree on."""
    return re.sub(r"[^\w]+", "-", unquote(heading).lower()).strip("-")
