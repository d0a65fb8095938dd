"""Pieces of the report's page. Every text that comes from outside goes through `text` or `label`."""

from collections.abc import Iterable
from html import escape
from math import isfinite

import numpy as np

from course_lib import viz
from course_lib.training.report.measures import Measures, best_epoch
from course_lib.training.report.outcome import Outcome
from course_lib.training.report.words import percent, seconds, shown

IN_MATRIX = 30  # classes: beyond that no square can be read
IN_TABLE, WEAKEST = 60, 40  # classes: up to the first number all are listed, else the weakest so many
PAIRS = 30
DEEP = 0.5  # of a square's colour: beyond that, pale letters are the easier to read


def text(words, most: int) -> str:
    """Return any text as HTML that shows it and does nothing else."""
    return escape(shown(words, most))


def label(name, most: int = 60) -> str:
    """Return a name as HTML; one that is written from right to left leaves the words around it in place."""
    return f"<bdi>{text(name, most)}</bdi>"


def section(heading: str, body: str) -> str:
    """Return a part of the page under its heading."""
    return f"<section><h2>{heading}</h2>{body}</section>"


def definitions(rows: Iterable[tuple[str, object]]) -> str:
    """Return names with what they stand for."""
    listed = "".join(f"<dt>{text(name, 60)}</dt><dd>{text(value, 240)}</dd>" for name, value in rows)
    return f"<dl>{listed}</dl>"


def scrolling(table: str, name: str) -> str:
    """Return a table that is moved by itself where it is wider than the screen, by keys too."""
    return f'<div class=wide role=region tabindex=0 aria-label="{name}">{table}</div>'


def per_class(outcome: Outcome, measures: Measures | None) -> str:
    """Return the table of classes: pictures, and how many were found and named rightly; the weakest first."""
    count = len(outcome.classes)
    recall = measures.recall if measures else np.full(count, np.nan)
    # Of those equally weak first the ones that were measured on most pictures; last those that were measured on none
    order = np.lexsort((np.arange(count), -np.asarray(outcome.held_out), recall))
    chosen = order if count <= IN_TABLE else order[:WEAKEST]
    rows = "".join(_class_row(outcome, measures, int(index)) for index in chosen)
    heads = ["class", "trained on", "held out", "found (recall)", "of those named so, right (precision)"]
    columns = "".join(f"<th scope=col>{head}</th>" for head in (heads if measures else heads[:3]))
    words = "The weakest first." if measures else "Nothing was held out, so nothing is measured."
    if len(chosen) < count:
        named = "the weakest" if measures else "the first"
        words = f"There are {count:,} classes; these are {named} {len(chosen)}."
    if measures and count > 2:
        words += f" Found on average, each class counting alike: {percent(np.nanmean(recall), len(measures.labels))}."
    table = f"<table class=classes><thead><tr>{columns}</tr></thead><tbody>{rows}</tbody></table>"
    return section("Classes", f"<p>{words}</p>{scrolling(table, 'Classes')}")


def _class_row(outcome: Outcome, measures: Measures | None, index: int) -> str:
    cells = [f"<th scope=row>{label(outcome.classes[index])}</th>"]
    cells += [f"<td>{int(numbers[index]):,}</td>" for numbers in (outcome.trained, outcome.held_out)]
    if measures:
        hits = int(measures.hits[index])
        cells += [_share(hits, int(of[index])) for of in (measures.held_out, measures.named)]
    return f"<tr>{''.join(cells)}</tr>"


def _share(some: int, of: int) -> str:
    if not of:
        return "<td class=none>none</td>"
    part = some / of
    bar = f'<span class=bar aria-hidden=true><i style="width:{part:.1%}"></i></span>'
    return f"<td class=share>{bar}<b>{percent(part, of)}</b> <small>{some:,} of {of:,}</small></td>"


def confusions(outcome: Outcome, measures: Measures) -> str:
    """Return what was taken for what: a matrix, or with many classes the commonest pairs."""
    if len(outcome.classes) <= IN_MATRIX:
        return section("What was taken for what", _matrix(outcome, measures))
    rows = "".join(
        f"<tr><th scope=row>{label(outcome.classes[was])}</th><td>{label(outcome.classes[said])}</td>"
        f"<td>{times:,} of {int(measures.held_out[was]):,}</td></tr>"
        for was, said, times in measures.confused(PAIRS)
    )
    if not rows:
        return section("What was taken for what", "<p>Nothing was taken for anything else.</p>")
    heads = "<th scope=col>was</th><th scope=col>taken for</th><th scope=col>pictures</th>"
    table = f"<table class=pairs><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    words = f"<p>The commonest confusions, no more than {PAIRS}.</p>"
    return section("What was taken for what", words + scrolling(table, "The commonest confusions"))


def _matrix(outcome: Outcome, measures: Measures) -> str:
    count = len(outcome.classes)
    size = " few" if count <= 12 else " many" if count > 20 else ""
    most = 24 if size == " many" else 40  # letters
    names = [label(name, most) for name in outcome.classes]
    heads = "".join(f"<th scope=col><span>{name}</span></th>" for name in names)
    lines = measures.matrix()
    rows = "".join(
        f"<tr><th scope=row>{name}</th>{''.join(_square(line, row, column) for column in range(len(line)))}</tr>"
        for row, (name, line) in enumerate(zip(names, lines, strict=True))
    )
    table = (
        f'<table class="matrix{size}"><thead><tr><td class=corner><span aria-hidden=true>was \N{DOWNWARDS ARROW} '
        f"said \N{RIGHTWARDS ARROW}</span></td>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    )
    caption = (
        "Each row is a class, each column what the model said; the numbers are held-out pictures. Blue: rightly "
        "named; orange: mistaken; the deeper, the larger the part of the row. Empty squares are 0."
    )
    return f"<figure>{scrolling(table, 'Confusion matrix')}<figcaption>{caption}</figcaption></figure>"


def _square(line: np.ndarray, row: int, column: int) -> str:
    times = int(line[column])
    if not times:
        return "<td></td>"
    share = times / line.sum()
    kind = ("yes" if row == column else "no") + (" deep" if share > DEEP else "")
    return f'<td class="{kind}" style="--s:{0.12 + 0.88 * share:.2f}">{times:,}</td>'


def training(outcome: Outcome) -> str:
    """Return the curves by epoch, the best epoch marked; nothing where the backbone stayed frozen."""
    epochs = outcome.epochs
    if not epochs:
        words = "Only the new head was fitted, on the features of the frozen network: there are no epochs to draw."
        return section("Training", f"<p>{words}</p>")
    best = best_epoch(epochs)
    words = f"{len(epochs):,} {'epoch' if len(epochs) == 1 else 'epochs'} in {seconds(sum(e.seconds for e in epochs))}. "
    if best and len(epochs) > 1:
        words += f"Of these, the loss on held-out pictures was lowest after epoch {best.number}."
    numbers = [epoch.number for epoch in epochs]
    loss = {"training": [e.loss for e in epochs], "held out": [e.held_out_loss for e in epochs]}
    score = {"held out": [epoch.held_out_accuracy for epoch in epochs]}
    drawn = [_chart(loss, numbers, "loss", best and (best.number, best.held_out_loss))]
    if isfinite(outcome.probe_accuracy):  # where the epochs begin
        numbers, score = [0, *numbers], {"held out": [outcome.probe_accuracy, *score["held out"]]}
    drawn.append(_chart(score, numbers, "accuracy", best and (best.number, best.held_out_accuracy)))
    note = " Epoch 0 is the head alone." if numbers[0] == 0 and drawn[1] else ""
    return section("Training", f"<p>{words}{note}</p><div class=charts>{''.join(drawn)}</div>")


def _chart(lines: dict, numbers: list[int], measure: str, best: tuple | None) -> str:
    series = {name: (numbers, np.where(np.isfinite(line), line, np.nan)) for name, line in lines.items()}
    series = {name: line for name, line in series.items() if np.isfinite(line[1]).any()}
    if not series:
        return ""
    said = [f"{name} {_from_to(line[1])}" for name, line in series.items()]
    alt = f"Line chart of {measure} by epoch: {'; '.join(said)}"
    if best and isfinite(best[1]):
        series["best"] = ([best[0]], [best[1]])
        alt += f"; best after epoch {best[0]}"
    share = measure == "accuracy"
    ylim = _limits(series) if share else None
    drawn = viz.curves(series, "epoch", measure, percent=share, ylim=ylim, size=(4.5, 3.0), alt=f"{alt}.")
    return drawn._repr_html_().replace(' style="margin:0.6em 0"', "", 1)


def _limits(series: dict) -> tuple[float, float]:
    """Return the ends of an axis of shares; no share is above 1, but a point on it is to be whole."""
    values = np.concatenate([np.asarray(line, float) for _, line in series.values()])
    low, high = np.nanmin(values), np.nanmax(values)
    room = max(0.1 * (high - low), 0.02)
    return max(0.0, low - room), min(1 + room / 5, high + room)


def _from_to(line: np.ndarray) -> str:
    finite = line[np.isfinite(line)]
    return f"from {finite[0]:.3g} to {finite[-1]:.3g}"
