"""DeepSpeech 0.9 (after Hannun et al. 2014, arXiv 1412.5567): dense layers, one LSTM, and a letter every 20 ms.

The paper's network runs both ways in time; Mozilla's runs forward only, so that it can write while one speaks.
"""

from dataclasses import dataclass

import keras
import numpy as np
from keras import layers, ops

from course_lib.media.sound.mfcc import Mfcc


@dataclass(frozen=True)
class Config:
    """One network of the family.

    Attributes:
        rate: samples a second that it listens to.
        coefficients: numbers that describe a frame.
        context: frames that are seen before and behind each frame.
        width: units of the dense layers.
        cell: units of the LSTM.
        symbols: letters, and the blank as the last.
        clip: the activations' largest value.
        dropout: between layers, in training.
        standardise: shift and scale each coefficient to mean 0 and deviation 1 over a recording; 0.9 does not, and
            learns more slowly.
    """

    rate: int = 16_000
    coefficients: int = 26
    context: int = 9
    width: int = 2048
    cell: int = 2048
    symbols: int = 29
    clip: float = 20.0
    dropout: float = 0.05
    standardise: bool = False


CONFIGS = {
    "deepspeech": Config(),
    "deepspeech_nano": Config(rate=8_000, width=128, cell=160, dropout=0.0, standardise=True),
}


def build(config: Config) -> keras.Model:
    """Build a DeepSpeech.

    Args:
        config: one of `CONFIGS`, or your own by `dataclasses.replace`.

    Returns:
        A model from "features", (batch, frames, coefficients) float32 as `listener(config).prepare` makes them, zeros
        behind a recording's end, to (batch, frames, symbols) float32: logits of layer "head". As the network only remembers, padding
        behind the end changes nothing before it.

    Source: arXiv 1412.5567, section 2; sizes, the LSTM and the features are those of Mozilla's release 0.9.
    """
    features = layers.Input((None, config.coefficients), name="features")
    x = Context(config.context, name="context")(features)
    for number in (1, 2, 3):
        x = _dense(x, f"dense{number}", config.width, config)
    x = layers.LSTM(config.cell, return_sequences=True, unit_forget_bias=False, name="lstm")(x)
    x = _dense(x, "dense5", config.width, config)
    return keras.Model(features, layers.Dense(config.symbols, name="head")(x), name="deepspeech")


def _dense(x, name, units, config):
    """Add a dense layer whose outputs stay between 0 and the clip: an LSTM behind open-ended ones can run away."""
    x = layers.Dense(units, name=name)(x)
    x = layers.ReLU(config.clip, name=f"{name}_clipped")(x)
    return layers.Dropout(config.dropout, name=f"{name}_dropout")(x) if config.dropout else x


@keras.saving.register_keras_serializable("course_lib")
class Context(layers.Layer):
    """Puts each frame together with its neighbours, the earliest first; beyond a recording's ends are zeros."""

    def __init__(self, context, **options):
        super().__init__(**options)
        self.context = context

    def call(self, frames):
        """(batch, frames, n) -> (batch, frames, (2 context + 1) n)."""
        count = ops.shape(frames)[1]
        padded = ops.pad(frames, ((0, 0), (self.context, self.context), (0, 0)))
        shifted = [padded[:, start : start + count] for start in range(2 * self.context + 1)]
        return ops.concatenate(shifted, axis=-1)

    def compute_output_shape(self, shape):
        return (*shape[:-1], (2 * self.context + 1) * shape[-1])

    def get_config(self):
        return super().get_config() | {"context": self.context}


@dataclass(frozen=True)
class Listener:
    """What a DeepSpeech makes of samples before it reads them.

    Attributes:
        sound: how a frame is described.
        standardise: see `Config`.
    """

    sound: Mfcc
    standardise: bool = False

    @property
    def rate(self) -> int:
        """Samples a second."""
        return self.sound.rate

    @property
    def hop(self) -> int:
        """Samples a frame of logits."""
        return self.sound.hop

    def prepare(self, samples: np.ndarray) -> np.ndarray:
        """Turn a recording, (n,) float32 at `rate`, into the model's input, (frames, coefficients) float32."""
        frames = self.sound.of(samples)
        if not self.standardise:
            return frames
        return (frames - frames.mean(axis=0)) / (frames.std(axis=0) + 1e-2)


def listener(config: Config) -> Listener:
    """Return what turns samples into the input of a network of this config."""
    return Listener(Mfcc(config.rate, coefficients=config.coefficients), config.standardise)
