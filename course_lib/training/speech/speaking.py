"""How the nano Tacotron 2 learns to speak: each frame as if the true ones stood before it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from course_lib.media.sound.corpus import Recording, recordings
from course_lib.media.sound.spectra import QUIETEST, Mel
from course_lib.text import padded, tokenizer
from course_lib.text.spoken import written_out
from course_lib.training.fit import Settings, optimizer_of
from course_lib.training.language.fit import by_length
from course_lib.training.recipe import NanoRecipe
from course_lib.training.speech.spoken_scores import Score, another_sentence, score

IN_TIME = 0.1  # a sentence ends in time if it is this much shorter or longer than the recording, at most
STOP_WEIGHT = 5.0  # a sentence has one end, and a hundred steps that are none
GUIDE_WIDTH = 0.2  # how far off the diagonal attention costs nothing much, as a share of the text


@dataclass(frozen=True)
class Sentences:
    """Texts and spectrograms as a network takes them.

    Attributes:
        letters: (texts, longest) int32, padded by 0.
        mels: (frames, mels) float32 of each text.
    """

    letters: np.ndarray
    mels: Sequence[np.ndarray]

    @classmethod
    def of(cls, spoken: Sequence[Recording], sound: Mel) -> "Sentences":
        """Prepare recordings at the rate of `sound`."""
        cut = tokenizer("tacotron2")
        letters = padded([cut.tokenize(written_out(item.text)) for item in spoken])
        return cls(letters, [sound.of(item.audio.samples) for item in spoken])

    def batch(self, chosen: np.ndarray, frames_per_step: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return letters, spectrograms (texts, frames, mels) with silence behind them, and the steps of each text."""
        letters = self.letters[chosen]
        steps = np.array([-(-len(self.mels[i]) // frames_per_step) for i in chosen], np.int32)
        mel = np.full(
            (len(chosen), steps.max() * frames_per_step, self.mels[0].shape[1]), np.log(QUIETEST), np.float32
        )
        for row, i in zip(mel, chosen, strict=True):
            row[: len(self.mels[i])] = self.mels[i]
        return letters[:, : (letters != 0).sum(axis=1).max()], mel, steps


@dataclass(frozen=True)
class SpeakingRecipe(NanoRecipe):
    """Sentences of one synthetic voice.

    Attributes:
        sentences: different ones, of about two seconds.
        sentences_seen: in all updates together.
        guide: weight of the guided attention.
        batch_size, learning_rate, warmup, weight_decay, clip_norm, jit_compile: see `Settings`.
    """

    measure: ClassVar[str] = "held-out sentences that end in time"
    bits: int = 8
    sentences: int = 6_000
    sentences_seen: int = 272_000
    guide: float = 5.0
    batch_size: int = 32
    learning_rate: float = 2e-3
    warmup: int = 100
    weight_decay: float = 1e-6
    clip_norm: float = 1.0
    jit_compile: bool = False

    def data(self, seed: int) -> list[Recording]:
        """Let the synthesiser say the sentences of this seed."""
        from course_lib.training.speech.making import make

        return make("voice", self.sentences, seed)

    def learn(self, model: keras.Model, data: Sequence[Recording], seed: int) -> None:
        """Train on the recordings."""
        SpeakingTrainer(model, self.settings(seed), self.guide).fit(Sentences.of(data, _sound(model)))

    def settings(self, seed: int) -> Settings:
        """Return the recipe as the training loop's settings."""
        same = ("batch_size", "learning_rate", "warmup", "weight_decay", "clip_norm", "jit_compile")
        steps = max(1, self.sentences_seen // self.batch_size)
        return Settings(steps, seed=seed, **{name: getattr(self, name) for name in same})

    def heldout_scores(self, model: keras.Model) -> tuple[float, ...]:
        """Return the share of held-out sentences that end in time, for each third of them."""
        return tuple(round(float(np.mean([s.in_time for s in part])), 4) for part in self._thirds(model))

    def further_scores(self, model: keras.Model) -> dict[str, tuple[float, ...]]:
        """Measure whether the text was read in order and to its end, and how near the sound is to the recording."""
        names = {
            "letters that were read": "read",
            "steps that did not go back in the text": "forward",
            "length, of the recording's": "length",
            "distance from the recording, of that of another sentence": "decibels",
        }
        scales = dict.fromkeys(names.values(), 1.0) | {
            "decibels": another_sentence(recordings("voice_test"), _sound(model))
        }
        thirds = self._thirds(model)
        return {
            name: tuple(
                round(float(np.mean([getattr(s, field) for s in part])) / scales[field], 4) for part in thirds
            )
            for name, field in names.items()
        }

    def _thirds(self, model: keras.Model) -> list[list[Score]]:
        scores = score(model, recordings("voice_test"), _sound(model), IN_TIME)
        return [scores[i :: len(self.test_seeds)] for i in range(len(self.test_seeds))]


class SpeakingTrainer:
    """A Tacotron 2 with its compiled update."""

    def __init__(self, model: keras.Model, settings: Settings, guide: float = 5.0):
        """Get ready to train.

        Args:
            model: of the zoo's tacotron2.
            settings: how to train; its batches are of sentences.
            guide: weight of the guided attention, 0 for none.
        """
        self.model, self.settings, self.guide = model, settings, guide
        self.frames_per_step = model.get_layer("decoder").frames_per_step
        self._optimizer = optimizer_of(settings)
        self._optimizer.build(model.trainable_variables)
        self._step = self._compiled_step()

    def fit(self, sentences: Sentences, watch: Callable[[int], None] | None = None) -> np.ndarray:
        """Train the model from its present weights, in place.

        Args:
            sentences: to learn from.
            watch: called with the number of updates before the first and after each.

        Returns:
            (updates, 4) float32: the error of the spectrogram before and after the post-net, of the stop, of the guide.
        """
        rng, found = np.random.default_rng(self.settings.seed), []
        order = by_length(np.array([len(mel) for mel in sentences.mels]))
        for count, chosen in enumerate(order(len(sentences.mels), self.settings, rng)):
            if watch:
                watch(count)
            found.append(self._step(*sentences.batch(chosen, self.frames_per_step)))
        if watch:
            watch(len(found))
        return np.array(found, np.float32)

    def _compiled_step(self) -> Callable:
        model, variables = self.model, self.model.trainable_variables

        @tf.function(input_signature=_given(model), autograph=False, jit_compile=self.settings.jit_compile)
        def step(letters, mel, steps):
            with tf.GradientTape() as tape:
                written = model({"letters": letters, "mel": mel}, training=True)
                errors = losses(written, letters, mel, steps)
                loss = sum(errors[:3]) + self.guide * errors[3]
            self._optimizer.apply(tape.gradient(loss, variables), variables)
            return tf.stack(errors)

        return step


def led_along(model: keras.Model, sentences: Sentences, batch_size: int = 32) -> list[np.ndarray]:
    """Let a voice write sentences as in training, each step as if the true ones stood before it: so it keeps their time.

    Args:
        model: of the zoo's tacotron2.
        sentences: texts, and their spectrograms.
        batch_size: sentences at a time.

    Returns:
        The spectrogram (frames, mels) of each, as long as the true one.
    """
    write = tf.function(lambda letters, mel: model({"letters": letters, "mel": mel}, training=False)["mel"],
                        input_signature=_given(model)[:2], autograph=False)  # fmt: skip
    lengths, frames = [len(mel) for mel in sentences.mels], model.get_layer("decoder").frames_per_step
    order, found = np.argsort(lengths, kind="stable"), {}  # by length: little is padded
    for start in range(0, len(order), batch_size):
        chosen = order[start : start + batch_size]
        letters, mel, _ = sentences.batch(chosen, frames)
        found |= dict(zip(chosen, write(letters, mel).numpy(), strict=True))
    return [found[i][:length] for i, length in enumerate(lengths)]


def losses(written: dict, letters, mel, steps) -> list:
    """Return what is wrong with spectrograms that were written under teacher forcing.

    Args:
        written: the model's outputs.
        letters: (texts, letters) int32.
        mel: (texts, frames, mels), the true ones.
        steps: (texts,) int32, how many steps of each text are real.

    Returns:
        Four scalars: the mean squared error before and after the post-net, the cross entropy of the stop, and the attention off
        the diagonal.

    Source: arXiv 1712.05884, section 2.2; guided attention: arXiv 1710.08969, section 4.1.
    """
    count = ops.shape(written["stop"])[1]
    places = ops.arange(count, dtype="int32")[None]
    real = ops.cast(places < steps[:, None], "float32")  # (texts, steps)
    frames = ops.repeat(real, ops.shape(mel)[1] // count, axis=1)[..., None]
    size = ops.sum(frames) * mel.shape[-1]
    squared = [ops.sum(frames * (written[name] - mel) ** 2) / size for name in ("before", "mel")]
    last = ops.cast(ops.equal(places, steps[:, None] - 1), "float32")
    stop = ops.relu(written["stop"]) - written["stop"] * last + ops.softplus(-ops.abs(written["stop"]))
    stop = ops.sum(stop * real * (1 + (STOP_WEIGHT - 1) * last)) / ops.sum(real)
    aside = ops.sum(written["alignment"] * _off_diagonal(letters, steps, count), -1)
    return [*squared, stop, ops.sum(aside * real) / ops.sum(real)]


def _given(model: keras.Model) -> list[tf.TensorSpec]:
    """Letters, spectrograms, and the steps of each text."""
    mels = model.get_layer("decoder").mels
    return [
        tf.TensorSpec((None, None), tf.int32),
        tf.TensorSpec((None, None, mels)),
        tf.TensorSpec((None,), tf.int32),
    ]


def _off_diagonal(letters, steps, count):
    """(texts, steps, letters): 0 where a letter is read just when it should be if all took equally long, else up to 1."""
    known = ops.sum(ops.cast(letters != 0, "float32"), -1)[:, None, None]
    letter = ops.arange(ops.shape(letters)[1], dtype="float32")[None, None] / known
    step = ops.arange(count, dtype="float32")[None, :, None] / ops.cast(steps, "float32")[:, None, None]
    return 1 - ops.exp(-((letter - step) ** 2) / (2 * GUIDE_WIDTH**2))


def _sound(model: keras.Model) -> Mel:
    """Return how the spectrograms of a nano model are made."""
    from course_lib.zoo.tacotron2 import CONFIGS

    return CONFIGS["tacotron2_nano"].sound
