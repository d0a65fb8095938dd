"""Play a game of two networks to its end; what is killed on the way goes on where it stood."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np
from tqdm import tqdm

from course_lib.training.checkpoint import Checkpoint
from course_lib.training.generative.game import Game, input_of
from course_lib.training.generative.rules import Rules

CHECKPOINT_EVERY = 500  # updates


def play(
    generator: keras.Model,
    discriminator: keras.Model,
    images: np.ndarray,
    labels: np.ndarray | None,
    rules: Rules,
    penalty: Callable | None = None,
    checkpoint: Path | None = None,
    watch: Callable[[int, Game], None] = lambda number, game: None,
) -> list[tuple[float, float]]:
    """Train a generator against a discriminator, both in place.

    Args:
        generator, discriminator, penalty: see `Game`.
        images: (n, height, width, channels) uint8, or (n, ...) float32 that are taken as they are.
        labels: (n,) int32, or None where the players have no input "label".
        rules: see `Rules`.
        checkpoint: a file that all is written to every 500 updates and at the end. The same call goes on from it and
            ends in the same weights; with more `steps`, it plays a finished game further.
        watch: called with the number of updates so far and the game, after each.

    Returns:
        The losses of discriminator and generator, update by update; the generator has the average of its past weights.
    """
    classes = 0 if input_of(generator, "label") is None else int(labels.max()) + 1
    game = Game(generator, discriminator, rules, penalty, classes)
    saved = checkpoint and Checkpoint(checkpoint, _fingerprint(game, images))
    losses = _restored(game, saved)
    todo = range(len(losses), rules.steps)
    for number in tqdm(todo, "playing", unit="update", delay=2, leave=False, disable=None):
        losses.append(game.update(number, images, labels))
        watch(number + 1, game)
        if saved and ((number + 1) % CHECKPOINT_EVERY == 0 or number + 1 == rules.steps):
            saved.save({"state": [np.asarray(variable) for variable in game.state]}, {"losses": losses})
    game.finish()
    return losses


def _restored(game: Game, saved: Checkpoint | None) -> list[tuple[float, float]]:
    """Bring the game to where its checkpoint stands; return the losses until then."""
    found = saved and saved.load()
    if not found:
        return []
    for variable, value in zip(game.state, found[0]["state"], strict=True):
        variable.assign(value)
    return [tuple(pair) for pair in found[1]["losses"]]


def _fingerprint(game: Game, images: np.ndarray) -> str:
    """Return what stands for all that the game depends on but its length."""
    rules = {name: value for name, value in asdict(game.rules).items() if name != "steps"}
    digest = hashlib.sha256(repr((rules, images.shape, images.dtype)).encode())
    for array in (images[:: max(1, len(images) // 1000)], *game.state):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
