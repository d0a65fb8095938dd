"""How the nano T5 is pre-trained: eight tasks in one network, told by their prefixes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import keras
import numpy as np

from course_lib.decoding.choosing import Greedy
from course_lib.decoding.generating import generate_rows
from course_lib.media.text_tasks import PREFIXES, TASKS, make_pairs
from course_lib.text import padded, tokenizer
from course_lib.training.fit import Settings
from course_lib.training.language.fit import TextTrainer, by_length
from course_lib.training.recipe import NanoRecipe
from course_lib.zoo.cached import Steps

LONGEST = 64  # tokens of an answer


@dataclass(frozen=True)
class TextToTextRecipe(NanoRecipe):
    """Questions of all tasks, each with its answer; which are kept for testing hangs on their letters.

    Attributes:
        pairs: different training questions, or nearly.
        pairs_seen: in all updates together.
        batch_size, learning_rate, warmup, weight_decay, clip_norm, jit_compile: see `Settings`.
        test_pairs: in each held-out set.
    """

    measure: ClassVar[str] = f"exact match on held-out questions of {len(PREFIXES)} tasks"
    bits: int = 8
    pairs: int = 400_000
    pairs_seen: int = 1_280_000
    batch_size: int = 64
    learning_rate: float = 3e-3
    warmup: int = 500
    weight_decay: float = 1e-2
    clip_norm: float = 1.0
    jit_compile: bool = False
    test_pairs: int = 800

    def data(self, seed: int) -> tuple[list[str], list[str]]:
        """Make the questions and answers of this seed."""
        return make_pairs(min(self.pairs, self.pairs_seen), seed=seed)

    def learn(self, model: keras.Model, data, seed: int) -> None:
        """Train on questions and answers."""
        learn(model, *data, self.settings(seed))

    def settings(self, seed: int) -> Settings:
        """Return the recipe as the training loop's settings."""
        return Settings.of(self, steps=max(1, self.pairs_seen // self.batch_size), seed=seed)

    def heldout_scores(self, model: keras.Model) -> tuple[float, ...]:
        """Return the share of answers that are right to the last letter, on each held-out set."""
        sets = (make_pairs(self.test_pairs, seed=seed, test=True, distinct=True) for seed in self.test_seeds)
        return tuple(round(exact_match(model, *pairs), 4) for pairs in sets)

    def further_scores(self, model: keras.Model) -> dict[str, tuple[float, ...]]:
        """Measure each task for itself, and all of them on questions longer than any in training."""
        count = self.test_pairs // len(PREFIXES)
        found = {
            f"{task.prefix}: {task.says}": self._each(model, count, [task.prefix], test=True)
            for task in TASKS.values()
        }
        return found | {
            "longer questions than any in training": self._each(model, self.test_pairs, longer=True)
        }

    def _each(self, model, count: int, tasks: Sequence[str] = PREFIXES, **which) -> tuple[float, ...]:
        sets = (make_pairs(count, tasks, seed=seed, distinct=True, **which) for seed in self.test_seeds)
        return tuple(round(exact_match(model, *pairs), 4) for pairs in sets)


def learn(model: keras.Model, questions: Sequence[str], answers: Sequence[str], settings: Settings) -> None:
    """Train a T5 of characters, in place.

    Args:
        model: of the zoo's t5.
        questions, answers: texts.
        settings: how to train.
    """
    letters = tokenizer("characters")
    answers = [letters.tokenize(answer) for answer in answers]
    sources = padded([letters.tokenize(question) for question in questions])
    learn_numbers(model, sources, answers, settings)


def learn_numbers(
    model: keras.Model, sources: np.ndarray, answers: Sequence[list[int]], settings: Settings
) -> None:
    """Train a T5, in place: `sources` (texts, tokens), padded by 0; `answers` are rows of token numbers without an end."""
    end = tokenizer("characters").end
    targets = padded([[*answer, end] for answer in answers])
    tokens = np.pad(targets[:, :-1], ((0, 0), (1, 0)))  # 0 starts an answer
    lengths = (sources != 0).sum(axis=1) + 2 * (targets != 0).sum(axis=1)  # the decoder takes longer
    TextTrainer(model, settings).fit([sources, tokens], targets, order=by_length(lengths))


def answers_of(model: keras.Model, questions: Sequence[str], batch_size: int = 200) -> list[str]:
    """Let a T5 of characters answer, each time with the likeliest next character."""
    letters, written = tokenizer("characters"), []
    encoder, steps = model.get_layer("encoder"), Steps(model.get_layer("decoder"))
    for start in range(0, len(questions), batch_size):
        sources = padded([letters.tokenize(question) for question in questions[start : start + batch_size]])
        reading = steps.remembering(np.asarray(encoder(sources, training=False)), sources)
        starts = np.full((len(sources), 1), letters.start, np.int32)
        rows = generate_rows(reading, starts, Greedy(), LONGEST, letters.end)
        written += [letters.detokenize(row) for row in rows]
    return written


def exact_match(model: keras.Model, questions: Sequence[str], answers: Sequence[str]) -> float:
    """Return the share of questions that a T5 of characters answers right to the last letter."""
    pairs = zip(answers_of(model, questions), answers, strict=True)
    return float(np.mean([found == answer for found, answer in pairs]))
