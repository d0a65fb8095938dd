"""Sound made visible: waveforms and spectrograms."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.ticker import MaxNLocator

from course_lib.errors import BadInput
from course_lib.media.sound.audio import Audio
from course_lib.media.sound.spectra import Mel
from course_lib.viz.picture import Picture, draw
from course_lib.viz.style import FAINT_INK, INKING, PALETTE, PAPER, new_figure, style

WIDTH = 7.4  # inches of a figure
POINTS = 700  # of a waveform, at most: one for each of the figure's pixels
RANGE = 9.2  # nepers, 80 dB: what lies further below the loudest is drawn as silence
TICKS = (250, 500, 1000, 2000, 4000, 8000, 16000)  # Hz
SHADES = 20  # of a heat map: more can't be told apart, and each costs bytes


def waveform(
    sounds: Audio | Mapping[str, Audio],
    words: Sequence[tuple[str, float, float]] = (),
    alt: str | None = None,
    caption: str | None = None,
) -> Picture:
    """Draw how the pressure of air goes up and down.

    Args:
        sounds: One sound, or {title: sound}: they stand below each other on one axis of time.
        words: (word, start, end) in seconds, to be written over the first of them: a `Transcript`'s `.words`.
        alt: What is to be seen; without it, the lengths and the loudest places.
        caption: A line to stand under the figure.

    Returns:
        The waveforms, in seconds and in shares of full swing.

    Raises:
        BadInput: There is no sound.
    """
    named = _named(sounds)
    longest = max(sound.seconds for sound in named.values())
    limit = 1.1 * max(0.01, *(_peak(sound) for sound in named.values()))
    with style():
        fig = new_figure(WIDTH, 0.5 + 1.1 * len(named))
        grid = fig.subplots(len(named), 1, sharex=True, squeeze=False)[:, 0]
        for axes, (title, sound) in zip(grid, named.items(), strict=True):
            times, low, high = _envelope(sound)
            axes.fill_between(times, low, high, color=PALETTE[0], linewidth=0, antialiased=False)
            axes.set(xlim=(0, longest), ylim=(-limit, limit), title=title)
            axes.yaxis.set_major_locator(MaxNLocator(3, symmetric=True))
        grid[-1].set_xlabel("seconds")
        write_words(grid[0], words)
    said = "; ".join(_loudest(*pair) for pair in named.items())
    spoken = f" Words over it: {' '.join(word for word, *_ in words)}." if words else ""
    return draw(fig, alt or f"Waveform. {said}.{spoken}", caption)


def spectrogram(
    sounds: Audio | np.ndarray | Mapping[str, Audio | np.ndarray],
    mel: Mel | None = None,
    columns: int = 2,
    alt: str | None = None,
    caption: str | None = None,
) -> Picture:
    """Draw which pitches sound when: time to the right, pitch upwards, the darker the louder.

    Args:
        sounds: An `Audio`, or a spectrogram (frames, mels) as `mel.of` returns it; or {title: one of these}, which stand
            side by side on one scale of colours.
        mel: How the mel spectrogram is made, or was; None for a linear one of an `Audio`.
        columns: How many in a row.
        alt: What is to be seen; without it, lengths, the range of pitches and where each is loudest.
        caption: A line to stand under the figure.

    Returns:
        The spectrograms, in seconds and Hz.

    Raises:
        BadInput: There is nothing to draw, or a spectrogram comes without its `mel` or not in its shape.
    """
    named = {title: _panel(sound, mel) for title, sound in _named(sounds).items()}
    columns = min(columns, len(named))
    rows = -(-len(named) // columns)
    top = max(np.max(panel.values) for panel in named.values())
    with style():
        fig = new_figure(WIDTH, 0.3 + 2.2 * rows)
        grid = fig.subplots(rows, columns, squeeze=False, sharey=True).ravel()
        for axes, (title, panel) in zip(grid, named.items(), strict=False):
            heat_map(axes, panel.values.T, panel.seconds, top - RANGE, top)
            axes.set(title=title, xlabel="seconds")
            axes.set_yticks(*panel.ticks)
        for axes in grid[::columns]:
            axes.set_ylabel("Hz")
        for axes in grid[len(named) :]:
            axes.set_visible(False)
    kind = "mel spectrogram" if mel else "spectrogram"
    said = "; ".join(panel.said(title) for title, panel in named.items())
    return draw(fig, alt or f"{kind.capitalize()}, time against pitch. {said}.", caption)


class _Panel:
    """A spectrogram with what its axes say."""

    def __init__(self, values: np.ndarray, seconds: float, hertz: np.ndarray):
        self.values, self.seconds, self.hertz = values, seconds, hertz

    @property
    def ticks(self) -> tuple[list[float], list[str]]:
        shown = [tick for tick in TICKS if self.hertz[0] <= tick <= self.hertz[-1] * 1.05]
        linear = np.ptp(np.diff(self.hertz)) < 1e-3 * self.hertz[-1]
        shown = shown[-3:] if linear else shown  # lower ones would lie on each other
        return list(np.interp(shown, self.hertz, np.arange(len(self.hertz)) + 0.5)), [f"{t:,}" for t in shown]

    def said(self, title: str) -> str:
        frame, band = np.unravel_index(np.argmax(self.values), self.values.shape)
        when = (frame + 0.5) / len(self.values) * self.seconds
        head = f"{title}: " if title else ""
        return f"{head}{self.seconds:.2f} s up to {self.hertz[-1]:,.0f} Hz, loudest at {when:.2f} s near {self.hertz[band]:,.0f} Hz"


def _panel(sound, mel: Mel | None) -> _Panel:
    if isinstance(sound, Audio):
        if mel is None:
            return _linear(sound)
        sound = mel.of(sound.resampled(mel.rate).samples)
    values = np.asarray(sound, np.float32)
    if mel is None:
        raise BadInput("A spectrogram does not say which pitches its rows stand for: give `mel`, how it was made.")  # fmt: skip
    if values.ndim != 2 or values.shape[1] != mel.mels or not len(values):
        raise BadInput(f"This mel spectrogram has the shape (frames, {mel.mels}), not {values.shape}.")
    return _Panel(values, len(values) * mel.hop / mel.rate, mel.centres)


def _linear(sound: Audio) -> _Panel:
    from course_lib.media.sound.spectra import stft

    window = 2 ** round(np.log2(0.032 * sound.rate))
    values = np.log(np.maximum(np.abs(stft(sound.samples, window, window // 4)), 1e-5))
    return _Panel(values, sound.seconds, np.linspace(0, sound.rate / 2, values.shape[1]))


def _named(sounds) -> dict:
    named = dict(sounds) if isinstance(sounds, Mapping) else {"": sounds}
    if not named:
        raise BadInput("There is nothing to draw: give a sound, or {title: sound}.")
    return named


def _peak(sound: Audio) -> float:
    if not len(sound.samples):
        raise BadInput("This sound has no samples: there is nothing to draw.")
    return float(np.abs(sound.samples).max())


def _envelope(sound: Audio) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return times and the lowest and highest sample around each: a line through all of them would be a block of ink."""
    starts = np.unique(np.linspace(0, len(sound.samples), POINTS, endpoint=False).astype(int))
    low, high = (f.reduceat(sound.samples, starts) for f in (np.minimum, np.maximum))
    return starts / sound.rate, low, high


def heat_map(axes, rows: np.ndarray, seconds: float, low: float, high: float) -> None:
    """Draw rows (rows, moments), the first one below; `low` is pale and `high` dark."""
    axes.imshow(rows, cmap=INKING.resampled(SHADES), aspect="auto", origin="lower", vmin=low, vmax=high,
                extent=(0, seconds, 0, len(rows)), interpolation="nearest")  # fmt: skip
    axes.grid(False)


def write_words(axes, words) -> None:
    """Write (word, start, end) at their times, over what is drawn."""
    box = {"boxstyle": "round,pad=0.15", "facecolor": PAPER, "edgecolor": "none", "alpha": 0.8}
    for word, start, end in words:
        axes.axvspan(start, end, color=PALETTE[1], alpha=0.12, linewidth=0)
        axes.text((start + end) / 2, axes.get_ylim()[1], word, ha="center", va="top", fontsize=8, color=FAINT_INK, bbox=box)  # fmt: skip


def _loudest(title: str, sound: Audio) -> str:
    place = int(np.argmax(np.abs(sound.samples)))
    head = f"{title}: " if title else ""
    return f"{head}{sound.seconds:.2f} s, up to {abs(sound.samples[place]):.2f} of full swing at {place / sound.rate:.2f} s"
