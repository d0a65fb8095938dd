"""Line charts: training curves, accuracy against labels, gradients against depth; each line named where it ends."""

from collections.abc import Mapping

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator, PercentFormatter

from course_lib.errors import BadInput
from course_lib.viz.picture import Picture, draw
from course_lib.viz.style import PALETTE, darker, new_figure, style

LINE = 0.16  # inches between the names of two lines, at least


def curves(
    series: Mapping,
    xlabel: str,
    ylabel: str,
    *,
    title: str | None = None,
    logx: bool = False,
    logy: bool = False,
    percent: bool = False,
    ylim: tuple[float, float] | None = None,
    size: tuple[float, float] = (6.6, 3.6),
    alt: str | None = None,
    caption: str | None = None,
) -> Picture:
    """Draw one line for each series; where there are several seeds, their mean, and a band from lowest to highest.

    Args:
        series: name -> (x, y) with x of length n, and y of length n or an array (seeds, n); or name -> y alone.
        xlabel: What the x axis counts, with its unit.
        ylabel: What the y axis measures, with its unit.
        title: What the chart says, in a few words.
        logx: Whether the x axis is logarithmic.
        logy: Whether the y axis is logarithmic.
        percent: Whether y is a share of 0 to 1, to be written in per cent.
        ylim: Lowest and highest y, if not those of the data.
        size: Width and height in inches of 100 pixels.
        alt: What is to be seen; without it, where each line begins and ends.
        caption: A line to stand under the chart; without it, what the bands are, if there are any.

    Returns:
        The chart.

    Raises:
        BadInput: There is no series, or x and y differ in length.
    """
    lines = _lines(series)
    with style():
        fig = new_figure(*size)
        axes = fig.subplots()
        _draw_lines(axes, lines)
        _scales(axes, lines, logx, logy, percent)
        axes.set(xlabel=xlabel, title=title or "")
        if ylim:
            axes.set_ylim(*ylim)
        _say_ylabel(axes, ylabel)
        _name_lines(fig, axes, lines)
    return draw(fig, alt or _words(lines, xlabel, ylabel, percent), caption or _bands(lines))


def training(
    history, title: str | None = None, alt: str | None = None, caption: str | None = None
) -> Picture:
    """Draw how loss and accuracy went while a network trained, on the training set and on held-out data.

    Args:
        history: What `model.fit` returned, or its `.history`: a dictionary of lists, one value an epoch.
        title: What the chart says, in a few words.
        alt: What is to be seen; without it, where each line begins and ends.
        caption: A line to stand under it.

    Returns:
        One chart for each measure, side by side.

    Raises:
        BadInput: The history is empty.
    """
    values = {name: np.asarray(line, float) for name, line in getattr(history, "history", history).items()}
    measures = [name for name in values if not name.startswith("val_") and name != "learning_rate"]
    if not measures or not all(len(line) for line in values.values()):
        raise BadInput("This training history is empty: give what `model.fit` returned.")
    panels = {name: _panel(values, name) for name in measures}
    with style():
        fig = new_figure(max(4.4, 3.6 * len(panels)), 3.1)
        grid = fig.subplots(1, len(panels), squeeze=False)[0]
        if title:
            fig.suptitle(title, x=0.02, ha="left", fontsize=10.5, weight="bold")
        for axes, (name, lines) in zip(grid, panels.items(), strict=True):
            _draw_lines(axes, lines)
            _scales(axes, lines, False, False, _is_share(name))
            axes.set(xlabel="epoch")
            _say_ylabel(axes, _readable(name))
        for axes, lines in zip(grid, panels.values(), strict=True):
            _name_lines(fig, axes, lines)
    said = (_words(lines, "epoch", _readable(name), _is_share(name)) for name, lines in panels.items())
    return draw(fig, alt or " ".join(said), caption)


def gradient_norms(
    norms: Mapping, title: str | None = None, alt: str | None = None, caption: str | None = None
):
    """Draw how large the gradient is at each layer, from the input to the output, on a logarithmic scale.

    Args:
        norms: name of a network -> norms, one for each layer beginning at the input, or an array (seeds, layers).
        title: What the chart says, in a few words.
        alt: What is to be seen; without it, where each line begins and ends.
        caption: A line to stand under it; without it, what the bands are, if there are any.

    Returns:
        The chart.

    Raises:
        BadInput: There is no network in it.
    """
    series = {name: (np.arange(1, np.shape(line)[-1] + 1), line) for name, line in norms.items()}
    labels = {"xlabel": "layer, from input to output", "ylabel": "gradient norm"}
    return curves(series, **labels, title=title, logy=True, alt=alt, caption=caption)


def _lines(series: Mapping) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    if not series:
        raise BadInput("There is nothing to draw: give at least one series, {name: (x, y)}.")
    return {str(name): _line(str(name), values) for name, values in series.items()}


def _line(name: str, values) -> tuple[np.ndarray, np.ndarray]:
    if isinstance(values, tuple) and len(values) == 2:
        x, y = np.asarray(values[0], float), np.atleast_2d(np.asarray(values[1], float))
    else:
        y = np.atleast_2d(np.asarray(values, float))
        x = np.arange(1, y.shape[-1] + 1, dtype=float)
    if y.ndim != 2 or y.size == 0 or x.shape != y.shape[1:]:
        raise BadInput(
            f"In {name!r} x has the shape {x.shape} and y {y.shape}: give (n,), and (n,) or (seeds, n)."
        )
    return x, y


def _panel(values: dict[str, np.ndarray], name: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    lines = {"training": values[name]}
    if f"val_{name}" in values:
        lines["held out"] = values[f"val_{name}"]
    return _lines(lines)


def _draw_lines(axes, lines) -> None:
    few = all(len(x) <= 12 for x, _ in lines.values())
    for (x, y), colour in zip(lines.values(), _colours(lines), strict=True):
        if len(y) > 1:
            axes.fill_between(x, y.min(axis=0), y.max(axis=0), color=colour, alpha=0.16, linewidth=0)
        single = {"marker": "o", "markersize": 8} if len(x) == 1 else {"marker": "o" if few else None}
        axes.plot(x, y.mean(axis=0), color=colour, **single)


def _colours(lines) -> list[str]:
    return [PALETTE[index % len(PALETTE)] for index in range(len(lines))]


def _scales(axes, lines, logx: bool, logy: bool, percent: bool) -> None:
    axes.margins(x=0.02, y=0.08)
    if percent:
        axes.yaxis.set_major_formatter(PercentFormatter(1))
    if logy:
        axes.set_yscale("log")
    if logx:
        axes.set_xscale("log")
    places = np.unique(np.concatenate([x for x, _ in lines.values()]))
    if len(places) <= 8 or (logx and len(places) <= 12):  # few places: name those, rather than round numbers
        # By way of str, because a float32 of 0.001 would be written 0.0010000000475.
        axes.xaxis.set_major_locator(FixedLocator([float(str(place)) for place in places]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
        axes.xaxis.set_minor_locator(NullLocator())
    elif not logx:
        axes.xaxis.get_major_locator().set_params(
            integer=all((x == np.rint(x)).all() for x, _ in lines.values())
        )
    axes.yaxis.set_minor_locator(NullLocator())


def _say_ylabel(axes, ylabel: str) -> None:
    # Above the axis and upright: nobody has to tilt their head
    axes.text(
        0, 1.0, ylabel, transform=axes.transAxes, fontsize=9, color=axes.xaxis.label.get_color(), va="bottom"
    )
    axes.title.set_position((0, 1.0))
    if axes.get_title(loc="left"):
        axes.set_title(axes.get_title(loc="left"), loc="left", pad=24)


def _name_lines(fig, axes, lines) -> None:
    """Write each line's name where it ends, moved apart where they would overlap."""
    if len(lines) == 1:
        return
    fig.draw_without_rendering()
    ends = [axes.transData.transform((x[-1], y[:, -1].mean()))[1] for x, y in lines.values()]
    heights = _apart(np.nan_to_num(np.asarray(ends, float)), LINE * fig.dpi)
    right = max(x[-1] for x, _ in lines.values())
    for name, height, colour in zip(lines, heights, _colours(lines), strict=True):
        place = axes.transData.inverted().transform((0, height))[1]
        axes.annotate(
            name, (right, place), xytext=(9, 0), textcoords="offset points", va="center", weight="bold",
            fontsize=8.5, color=darker(colour, 0.15), annotation_clip=False,
        )  # fmt: skip


def _apart(places: np.ndarray, gap: float) -> np.ndarray:
    order = np.argsort(places, kind="stable")
    moved = places[order].copy()
    for _ in range(50):  # push neighbours away from each other, each by half of what is missing
        missing = np.maximum(gap - np.diff(moved), 0)
        if missing.max(initial=0) < 0.1:
            break
        moved[:-1] -= missing / 2
        moved[1:] += missing / 2
    result = np.empty_like(moved)
    result[order] = moved
    return result


def _words(lines, xlabel: str, ylabel: str, percent: bool) -> str:
    def said(value):
        return f"{value:.1%}" if percent else f"{value:.3g}"

    parts = []
    for name, (x, y) in lines.items():
        mean = y.mean(axis=0)
        parts.append(f"{name} from {said(mean[0])} at {x[0]:.6g} to {said(mean[-1])} at {x[-1]:.6g}")
    return f"Line chart of {ylabel} against {xlabel}: {'; '.join(parts)}."


def _bands(lines) -> str | None:
    seeds = {len(y) for _, y in lines.values() if len(y) > 1}
    if not seeds:
        return None
    count = str(seeds.pop()) if len(seeds) == 1 else "several"
    return f"Lines: mean of {count} seeds. Bands: the lowest and the highest of them."


def _is_share(name: str) -> bool:
    return "accuracy" in name or name == "acc"


def _readable(name: str) -> str:
    return name.replace("sparse_", "").replace("categorical_", "").replace("_", " ")
