"""Does a script follow the recipe? Its parts, in order, and its measures."""

import ast
from statistics import median

import nbformat

from course_lib.lessons.build import tags
from course_lib.lessons.prose import count_words

# The first cell of each part carries its tag; what a heading says is the writer's.
PARTS = (
    "set-up",
    "see-it-work",
    "idea",
    "build",
    "proof",
    "inside",
    "change",
    "traps",
    "exercises",
    "quiz",
    "recap",
)
# These may be left out where the script's header gives a reason: `course: {without: {build: the reason}}`.
OPTIONAL = {"build", "proof", "inside"}

# The recipe's measures with about a tenth of room on either side; the longest cell has none.
MEASURES = {
    "cells": (36, 66),
    "code cells": (18, 31),
    "words": (1080, 1980),
    "median lines": (3, 7),
}
LONGEST_CELL = 25


def recipe_problems(script: nbformat.NotebookNode) -> list[str]:
    """Check the parts, the measures and the imports of a lesson.

    Args:
        script: the script, read by `read_source`.

    Returns:
        The problems, each beginning with ": " or " cell N: ".
    """
    return opening_problems(script) + part_problems(script) + measure_problems(script) + code_problems(script)


def opening_problems(script: nbformat.NotebookNode) -> list[str]:
    """Check the title and the box under it."""
    parts = part_cells(script)
    opening = script.cells[: parts.get("set-up", 1)]
    text = "\n".join(cell.source for cell in opening)
    problems = []
    if not (opening and opening[0].cell_type == "markdown" and opening[0].source.startswith("# ")):
        problems.append(" cell 1: should be markdown and begin with `# The title`.")
    if "you will be able to" not in text.lower():
        problems.append(
            " cell 1: the box under the title is missing: what you will be able to do, needs, time, memory."
        )
    return problems


def part_problems(script: nbformat.NotebookNode) -> list[str]:
    """Check that the parts of the recipe are all there, in order, and that the model works at once."""
    excused = script.metadata.get("course", {}).get("without", {})
    parts = part_cells(script)
    problems = []
    for part in PARTS:
        if part in excused and part not in OPTIONAL:
            problems.append(f": the part `{part}` cannot be left out.")
        elif part in excused and not str(excused[part] or "").strip():
            problems.append(f": the header should say why the part `{part}` is left out.")
        elif part not in parts and part not in excused:
            problems.append(f": no cell has the tag `{part}`, so this part of the recipe is missing.")
    if list(parts) != [part for part in PARTS if part in parts]:
        problems.append(
            f": the parts stand in the order {', '.join(parts)}; the recipe's is {', '.join(PARTS)}."
        )
    return problems + see_it_work_problems(script, parts) + recap_problems(script, parts)


def see_it_work_problems(script: nbformat.NotebookNode, parts: dict[str, int]) -> list[str]:
    """The model does its job within the first three code cells."""
    code = [k for k, cell in enumerate(script.cells) if cell.cell_type == "code"]
    begins = next((place for place, k in enumerate(code, 1) if k >= parts.get("see-it-work", 0)), 0)
    if begins > 3:
        return [f" cell {code[begins - 1] + 1}: the model should be seen at work by the third code cell."]
    return []


def recap_problems(script: nbformat.NotebookNode, parts: dict[str, int]) -> list[str]:
    """A lesson that builds something ends with the table from the paper to the lines of code."""
    if not {"build", "recap"} <= set(parts):
        return []
    recap = "\n".join(cell.source for cell in script.cells[parts["recap"] :])
    if "|---" in recap.replace(" ", ""):
        return []
    return [
        f" cell {parts['recap'] + 1}: the recap needs its table: the paper's section or equation, the line of code."
    ]


def part_cells(script: nbformat.NotebookNode) -> dict[str, int]:
    """Return the index of each part's first cell, in the order in which they stand."""
    found: dict[str, int] = {}
    for k, cell in enumerate(script.cells):
        for tag in tags(cell):
            if tag in PARTS:
                found.setdefault(tag, k)
    return found


def measures(script: nbformat.NotebookNode) -> dict[str, float]:
    """Return a lesson's measures, by the names in MEASURES."""
    code = [count_lines(cell.source) for cell in script.cells if cell.cell_type == "code"]
    words = sum(count_words(cell.source) for cell in script.cells if cell.cell_type == "markdown")
    return {
        "cells": len(script.cells),
        "code cells": len(code),
        "words": words,
        "median lines": median(code) if code else 0,
    }


def measure(script: nbformat.NotebookNode) -> str:
    """Return a lesson's measures in one line."""
    return ", ".join(f"{value:,} {name}" for name, value in measures(script).items())


def measure_problems(script: nbformat.NotebookNode) -> list[str]:
    """Check the number of cells and words, and the length of each cell."""
    problems = []
    for name, value in measures(script).items():
        low, high = MEASURES[name]
        if not low <= value <= high:
            problems.append(f": {value:,} {name}; the measure is {low:,} to {high:,}.")
    for number, cell in enumerate(script.cells, 1):
        lines = count_lines(cell.source)
        if cell.cell_type == "code" and lines > LONGEST_CELL:
            problems.append(f" cell {number}: {lines} lines of code; at most {LONGEST_CELL}: split it.")
    return problems


def code_problems(script: nbformat.NotebookNode) -> list[str]:
    """Check that each code cell is plain Python without `import *`."""
    problems = []
    for number, cell in enumerate(script.cells, 1):
        if cell.cell_type != "code":
            continue
        try:
            tree = ast.parse(cell.source)
        except SyntaxError as error:
            problems.append(
                f" cell {number}: is not plain Python ({error.msg}): call a function instead of a magic."
            )
            continue
        imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        if any(alias.name == "*" for node in imports for alias in node.names):
            problems.append(f" cell {number}: `import *` hides where names come from: name them.")
    return problems


def count_lines(source: str) -> int:
    """Return the number of lines that are not blank."""
    return sum(bool(line.strip()) for line in source.splitlines())
