"""The report as a web page: its parts in order. It runs no script and asks nothing of the network."""

from collections.abc import Callable
from importlib.resources import files
from math import isfinite

import numpy as np

from course_lib.training.report import parts
from course_lib.training.report.measures import Measures, measures_of, wilson
from course_lib.training.report.mistakes import mistakes
from course_lib.training.report.outcome import Outcome
from course_lib.training.report.parts import label, section, text
from course_lib.training.report.words import (
    against_majority,
    cautions,
    headline,
    majority,
    percent,
    pictures,
    seconds,
)

STYLE = files("course_lib.training.report").joinpath("page.css")
LISTED = 40  # files left out, settings
NOTES = 20
# Even if a name got through all escaping, no script would run and nothing would be fetched
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def page(outcome: Outcome, picture: Callable[[int], np.ndarray] | None = None) -> str:
    """Return the report as one HTML document.

    Args:
        outcome: what a fine-tuning came to.
        picture: gives the i-th held-out picture, (height, width, 3) uint8.

    Returns:
        The document, less than 500 kB whatever the data.
    """
    measures = measures_of(outcome)
    body = [_head(outcome, measures), parts.per_class(outcome, measures)]
    if measures:
        body += [parts.confusions(outcome, measures), mistakes(outcome, measures, picture)]
    body += [parts.training(outcome), _left_out(outcome), _settings(outcome), _weights(outcome)]
    title = f"Fine-tuning report: {outcome.provenance.model}"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="color-scheme" content="light dark">\n<title>{text(title, 200)}</title>\n'
        f"<style>\n{STYLE.read_text(encoding='utf-8')}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(part for part in body if part)
        + "\n</main>\n</body>\n</html>\n"
    )


def _head(outcome: Outcome, measures: Measures | None) -> str:
    said = "".join(f"<p>{text(line, 600)}</p>" for line in cautions(outcome, measures))
    if measures and not (verdict := against_majority(outcome, measures))[1]:
        said = f"<p class=warning>{text(verdict[0], 600)}</p>{said}"
    notes = [f"<p>{text(note, 300)}</p>" for note in outcome.notes[:NOTES]]
    if len(outcome.notes) > NOTES:
        notes.append(f"<p>And {len(outcome.notes) - NOTES:,} notes more.</p>")
    trained = f"{pictures(int(np.sum(outcome.trained)))} of {len(outcome.classes):,} classes"
    return (
        f"<header><p class=kind>Fine-tuning report</p><h1>{label(outcome.provenance.model)}, taught "
        f"{trained}</h1><p class=lede>{text(headline(outcome, measures), 600)}</p>"
        f"{_scale(outcome, measures) if measures else ''}{said}{''.join(notes)}</header>"
    )


def _scale(outcome: Outcome, measures: Measures) -> str:
    """Draw from 0 to 100 %: where the accuracy lies, and what it is to be compared with."""
    count, right = len(measures.labels), int(measures.right.sum())
    low, high = wilson(right, count)
    name, share = majority(outcome, measures)
    marks = [("model", "this model", right / count), ("always", f"always saying {name}", share)]
    if outcome.epochs and isfinite(outcome.probe_accuracy):
        marks.insert(1, ("alone", "the head alone", outcome.probe_accuracy))
    drawn = "".join(f'<i class="{kind}" style="left:{at:.2%}"></i>' for kind, _, at in reversed(marks))
    listed = "".join(
        f'<li><i class="{kind}"></i><span>{text(what, 90)}</span> <b>{percent(at, count)}</b></li>'
        for kind, what, at in marks
    )
    return (
        '<div class=scale><div class=track aria-hidden=true><i class=band style="'
        f'left:{low:.2%};width:{high - low:.2%}"></i>{drawn}</div>'
        f"<div class=ends aria-hidden=true><span>0%</span><span>50%</span><span>100%</span></div>"
        f"<ul>{listed}<li><i class=band></i><span>95% interval</span> "
        f"<b>{percent(low, count)} to {percent(high, count)}</b></li></ul></div>"
    )


def _left_out(outcome: Outcome) -> str:
    count = len(outcome.skipped)
    if not count:
        return ""
    listed = "".join(f"<li>{text(line, 240)}</li>" for line in outcome.skipped[:LISTED])
    more = f"<p>And {count - LISTED:,} more.</p>" if count > LISTED else ""
    files = "file was" if count == 1 else "files were"
    return section("Left out", f"<p>{count:,} {files} not trained on.</p><ul class=plain>{listed}</ul>{more}")


def _settings(outcome: Outcome) -> str:
    rows = [(name, _in_words(value)) for name, value in list(outcome.settings.items())[:LISTED]]
    return section("Settings", parts.definitions([*rows, ("all of it took", seconds(outcome.seconds))]))


def _in_words(value):
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_in_words(one)}" for name, one in value.items() if one) or "none"
    return value


def _weights(outcome: Outcome) -> str:
    start = outcome.provenance
    licence = start.licence or "not stated: ask where the weights come from before you pass any of this on"
    rows = [
        ("model", start.model),
        ("weights", start.grade),
        ("source", start.source),
        ("trained on", start.trained_on),
        ("licence", licence),
        ("file", start.file.replace("\\", "/").rsplit("/", 1)[-1]),
        ("SHA-256", start.sha256),
    ]
    words = (
        "<p>The fine-tuned weights are made from these, so their licence applies to what you do with the result. "
        "The licence of your own pictures is yours to know.</p>"
    )
    return section("Starting weights", words + parts.definitions([row for row in rows if row[1]]))
