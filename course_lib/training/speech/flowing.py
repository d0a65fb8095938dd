"""How the nano WaveGlow is trained: whichever way of turning speech into noise makes the speech likeliest."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from course_lib.media.sound import corpus
from course_lib.media.sound.spectra import NANO, Mel
from course_lib.training.fit import History, Settings, optimizer_of, updates
from course_lib.training.recipe import NanoRecipe
from course_lib.training.speech import fidelity
from course_lib.training.speech.making import make


@dataclass(frozen=True)
class FlowRecipe(NanoRecipe):
    """Pieces of sentences by one voice, each with its mel spectrogram.

    Attributes:
        sentences: different ones, of about two seconds.
        pieces_seen: in all updates together.
        frames: of the mel spectrogram, in a piece.
        sigma: of the noise that the sounds are turned into.
        spoken_sigma: of the noise that sounds are made of; chosen by listening to training sentences.
        batch_size, learning_rate, warmup, weight_decay, clip_norm, jit_compile: see `Settings`.
    """

    measure: ClassVar[str] = "how periodic held-out speech still is when spoken from its mel spectrogram"
    sentences: int = 3600
    pieces_seen: int = 104_000
    frames: int = 48
    sigma: float = 1.0
    spoken_sigma: float = 0.6
    batch_size: int = 4
    learning_rate: float = 2e-3
    warmup: int = 200
    weight_decay: float = 0.0
    clip_norm: float = 5.0
    jit_compile: bool = True

    def data(self, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Let the synthesiser speak; (samples, mel spectrogram) of each sentence."""
        spoken = (item.audio.samples for item in make("voice", self.sentences, seed))
        return [(samples, NANO.of(samples)) for samples in spoken]

    def learn(self, model: keras.Model, data, seed: int) -> None:
        """Train on pieces that begin anywhere."""
        steps = max(1, self.pieces_seen // self.batch_size)
        learn(model, data, Settings.of(self, steps=steps, seed=seed), self.frames, self.sigma)

    def heldout_scores(self, model: keras.Model) -> tuple[float, ...]:
        """Return the periodicity where someone speaks, on as many parts of the held-out sentences as there are test seeds."""
        return self._each(lambda sound, mel: fidelity.speaker(model, self.spoken_sigma)(mel))

    def further_scores(self, model: keras.Model) -> dict[str, tuple[float, ...]]:
        """Measure the recordings themselves and Griffin-Lim alike."""
        return {
            "the recordings themselves": self._each(lambda sound, mel: sound),
            "the same spectrograms by Griffin-Lim": self._each(lambda sound, mel: NANO.griffin_lim(mel)),
        }

    def _each(self, way: Callable) -> tuple[float, ...]:
        sounds, sets = [item.audio.samples for item in corpus.recordings("voice_test")], len(self.test_seeds)
        parts = [sounds[number::sets] for number in range(sets)]
        return tuple(fidelity.measured(way, part, NANO).periodicity for part in parts)


def learn(
    model: keras.Model,
    spoken: list[tuple[np.ndarray, np.ndarray]],
    settings: Settings,
    frames: int,
    sigma: float = 1.0,
    sound: Mel = NANO,
    watch: Callable[[int, float], None] = lambda step, loss: None,
) -> History:
    """Train a WaveGlow, in place.

    Args:
        model: of the zoo's waveglow.
        spoken: (samples, mel spectrogram) of each recording; those shorter than a piece are left out.
        settings: how to train; its batches are of pieces.
        frames: of the mel spectrogram, in a piece.
        sigma: of the noise that sounds are to become.
        sound: how the spectrograms were made.
        watch: is called with the number of each update and its loss.

    Returns:
        The history; its losses are in nats a sample.
    """
    optimizer = optimizer_of(settings)
    optimizer.build(model.trainable_variables)
    step = _compiled_step(model, optimizer, settings, frames, sigma, sound)
    long = [(samples, mel) for samples, mel in spoken if len(samples) // sound.hop >= frames]
    rng, history = np.random.default_rng(settings.seed), History()
    for number, chosen in enumerate(updates(len(long), settings, rng), 1):
        samples, mel = pieces([long[i] for i in chosen], frames, sound.hop, rng)
        history.loss.append(float(step(tf.constant(samples), tf.constant(mel))))
        watch(number, history.loss[-1])
    return history


def pieces(
    spoken: list[tuple[np.ndarray, np.ndarray]], frames: int, hop: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Cut a piece out of each recording, beginning with any frame: (batch, frames * hop) and (batch, frames, mels)."""
    starts = [int(rng.integers(len(samples) // hop - frames + 1)) for samples, _ in spoken]
    cut = [
        (samples[start * hop : (start + frames) * hop], mel[start : start + frames])
        for start, (samples, mel) in zip(starts, spoken, strict=True)
    ]
    return tuple(np.stack(part) for part in zip(*cut, strict=True))


def negative_log_likelihood(noise, log_determinant, sigma: float = 1.0):
    """Say how unlikely sounds are, in nats a sample: how unlikely their noise is, less what the flow stretched.

    Args:
        noise: (batch, groups, group), what the flow made of them.
        log_determinant: (batch,), of the flow.
        sigma: of normal noise.

    Returns:
        One number, the mean over all samples.

    Source: arXiv 1811.00002, equation 9, with the constant that it leaves away.
    """
    count = ops.cast(ops.size(noise), "float32")
    squares = ops.sum(ops.square(noise)) / (2 * sigma**2)
    return (squares - ops.sum(log_determinant)) / count + float(np.log(sigma * np.sqrt(2 * np.pi)))


def _compiled_step(model, optimizer, settings, frames, sigma, sound) -> Callable:
    """Return one update, compiled for pieces of one size: XLA makes it half as long."""
    variables, batch = model.trainable_variables, settings.batch_size
    signature = [tf.TensorSpec((batch, frames * sound.hop)), tf.TensorSpec((batch, frames, sound.mels))]

    @tf.function(input_signature=signature, autograph=False, jit_compile=settings.jit_compile)
    def step(samples, mel):
        with tf.GradientTape() as tape:
            loss = negative_log_likelihood(*model([samples, mel], training=True), sigma)
        optimizer.apply(tape.gradient(loss, variables), variables)
        return loss

    return step
