"""A fine-tuning in sentences: for the head of its report, and for a terminal."""

import unicodedata
from math import isfinite

import numpy as np

from course_lib.training.report.measures import Measures, measures_of, wilson
from course_lib.training.report.outcome import Outcome

MOST = 60  # letters of a name


def shown(text, most: int = MOST) -> str:
    """Make a text of any origin fit to be shown: of one line, not too long, without commands to a terminal.

    Args:
        text: a class, a file, a sentence; also one whose bytes were no UTF-8.
        most: letters; a longer one loses its middle.

    Returns:
        The text; what cannot be printed is replaced by U+FFFD.
    """
    text = str(text)
    if len(text) > most:
        half = (most - 1) // 2
        text = f"{text[: most - 1 - half]}\N{HORIZONTAL ELLIPSIS}{text[-half:]}"
    return "".join(letter if _is_visible(letter) else "\N{REPLACEMENT CHARACTER}" for letter in text)


def percent(share: float, count: int = 100) -> str:
    """Write a share of 0 to 1 in per cent, with a decimal only where enough pictures stand behind it."""
    if not isfinite(share):
        return "unknown"
    places = 1 if count >= 200 else 0
    least = 10.0 ** -(places + 2) / 2  # below that it would be written as 0, and just as badly as 1
    if 0 < share < least or 1 - least < share < 1:
        return f"< {2 * least:.{places}%}" if share < 0.5 else f"> {1 - 2 * least:.{places}%}"
    return f"{share:.{places}%}"


def seconds(duration: float) -> str:
    """Write a duration: "8 s", "3 min 20 s", "2 h 5 min"."""
    if not isfinite(duration):
        return "unknown"
    whole = round(duration)
    if whole < 60:
        return f"{duration:.1f} s" if duration < 9.95 else f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def pictures(count: int, kind: str = "") -> str:
    """Write a number of pictures: "1 held-out picture"."""
    return f"{count:,} {kind and kind + ' '}picture{'' if count == 1 else 's'}"


def headline(outcome: Outcome, measures: Measures | None) -> str:
    """Say how good the model is, and how sure that is."""
    if measures is None:
        known = (
            f"; its accuracy was given as {percent(outcome.accuracy)}" if isfinite(outcome.accuracy) else ""
        )
        return (
            "Nobody knows how good this model is: no picture was held out to measure it on" + known + ". "
            "Give each class more pictures, or a larger validation_split; or try it on pictures that it has not seen."
        )
    right, count = int(measures.right.sum()), len(measures.labels)
    low, high = (percent(end, count) for end in wilson(right, count))
    return (
        f"It names {right:,} of {pictures(count, 'held-out')} rightly: {percent(right / count, count)}. "
        f"On more pictures of the same kind, expect between {low} and {high} (95% confidence)."
    )


def cautions(outcome: Outcome, measures: Measures | None) -> list[str]:
    """Return the sentences that keep one from believing too much."""
    if measures is None:
        return []
    said = []
    if outcome.epochs:
        said.append(
            "The held-out pictures also chose the epoch that was kept, so their score flatters a little: "
            "for a last test, keep pictures that no run has seen."
        )
    if words := untested(outcome, measures):
        said.append(words)
    lost = int((measures.said < 0).sum())
    if lost:
        said.append(f"For {pictures(lost)} the model gave no numbers; they count as wrong.")
    return said


def summary(outcome: Outcome) -> str:
    """Tell a fine-tuning in a few lines of plain text, for a terminal.

    Args:
        outcome: what it came to.

    Returns:
        Two to eleven lines.
    """
    trained = pictures(int(np.sum(outcome.trained)))
    how = f"{len(outcome.epochs)} epochs of the whole network" if outcome.epochs else "a new head"
    how = how.replace("1 epochs", "1 epoch")
    lines = [f"Trained {how} on {trained} of {len(outcome.classes):,} classes in {seconds(outcome.seconds)}."]
    measures = measures_of(outcome)
    lines.append(headline(outcome, measures))
    if measures:
        lines += [against_majority(outcome, measures)[0], *filter(None, [untested(outcome, measures)])]
    if measures and outcome.epochs and isfinite(outcome.probe_accuracy):
        lines.append(f"The head alone: {percent(outcome.probe_accuracy, len(measures.labels))}.")
    confused = measures.confused(1) if measures else []
    for was, said, times in [pair for pair in confused if pair[2] > 1]:  # one may be anything
        names = [shown(outcome.classes[label]) for label in (was, said)]
        of = int(measures.held_out[was])
        lines.append(f"Most confused: {times:,} of {pictures(of)} of {names[0]!r} taken for {names[1]!r}.")
    if outcome.skipped:
        files = "file was" if len(outcome.skipped) == 1 else "files were"
        lines.append(
            f"{len(outcome.skipped):,} {files} left out; the first: {shown(outcome.skipped[0], 160)}"
        )
    return "\n".join(lines + [shown(note, 300) for note in outcome.notes[:3]])


def untested(outcome: Outcome, measures: Measures) -> str:
    """Say of which classes no picture was held out; nothing where each has one."""
    labels = np.flatnonzero(measures.held_out == 0)
    if not len(labels):
        return ""
    which = repr(shown(outcome.classes[labels[0]]))
    if len(labels) > 1:
        which = f"{len(labels):,} classes, {which} for one"
    return f"How well it finds {which}, nobody knows: too few pictures to hold one out."


def majority(outcome: Outcome, measures: Measures) -> tuple[str, float]:
    """Return the class with most held-out pictures, and how often naming it always would be right."""
    label = int(measures.held_out.argmax())
    return shown(outcome.classes[label]), measures.held_out[label] / len(measures.labels)


def against_majority(outcome: Outcome, measures: Measures) -> tuple[str, bool]:
    """Compare the model with naming one class always; return a sentence, and whether the model is clearly better."""
    name, share = majority(outcome, measures)
    right, count = int(measures.right.sum()), len(measures.labels)
    always = f"always saying {name!r} would be right in {percent(share, count)}"
    low, _ = wilson(right, count)
    if low > share:
        return f"{always[0].upper()}{always[1:]}.", True
    return f"That is not clearly better than no training at all: {always}.", False


def _is_visible(letter: str) -> bool:
    # Joiners hold together emoji and Indic letters; other invisible letters could turn the line's direction
    return letter.isprintable() or letter in "\u200c\u200d" or unicodedata.category(letter) == "Zs"
