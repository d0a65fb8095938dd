"""Tables of numbers, each cell the bluer the higher its number."""

from collections.abc import Sequence

import numpy as np

from course_lib.errors import BadInput
from course_lib.viz.picture import Picture, draw
from course_lib.viz.style import INK, INKING, PAPER, new_figure, style

ROW = 0.3  # inches
DEEPEST = 0.8  # of the colours: the darkest would leave no blue to tell apart


def table(
    values,
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    form: str = "{:,.3g}",
    width: float = 6.6,
    alt: str | None = None,
    caption: str | None = None,
) -> Picture:
    """Draw a table whose cells are the bluer the higher their numbers are.

    Args:
        values: (rows, columns) numbers; NaN leaves a cell empty.
        rows: The name of each row.
        columns: The name of each column.
        form: How a number is written: "{:.0%}" for shares, "{:.1f} s" for seconds.
        width: In inches of 100 pixels.
        alt: What is to be seen; without it, every row with its numbers.
        caption: A line to stand under the table.

    Returns:
        The table.

    Raises:
        BadInput: There is no number, or there are not as many names as rows and columns.
    """
    numbers, rows, columns = np.asarray(values, float), list(map(str, rows)), list(map(str, columns))
    if numbers.size == 0 or numbers.shape != (len(rows), len(columns)):
        raise BadInput(
            f"The numbers have the shape {numbers.shape}, with {len(rows)} rows and {len(columns)} columns named: "
            "give one name for each row and each column."
        )
    with style():
        fig = new_figure(width, ROW * len(rows) + 0.5)
        axes = fig.subplots()
        _draw(axes, numbers, form)
        axes.set_xticks(range(len(columns)), columns)
        axes.set_yticks(range(len(rows)), rows, color=INK)
    return draw(fig, alt or _words(numbers, rows, columns, form), caption)


def _draw(axes, numbers: np.ndarray, form: str) -> None:
    known = np.isfinite(numbers)
    low, high = (numbers[known].min(), numbers[known].max()) if known.any() else (0, 0)
    low = min(low, 0)  # pale means little, not merely the least of these
    depths = DEEPEST * np.where(known, numbers - low, 0) / ((high - low) or 1)
    axes.imshow(INKING(depths)[..., :3], aspect="auto")
    for (row, column), number in np.ndenumerate(numbers):
        if np.isfinite(number):
            ink = PAPER if depths[row, column] > 0.62 else INK  # whichever is the easier to read
            axes.text(column, row, form.format(number), ha="center", va="center", color=ink)
    axes.set_xticks(np.arange(0.5, numbers.shape[1] - 1), minor=True)
    axes.set_yticks(np.arange(0.5, numbers.shape[0] - 1), minor=True)
    axes.grid(False)
    axes.grid(True, which="minor", axis="both", color=PAPER, linewidth=2)
    axes.tick_params(which="both", length=0)
    axes.xaxis.tick_top()
    for spine in axes.spines.values():
        spine.set_visible(False)


def _words(numbers: np.ndarray, rows: list[str], columns: list[str], form: str) -> str:
    said = [
        f"{row}: {', '.join(form.format(number) if np.isfinite(number) else 'none' for number in line)}"
        for row, line in zip(rows, numbers, strict=True)
    ]
    return f"Table of {', '.join(columns)}. {'; '.join(said)}."
