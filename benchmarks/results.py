"""The results as tables: on the screen, as JSON, and in RESULTS.md, which nobody writes but this."""

import statistics
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.timing import Result

PATH = Path(__file__).parent / "RESULTS.md"
COLUMNS = ("the course", "beside", "ms", "peer's ms", "ratio", "lowest to highest", "limit")


@dataclass(frozen=True)
class Section:
    """One table.

    Attributes:
        title, note: what stands above and below it.
        columns: their names.
        rows: a text for each column; the first columns are words, the others numbers.
    """

    title: str
    note: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]


def comparison(title: str, results: Iterable[Result], turns: int) -> Section:
    """Put comparisons into a table: medians, ratios turn by turn, and whether they keep to their limits."""
    rows = []
    for result in results:
        limit = result.case.limit
        kept = "" if limit is None else f"{limit:.2f}" + ("" if result.within else " passed")
        rows.append((
            result.case.name, result.case.peer_name, milliseconds(result.ours), milliseconds(result.peer),
            f"{result.ratio:.2f}", f"{min(result.ratios):.2f} to {max(result.ratios):.2f}", kept,
        ))  # fmt: skip
    note = f"Medians of {turns} turns, A B B A ...; the ratio is the median of the ratios within a turn."
    return Section(title, note, COLUMNS, rows)


def milliseconds(seconds: list[float]) -> str:
    """Write the median of seconds as milliseconds."""
    return f"{1000 * statistics.median(seconds):.3g}"


def show(section: Section) -> None:
    """Print a table."""
    table = Table(
        title=section.title, title_justify="left", caption=section.note, caption_justify="left", box=None
    )
    for column in section.columns:
        table.add_column(column)
    for row in section.rows:
        table.add_row(*row)
    console = Console(width=max(Console().width, 120))
    console.print(table)
    console.print()


def markdown(sections: list[Section], date: str, machine: str, left_out: list[str]) -> str:
    """Write RESULTS.md.

    Args:
        sections: the tables, in order.
        date: of the day on which all of it was measured.
        machine: what it was measured on, in words.
        left_out: a line for each part that is missing, and why.
    """
    parts = [_head(date, machine), *map(_part, sections)]
    if left_out:
        parts.append("\n".join(["## Left out", "", *(f"- {line}" for line in left_out)]))
    return "\n\n".join(parts) + "\n"


def updated(text: str, sections: list[Section], date: str, machine: str) -> str:
    """Put sections that were measured again into RESULTS.md, in the place of the old ones.

    Raises:
        ValueError: it is of another day or another machine, so everything has to be measured again.
    """
    head, *parts = text.rstrip("\n").split("\n\n## ")
    if head != _head(date, machine):
        raise ValueError("RESULTS.md is of another day or machine: run all sections")
    fresh = {section.title: _part(section) for section in sections}
    kept = [fresh.pop(part.partition("\n")[0], f"## {part}") for part in parts]
    return "\n\n".join([head, *kept, *fresh.values()]) + "\n"


def _head(date: str, machine: str) -> str:
    return "\n".join([
        "# How fast it is", "",
        "Written by `make bench`; a change by hand is lost at the next run.", "",
        f"Measured on {date}: {machine}. Other work on the machine shows in the spread; ratios are taken between neighbours in time.",
    ])  # fmt: skip


def _part(section: Section) -> str:
    rows = [section.columns, ["---"] * len(section.columns), *section.rows]
    lines = [f"## {section.title}", "", *map(_row, rows)]
    return "\n".join(lines + (["", section.note] if section.note else []))


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def records(sections: list[Section]) -> list[dict]:
    """Return the tables for programs."""
    return [asdict(section) for section in sections]
