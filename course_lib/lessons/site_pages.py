"""The pages of the web site that are no lessons: the front page, the ledger of models, and the library's own pages."""

import inspect
import pkgutil
from html import escape
from itertools import groupby

import course_lib
from course_lib import catalog, tasks
from course_lib.catalog.cards import Card, Fact
from course_lib.lessons.contents import Lesson
from course_lib.lessons.stamp import path_of

LEDGER_NOTE = """# The models

Every model of the course. Parameters and multiply-adds are counted by building each network; the accuracy of published
weights is quoted, and that of the course's own small models, which end in `nano`, is measured here on held-out data.
Press a column's name to sort by it, and once more to turn the order round.
"""
COLUMNS = (
    "Model", "Task", "Lesson", "Year", "Parameters", "Multiply-adds", "Top-1 %, quoted", "Measured here",
    "Weights", "Licence",
)  # fmt: skip
MORE_MODULES = {
    "Cards": "catalog.cards",
    "Figures": "viz",
    "Boxes": "boxes",
    "Sound": "media.sound.audio",
    "Spectra": "media.sound.spectra",
}  # what the others' types come from, and the figures
WORDS = {"package": "in a package", "official": "official", "nano": "nano"}


def index_page(lessons: list[Lesson], opening: str) -> str:
    """Return the front page, in markdown: the opening, the lessons part by part, and the site's contents.

    Args:
        lessons: the lessons, in order.
        opening: what the course is, in markdown, with its heading.
    """
    shown, contents = [opening, "## The lessons\n"], [_contents("The course", ["models", "library"])]
    for part, group in groupby(lessons, key=lambda lesson: lesson.part):
        chosen, name = list(group), part_name(part)
        shown += [f"**{name}**\n", *(_line(lesson) for lesson in chosen), ""]
        contents.append(_contents(name, [f"{_short(lesson)} <{_document(lesson)}>" for lesson in chosen]))
    return "\n".join([*shown, *contents])


def part_name(part: str) -> str:
    """Return what a part's folder is called in words, such as "Transformers and scale"."""
    return part.partition("_")[2].replace("_", " ").capitalize() or "Beginning"


def models_page(lessons: list[Lesson]) -> str:
    """Return the ledger, in markdown around one HTML table that the site's script sorts.

    Args:
        lessons: the lessons, for the links to those that teach a model.
    """
    pages = {lesson.number: f"{_document(lesson)}.html" for lesson in lessons}
    cards = [catalog.card(model_id) for model_id in catalog.list_models()]
    head = "".join(f'<th scope="col"><button type="button">{name}</button></th>' for name in COLUMNS)
    rows = "\n".join(_row(card, pages) for card in sorted(cards, key=lambda card: (card.year, card.id)))
    table = f'<table class="ledger">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>'
    return f'{LEDGER_NOTE}\n<div class="wide" tabindex="0" role="region" aria-label="The models">\n{table}\n</div>\n'


def library_page() -> str:
    """Return the library's pages in reStructuredText, which Sphinx fills from the docstrings."""
    parts = [_heading("The library", "="), "The public face, and what each kind of model can do.\n"]
    parts += [
        _heading("The public face", "-"),
        *(_directive(name) for name in course_lib.__all__ if name != "Pretrained"),
    ]
    parts += [_heading("Every model", "-"), _members("course_lib.tasks.base")]
    for module in pkgutil.iter_modules(tasks.__path__):
        if module.name not in ("base", "ears"):
            parts += [_heading(module.name.replace("_", " ").capitalize(), "-")]
            parts += [_members(f"course_lib.tasks.{module.name}")]
    for title, module in MORE_MODULES.items():
        parts += [_heading(title, "-"), _members(f"course_lib.{module}")]
    return "\n".join(parts)


def _document(lesson: Lesson) -> str:
    return path_of(lesson).removesuffix(".ipynb")


def _short(lesson: Lesson) -> str:
    return f"{lesson.number} {lesson.title.partition(':')[0]}"


def _line(lesson: Lesson) -> str:
    name, _, question = lesson.title.partition(": ")
    return f"- {lesson.number} [{name}]({path_of(lesson)}) {question[:1].upper()}{question[1:]}"


def _contents(caption: str, entries: list[str]) -> str:
    lines = "\n".join(entries)
    return f"```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{lines}\n```\n"


def _row(card: Card, pages: dict[str, str]) -> str:
    """One model. `data-sort` is what a cell is sorted by where that is not its text."""
    own = [offer for offer in card.weights if offer.model == card.id]
    facts = [fact for offer in own for fact in offer.facts]
    quoted = next((f for f in facts if f.how == "quoted" and f.name.startswith("top-1")), None)
    measured = next((f for f in facts if f.how == "measured"), None)
    paper = f"https://arxiv.org/abs/{card.arxiv}"
    year = (
        f'<a href="{escape(paper)}" title="{escape(card.paper)}">{card.year}</a>'
        if card.arxiv
        else str(card.year)
    )
    lesson = f'<a href="{pages[card.lesson]}">{card.lesson}</a>' if card.lesson in pages else card.lesson
    grades = ", ".join(dict.fromkeys(WORDS[offer.grade] for offer in own))
    cells = [
        (f"{escape(card.title)}<br><code>{card.id}</code>", card.title), (card.task, ""), (lesson, card.lesson),
        (year, card.year), _count(card.params), _count(card.multiply_adds), _fact(quoted), _fact(measured),
        (grades or "stand-ins only", ""), (escape("; ".join(dict.fromkeys(offer.licence for offer in own))), ""),
    ]  # fmt: skip
    texts = (f' data-sort="{escape(str(key))}">{text}' if key != "" else f">{text}" for text, key in cells)
    return "<tr>" + "".join(f"<td{text}</td>" for text in texts) + "</tr>"


def _count(number: int) -> tuple[str, int | str]:
    return (f"{number:,}", number) if number else ("", "")


def _fact(fact: Fact | None) -> tuple[str, float | int | str]:
    if fact is None:
        return "", ""
    spread = f" ± {fact.spread:g}" if fact.spread else ""
    name = "" if fact.how == "quoted" else f"<br><small>{escape(fact.name)}</small>"
    return f'<span title="{escape(fact.source)}">{fact.value:g}{spread}</span>{name}', fact.value


def _directive(name: str) -> str:
    kind = "autoexception" if inspect.isclass(getattr(course_lib, name)) else "autofunction"
    return f".. {kind}:: course_lib.{name}\n"


def _members(module: str) -> str:
    return f".. automodule:: {module}\n   :members:\n"


def _heading(text: str, line: str) -> str:
    return f"{text}\n{line * len(text)}\n"
