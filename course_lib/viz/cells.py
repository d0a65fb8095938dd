"""Cells of a searched network, drawn from their tables."""

from collections.abc import Mapping

import numpy as np

from course_lib.errors import BadInput
from course_lib.viz.picture import Picture, draw
from course_lib.viz.style import INK, PALETTE, PAPER, new_figure, style

ROW, COLUMN = 0.27, 1.5  # inches: an operation's height, and what a block takes of the width
FAINT = "#eceae5"


def cells(tables: Mapping[str, tuple], alt: str | None = None, caption: str | None = None) -> Picture:
    """Draw cells side by side: states as circles, operations as boxes, each sum and what it is made of.

    Args:
        tables: title -> (blocks, outputs). A block is (state, operation, state, operation), and its sum the state "b1",
            "b2", ...; the first states are "h" and "p". Outputs are the states that are concatenated.
        alt: What is to be seen; without it, the tables in words.
        caption: A line to stand under the figure.

    Returns:
        The figure.

    Raises:
        BadInput: There is no cell, or a block takes a state that is not there yet.
    """
    if not tables:
        raise BadInput("There is no cell to draw: give at least one, {title: (blocks, outputs)}.")
    places = {title: _places(blocks) for title, (blocks, _) in tables.items()}
    depth = {title: max(x for x, _ in found.values()) for title, found in places.items()}
    rows = max(2 * len(blocks) for blocks, _ in tables.values())
    with style():
        fig = new_figure(COLUMN * sum(d + 0.9 for d in depth.values()), ROW * rows + 0.55)
        panels = fig.subplots(1, len(tables), squeeze=False, width_ratios=[d + 0.9 for d in depth.values()])[
            0
        ]
        for axes, (title, (blocks, outputs)) in zip(panels, tables.items(), strict=True):
            _draw(axes, blocks, outputs, places[title], depth[title])
            axes.set(title=title, ylim=(rows - 0.2, -0.6))
    said = "; ".join(f"{title}: {_words(*table)}" for title, table in tables.items())
    return draw(fig, alt or f"Cells drawn as graphs. {said}.", caption)


def _places(blocks) -> dict[str, tuple[float, float]]:
    """Return state -> (column, row): a block stands right of all that it takes, below the others of its column."""
    rows = {}
    places = {"h": (0, len(blocks) / 2 - 0.5), "p": (0, len(blocks) * 1.5 - 0.5)}
    for number, (left, _, right, _) in enumerate(blocks, start=1):
        if not {left, right} <= places.keys():
            raise BadInput(
                f"Block b{number} takes {left!r} and {right!r}: only {', '.join(places)} are there."
            )
        column = 1 + max(places[left][0], places[right][0])
        row = rows.get(column, 0)
        places[f"b{number}"] = (column, row + 0.5)
        rows[column] = row + 2
    return places


def _draw(axes, blocks, outputs, places, depth) -> None:
    colours = dict.fromkeys(places, PALETTE[2]) | {"h": PALETTE[0], "p": PALETTE[1]}
    for number, block in enumerate(blocks, start=1):
        x, y = places[f"b{number}"]
        for row, state, operation in ((y - 0.5, *block[:2]), (y + 0.5, *block[2:])):
            _line(axes, places[state], (x - 0.72, row), colours[state])
            _line(axes, (x - 0.72, row), (x - 0.5, row), colours[state])
            _line(axes, (x - 0.5, row), (x, y), colours[state])
            _write(axes, (x - 0.5, row), operation, "round", FAINT, FAINT)
    end = (depth + 0.55, np.mean([places[state][1] for state in outputs]))
    below = 2 * len(blocks) - 0.4
    for state in outputs:
        if state in ("h", "p"):  # round all blocks
            corners = [places[state], (0.3, below), (depth + 0.2, below), end]
            axes.plot(*zip(*corners, strict=True), color=PALETTE[5], linewidth=1.2, zorder=1)
        else:
            _line(axes, places[state], end, PALETTE[5])
    for state, place in places.items():
        _write(axes, place, state, "circle", PAPER, colours[state])
    _write(axes, end, "out", "round", FAINT, FAINT)
    axes.set(xlim=(-0.2, depth + 0.75))
    axes.axis("off")


def _line(axes, start, end, colour) -> None:
    # A line past a whole column is bent, else it would seem to end in what it crosses.
    bent = "arc3,rad=0.22" if end[0] - start[0] > 1 else "arc3"
    look = {"arrowstyle": "-", "color": colour, "linewidth": 1.2, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", end, start, arrowprops=look | {"connectionstyle": bent}, zorder=1)


def _write(axes, place, word, shape, face, edge) -> None:
    box = {"boxstyle": f"{shape},pad=0.22", "facecolor": face, "edgecolor": edge}
    style_of = {"ha": "center", "va": "center", "fontsize": 8.5, "color": INK, "zorder": 2}
    axes.text(*place, word, bbox=box, weight="bold" if shape == "circle" else "normal", **style_of)


def _words(blocks, outputs) -> str:
    sums = (f"b{n} = {b[1]}({b[0]}) + {b[3]}({b[2]})" for n, b in enumerate(blocks, start=1))
    return f"{', '.join(sums)}; out = {', '.join(outputs)}"
