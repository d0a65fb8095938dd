"""Logits in, logits out: what makes some of the next tokens likelier, or forbids them.

A forbidden token has the logit -inf, so that it has the probability 0 after the softmax.
"""

import math

import numpy as np

from course_lib.errors import BadInput


def softmax(logits: np.ndarray) -> np.ndarray:
    """Turn logits (..., vocabulary) into probabilities, whose sum is 1."""
    # The largest becomes 0 first: nothing overflows, and the probabilities stay the same.
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Turn logits (..., vocabulary) into logarithms of probabilities."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def temperature(logits: np.ndarray, degree: float) -> np.ndarray:
    """Sharpen the distribution (below 1) or flatten it (above 1).

    Args:
        logits: (..., vocabulary).
        degree: what the logits are divided by, above 0.

    Returns:
        (..., vocabulary) logits.

    Raises:
        BadInput: a degree that is not above 0.
    """
    if not 0 < degree < math.inf:
        raise BadInput(f"A temperature is above 0, not {degree}; greedy decoding is what it would be at 0.")
    return logits / degree


def top_k(logits: np.ndarray, k: int) -> np.ndarray:
    """Forbid all but the k likeliest tokens.

    Args:
        logits: (..., vocabulary).
        k: how many stay; of equally likely ones, the first. 0 forbids none.

    Returns:
        (..., vocabulary) logits.

    Raises:
        BadInput: k is negative, or no whole number.

    Source: arXiv 1805.04833, which chose among 10.
    """
    if k != int(k) or k < 0:
        raise BadInput(f"top_k is a number of tokens, 0 for all of them, not {k}.")
    if not 0 < k < logits.shape[-1]:
        return logits
    smallest = np.partition(logits, -k)[..., [-k]]
    above, equal = logits > smallest, logits == smallest
    room = k - above.sum(axis=-1, keepdims=True)
    return np.where(above | equal & (equal.cumsum(axis=-1) <= room), logits, -np.inf)


def top_p(logits: np.ndarray, p: float) -> np.ndarray:
    """Forbid all but the nucleus: the fewest of the likeliest tokens that have the probability p together.

    Args:
        logits: (..., vocabulary).
        p: above 0 and at most 1, which forbids none.

    Returns:
        (..., vocabulary) logits.

    Raises:
        BadInput: p is out of this range.

    Source: arXiv 1904.09751, section 3.1.
    """
    if not 0 < p <= 1:
        raise BadInput(f"top_p is a probability, above 0 and at most 1, not {p}.")
    if p == 1:
        return logits
    order = np.argsort(-logits, axis=-1, kind="stable")
    ordered = softmax(np.take_along_axis(logits, order, axis=-1).astype(float))
    before = ordered.cumsum(axis=-1) - ordered  # what all likelier tokens have together
    kept = np.empty(logits.shape, bool)
    np.put_along_axis(kept, order, before < p, axis=-1)
    return np.where(kept, logits, -np.inf)


def repetition_penalty(logits: np.ndarray, seen: np.ndarray, penalty: float) -> np.ndarray:
    """Make tokens less likely that stand in the text already.

    Args:
        logits: (..., vocabulary).
        seen: (..., tokens), the numbers of the tokens so far.
        penalty: positive logits are divided by it, negative ones multiplied; 1 changes nothing, above 1 it works against
            repetition.

    Returns:
        (..., vocabulary) logits.

    Raises:
        BadInput: a penalty that is not above 0.

    Source: arXiv 1909.05858, section 4.1, which divides negative logits too and so makes their tokens likelier; they are
        multiplied as in transformers (its issue 2302).
    """
    if not 0 < penalty < math.inf:
        raise BadInput(f"A repetition penalty is above 0, 1 for none, not {penalty}.")
    if penalty == 1:
        return logits
    seen = np.asarray(seen, np.int64)
    old = np.take_along_axis(logits, seen, axis=-1)
    changed = np.array(logits)
    np.put_along_axis(changed, seen, np.where(old > 0, old / penalty, old * penalty), axis=-1)
    return changed
