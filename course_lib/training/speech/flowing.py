"""How the nano WaveGlow is trained: first to make speech likely, then also to sound like it, at last also from a voice's hand.

Likelihood alone is what the paper trains by. A small network that has an hour gets no further with it than a hoarse voice:
each moment is right, and the periods do not match. So in a second round the flow also runs backwards, speaks from noise, and
is told how far the spectra of what it said lie from those of the recording. And what a voice writes is smoother than any
recording's spectrogram: in a third round, half of all pieces come with what the nano Tacotron 2 wrote of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar

import keras
import numpy as np
import tensorflow as tf

from course_lib.loading import open_pretrained
from course_lib.media.sound import corpus
from course_lib.media.sound.corpus import Recording
from course_lib.media.sound.spectra import NANO, Mel
from course_lib.training.fit import History, Settings, optimizer_of, updates
from course_lib.training.recipe import NanoRecipe
from course_lib.training.speech import fidelity
from course_lib.training.speech.flow_losses import negative_log_likelihood, spectral_difference
from course_lib.training.speech.making import make
from course_lib.training.speech.speaking import Sentences, led_along
from course_lib.zoo.waveglow import invert


@dataclass(frozen=True)
class FlowRecipe(NanoRecipe):
    """Pieces of sentences by one voice, each with its mel spectrogram.

    Attributes:
        sentences: different ones, of about two seconds.
        pieces_seen: in the first round, by likelihood alone.
        horizon: pieces over which a cosine would take the first round's learning rate to zero; it stops before.
        pieces_spoken: in the second round.
        second_rate: the second round's learning rate at its peak; a cosine takes it down to zero.
        spectral: weight of the spectra from the second round on, beside the likelihood in nats a sample.
        voice: a trained Tacotron 2 of the same voice, whose spectrograms the third round needs.
        pieces_written: in the third round, half of them with the recording's own spectrogram, half with the voice's.
        third_rate: the third round's learning rate at its peak.
        frames: of the mel spectrogram, in a piece.
        sigma: of the noise that the sounds are turned into.
        spoken_sigma: of the noise that sounds are made of.
        batch_size, learning_rate, warmup, weight_decay, clip_norm, jit_compile: see `Settings`.
    """

    measure: ClassVar[str] = "how periodic held-out speech still is when spoken from its mel spectrogram"
    bits: int = 8
    sentences: int = 3600
    pieces_seen: int = 37_000
    horizon: int = 104_000
    pieces_spoken: int = 36_000
    second_rate: float = 1e-3
    spectral: float = 2.0
    voice: str = "tacotron2_nano"
    pieces_written: int = 10_000
    third_rate: float = 5e-4
    frames: int = 48
    sigma: float = 1.0
    spoken_sigma: float = 0.6
    batch_size: int = 4
    learning_rate: float = 2e-3
    warmup: int = 200
    weight_decay: float = 0.0
    clip_norm: float = 5.0
    jit_compile: bool = True

    def data(self, seed: int) -> list[Recording]:
        """Let the synthesiser speak."""
        return make("voice", self.sentences, seed)

    def learn(self, model: keras.Model, data: Sequence[Recording], seed: int) -> None:
        """Train in three rounds, on pieces that begin anywhere."""
        spoken = [(item.audio.samples, NANO.of(item.audio.samples)) for item in data]
        for settings, stop, spectral in self.rounds(seed):
            listening = Listening(spectral, self.spoken_sigma) if spectral else None
            learn(model, spoken, settings, self.frames, self.sigma, listening=listening, stop=stop)
        if self.pieces_written:
            self.follow(model, data, seed)

    def rounds(self, seed: int) -> tuple[tuple[Settings, int, float], ...]:
        """Return for the first two rounds: settings, after how many updates it stops, and the weight of the spectra."""
        horizon, first, second = (
            max(1, pieces // self.batch_size)
            for pieces in (self.horizon, self.pieces_seen, self.pieces_spoken)
        )
        again = Settings.of(self, steps=second, learning_rate=self.second_rate, seed=seed + 1)
        return (Settings.of(self, steps=horizon, seed=seed), first, 0.0), (again, second, self.spectral)

    def follow(
        self, model: keras.Model, data: Sequence[Recording], seed: int, watch: Callable | None = None
    ) -> None:
        """Go on with the third round: also from spectrograms as the voice writes them.

        Args:
            model: after the first two rounds; in place.
            data: the recordings.
            seed: of the order of the pieces.
            watch: see `learn`.
        """
        sentences, sounds = Sentences.of(data, NANO), [item.audio.samples for item in data]
        written = led_along(open_pretrained(self.voice).model, sentences)
        both = [*zip(sounds, sentences.mels, strict=True), *zip(sounds, written, strict=True)]
        steps = max(1, self.pieces_written // self.batch_size)
        settings = Settings.of(self, steps=steps, learning_rate=self.third_rate, seed=seed + 2)
        listening = Listening(self.spectral, self.spoken_sigma)
        learn(model, both, settings, self.frames, self.sigma, listening=listening, watch=watch or _nothing)

    def heldout_scores(self, model: keras.Model) -> tuple[float, ...]:
        """Return the periodicity where someone speaks, on as many parts of the held-out sentences as there are test seeds."""
        say = fidelity.speaker(model, self.spoken_sigma)
        return self._each(lambda sound, mel: say(mel))

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


def _nothing(step: int, loss: float) -> None:
    pass


@dataclass(frozen=True)
class Listening:
    """That the flow also speaks while it learns: the weight of the spectra, and the sigma of the noise it speaks from."""

    weight: float
    sigma: float


def learn(
    model: keras.Model,
    spoken: list[tuple[np.ndarray, np.ndarray]],
    settings: Settings,
    frames: int,
    sigma: float = 1.0,
    sound: Mel = NANO,
    listening: Listening | None = None,
    stop: int | None = None,
    watch: Callable[[int, float], None] = _nothing,
) -> History:
    """Train a WaveGlow, in place.

    Args:
        model: of the zoo's waveglow.
        spoken: (samples, mel spectrogram) of each recording; those shorter than a piece are left out.
        settings: how to train; its batches are of pieces.
        frames: of the mel spectrogram, in a piece.
        sigma: of the noise that sounds are to become.
        sound: how the spectrograms were made.
        listening: let it speak as well, and compare the spectra.
        stop: after so many updates, where that is before the settings' last one.
        watch: is called with the number of each update and its loss.

    Returns:
        The history; its losses are in nats a sample, with the weighted distance of the spectra where it listens.
    """
    optimizer = optimizer_of(settings)
    optimizer.build(model.trainable_variables)
    step = _compiled_step(model, optimizer, settings, frames, sigma, sound, listening)
    long = [(samples, mel) for samples, mel in spoken if len(samples) // sound.hop >= frames]
    rng, history = np.random.default_rng(settings.seed), History()
    groups = (
        settings.batch_size,
        frames * sound.hop // model.outputs[0].shape[-1],
        model.outputs[0].shape[-1],
    )
    for number, chosen in islice(enumerate(updates(len(long), settings, rng), 1), stop):
        samples, mel = pieces([long[i] for i in chosen], frames, sound.hop, rng)
        noise = rng.standard_normal(groups if listening else (0, *groups[1:]), np.float32)
        history.loss.append(float(step(tf.constant(samples), tf.constant(mel), tf.constant(noise))))
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


def _compiled_step(model, optimizer, settings, frames, sigma, sound, listening) -> Callable:
    """Return one update, compiled for pieces of one size: XLA makes it half as long."""
    variables, batch, group = model.trainable_variables, settings.batch_size, model.outputs[0].shape[-1]
    signature = [tf.TensorSpec((batch, frames * sound.hop)), tf.TensorSpec((batch, frames, sound.mels))]
    spoken_of = batch if listening else 0
    signature.append(tf.TensorSpec((spoken_of, frames * sound.hop // group, group)))

    @tf.function(input_signature=signature, autograph=False, jit_compile=settings.jit_compile)
    def step(samples, mel, noise):
        with tf.GradientTape() as tape:
            loss = negative_log_likelihood(*model([samples, mel], training=True), sigma)
            if listening:
                spoken = invert(model, mel, listening.sigma * noise)
                loss += listening.weight * spectral_difference(spoken, samples)
        optimizer.apply(tape.gradient(loss, variables), variables)
        return loss

    return step
