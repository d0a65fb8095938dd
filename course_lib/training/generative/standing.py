"""Standing statistics: what batch norm shall divide by when there is no batch."""

from collections.abc import Callable

import keras
import tensorflow as tf

BATCHES = 200
MOMENTUM = 0.97  # so that the last hundred batches or so count, and what was known before is forgotten


def settle(generator: keras.Model, draw: Callable[[], dict]) -> None:
    """Let a generator's batch norms gather means and variances anew, from pictures that it makes now.

    During the game its weights move from batch to batch, and the averages limp behind; and the averaged weights have
    never made a picture at all.

    Args:
        generator: in place; without layers that have a `moving_mean` nothing happens.
        draw: returns the inputs of one batch.

    Source: arXiv 1809.11096, appendix D.
    """
    norms = [layer for layer in generator._flatten_layers() if hasattr(layer, "moving_mean")]
    if not norms:
        return
    before = [layer.momentum for layer in norms]
    for layer in norms:
        layer.momentum = MOMENTUM
    make = tf.function(lambda inputs: generator(inputs, training=True), autograph=False)
    try:
        for _ in range(BATCHES):
            make(draw())
    finally:
        for layer, momentum in zip(norms, before, strict=True):
            layer.momentum = momentum
