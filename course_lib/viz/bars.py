"""Bar charts: one number for each name, written at the end of its bar."""

from collections.abc import Mapping

import numpy as np

from course_lib.errors import BadInput
from course_lib.viz.picture import Picture, draw
from course_lib.viz.style import FAINT_INK, INK, PALETTE, darker, new_figure, style

PALE = "#9fb6cd"


def bars(
    values: Mapping,
    label: str,
    *,
    form: str = "{:,.3g}",
    title: str | None = None,
    highlight: str | None = None,
    alt: str | None = None,
    caption: str | None = None,
) -> Picture:
    """Draw one horizontal bar for each number; where there are several seeds, their mean and a line over their range.

    Args:
        values: name -> number of 0 or more, or the numbers of several seeds.
        label: What the numbers measure, with the unit.
        form: How a number is written: "{:.0%}" for shares, "{:.1f} s" for seconds.
        title: What the chart says, in a few words.
        highlight: The name of the bar that the text speaks of.
        alt: What is to be seen; without it, every name with its number.
        caption: A line to stand under the chart; without it, what the lines over the bars are, if there are any.

    Returns:
        The chart.

    Raises:
        BadInput: There is no number, or one is negative or not finite.
    """
    numbers = _numbers(values)
    height = 0.34 * len(numbers) + (0.95 if title else 0.62)
    with style():
        fig = new_figure(6.6, height)
        axes = fig.subplots()
        _draw(axes, numbers, form, highlight)
        axes.set_title(title or "", pad=10)
        axes.set_xlabel(label)
    said = "; ".join(f"{name} {form.format(line.mean())}" for name, line in numbers.items())
    seeds = {line.size for line in numbers.values()}
    if caption is None and max(seeds) > 1:
        caption = f"Bars: mean of {max(seeds)} seeds. Thin lines: from the lowest to the highest of them."
    return draw(fig, alt or f"Bar chart of {label}: {said}.", caption)


def _numbers(values: Mapping) -> dict[str, np.ndarray]:
    numbers = {str(name): np.atleast_1d(np.asarray(line, float)).ravel() for name, line in values.items()}
    if not numbers or not all(line.size for line in numbers.values()):
        raise BadInput("There is nothing to draw: give at least one number, {name: number}.")
    for name, line in numbers.items():
        if not np.isfinite(line).all() or line.min() < 0:
            raise BadInput(
                f"The bar {name!r} cannot be drawn: its numbers {line.tolist()} must be 0 or more."
            )
    return numbers


def _draw(axes, numbers: dict[str, np.ndarray], form: str, highlight: str | None) -> None:
    longest = max(line.max() for line in numbers.values()) or 1
    for row, (name, line) in enumerate(numbers.items()):
        chosen = highlight is None or name == highlight
        axes.barh(row, line.mean(), height=0.56, color=PALETTE[0] if chosen else PALE)
        if line.size > 1:
            axes.plot([line.min(), line.max()], [row, row], color=INK, linewidth=1.2, solid_capstyle="butt")
        ink = darker(PALETTE[0]) if name == highlight else INK
        text = {"va": "center", "fontsize": 9, "weight": "bold" if name == highlight else "normal"}
        axes.text(line.max() + longest * 0.012, row, form.format(line.mean()), color=ink, **text)
    axes.set_yticks(range(len(numbers)), list(numbers), fontsize=9, color=INK)
    axes.set(ylim=(len(numbers) - 0.45, -0.55), xlim=(0, longest * 1.14))
    axes.tick_params(axis="x", length=0, labelbottom=False)
    axes.xaxis.label.set_color(FAINT_INK)
    axes.spines["bottom"].set_visible(False)
    axes.grid(False)
