"""Scatter plots of named things: models by cost and accuracy, with the best of them joined by a line."""

from collections.abc import Mapping, Sequence

import numpy as np

from course_lib.errors import BadInput
from course_lib.viz.picture import Picture, draw
from course_lib.viz.style import FAINT_INK, INK, PALETTE, new_figure, style

# Where a name may stand beside its point, best first: (right, up) in points, and which end of it is anchored.
_PLACES = (
    (6, 0, "left", "center"), (-6, 0, "right", "center"), (0, 6, "center", "bottom"), (0, -6, "center", "top"),
    (5, 5, "left", "bottom"), (-5, 5, "right", "bottom"), (5, -5, "left", "top"), (-5, -5, "right", "top"),
    (0, 16, "center", "bottom"), (0, -16, "center", "top"), (14, 12, "left", "bottom"), (-14, -12, "right", "top"),
)  # fmt: skip


def scatter(
    points: Mapping[str, tuple[float, float]],
    xlabel: str,
    ylabel: str,
    *,
    groups: Mapping[str, str] | None = None,
    line: Sequence[str] = (),
    title: str | None = None,
    logx: bool = False,
    logy: bool = False,
    size: tuple[float, float] = (6.6, 4.2),
    alt: str | None = None,
    caption: str | None = None,
) -> Picture:
    """Draw a named point for each thing.

    Args:
        points: Name -> (x, y).
        xlabel, ylabel: What the axes measure, with their units.
        groups: Name -> group; each group gets a colour of its own, six at most.
        line: Names of points to join, in this order: a Pareto front, a family, a road through time.
        title: What the chart says, in a few words.
        logx, logy: Whether an axis is logarithmic.
        size: Width and height in inches of 100 pixels.
        alt: What is to be seen; without it, every name with its numbers.
        caption: A line to stand under the chart.

    Returns:
        The chart.

    Raises:
        BadInput: There is no point, a number is not finite, or the line names a point that is not there.
    """
    places = {str(name): (float(x), float(y)) for name, (x, y) in points.items()}
    if not places or not np.isfinite(list(places.values())).all():
        raise BadInput("A scatter plot needs at least one point, {name: (x, y)}, with finite numbers.")
    if unknown := [name for name in line if name not in places]:
        raise BadInput(f"The line goes through {unknown[0]!r}, which is not among the points.")
    with style():
        fig = new_figure(*size)
        axes = fig.subplots()
        axes.grid(True, axis="both")
        axes.set(xlabel=xlabel, ylabel=ylabel, title=title or "")
        axes.set_xscale("log" if logx else "linear")
        axes.set_yscale("log" if logy else "linear")
        axes.margins(0.09)
        if len(line):
            axes.plot(
                *np.transpose([places[name] for name in line]), color="#b9b4ab", linewidth=1.5, zorder=1
            )
        _draw_points(axes, places, groups or {})
        _name_points(fig, axes, places, groups or {})
    said = "; ".join(f"{name} {x:,.3g}, {y:,.3g}" for name, (x, y) in places.items())
    return draw(fig, alt or f"Scatter plot of {ylabel} against {xlabel}: {said}.", caption)


def _draw_points(axes, places: Mapping, groups: Mapping) -> None:
    names = list(dict.fromkeys(groups.get(name, "") for name in places))
    for group, colour in zip(names, PALETTE, strict=False):
        mine = [place for name, place in places.items() if groups.get(name, "") == group]
        axes.scatter(*np.transpose(mine), s=28, color=colour, label=group or None, zorder=2)
    if len(names) > 1:
        axes.legend(loc="best", fontsize=8, labelcolor=FAINT_INK, handletextpad=0.2)


def _name_points(fig, axes, places: Mapping, groups: Mapping) -> None:
    """Write each name where it covers no point and no other name, as far as there is room."""
    fig.draw_without_rendering()  # lays the figure out, so that places in pixels are known
    spots = axes.transData.transform(list(places.values()))
    taken = [_box(x - 4, y - 4, x + 4, y + 4) for x, y in spots]
    frame = axes.get_window_extent().extents
    for name, place in places.items():
        texts = [
            axes.annotate(name, place, xytext=(dx, dy), textcoords="offset points", ha=ha, va=va, fontsize=7.5, color=INK)
            for dx, dy, ha, va in _PLACES
        ]  # fmt: skip
        boxes = [text.get_window_extent().extents for text in texts]
        costs = [_overlap(box, taken) + _outside(box, frame) for box in boxes]
        best = int(np.argmin(costs))
        taken.append(boxes[best])
        for index, text in enumerate(texts):
            if index != best:
                text.remove()


def _box(*edges) -> np.ndarray:
    return np.array(edges, float)


def _overlap(box: np.ndarray, others: Sequence[np.ndarray]) -> float:
    """Return the area in square pixels that a box (left, bottom, right, top) shares with others."""
    others = np.array(others)
    width = np.minimum(box[2], others[:, 2]) - np.maximum(box[0], others[:, 0])
    height = np.minimum(box[3], others[:, 3]) - np.maximum(box[1], others[:, 1])
    return float((np.maximum(width, 0) * np.maximum(height, 0)).sum())


def _outside(box: np.ndarray, frame: np.ndarray) -> float:
    """Return how far a box reaches out of the frame, weighted so that a name is rather crowded than cut."""
    return 50 * float(np.maximum(frame[:2] - box[:2], 0).sum() + np.maximum(box[2:] - frame[2:], 0).sum())
