"""The half of Tacotron 2 that writes: what it does in one step, and that step along a spectrogram that is known."""

import math
from typing import NamedTuple

import keras
import tensorflow as tf
from keras import layers, ops

from course_lib.zoo.tacotron2.attention import LocationAttention


class State(NamedTuple):
    """What a step leaves to the next; each (batch, ...)."""

    asking: object  # (batch, units), output and memory of the LSTM that asks the attention
    asking_cell: object
    writing: object  # of the LSTM that writes
    writing_cell: object
    context: object  # (batch, width), what was read
    weights: object  # (batch, letters), where
    looked: object  # (batch, letters), the sum of all weights so far


@keras.saving.register_keras_serializable("course_lib")
class PreNet(layers.Layer):
    """Two dense layers through which the decoder sees its last frame, half of them dropped at all times.

    Always means when it speaks as well: a decoder that sees its last frame clearly learns to copy it, for the next one is
    nearly the same, and has no reason to look at the letters.

    Source: arXiv 1712.05884, section 2.2.
    """

    def __init__(self, units, rate=0.5, **options):
        super().__init__(**options)
        self.units, self.rate = units, rate
        self.dense = [
            layers.Dense(units, activation="relu", use_bias=False, name=f"dense{i}") for i in (1, 2)
        ]
        self.seeds = keras.random.SeedGenerator()

    def build(self, shape):
        self.dense[0].build(shape)
        self.dense[1].build((*shape[:-1], self.units))

    def call(self, x, kept=None):
        """(..., numbers) -> (..., units); `kept` (2, ..., units) are the factors of dropout, drawn here if not given."""
        for i, dense in enumerate(self.dense):
            x = dense(x)
            if kept is not None:
                x = x * kept[i]
            elif self.rate:
                x = keras.random.dropout(x, self.rate, seed=self.seeds)
        return x

    def get_config(self):
        return super().get_config() | {"units": self.units, "rate": self.rate}


@keras.saving.register_keras_serializable("course_lib")
class Decoder(layers.Layer):
    """Writes a spectrogram step by step; the arguments are fields of `Tacotron2Config`."""

    def __init__(self, mels, prenet, recurrent, attention, location_filters, location_kernel, frames_per_step=1,
                 prenet_dropout=0.5, recurrent_dropout=0.1, **options):  # fmt: skip
        super().__init__(**options)
        self.settings = {
            "mels": mels, "prenet": prenet, "recurrent": recurrent, "attention": attention,
            "location_filters": location_filters, "location_kernel": location_kernel, "frames_per_step": frames_per_step,
            "prenet_dropout": prenet_dropout, "recurrent_dropout": recurrent_dropout,
        }  # fmt: skip
        self.mels, self.frames_per_step, self.recurrent = mels, frames_per_step, recurrent
        self.recurrent_dropout = recurrent_dropout
        self.prenet = PreNet(prenet, prenet_dropout, name="prenet")
        self.asking_lstm = layers.LSTMCell(recurrent, name="asking_lstm")
        self.attention = LocationAttention(attention, location_filters, location_kernel, name="attention")
        self.writing_lstm = layers.LSTMCell(recurrent, name="writing_lstm")
        self.to_mel = layers.Dense(mels * frames_per_step, name="to_mel")
        self.to_stop = layers.Dense(1, name="to_stop")
        self.seeds = keras.random.SeedGenerator()
        self.supports_masking = True  # `known` says it

    def compute_mask(self, *_):
        return None, None, None

    def build(self, memory_shape, known_shape=None, mel_shape=None):
        width, units = memory_shape[-1], self.recurrent
        self.prenet.build((None, None, self.mels * self.frames_per_step))
        self.asking_lstm.build((None, self.prenet.units + width))
        self.attention.build((None, units), memory_shape)
        self.writing_lstm.build((None, units + width))
        self.to_mel.build((None, None, units + width))
        self.to_stop.build((None, None, units + width))

    def call(self, memory, known, mel, training=False):
        """Write each step as if the true frames stood before it: teacher forcing.

        Args:
            memory: (batch, letters, width), from the encoder.
            known: (batch, letters) bool, False at padding.
            mel: (batch, frames, mels), the true spectrogram, a whole number of steps.

        Returns:
            (batch, frames, mels) what was written, (batch, steps) logits of the end, (batch, steps, letters) attention.
        """
        seen = ops.reshape(mel, (ops.shape(mel)[0], -1, self.mels * self.frames_per_step))
        seen = ops.pad(seen[:, :-1], ((0, 0), (1, 0), (0, 0)))  # before the first there is silence, as 0
        seen = ops.transpose(self.prenet(seen), (1, 0, 2))
        keys, start = self.attention.keys(memory), self.start(memory)

        def step(state, given):
            return self.step(state, given[0], memory, keys, known, kept=given[1:])

        kept = [self._kept(ops.shape(seen)[:2], training) for _ in range(2)]
        states = tf.scan(step, (seen, *kept), start)
        # Nothing that is written goes back into the loop, so it is all written at once behind it.
        result = ops.concatenate([states.writing, states.context], -1)
        return *self.write(ops.transpose(result, (1, 0, 2))), ops.transpose(states.weights, (1, 0, 2))

    def start(self, memory) -> State:
        """Return the state before the first step."""
        batch, letters, width = ops.shape(memory)
        units, places = ops.zeros((batch, self.recurrent)), ops.zeros((batch, letters))
        return State(units, units, units, units, ops.zeros((batch, width)), places, places)

    def step(self, state: State, seen, memory, keys, known, kept=(1.0, 1.0)) -> State:
        """Go one step: ask, look, think.

        Args:
            state: the step before.
            seen: (batch, prenet), the last frames through the pre-net.
            memory, known: as for `call`.
            keys: `attention.keys(memory)`.
            kept: the factors of dropout behind the two LSTMs.
        """
        asking, asking_cell = self.asking_lstm(
            ops.concatenate([seen, state.context], -1), [state.asking, state.asking_cell]
        )[1]
        asking = asking * kept[0]
        looked = ops.stack([state.weights, state.looked], -1)
        context, weights = self.attention(asking, memory, keys, known, looked)
        writing, writing_cell = self.writing_lstm(
            ops.concatenate([asking, context], -1), [state.writing, state.writing_cell]
        )[1]
        writing = writing * kept[1]
        return State(asking, asking_cell, writing, writing_cell, context, weights, state.looked + weights)

    def write(self, result):
        """(batch, steps, recurrent + width) -> frames (batch, frames, mels), and logits of the end (batch, steps)."""
        mel = ops.reshape(self.to_mel(result), (ops.shape(result)[0], -1, self.mels))
        return mel, self.to_stop(result)[..., 0]

    def multiply_adds(self) -> int:
        """Count one step at one letter, where each number of a kernel is used once."""
        return sum(math.prod(weight.shape) for weight in self.weights if "kernel" in weight.name)

    def get_config(self):
        return super().get_config() | self.settings

    def _kept(self, shape, training):
        ones = ops.ones((*shape, self.recurrent))
        return keras.random.dropout(ones, self.recurrent_dropout, seed=self.seeds) if training else ones
