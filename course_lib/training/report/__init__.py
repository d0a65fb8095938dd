"""The report at the end of a fine-tuning: one HTML file that needs nothing else, a few lines of text, or JSON."""

import dataclasses
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np

from course_lib.files import write_text
from course_lib.training.report.measures import best_epoch, measures_of, wilson
from course_lib.training.report.outcome import Answers, Epoch, Outcome
from course_lib.training.report.page import page
from course_lib.training.report.words import summary

__all__ = ["Answers", "Epoch", "Outcome", "as_json", "summary", "write_report"]

MOST_BYTES = 500_000
CONFUSED = 100  # pairs of classes


def write_report(
    path: Path | str, outcome: Outcome, picture: Callable[[int], np.ndarray] | None = None
) -> None:
    """Write the report of a fine-tuning as one HTML file, whole or not at all, of less than 500 kB.

    Args:
        path: where to.
        outcome: what it came to.
        picture: gives the i-th held-out picture, (height, width, 3) uint8; only those that are shown are asked for.

    Raises:
        CourseError: the file cannot be written.
    """
    content = page(outcome, picture)
    if len(content.encode()) >= MOST_BYTES:  # names of the longest, and pictures of noise
        content = page(outcome)
    write_text(Path(path), content)


def as_json(outcome: Outcome) -> dict:
    """Return an outcome as plain dictionaries, lists and numbers, for programs.

    Args:
        outcome: what a fine-tuning came to.

    Returns:
        What `json.dumps` takes; None for what was not measured.
    """
    measures = measures_of(outcome)
    found = {"accuracy": outcome.accuracy, "interval": None, "confused": []}
    recall = precision = [math.nan] * len(outcome.classes)
    if measures:
        right, count = int(measures.right.sum()), len(measures.labels)
        found = {"accuracy": right / count, "interval": wilson(right, count)}
        found["confused"] = [
            {"was": outcome.classes[was], "said": outcome.classes[said], "times": times}
            for was, said, times in measures.confused(CONFUSED)
        ]
        recall, precision = measures.recall, measures.precision
    columns = (outcome.classes, outcome.trained, outcome.held_out, recall, precision)
    names = ("name", "trained", "held_out", "recall", "precision")
    best = best_epoch(outcome.epochs)
    told = found | {
        "probe_accuracy": outcome.probe_accuracy,
        "held_out": int(np.sum(outcome.held_out)),
        "trained": int(np.sum(outcome.trained)),
        "seconds": outcome.seconds,
        "best_epoch": best and best.number,
        "epochs": [dataclasses.asdict(epoch) for epoch in outcome.epochs],
        "classes": [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)],
        "skipped": outcome.skipped,
        "notes": outcome.notes,
        "settings": outcome.settings,
        "starting_weights": dataclasses.asdict(outcome.provenance),
    }
    return _plain(told)


def _plain(value):
    if dataclasses.is_dataclass(value):
        value = dataclasses.asdict(value)
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, bool | int | str) else str(value)
