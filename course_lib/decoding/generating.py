"""One token after the other: a text, many texts at once, and the search for the most probable one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from course_lib.decoding.filters import log_softmax
from course_lib.errors import BadInput


@dataclass(frozen=True)
class Beam:
    """One continuation that a beam search found."""

    tokens: tuple[int, ...]  # with the end, if it came to it
    log_probability: float  # natural logarithm, of all tokens together
    score: float  # what the search compares: the former, divided by length ** length_penalty


def generate(
    steps, prompt: Sequence[int], choose: Callable, length: int, end: int | None = None, context: int = 0
) -> Iterator[int]:
    """Continue a text, and yield each token as soon as it is chosen.

    Args:
        steps: a model that reads token by token, see the package.
        prompt: the numbers of the first tokens, at least one.
        choose: logits (1, vocabulary), text so far (1, tokens) -> (1,) token; `choosing` has them.
        length: of the continuation, in tokens, at most.
        end: the token behind which nothing comes; it is not yielded.
        context: how many tokens the model can look at, 0 for any number. Where it is full, the model reads the last half
            of the text anew and goes on from there: it forgets what was before.

    Raises:
        BadInput: no prompt, or a length below 1.
    """
    text = _Text(steps, [prompt], length, context)
    for _ in range(length):
        token = choose(text.logits(), text.tokens)
        if token[0] == end:
            return
        text.add(token)
        yield int(token[0])


def generate_rows(
    steps, prompts: np.ndarray, choose: Callable, length: int, end: int | None = None, context: int = 0
) -> np.ndarray:
    """Continue many texts at once; one that has ended stays as it is until the last one has.

    Args:
        steps, choose, length, end, context: as for `generate`.
        prompts: (rows, tokens), the numbers of the first tokens, at least one a row.

    Returns:
        (rows, length) int32: the continuations alone, each filled up with `end`.

    Raises:
        BadInput: no prompts, or a length below 1.
    """
    text = _Text(steps, prompts, length, context)
    written = np.full((len(text.tokens), length), 0 if end is None else end, np.int32)
    ended = np.zeros(len(written), bool)
    for place in range(length):
        tokens = choose(text.logits(), text.tokens)
        tokens = tokens if end is None else np.where(ended, end, tokens)
        written[:, place] = tokens
        ended |= tokens == end
        if ended.all():
            break
        text.add(tokens)
    return written


def beam_search(
    steps,
    prompt: Sequence[int],
    beams: int,
    length: int,
    end: int | None = None,
    length_penalty: float = 0.0,
    context: int = 0,
) -> list[Beam]:
    """Look for the most probable continuation: keep the best few, try every next token behind each, keep the best few.

    A text that has ended stays among the best few as long as none of the longer ones is better.

    Args:
        steps, prompt, length, end, context: as for `generate`.
        beams: how many texts are kept at each step.
        length_penalty: 0 compares probabilities, which favours short texts, since each further token makes a text less
            probable; 1 compares the mean of the tokens' logarithms.

    Returns:
        As many `Beam` as there are beams, or fewer where there are not so many texts; the best first.

    Raises:
        BadInput: no prompt, or less than one beam or token.

    Source: arXiv 1609.08144, section 7, for the idea of a length penalty; the power of the length is the usual form.
    """
    if beams < 1:
        raise BadInput(f"A beam search keeps at least one text, not {beams}.")
    text = _Text(steps, [prompt], length, context)
    total, ended = np.zeros(1), np.zeros(1, bool)
    lengths = np.zeros(1, int)
    for _ in range(length):
        gains = log_softmax(text.logits().astype(float))
        # Behind an ended text comes its end once more, for nothing: so it goes on, and stays what it is.
        gains[ended] = -np.inf
        gains[ended, end] = 0.0
        totals, lengths = total[:, None] + gains, lengths + ~ended
        rows, tokens = _best(totals / lengths[:, None] ** length_penalty, beams)
        total, lengths = totals[rows, tokens], lengths[rows]
        ended = ended[rows] | (tokens == end)
        text.add(tokens, rows)
        if ended.all():
            break
    scores = total / lengths**length_penalty
    written = text.tokens[:, len(prompt) :].tolist()
    return [
        Beam(tuple(tokens[:n]), float(sum_), float(score))
        for tokens, n, sum_, score in zip(written, lengths, total, scores, strict=True)
    ]


def _best(scores: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and columns of the `count` best scores above -inf, the best first; of equal ones, the first."""
    flat = scores.ravel()
    likely = np.flatnonzero(flat >= np.partition(flat, -min(count, flat.size))[-min(count, flat.size)])
    best = likely[np.argsort(-flat[likely], kind="stable")][:count]
    return np.divmod(best[flat[best] > -np.inf], scores.shape[1])


class _Text:
    """Texts of one length that grow; the model reads only what it has not read yet."""

    def __init__(self, steps, prompts, length: int, context: int):
        if length < 1:
            raise BadInput(f"The continuation has a length of at least 1 token, not {length}.")
        self.tokens = np.asarray(prompts, np.int32)
        if self.tokens.ndim != 2 or not self.tokens.size:
            raise BadInput("There is nothing to continue: a prompt has at least one token.")
        self._steps, self._context = steps, context
        self._begin(self.tokens)

    def _begin(self, tokens: np.ndarray) -> None:
        self._unread, self._held, self._cache = tokens, 0, self._steps.start(len(tokens))

    def logits(self) -> np.ndarray:
        """Return the next token's logits, (rows, vocabulary)."""
        if self._context and self._held + self._unread.shape[1] > self._context:
            self._begin(self.tokens[:, -max(1, self._context // 2) :])
        logits, self._cache = self._steps(self._unread, self._cache)
        self._held += self._unread.shape[1]
        return logits

    def add(self, tokens: np.ndarray, rows: np.ndarray | None = None) -> None:
        """Put a token (rows,) behind each text, or behind these `rows` of them, which then are the texts."""
        if rows is not None:
            self.tokens, self._cache = self.tokens[rows], self._steps.reorder(self._cache, rows)
        self._unread = np.asarray(tokens, np.int32)[:, None]
        self.tokens = np.concatenate([self.tokens, self._unread], axis=1)
