"""Does a generator's space of random numbers have a direction for "brighter", or "wider", that it was never told of?

A direction is found by least squares: random numbers of one set of kinds against a property of their pictures. It counts
only if it moves pictures of the other kinds, of other random numbers, as it should; a direction by chance stands beside it.
Recorded in data/experiments/directions.json.
"""

import time
from collections.abc import Callable

import numpy as np

from course_lib.training.experiment import record

MODEL = "biggan_nano"
DRAWS = range(3)
LEARNED_ON, TRIED_ON = (0, 2, 4, 6, 8), (1, 3, 5, 7, 9)  # kinds
PICTURES = 1_000  # of either
STEP = 2.0  # length of the step, in deviations of a random number


def brightness(images: np.ndarray) -> np.ndarray:
    """Return the mean of the lit pixels of pictures (n, side, side, 1) uint8, 0 to 1."""
    pixels = images[..., 0] / 255.0
    lit = pixels > 0.1
    return (pixels * lit).sum(axis=(1, 2)) / np.maximum(lit.sum(axis=(1, 2)), 1)


def width(images: np.ndarray) -> np.ndarray:
    """Return the share of columns that have something in them."""
    return ((images[..., 0] > 64).sum(axis=1) >= 2).mean(axis=1)


PROPERTIES = {"brightness": brightness, "width": width}


def direction_of(latents: np.ndarray, values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Find the direction in which a property grows.

    Args:
        latents: (n, latent).
        values: (n,) of the property; only differences within a kind count.
        labels: (n,) kinds.

    Returns:
        (latent,), of length 1.
    """
    within = values.astype(float).copy()
    for kind in np.unique(labels):
        within[labels == kind] -= within[labels == kind].mean()
    found, *_ = np.linalg.lstsq(latents, within, rcond=None)
    return found / np.linalg.norm(found)


def moved(
    paint: Callable, latents: np.ndarray, labels: np.ndarray, direction: np.ndarray, step: float
) -> np.ndarray:
    """Paint with all random numbers moved by `step` along the direction; (n, side, side, 1) uint8."""
    changed = (latents + step * direction).astype(np.float32)
    parts = range(0, len(changed), 100)
    made = np.concatenate(
        [paint(changed[start : start + 100], labels[start : start + 100]) for start in parts]
    )
    return np.clip((made + 1) * 127.5, 0, 255).astype(np.uint8)


def measured(way: tuple[str, bool], draw: int) -> dict:
    """Find a direction, or take one by chance, and try it on other kinds.

    Returns:
        How far the property moves from minus to plus half a step, in deviations within a kind; the share of pictures that
        moved the right way; the share that the judge recognises without and with the step; processor seconds.
    """
    from course_lib.loading import open_pretrained
    from course_lib.training.generative.judge import judge
    from course_lib.zoo import biggan

    name, learned = way
    model, rng = open_pretrained(MODEL, "nano").model, np.random.default_rng(draw)
    config, started = biggan.CONFIGS[MODEL], time.process_time()
    paint, value = biggan.painter(model, config), PROPERTIES[name]
    latents = np.stack([biggan.latent(config, rng) for _ in range(2 * PICTURES)])
    old, new = latents[:PICTURES], latents[PICTURES:]
    kinds, others = (np.resize(np.array(kinds, np.int32), PICTURES) for kinds in (LEARNED_ON, TRIED_ON))
    direction = rng.standard_normal(config.latent)
    if learned:
        direction = direction_of(old, value(moved(paint, old, kinds, direction, 0)), kinds)
    direction /= np.linalg.norm(direction)
    as_drawn, less, more = (moved(paint, new, others, direction, part * STEP) for part in (0, -0.5, 0.5))
    deviation = np.mean([value(as_drawn[others == kind]).std() for kind in TRIED_ON])
    change, seconds = value(more) - value(less), time.process_time() - started
    return {
        "moved": round(float(change.mean() / deviation), 3),
        "right way": round(float(np.mean(change > 0)), 4),
        "recognised before": round(float(np.mean(judge()(as_drawn)[1] == others)), 4),
        "recognised after": round(float(np.mean(judge()(more)[1] == others)), 4),
        "seconds": round(seconds, 1),
    }


WAYS = {
    f"{name}, {how}": (name, learned)
    for name in PROPERTIES
    for how, learned in (("learned", True), ("by chance", False))
}

if __name__ == "__main__":
    record("directions", WAYS, DRAWS, measured)
