"""The table: every cell of the space, trained once and for all, so that a search costs no more than looking up.

As NAS-Bench-101 did it (arXiv 1902.09635) for 423,000 cells; `python -m course_lib.training.cell_search` makes this one.
"""

import json
import time
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np

from course_lib.data_dir import data_dir
from course_lib.files import write_text
from course_lib.training.cell_search.space import Blocks, all_cells, same

COMMAND = "python -m course_lib.training.cell_search"
SEEDS = (0, 1, 2)
LONGER = {"filters": 16, "steps": 300}  # twice as wide, five times as long
EVERY = 20  # of the cells in the order of their validation, one in so many is trained longer too


@dataclass(frozen=True)
class Row:
    """What is known of a cell.

    Attributes:
        parameters: of the small network with it.
        validation, test: digits named rightly, of 500 and of 497, for each of the seeds.
        longer: digits of the test set, for each of the first two seeds, after the longer training of a wider network; empty
            for most cells.
    """

    parameters: int
    validation: tuple[int, ...]
    test: tuple[int, ...]
    longer: tuple[int, ...] = ()


def table_path() -> Path:
    """Return where the table lies in the course's data."""
    return data_dir() / "cell_search" / "table.json"


@cache
def table() -> dict[Blocks, Row]:
    """Read the table: cell -> what is known of it, for every cell of the space."""
    content = json.loads(table_path().read_text(encoding="utf-8"))
    return {_blocks(name): Row(*map(_frozen, row)) for name, row in content["cells"].items()}


def look_up(blocks: Blocks) -> Row:
    """Return what is known of a cell, however it is written."""
    return table()[same(blocks)]


def make(path: Path, say=print) -> None:
    """Train every cell, and write the table; what a file that is there already knows is not trained again.

    Args:
        path: of the table.
        say: told how far it is, now and then.
    """
    rows = {}
    if path.is_file():
        known = json.loads(path.read_text(encoding="utf-8"))["cells"]
        rows = {_blocks(name): Row(*map(_frozen, row)) for name, row in known.items()}
    started = time.process_time()
    cells = [cell for cell in all_cells() if cell not in rows]
    for number, cell in enumerate(cells):
        rows[cell] = _row(cell)
        if number % 20 == 19 or cell == cells[-1]:
            save(rows, path)
            say(f"{len(rows)} cells, {time.process_time() - started:.0f} s")
    ranked = sorted(rows, key=lambda cell: (np.mean(rows[cell].validation), cell))
    for cell in ranked[::-EVERY]:
        if not rows[cell].longer:
            rows[cell] = _with_longer(cell, rows[cell])
            save(rows, path)
    say(f"done, {time.process_time() - started:.0f} s")


def save(rows: dict[Blocks, Row], path: Path) -> None:
    """Write a table, one line a cell."""
    path.parent.mkdir(parents=True, exist_ok=True)
    head = {"made_by": COMMAND, "seeds": SEEDS, "longer": LONGER}
    columns = "parameters, validation (of 500) for each seed, test (of 497) for each seed, test after longer training"
    lines = [
        f"{json.dumps(_name(cell))}: {json.dumps(list(asdict(rows[cell]).values()))}" for cell in sorted(rows)
    ]
    text = json.dumps(head | {"columns": columns})[:-1] + ', "cells": {\n' + ",\n".join(lines) + "\n}}\n"
    write_text(path, text)


def _row(cell: Blocks) -> Row:
    from course_lib.training.cell_search.proxy import Proxy, Weights, train

    scores = train(cell, SEEDS)
    parameters = sum(Weights(cell, Proxy().filters).sizes)
    return Row(parameters, tuple(s.validation for s in scores), tuple(s.test for s in scores))


def _with_longer(cell: Blocks, row: Row) -> Row:
    from course_lib.training.cell_search.proxy import Proxy, train

    scores = train(cell, SEEDS[:2], Proxy(**LONGER))
    return Row(row.parameters, row.validation, row.test, tuple(score.test for score in scores))


def _name(cell: Blocks) -> str:
    return ", ".join(" ".join(block) for block in cell)


def _blocks(name: str) -> Blocks:
    return tuple(tuple(block.split()) for block in name.split(", "))


def _frozen(value):
    return tuple(value) if isinstance(value, list) else value
