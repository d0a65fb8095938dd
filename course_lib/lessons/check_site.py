"""The built pages, read as a browser would: every link of the site leads to a page and a place on it, every picture has words."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


@dataclass
class Page:
    """What a page has: places that a link can name, what it asks for, and pictures without words."""

    places: set[str] = field(default_factory=set)
    wanted: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)


def site_problems(folder: Path) -> list[str]:
    """Check all pages of a built site.

    Args:
        folder: the site.

    Returns:
        The problems, one line each with the page's name.
    """
    found = sorted(path for path in folder.rglob("*.html") if "_static" not in path.relative_to(folder).parts)
    pages = {path: read_page(path) for path in found}  # the theme's own templates lie in _static
    problems = []
    for path, page in pages.items():
        name = path.relative_to(folder).as_posix()
        problems += [f"{name}: a picture without alt text, {source[:60]!r}" for source in page.silent]
        problems += [
            f"{name}: loads {source!r} from elsewhere" for source in page.loaded if is_outside(source)
        ]
        wanted = dict.fromkeys(page.wanted + page.loaded)
        problems += [f"{name}: {target!r} leads nowhere" for target in wanted if is_dead(target, path, pages)]
    return problems


def is_outside(target: str) -> bool:
    """Say whether an address leads off the site."""
    return urlsplit(target).scheme not in ("", "data") or bool(urlsplit(target).netloc)


def is_dead(target: str, path: Path, pages: dict[Path, Page]) -> bool:
    """Say whether an address names a page, or a place on one, that is not there; other sites are not visited."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return False
    file = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not file.is_file():
        return True
    return bool(parts.fragment) and file in pages and unquote(parts.fragment) not in pages[file].places


def read_page(path: Path) -> Page:
    """Read one page of HTML."""
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    reader.close()
    return reader.page


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.page = Page()

    def handle_starttag(self, tag, attrs) -> None:
        values = {key: value or "" for key, value in attrs}
        self.page.places |= {values[key] for key in ("id", "name") if key in values}
        if tag == "a" and values.get("href", "#") != "#":
            self.page.wanted.append(values["href"])
        elif tag == "link" and values.get("rel") in ("stylesheet", "icon", "preload"):
            self.page.loaded.append(values["href"])
        elif tag in ("img", "script", "iframe", "audio", "video", "source") and "src" in values:
            self.page.loaded.append(values["src"])
        if tag == "img" and not values.get("alt", "").strip():
            self.page.silent.append(values.get("src", ""))
