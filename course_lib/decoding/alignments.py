"""CTC by the forward and the backward algorithm: how likely a text is over all its alignments, and when its letters are heard."""

from collections.abc import Sequence

import numpy as np

from course_lib.errors import BadInput

NOTHING = -np.inf  # the logarithm of a probability of nothing


def log_prob(log_probs: np.ndarray, letters: Sequence[int], blank: int) -> float:
    """Return how likely a text is: the logarithm of the sum of the probabilities of all paths that spell it.

    Args:
        log_probs: (frames, symbols), logarithms of probabilities.
        letters: numbers of the text's letters.
        blank: number of the symbol that writes nothing.

    Returns:
        Nats, at most 0; minus infinity where no path is long enough. Its negative is the CTC loss.

    Source: Graves et al. 2006, "Connectionist Temporal Classification", section 4.1.
    """
    forward = _forward(*_states(log_probs, letters, blank))
    return float(np.logaddexp.reduce(forward[-1, -2:]))


def shares(log_probs: np.ndarray, letters: Sequence[int], blank: int) -> np.ndarray:
    """Return when a text's letters are heard: at each frame, the share of the paths that are at each place of the text.

    The gradient of the CTC loss by the logits is the network's probabilities less these shares, summed by symbol.

    Args:
        log_probs, letters, blank: see `log_prob`.

    Returns:
        (frames, 2 letters + 1) float64: a blank, a letter, a blank, a letter, and so on; each row sums to 1.

    Raises:
        BadInput: no path is long enough to spell the text.

    Source: Graves et al. 2006, sections 4.1 and 4.2.
    """
    heard, skips = _states(log_probs, letters, blank)
    forward = _forward(heard, skips)
    # What is behind a place is what is before it, with time and text turned round.
    ends = np.concatenate([skips[2:], [False, False]])[: len(skips)]
    backward = _forward(heard[::-1, ::-1], ends[::-1])[::-1, ::-1]
    paths = forward + backward - heard
    total = np.logaddexp.reduce(paths, axis=1, keepdims=True)
    if not np.isfinite(total).all():
        raise BadInput(f"{len(log_probs)} frames are too few for a text of {len(letters)} letters.")
    return np.exp(paths - total)


def _states(log_probs, letters, blank):
    """Return the places of a text, blanks around each letter: their log-probability at each frame, and which may be skipped to."""
    places = np.full(2 * len(letters) + 1, blank)
    places[1::2] = letters
    skips = np.zeros(len(places), bool)
    # Over a blank one may go on to the next letter, but not to the same one: they would merge.
    skips[3::2] = places[3::2] != places[1:-2:2]
    return np.asarray(log_probs, np.float64)[:, places], skips


def _forward(heard, skips):
    """Sum up the paths that have come to each place at each frame."""
    paths = np.full(heard.shape, NOTHING)
    paths[0, :2] = heard[0, :2]
    for frame in range(1, len(heard)):
        before = paths[frame - 1]
        one = np.concatenate([[NOTHING], before[:-1]])
        two = np.where(skips, np.concatenate([[NOTHING, NOTHING], before])[: len(before)], NOTHING)
        paths[frame] = np.logaddexp(np.logaddexp(before, one), two) + heard[frame]
    return paths
