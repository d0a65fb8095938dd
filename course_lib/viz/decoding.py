"""What decoding does: a distribution before and after a filter, and the tree that a beam search walks through."""

from collections.abc import Mapping, Sequence

import numpy as np

from course_lib.errors import BadInput
from course_lib.viz.picture import Picture, draw
from course_lib.viz.style import FAINT_INK, INK, PALETTE, PAPER, new_figure, style

BAR, PANEL = 0.17, 1.3  # inches: the height of a bar, the width of a panel
COLUMN, ROW = 1.18, 0.36  # inches: of the tree
PALE = "#d8d4cc"


def filtered(
    rows: Mapping[str, Mapping[str, Sequence[float]]],
    labels: Mapping[str, Sequence[str]],
    *,
    alt: str | None = None,
    caption: str | None = None,
) -> Picture:
    """Draw what filters make of the probabilities of the next token; what they were before stands pale behind.

    Args:
        rows: Name of a row -> {title of a panel: probabilities}; the first panel is what they were before.
        labels: Name of a row -> the tokens of its bars, the likeliest first.
        alt: What is to be seen; without it, how many tokens each filter leaves and how likely the first one becomes.
        caption: A line to stand under the figure.

    Returns:
        A row of panels for each row, a bar for each token.

    Raises:
        BadInput: There is no panel, or one has not as many numbers as tokens.
    """
    values = {name: {title: np.asarray(p, float) for title, p in panels.items()} for name, panels in rows.items()}  # fmt: skip
    if not values or not all(values.values()):
        raise BadInput("There is nothing to draw: give {row: {title: probabilities}}.")
    for name, panels in values.items():
        if any(p.shape != (len(labels[name]),) for p in panels.values()):
            raise BadInput(
                f"Row {name!r} names {len(labels[name])} tokens: give each of its panels as many numbers."
            )
    most = max(map(len, values.values()))
    with style():
        fig = new_figure(0.9 + PANEL * most, sum(BAR * len(labels[name]) + 0.55 for name in values) + 0.1)
        heights = [len(labels[name]) for name in values]
        grid = fig.subplots(len(values), most, squeeze=False, height_ratios=heights)
        for axes_row, (name, panels) in zip(grid, values.items(), strict=True):
            before = next(iter(panels.values()))
            limit = 1.08 * max(p.max() for p in panels.values())
            for axes, (title, p) in zip(axes_row, panels.items(), strict=False):
                _bars(axes, before, p, title, limit)
            axes_row[0].set_yticks(range(len(before)), [str(label) for label in labels[name]])
            axes_row[0].set_ylabel(name)
    return draw(fig, alt or _words(values), caption)


def beam_tree(
    levels: Sequence[Sequence[tuple[int, str, float]]], alt: str | None = None, caption: str | None = None
) -> Picture:
    """Draw the texts that a beam search kept at each step; the best one of the end is blue.

    Args:
        levels: For each step the kept texts, the best first, as (place of its parent among those of the step before, new
            token, log-probability of the whole text); the parents of the first step are the prompt.
        alt: What is to be seen; without it, the tokens kept at each step.
        caption: A line to stand under the figure.

    Returns:
        A tree that grows to the right; under each token the probability of the text up to there.

    Raises:
        BadInput: There is no step, or a parent that is not there.
    """
    counts = [1, *map(len, levels)]
    if not levels or not all(
        0 <= parent < counts[step] for step, level in enumerate(levels) for parent, _, _ in level
    ):
        raise BadInput("Each kept text needs a parent among those of the step before: give at least one step.")  # fmt: skip
    best = _road(levels)
    with style():
        fig = new_figure(COLUMN * (len(levels) + 0.7), ROW * max(counts) * 1.25 + 0.3)
        axes = fig.subplots()
        axes.axis("off")
        axes.set(xlim=(-0.25, len(levels) + 0.45), ylim=(max(counts) - 0.4, -0.55))
        middle = (max(counts) - 1) / 2
        _node(axes, (0, middle), "prompt", "", FAINT_INK)
        for step, level in enumerate(levels):
            for place, (parent, token, total) in enumerate(level):
                start = (0, middle) if step == 0 else (step, parent)
                colour = PALETTE[0] if best[step] == place else PALETTE[5]
                look = {"color": colour, "linewidth": 2 if best[step] == place else 1, "zorder": 1}
                axes.plot([start[0], step + 1], [start[1], place], **look)
                _node(axes, (step + 1, place), token, f"{np.exp(total):.2g}", colour)
    said = "; ".join(f"step {n}: {', '.join(token for _, token, _ in level)}" for n, level in enumerate(levels, 1))  # fmt: skip
    return draw(fig, alt or f"Tree of a beam search, the texts kept at each step. {said}.", caption)


def _bars(axes, before: np.ndarray, after: np.ndarray, title: str, limit: float) -> None:
    axes.barh(range(len(before)), before, height=0.8, color=PALE)
    axes.barh(range(len(after)), after, height=0.44, color=PALETTE[0])
    axes.set_title(title, fontsize=8, fontweight="normal")
    axes.set(xlim=(0, limit), ylim=(len(before) - 0.4, -0.6), yticks=[], xticks=[])
    axes.tick_params(axis="y", length=0, labelcolor=INK, labelsize=8)
    axes.grid(False)
    axes.spines["bottom"].set_visible(False)


def _road(levels) -> list[int]:
    """Return the place at each step of the text that is the best in the end."""
    road = [0]
    for level in reversed(levels[1:]):
        road.append(level[road[-1]][0])
    return road[::-1]


def _node(axes, place, word: str, number: str, colour: str) -> None:
    box = {"boxstyle": "round,pad=0.2", "facecolor": PAPER, "edgecolor": colour}
    axes.text(*place, word, bbox=box, ha="center", va="center", fontsize=8, color=INK, zorder=2)
    paper = {"boxstyle": "round,pad=0.1", "facecolor": PAPER, "edgecolor": "none"}
    look = {"ha": "center", "va": "center", "fontsize": 7, "color": FAINT_INK, "zorder": 1.5}
    if number:
        axes.text(place[0], place[1] + 0.36, number, bbox=paper, **look)


def _words(values) -> str:
    said = []
    for name, panels in values.items():
        told = (
            f"{title}: {(p > 0).sum()} of {len(p)} tokens, the first {p[0]:.0%}"
            for title, p in panels.items()
        )
        said.append(f"{name}: {'; '.join(told)}")
    return f"Bars of the next token's probability. {'. '.join(said)}."
