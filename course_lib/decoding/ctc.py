"""From a probability of each symbol at each moment to a text: the likeliest path, or the likeliest text."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from heapq import nlargest
from typing import Protocol

import numpy as np

from course_lib.errors import BadInput

NOTHING = -math.inf  # the logarithm of a probability of nothing
HOPELESS = 14  # nats behind a frame's best symbol: its text would need many frames to come back


@dataclass(frozen=True)
class Decoded:
    """What was read off.

    Attributes:
        letters: numbers of the symbols, blanks and repetitions left out.
        frames: of each letter, the frame in which it was first heard.
        score: logarithm of the probability, in nats: of the one path, or of all paths to this text, with what a language
            model adds.
    """

    letters: tuple[int, ...]
    frames: tuple[int, ...]
    score: float


@dataclass(frozen=True)
class Weights:
    """How much a language model has to say.

    Attributes:
        alpha: of the logarithm of its probability.
        beta: a bonus for each word, since each one makes a text less likely.

    Source: arXiv 1412.5567, section 2.2; the numbers are the defaults of DeepSpeech 0.9.
    """

    alpha: float = 0.931289039105002
    beta: float = 1.1834137581510284


class LanguageModel(Protocol):
    """What a search asks; where it has a set of `words`, as DeepSpeech's scorers have, no others are written."""

    def log_prob(self, word: str, before: Sequence[str]) -> float:
        """Return the logarithm of a word's probability behind these words, in nats."""


def greedy(log_probs: np.ndarray, blank: int) -> Decoded:
    """Take each frame's likeliest symbol, merge repetitions, and leave out blanks.

    Args:
        log_probs: (frames, symbols), logarithms of probabilities.
        blank: number of the symbol that writes nothing.

    Returns:
        What the likeliest path writes; another text may have more paths.

    Source: Graves et al. 2006, section 3.2, "best path decoding".
    """
    log_probs = np.asarray(log_probs)
    path = log_probs.argmax(axis=1)
    first = np.flatnonzero((path != np.concatenate([[-1], path[:-1]])) & (path != blank))
    return Decoded(tuple(path[first].tolist()), tuple(first.tolist()), float(log_probs.max(axis=1).sum()))


def prefix_beam_search(
    log_probs: np.ndarray,
    blank: int,
    beams: int = 64,
    language_model: LanguageModel | None = None,
    weights: Weights | None = None,
    symbols: Sequence[str] = (),
) -> list[Decoded]:
    """Look for the likeliest texts, each of them by all its paths together.

    Args:
        log_probs: (frames, symbols), logarithms of probabilities.
        blank: number of the symbol that writes nothing.
        beams: texts that are followed at a time.
        language_model: for instance an `ngram.WordModel`; None for none.
        weights: how much it has to say; by default as much as in DeepSpeech 0.9.
        symbols: what each number writes, for the language model; " " or "|" ends a word.

    Returns:
        Up to `beams` texts, the best first.

    Source: arXiv 1408.2873, algorithm 1; the language model as in DeepSpeech 0.9: it is asked when a word ends.
    """
    judge = _Judge(language_model, weights or Weights(), symbols)
    kept = {(): _Beam(blank=0.0)}
    for frame, row in enumerate(np.asarray(log_probs, np.float64)):
        longer = _longer(kept, frame, row, blank, judge)
        kept = dict(nlargest(beams, longer.items(), key=lambda entry: entry[1].total))
    found = [Decoded(text, beam.frames, beam.total + judge.last(beam)) for text, beam in kept.items()]
    return sorted(found, key=lambda decoded: -decoded.score)


@dataclass
class _Beam:
    """A text so far.

    The probability of its paths is kept in two sums, in logarithms: of paths that end in a blank, and of those that end in
    its last letter, since only behind a blank the same letter counts a second time.
    """

    blank: float = NOTHING
    letter: float = NOTHING
    frames: tuple[int, ...] = ()
    likeliest: float = NOTHING  # of the ways to these frames
    words: tuple[str, ...] = ()  # that have ended
    word: str = ""  # that has not
    judged: float = 0.0  # what the language model has added

    @property
    def paths(self) -> float:
        return _sum(self.blank, self.letter)

    @property
    def total(self) -> float:
        return self.paths + self.judged


def _stays(text, beam, row, blank) -> _Beam:
    """Return a text after a frame that writes nothing more: a blank, or its last letter going on."""
    letter = beam.letter + row[text[-1]] if text else NOTHING
    same = replace(beam, blank=beam.paths + row[blank], letter=letter)
    same.likeliest = same.paths
    return same


def _longer(kept, frame, row, blank, judge) -> dict[tuple[int, ...], _Beam]:
    """Return all texts that one more frame can make of those that are kept."""
    found = {text: _stays(text, beam, row, blank) for text, beam in kept.items()}
    likely = [symbol for symbol in np.flatnonzero(row > row.max() - HOPELESS).tolist() if symbol != blank]
    row = row.tolist()
    for text, beam in kept.items():
        for symbol in likely:
            gain = (beam.blank if text[-1:] == (symbol,) else beam.paths) + row[symbol]
            if gain == NOTHING:
                continue
            longer = (*text, symbol)
            new = found.get(longer) or judge.grown(beam, symbol)
            if new is None:
                continue
            found[longer] = new
            new.letter = _sum(new.letter, gain)
            if gain > new.likeliest:
                new.likeliest, new.frames = gain, (*beam.frames, frame)
    return found


class _Judge:
    """Asks the language model about each word that ends; without one it has nothing to say."""

    def __init__(self, model: LanguageModel | None, weights: Weights, symbols: Sequence[str]):
        if model and not symbols:
            raise BadInput("A language model judges words: give `symbols`, what each number writes.")
        self.model, self.weights, self.symbols = model, weights, symbols
        self.known = getattr(model, "words", None)
        self.starts = {word[:end] for word in self.known or () for end in range(len(word) + 1)}

    def grown(self, beam: _Beam, symbol: int) -> _Beam | None:
        """Return a beam with one more letter, and no probability yet; None where no word goes on like this."""
        if not self.model:
            return _Beam()
        if self.symbols[symbol] not in " |":
            word = beam.word + self.symbols[symbol].lower()
            if self.known and word not in self.starts:
                return None
            return _Beam(words=beam.words, word=word, judged=beam.judged)
        # An empty word is not known either: a space stands between two words.
        if self.known and beam.word not in self.known:
            return None
        words = (*beam.words, beam.word) if beam.word else beam.words
        return _Beam(words=words, judged=beam.judged + self.last(beam))

    def last(self, beam: _Beam) -> float:
        """Return what the model adds for a beam's last word, if that ends now."""
        if not self.model or not beam.word:
            return 0.0
        return self.weights.alpha * self.model.log_prob(beam.word, beam.words) + self.weights.beta


def _sum(a: float, b: float) -> float:
    """Add two probabilities whose logarithms these are."""
    if a < b:
        a, b = b, a
    return a if b == NOTHING else a + math.log1p(math.exp(b - a))
