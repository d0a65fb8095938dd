"""Measures of a text: how probable a model finds it, and how much it repeats itself."""

import math
from collections.abc import Sequence

import numpy as np

from course_lib.errors import BadInput


def perplexity(log_probabilities: Sequence[float]) -> float:
    """Return among how many equally likely tokens a model would have to choose to be as unsure as it was.

    Args:
        log_probabilities: of each token of a text, given those before it; natural logarithms.

    Returns:
        The exponential of their mean's opposite: 1 for a text that was foreseen, the size of the vocabulary for blind guesses.

    Raises:
        BadInput: there are none.
    """
    values = np.asarray(log_probabilities, float)
    if not values.size:
        raise BadInput(
            "There is no token to measure: a text of two tokens is the shortest that has a perplexity."
        )
    with np.errstate(over="ignore"):
        return float(np.exp(-values.mean()))


def distinct_n(tokens: Sequence[int], n: int) -> float:
    """Return how many of the runs of n tokens are different, as a share of all of them: 1 where nothing comes twice.

    It falls with the length of a text, so compare texts of one length.

    Args:
        tokens: a text, as numbers or anything hashable.
        n: tokens in a run, from 1.

    Returns:
        Share, above 0 and at most 1; NaN for a text shorter than n.

    Source: arXiv 1510.03055.
    """
    if n < 1:
        raise BadInput(f"A run has at least 1 token, not {n}.")
    runs = list(zip(*(list(tokens)[i:] for i in range(n)), strict=False))
    return len(set(runs)) / len(runs) if runs else math.nan


def repeated_share(tokens: Sequence[int], window: int = 16) -> float:
    """Return the share of tokens that already stood among the `window` tokens before them.

    Args:
        tokens: a text, as numbers or anything hashable.
        window: how far to look back, in tokens, from 1.

    Returns:
        Share, 0 to 1; NaN for an empty text.

    Source: arXiv 1908.04319 (there rep/l, of what a model finds likeliest; here of what was written).
    """
    if window < 1:
        raise BadInput(f"A window has at least 1 token, not {window}.")
    tokens = list(tokens)
    repeated = [token in tokens[max(0, i - window) : i] for i, token in enumerate(tokens)]
    return sum(repeated) / len(repeated) if repeated else math.nan
