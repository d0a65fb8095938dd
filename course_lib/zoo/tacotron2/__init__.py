"""Tacotron 2 (Shen et al. 2017, arXiv 1712.05884): a text goes in letter by letter, a mel spectrogram comes out.

An encoder reads the letters. A decoder writes the spectrogram from left to right, a step at a time: it looks at what it
wrote last, decides by attention which letters to read now, writes the next frames, and says whether that was the end.
What turns a mel spectrogram into sound is another network's work, or Griffin and Lim's.
"""

from dataclasses import dataclass

import keras
from keras import layers, ops

from course_lib.media.sound.sentences import WORDS
from course_lib.media.sound.spectra import FULL, NANO, Mel
from course_lib.zoo.tacotron2.decoder import Decoder
from course_lib.zoo.tacotron2.generating import Generated, generator

__all__ = ["CONFIGS", "Generated", "Tacotron2Config", "build", "generator"]


@dataclass(frozen=True)
class Tacotron2Config:
    """What tells one Tacotron 2 from another."""

    sound: Mel = FULL  # how the spectrograms are made that it learned from
    letters: int = 148  # symbols that it knows; number 0 is padding
    width: int = 512  # numbers for a letter, in the encoder and as its result
    encoder_depth: int = 3  # convolutions
    kernel: int = 5  # letters, or frames, that a convolution sees
    prenet: int = 256  # units in each of the two layers that look at the last frame
    recurrent: int = 1024  # units of each of the two LSTMs
    attention: int = 128  # numbers in which letters and questions are compared
    location_filters: int = 32  # 0: attention by content alone, which no published weights have
    location_kernel: int = 31  # letters
    postnet: int = 512  # channels
    postnet_depth: int = 5  # convolutions
    frames_per_step: int = 1  # written at once; the first Tacotron's trick, for it aligns sooner
    prenet_dropout: float = 0.5  # at all times, see `PreNet`
    convolution_dropout: float = 0.5  # of encoder and post-net, in training alone
    recurrent_dropout: float = 0.1  # NVIDIA's code has dropout where the paper has zoneout
    bn_epsilon: float = 1e-5
    bn_momentum: float = 0.9
    longest: int = 1000  # steps; who has not stopped by then is stopped
    words: tuple[str, ...] = ()  # all that it has ever heard; empty where that is most of a language


CONFIGS = {
    "tacotron2": Tacotron2Config(),
    "tacotron2_nano": Tacotron2Config(
        NANO, width=96, prenet=128, recurrent=192, attention=64, location_filters=16, postnet=64, postnet_depth=3,
        frames_per_step=3, convolution_dropout=0.1, longest=300,
        words=WORDS,
    ),
}  # fmt: skip


def build(config: Tacotron2Config) -> keras.Model:
    """Build a Tacotron 2 with random weights.

    Args:
        config: one of CONFIGS, or a variation by `dataclasses.replace`.

    Returns:
        A model for teacher forcing, which writes each frame as if the true ones stood before it, from {"letters": (batch,
        letters) int32, padded by 0; "mel": (batch, frames, mels) float32, a whole number of steps} to {"before": (batch,
        frames, mels), what the decoder wrote; "mel": the same, corrected by the post-net; "stop": (batch, steps), logits
        of the end; "alignment": (batch, steps, letters), where each step looked, adding up to 1}. It is made of models
        "encoder" and "postnet", and layer "decoder"; `generator` has it speak by itself.

    Source: arXiv 1712.05884, section 2.2; what it leaves open, and the two LSTMs round the attention, as NVIDIA's code.
    """
    letters = layers.Input((None,), dtype="int32", name="letters")
    mel = layers.Input((None, config.sound.mels), name="mel")
    written = _decoder(config)(_encoder(config)(letters), Known(name="known")(letters), mel)
    before, stop, alignment = (
        layers.Identity(name=name)(x)
        for name, x in zip(("before", "stop", "alignment"), written, strict=True)
    )
    after = layers.Add(name="after")([before, _postnet(config)(before)])
    outputs = {"before": before, "mel": after, "stop": stop, "alignment": alignment}
    return keras.Model({"letters": letters, "mel": mel}, outputs, name="tacotron2")


@keras.saving.register_keras_serializable("course_lib")
class Known(layers.Layer):
    """Where a text has letters: True, False at padding (letter 0)."""

    def call(self, letters):
        return ops.not_equal(letters, 0)


def _encoder(config) -> keras.Model:
    """Letters -> (batch, letters, width): what each letter means between its neighbours, then in the whole text."""
    letters = layers.Input((None,), dtype="int32", name="letters")
    x = layers.Embedding(config.letters, config.width, name="embedding")(letters)
    for number in range(1, config.encoder_depth + 1):
        x = _convolution(x, f"encoder_{{}}{number}", config.width, "relu", config)
    lstm = layers.LSTM(config.width // 2, return_sequences=True, name="lstm")
    # The mask keeps padding out of what is read from right to left.
    x = layers.Bidirectional(lstm, name="encoder_lstm")(x, mask=Known(name="encoder_known")(letters))
    return keras.Model(letters, x, name="encoder")


def _decoder(config) -> Decoder:
    names = ("prenet", "recurrent", "attention", "location_filters", "location_kernel", "frames_per_step",
             "prenet_dropout", "recurrent_dropout")  # fmt: skip
    return Decoder(config.sound.mels, **{name: getattr(config, name) for name in names}, name="decoder")


def _postnet(config) -> keras.Model:
    """What the decoder wrote -> what to add to it, now that past and future of each frame are known."""
    written = x = layers.Input((None, config.sound.mels), name="written")
    for number in range(1, config.postnet_depth):
        x = _convolution(x, f"postnet_{{}}{number}", config.postnet, "tanh", config)
    x = _convolution(x, f"postnet_{{}}{config.postnet_depth}", config.sound.mels, None, config)
    return keras.Model(written, x, name="postnet")


def _convolution(x, name: str, filters: int, activation, config):
    x = layers.Conv1D(filters, config.kernel, padding="same", name=name.format("conv"))(x)
    x = layers.BatchNormalization(
        epsilon=config.bn_epsilon, momentum=config.bn_momentum, name=name.format("norm")
    )(x)
    x = layers.Activation(activation, name=name.format("active"))(x)
    return layers.Dropout(config.convolution_dropout, name=name.format("drop"))(x)
