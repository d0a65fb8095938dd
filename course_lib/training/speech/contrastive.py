"""How the nano wav2vec 2.0 is pre-trained: recordings without a word of text, and gaps to be guessed."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from course_lib.training.fit import Settings, optimizer_of
from course_lib.training.language.fit import by_length
from course_lib.training.recipe import NanoRecipe
from course_lib.zoo import wav2vec2
from course_lib.zoo.wav2vec2 import pretraining

STEP = 1600  # samples: recordings of a batch are cut to a multiple of this, so that few shapes come up


@dataclass(frozen=True)
class Task:
    """What the network has to guess.

    Attributes:
        share: of all frames at which a hidden span begins.
        span: frames of it.
        others: distractors beside the truth.
        diversity: weight of the loss that keeps all codes in use.
        hot, cold: temperatures of the draw of codes, at the first update and at the last.
    """

    share: float = 0.065
    span: int = 10
    others: int = 40
    diversity: float = 0.1
    hot: float = 2.0
    cold: float = 0.5


@dataclass
class Course:
    """How a pre-training went: for each update its loss, the share of gaps guessed right, and the codes in use."""

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    codes: list[float] = field(default_factory=list)
    seconds: float = 0.0


class ContrastiveTrainer:
    """A network for pre-training with its compiled update."""

    def __init__(self, model: keras.Model, config, settings: Settings, task: Task = Task()):
        """Get ready to train.

        Args:
            model: `zoo.wav2vec2.build(config)`, of a config without symbols.
            config: of the model.
            settings: how to train; its batches are of recordings.
            task: what is to be guessed.
        """
        self.model, self.config, self.settings, self.task = model, config, settings, task
        self._optimizer = optimizer_of(settings)
        self._optimizer.build(model.trainable_variables)
        self._step = _compiled_step(model, self._optimizer, task)

    def fit(self, inputs: Sequence[np.ndarray], watch: Callable[[int, Course], None] | None = None) -> Course:
        """Train the model from its present weights, in place.

        Args:
            inputs: recordings as the listener prepared them, (samples,) each; longer than two tenths of a second.
            watch: called after each update with its number, from 1, and the course so far.

        Returns:
            The course of it.
        """
        rng, course, began = np.random.default_rng(self.settings.seed), Course(), time.process_time()
        lengths = np.array([len(x) for x in inputs])
        orders = by_length(lengths)(len(inputs), self.settings, rng)
        for number, chosen in enumerate(orders, 1):
            batch = cut([inputs[i] for i in chosen], rng)
            heat = self.task.hot * (self.task.cold / self.task.hot) ** (number / self.settings.steps)
            found = self._step(*self._drawn(batch, rng), tf.constant(heat, tf.float32))
            for name, value in zip(("loss", "accuracy", "codes"), found, strict=True):
                getattr(course, name).append(float(value))
            course.seconds = time.process_time() - began
            if watch:
                watch(number, course)
        return course

    def _drawn(self, batch, rng):
        frames = wav2vec2.listener(self.config).frames(batch.shape[1])
        masks = pretraining.span_masks(len(batch), frames, rng, self.task.share, self.task.span)
        others = pretraining.distractors(masks, self.task.others, rng)
        shape = (*masks.shape, self.config.codebooks, self.config.codes)
        return [tf.constant(x) for x in (batch, masks, others, rng.random(shape, np.float32))]


def cut(rows: Sequence[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Cut recordings to the length of the shortest, each at a place by chance: (recordings, samples)."""
    length = min(len(row) for row in rows)
    length = max(STEP, length // STEP * STEP)
    starts = [rng.integers(len(row) - length + 1) for row in rows]
    return np.stack([row[start : start + length] for row, start in zip(rows, starts, strict=True)])


def guessed(
    model: keras.Model, config, inputs: Sequence[np.ndarray], seed: int = 0, task: Task = Task()
) -> tuple[float, float]:
    """Measure a pre-trained network: no draw, no dropout, each frame its likeliest codes.

    Args:
        model, config: as for `ContrastiveTrainer`.
        inputs: recordings as the listener prepared them.
        seed: of the gaps and the distractors.
        task: what is to be guessed.

    Returns:
        The share of hidden frames that are told from their distractors; and how many codes are in use.
    """
    rng, rights, counts, used = np.random.default_rng(seed), 0.0, 0, []
    forward = tf.function(lambda x, mask: model({"samples": x, "mask": mask}, training=False), autograph=False,
                          reduce_retracing=True)  # fmt: skip
    for samples in inputs:
        x = samples[None, : max(STEP, len(samples) // STEP * STEP)]
        masks = pretraining.span_masks(
            1, wav2vec2.listener(config).frames(x.shape[1]), rng, task.share, task.span
        )
        others = pretraining.distractors(masks, task.others, rng)
        found = forward(tf.constant(x), tf.constant(masks))
        chosen = ops.argmax(found["codes"], axis=-1)
        logits = pretraining.contrastive_logits(found["guesses"], found["targets"], chosen, others)
        rights += float(pretraining.contrastive_loss(logits, masks)[1]) * masks.sum()
        counts += masks.sum()
        used.append(np.asarray(chosen)[0])
    shares = ops.one_hot(np.concatenate(used), config.codes)[None]
    return rights / counts, float(pretraining.perplexity(shares))


def _compiled_step(model, optimizer, task):
    variables = model.trainable_variables
    inner = keras.Model(
        model.input, [model.get_layer("guesses").output, model.get_layer("code_logits").output]
    )
    book, project = model.get_layer("codebook"), model.get_layer("targets")

    @tf.function(autograph=False, reduce_retracing=True)
    def step(samples, masks, others, uniform, temperature):
        with tf.GradientTape() as tape:
            guesses, codes = inner({"samples": samples, "mask": masks}, training=True)
            shares = pretraining.gumbel_shares(codes, pretraining.gumbel_noise(uniform), temperature)
            chosen = ops.argmax(shares, axis=-1)
            logits = pretraining.contrastive_logits(guesses, project(book(shares)), chosen, others)
            loss, accuracy = pretraining.contrastive_loss(logits, masks)
            spread = pretraining.diversity_loss(ops.softmax(codes), masks)
            total = loss + task.diversity * spread
        optimizer.apply(tape.gradient(total, variables), variables)
        return loss, accuracy, pretraining.perplexity(shares, masks)

    return step


@dataclass(frozen=True)
class ContrastiveRecipe(NanoRecipe):
    """Many speakers, and nothing of what they say.

    Attributes:
        model_id: whose config says how the network listens.
        recordings: different training recordings, of about two seconds each.
        recordings_seen: in all updates together.
        batch_size, learning_rate, warmup, weight_decay, clip_norm: see `Settings`.
    """

    measure: ClassVar[str] = (
        "hidden frames told from 40 others of the same recording, speakers that no training hears"
    )
    bits: int = 8
    model_id: str = "wav2vec2_nano_pretrained"
    recordings: int = 6000
    recordings_seen: int = 40_000
    batch_size: int = 8
    learning_rate: float = 2e-3
    warmup: int = 300
    weight_decay: float = 1e-2
    clip_norm: float = 1.0

    def data(self, seed: int) -> list[np.ndarray]:
        """Let the synthesiser say sentences; their texts are thrown away."""
        from course_lib.training.speech.making import make

        listener = wav2vec2.listener(wav2vec2.CONFIGS[self.model_id])
        made = make("speakers", min(self.recordings, self.recordings_seen), seed)
        return [listener.prepare(recording.audio.samples) for recording in made]

    def learn(self, model: keras.Model, data: Sequence[np.ndarray], seed: int) -> None:
        """Guess gaps, and tell every 250 updates how it goes."""
        self.course(model, data, seed)

    def course(self, model: keras.Model, data: Sequence[np.ndarray], seed: int) -> Course:
        """Do the same, and return the course of it."""
        settings = Settings.of(self, steps=max(1, self.recordings_seen // self.batch_size), seed=seed)
        return ContrastiveTrainer(model, wav2vec2.CONFIGS[self.model_id], settings).fit(data, watch=tell)

    def heldout_scores(self, model: keras.Model) -> tuple[float, ...]:
        """Return the share of gaps that are guessed, with gaps of each test seed."""
        return tuple(found[0] for found in self._measured(model))

    def further_scores(self, model: keras.Model) -> dict[str, tuple[float, ...]]:
        """Return how much of the code books is in use."""
        codes = wav2vec2.CONFIGS[self.model_id]
        total = codes.codebooks * codes.codes
        return {"codes in use": tuple(round(found[1] / total, 4) for found in self._measured(model))}

    def _measured(self, model):
        from course_lib.media.sound.corpus import recordings

        config = wav2vec2.CONFIGS[self.model_id]
        listener = wav2vec2.listener(config)
        heard = [listener.prepare(recording.audio.samples) for recording in recordings("speakers_test")]
        found = [guessed(model, config, heard, seed) for seed in self.test_seeds]
        return [(round(accuracy, 4), codes) for accuracy, codes in found]


def tell(number: int, course: Course) -> None:
    """Print how a pre-training goes, every 250 updates."""
    if number % 250 == 0:
        loss, accuracy, codes = (np.mean(row[-100:]) for row in (course.loss, course.accuracy, course.codes))
        print(f"{number} updates, {course.seconds:.0f} s: {loss:.3f} nats, {accuracy:.3f} guessed, {codes:.1f} codes in use",
              flush=True)  # fmt: skip
