"""Reading markdown: its words, its links and its pictures."""

import re
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.token import Token

MATHS = re.compile(r"\$\$.*?\$\$|\$[^$\n]+\$", flags=re.DOTALL)
WORD = re.compile(r"\w[\w'\-.,\u2019]*")


@dataclass
class Links:
    """What a text points to: link targets, picture sources, and pictures that lack an alt text."""

    targets: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)


def count_words(markdown: str) -> int:
    """Return the number of words a reader reads: no code blocks, formulas or HTML.

    Args:
        markdown: the text of a cell.

    Returns:
        The number of words.
    """
    inline = [token for token in parse(markdown) if token.type == "inline"]
    pieces = [
        child.content for token in inline for child in token.children if child.type in ("text", "code_inline")
    ]
    return len(WORD.findall(MATHS.sub(" ", " ".join(pieces))))


def find_links(markdown: str) -> Links:
    """Return what a text points to, in markdown and in HTML inside it.

    Args:
        markdown: the text of a cell or a page.

    Returns:
        The links, pictures and headings.
    """
    links, tokens = Links(), parse(markdown)
    for k, token in enumerate(tokens):
        if token.type == "html_block":
            read_html(token.content, links)
        elif token.type == "inline":
            for child in token.children:
                _read_inline(child, links)
            if tokens[k - 1].type == "heading_open":
                links.headings.append("".join(c.content for c in token.children))
    return links


def read_html(html: str, links: Links | None = None) -> Links:
    """Return what a piece of HTML points to.

    Args:
        html: the HTML; it need not be a whole page.
        links: where to add what is found; a new one if None.

    Returns:
        The links and pictures.
    """
    reader = _Reader(links or Links())
    reader.feed(html)
    reader.close()
    return reader.links


@cache
def parse(markdown: str) -> list[Token]:
    """Return the tokens of a markdown text, tables among them."""
    return MarkdownIt("commonmark", {"html": True}).enable("table").parse(markdown)


def _read_inline(token: Token, links: Links) -> None:
    if token.type == "link_open":
        links.targets.append(str(token.attrs["href"]))
    elif token.type == "image":
        links.pictures.append(str(token.attrs["src"]))
        if not token.content.strip():
            links.silent.append(str(token.attrs["src"]))
    elif token.type == "html_inline":
        read_html(token.content, links)


class _Reader(HTMLParser):
    """Collects links and pictures; an SVG counts as a picture, named by its aria-label or a <title>."""

    def __init__(self, links: Links):
        super().__init__()
        self.links = links
        self.unnamed_svg = False

    def handle_starttag(self, tag, attrs) -> None:
        values = {key: value or "" for key, value in attrs}
        if tag == "svg":
            self.unnamed_svg = not values.get("aria-label", "").strip()
        elif tag == "title":
            self.unnamed_svg = False
        elif tag == "img":
            self.links.pictures.append(values.get("src", ""))
            if not values.get("alt", "").strip():
                self.links.silent.append(values.get("src", ""))
        elif tag in ("a", "link"):
            self.links.targets.append(values.get("href", ""))
        elif tag in ("script", "iframe", "video", "audio", "source") and "src" in values:
            self.links.pictures.append(values["src"])

    def handle_endtag(self, tag) -> None:
        if tag == "svg" and self.unnamed_svg:
            self.links.silent.append("<svg>")
            self.unnamed_svg = False
