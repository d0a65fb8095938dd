"""Going on with a text: what its earlier tokens said is kept, so that each new token is computed alone.

`decoder` finds the attentions in a model of the zoo and gives each its memory.
"""

from collections.abc import Callable
from copy import copy

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from course_lib.zoo.attention import CachedAttention, by_rows

AT_ONCE = 512  # tokens of a text that are read together


def decoder(model: keras.Model) -> Callable:
    """Find a model's way of going on with a text: the same layers, each attention with what it remembers.

    Args:
        model: made of these layers; its last or only input is "tokens", and layer "norm" comes before the head. Where
            attentions that are not causal look at a memory, that is the first input.

    Returns:
        A function from (inputs, pasts, memories) to (logits of the token after the last one, (batch, vocabulary); pasts),
        where pasts are a list with an entry for each causal attention, and memories what each other one has kept.
    """
    names, readers = ([layer.name for layer in _attentions(model, causal)] for causal in (True, False))

    def run(inputs, pasts, memories):
        before, after = dict(zip(names, pasts, strict=True)), {}
        kept = dict(zip(readers, memories, strict=True))

        def call(layer, *arguments, **options):
            if layer.name in before:
                y, after[layer.name] = layer.remember(*arguments, **options, past=before[layer.name])
                return y
            if layer.name in kept:
                return layer.remember(*arguments, **options, past=kept[layer.name])[0]
            if layer.name == "norm":  # what goes into the head: of the last token alone
                return layer(arguments[0][:, -1])
            if getattr(layer, "looks_back", False):
                options["past"] = pasts[0]
            if isinstance(layer, layers.Dense) and len(arguments[0].shape) == 3:
                return by_rows(layer, *arguments)
            return layer(*arguments, **options)

        # What a call of the model does, but for what a layer is called with.
        logits = model._run_through_graph(inputs, call_fn=call)
        return logits, [after[name] for name in names]

    return run


def _attentions(model: keras.Model, causal: bool) -> list[CachedAttention]:
    return [layer for layer in model.layers if isinstance(layer, CachedAttention) and layer.causal == causal]


class Steps:
    """Goes on with texts token by token.

    A cache is a list of tensors (2, texts, kv_heads, tokens, head_width), one for each attention: all that the tokens
    so far have left behind.
    """

    def __init__(self, model: keras.Model, *memory: np.ndarray):
        """Prepare a model.

        Args:
            model: as for `decoder`.
            *memory: arrays for its other inputs, with a row for each text.
        """
        self._pasts = [(layer.kv_heads, layer.head_width) for layer in _attentions(model, True)]
        self._readers = _attentions(model, False)
        self._specs = model.inputs[:-1]
        self._run = self._compiled(model)
        self._remember(memory)

    def remembering(self, *memory: np.ndarray) -> "Steps":
        """Return the same with other arrays for the model's other inputs, which costs no preparing; one row serves all texts."""
        other = copy(self)
        other._remember(memory)
        return other

    def start(self, texts: int = 1) -> list[tf.Tensor]:
        """Return the cache of texts that have no token yet."""
        return [tf.zeros((2, texts, heads, 0, width)) for heads, width in self._pasts]

    def __call__(self, tokens: np.ndarray, cache: list[tf.Tensor]) -> tuple[np.ndarray, list[tf.Tensor]]:
        """Read more tokens.

        Args:
            tokens: (texts, new) token numbers, at least one new.
            cache: of the tokens before them.

        Returns:
            (texts, vocabulary) float32, logits of the token that follows; and the cache with the new tokens in it.
        """
        tokens = tf.convert_to_tensor(tokens, tf.int32)
        # Some at a time: what each of many tokens says to each other would fill the memory.
        for first in range(0, tokens.shape[1], AT_ONCE):
            logits, cache = self._run([*self._memory, tokens[:, first : first + AT_ONCE]], cache, self._kept)
        return logits.numpy(), cache

    def _compiled(self, model: keras.Model) -> Callable:
        """Compile for any number of texts, tokens and earlier tokens."""
        inputs = [tf.TensorSpec([None, *x.shape[1:]], x.dtype) for x in model.inputs]
        pasts = [tf.TensorSpec([2, None, heads, None, width]) for heads, width in self._pasts]
        kept = [tf.TensorSpec([2, None, x.kv_heads, None, x.head_width]) for x in self._readers]
        run = tf.function(decoder(model), input_signature=(inputs, pasts, kept), autograph=False)
        return run.get_concrete_function()

    def _remember(self, memory) -> None:
        self._memory = [tf.cast(x, spec.dtype) for x, spec in zip(memory, self._specs, strict=False)]
        self._kept = [layer.kept(self._memory[0]) for layer in self._readers] if memory else []

    def reorder(self, cache: list[tf.Tensor], rows: np.ndarray) -> list[tf.Tensor]:
        """Return the cache of other texts: text i goes on from what was text rows[i]."""
        return [tf.gather(x, rows, axis=1) for x in cache]
