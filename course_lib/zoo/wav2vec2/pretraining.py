"""The task that wav2vec 2.0 sets itself: which of a few dozen frames was the one behind the gap?

Source: arXiv 2006.11477, section 3.
"""

import numpy as np
from keras import ops


def span_masks(
    batch: int, frames: int, rng: np.random.Generator, share: float = 0.065, length: int = 10
) -> np.ndarray:
    """Choose which frames are hidden: spans that begin anywhere, and may overlap.

    Args:
        batch: recordings.
        frames: of each.
        rng: random numbers.
        share: of all frames at which a span begins.
        length: frames of a span; ten are 200 ms.

    Returns:
        (batch, frames) bool, True where hidden; as many spans in each recording, and at least two.

    Source: arXiv 2006.11477, section 3.1; there the number of spans is drawn as well.
    """
    length = min(length, max(1, frames // 4))
    spans, starts = max(2, round(share * frames)), frames - length + 1
    masks = np.zeros((batch, frames), bool)
    for row in masks:
        chosen = rng.choice(starts, min(spans, starts), replace=False)
        row[(chosen[:, None] + np.arange(length)).ravel()] = True
    return masks


def distractors(masks: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw for each hidden frame other hidden frames of the same recording.

    Args:
        masks: (batch, frames) bool.
        count: of distractors; one may be drawn twice.
        rng: random numbers.

    Returns:
        (batch, frames, count) int32, places of frames; where a frame is not hidden, its own place.

    Source: arXiv 2006.11477, section 3.2.
    """
    found = np.broadcast_to(np.arange(masks.shape[1])[None, :, None], (*masks.shape, count)).astype(np.int32)
    for row, mask in zip(found, masks, strict=True):
        places = np.flatnonzero(mask)
        others = rng.integers(0, len(places) - 1, (len(places), count))
        row[places] = places[others + (others >= np.arange(len(places))[:, None])]  # never the frame itself
    return found


def contrastive_logits(guesses, targets, chosen, others, temperature: float = 0.1):
    """Compare each guess with the true target and with the distractors.

    Args:
        guesses: (batch, frames, width), from what is around the gap.
        targets: (batch, frames, width), from what was in it.
        chosen: (batch, frames, codebooks) int32, each frame's codes: a distractor with the same ones is no distractor.
        others: (batch, frames, count) int32, places of the distractors.
        temperature: divides the cosines.

    Returns:
        (batch, frames, 1 + count) float32; the first is the truth's.

    Source: arXiv 2006.11477, equation 3.
    """
    cosines = ops.matmul(_unit(guesses), ops.transpose(_unit(targets), (0, 2, 1))) / temperature
    same = ops.all(ops.equal(chosen[:, :, None], chosen[:, None]), axis=-1)
    true = ops.diagonal(cosines, axis1=1, axis2=2)[:, :, None]
    false = ops.take_along_axis(ops.where(same, -1e9, cosines), others, axis=2)
    return ops.concatenate([true, false], axis=-1)


def contrastive_loss(logits, masks):
    """Return the mean of -log(the truth's share) over hidden frames, and how often the truth is the likeliest.

    Args:
        logits: (batch, frames, 1 + distractors), the truth first.
        masks: (batch, frames) bool.

    Returns:
        Two scalars: nats, and a share of 1.

    Source: arXiv 2006.11477, equation 3.
    """
    hidden = ops.cast(masks, logits.dtype)
    count = ops.maximum(ops.sum(hidden), 1)
    losses = ops.logsumexp(logits, axis=-1) - logits[:, :, 0]
    right = ops.cast(logits[:, :, 0] > ops.max(logits[:, :, 1:], axis=-1), logits.dtype)
    return ops.sum(losses * hidden) / count, ops.sum(right * hidden) / count


def perplexity(shares, masks=None):
    """Return how many codes are in use: e to the entropy of their mean shares, summed over the code books.

    Args:
        shares: (batch, frames, codebooks, codes), each book's sum to 1.
        masks: (batch, frames) bool, of the frames that count; all by default.

    Returns:
        A scalar, from the number of code books to that of all codes.
    """
    if masks is None:
        mean = ops.mean(shares, axis=(0, 1))
    else:
        hidden = ops.cast(masks, shares.dtype)
        mean = ops.einsum("bt,btgv->gv", hidden, shares) / ops.sum(hidden)
    return ops.sum(ops.exp(-ops.sum(mean * ops.log(mean + 1e-9), axis=-1)))


def diversity_loss(shares, masks=None):
    """Return the part of the codes that is not in use, 0 to 1; arguments as for `perplexity`. Source: equation 4."""
    codes = shares.shape[-1] * shares.shape[-2]
    return (codes - perplexity(shares, masks)) / codes


def gumbel_shares(logits, noise, temperature: float):
    """Draw a code of each book so that a gradient comes through: forwards one code, backwards a soft mixture.

    Args:
        logits: (batch, frames, codebooks, codes).
        noise: of the same shape, from `gumbel_noise`.
        temperature: the lower, the nearer the mixture is to one code.

    Returns:
        Shares of the same shape, for the code book.

    Source: arXiv 2006.11477, equation 1; arXiv 1611.01144.
    """
    soft = ops.softmax((logits + noise) / temperature)
    hard = ops.one_hot(ops.argmax(soft, axis=-1), soft.shape[-1], dtype=soft.dtype)
    return soft + ops.stop_gradient(hard - soft)


def gumbel_noise(uniform):
    """Turn numbers that are uniform in 0 to 1 into noise with which the largest logit is a fair draw."""
    return -ops.log(-ops.log(ops.clip(uniform, 1e-7, 1 - 1e-7)))


def _unit(x):
    return x / ops.maximum(ops.norm(x, axis=-1, keepdims=True), 1e-8)
