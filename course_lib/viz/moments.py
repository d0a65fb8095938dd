"""Which letter belongs to which moment: what a voice's attention reads, and what a recogniser hears."""

from collections.abc import Sequence

import numpy as np

from course_lib.errors import BadInput
from course_lib.viz.picture import Picture, draw
from course_lib.viz.sound import WIDTH, heat_map, write_words
from course_lib.viz.style import PALETTE, darker, new_figure, style

SURE = 0.5  # probability from which a letter is written at its spike


def alignment(
    weights: np.ndarray,
    letters: Sequence[str],
    step: float | None = None,
    title: str | None = None,
    alt: str | None = None,
    caption: str | None = None,
) -> Picture:
    """Draw which letters a voice reads while it speaks.

    Args:
        weights: (steps, letters) of 0 to 1: each row says where attention lies at one step of the decoder.
        letters: What was read, a name for each.
        step: Seconds of one step; without it the axis counts steps.
        title: What the figure says, in a few words.
        alt: What is to be seen; without it, how much of the text was read in order.
        caption: A line to stand under the figure.

    Returns:
        A picture with time to the right and the letters upwards; a voice that reads well draws one rising line.

    Raises:
        BadInput: The weights are not of that shape.
    """
    weights, letters = np.asarray(weights, np.float32), [*map(str, letters)]
    if weights.ndim != 2 or weights.shape[1] != len(letters) or not weights.size:
        raise BadInput(f"An alignment of {len(letters)} letters has the shape (steps, {len(letters)}), not {weights.shape}.")  # fmt: skip
    with style():
        fig = new_figure(WIDTH, min(6.5, max(2.4, 0.13 * len(letters) + 0.9)))
        axes = fig.subplots()
        heat_map(axes, weights.T, len(weights) * (step or 1), 0, 1)
        small = {"fontsize": 7 if len(letters) <= 60 else 5}
        axes.set_yticks(np.arange(len(letters)) + 0.5, [x if x.strip() else "\N{OPEN BOX}" for x in letters], **small)  # fmt: skip
        axes.set(xlabel="seconds" if step else "steps of the decoder", title=title or "")
    places = weights.argmax(axis=1)
    forwards = np.mean(np.diff(places) >= 0) if len(places) > 1 else 1
    said = (f"Attention from {len(weights)} steps to {len(letters)} letters, from letter {places[0] + 1} to letter "
            f"{places[-1] + 1}; {forwards:.0%} of the steps do not go back.")  # fmt: skip
    return draw(fig, alt or said, caption)


def spikes(
    log_probs: np.ndarray,
    symbols: Sequence[str],
    blank: int,
    step: float,
    words: Sequence[tuple[str, float, float]] = (),
    title: str | None = None,
    alt: str | None = None,
    caption: str | None = None,
) -> Picture:
    """Draw what a recogniser that was trained with CTC takes each moment for: letters are spikes, the blank lies between.

    Args:
        log_probs: (frames, symbols) natural logarithms, as `Transcriber.logits` returns them.
        symbols: A name for each symbol.
        blank: The number of the blank.
        step: Seconds of one frame.
        words: (word, start, end) in seconds, to be written over the figure.
        title: What the figure says, in a few words.
        alt: What is to be seen; without it, the letters in their order.
        caption: A line to stand under the figure.

    Returns:
        A line for each symbol that is ever likely, its name at its spikes; the blank is grey.

    Raises:
        BadInput: The numbers are not of that shape.
    """
    log_probs = np.asarray(log_probs, np.float32)
    if log_probs.ndim != 2 or log_probs.shape[1] != len(symbols) or not len(log_probs):
        raise BadInput(f"For {len(symbols)} symbols the shape is (frames, {len(symbols)}), not {log_probs.shape}.")  # fmt: skip
    p = np.exp(log_probs)
    times, found = (np.arange(len(p)) + 0.5) * step, _spikes(p, blank)
    with style():
        fig = new_figure(WIDTH, 2.5)
        axes = fig.subplots()
        axes.fill_between(times, p[:, blank], color="#d8d4cc", linewidth=0)
        shown = np.where(_with_flanks(p > 0.005), p, np.nan)  # no lines on lines at the bottom
        for symbol in np.flatnonzero(p.max(axis=0) > 0.1):
            if symbol != blank:
                axes.plot(times, shown[:, symbol], linewidth=1.4, color=PALETTE[symbol % 5])
        for frame, symbol in found:
            look = {"ha": "center", "fontsize": 8, "color": darker(PALETTE[symbol % 5])}
            axes.text(times[frame], p[frame, symbol] + 0.03, _seen(symbols[symbol]), **look)
        axes.set(xlim=(0, len(p) * step), ylim=(0, 1.18), xlabel="seconds", ylabel="probability", title=title or "")  # fmt: skip
        axes.set_yticks([0, 0.5, 1])
        write_words(axes, words)
    letters = " ".join(_seen(symbols[symbol]) for _, symbol in found)
    said = f"Probability of each letter over {len(p) * step:.2f} seconds; spikes in this order: {letters}. Grey: the blank."
    return draw(fig, alt or said, caption)


def _spikes(p: np.ndarray, blank: int) -> list[tuple[int, int]]:
    """Return (frame, symbol) at the top of each stretch of frames where one symbol that is not the blank is likeliest."""
    best, found = p.argmax(axis=1), []
    edges = np.flatnonzero(np.diff(best)) + 1
    for stretch in np.split(np.arange(len(p)), edges):
        symbol = int(best[stretch[0]])
        top = int(stretch[np.argmax(p[stretch, symbol])])
        if symbol != blank and p[top, symbol] >= SURE:
            found.append((top, symbol))
    return found


def _with_flanks(risen: np.ndarray) -> np.ndarray:
    """Say of which frames (frames, symbols) it is true, and of one more on either side: a spike begins at the bottom."""
    around = np.pad(risen, ((1, 1), (0, 0)))
    return around[:-2] | risen | around[2:]


def _seen(symbol: str) -> str:
    return symbol if symbol.strip() else "\N{OPEN BOX}"
