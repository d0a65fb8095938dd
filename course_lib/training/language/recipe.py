"""How the nano GPT is pre-trained: Shakespeare's works, token by token."""

from dataclasses import dataclass
from typing import ClassVar

import keras
import numpy as np

from course_lib.text import corpora, tokenizer
from course_lib.training.fit import Settings
from course_lib.training.language.fit import TextTrainer, nats, windows
from course_lib.training.recipe import NanoRecipe


@dataclass(frozen=True)
class LanguageRecipe(NanoRecipe):
    """All works but three plays, in windows that begin at another token in each round.

    Attributes:
        tokens_seen: in all updates together.
        length: tokens of a training text.
        batch_size, learning_rate, warmup, weight_decay, clip_norm, jit_compile: see `Settings`.
    """

    measure: ClassVar[str] = "perplexity a token on three plays that no training saw"
    unit: ClassVar[str] = ""
    bits: int = 8
    tokens_seen: int = 16_000_000
    length: int = 128
    batch_size: int = 32
    learning_rate: float = 3e-3
    warmup: int = 200
    weight_decay: float = 0.1
    clip_norm: float = 1.0
    jit_compile: bool = False

    def data(self, seed: int) -> np.ndarray:
        """Read the works as one row of tokens, each with an end, in an order of this seed."""
        cut, works = tokenizer("shakespeare"), corpora.plays()
        order = np.random.default_rng(seed).permutation(len(works))
        return np.concatenate([[*cut.tokenize(works[i]), cut.end] for i in order]).astype(np.int32)

    def learn(self, model: keras.Model, data: np.ndarray, seed: int) -> None:
        """Train on windows of the works; they overlap by half, so that few tokens always stand at a beginning."""
        steps = max(1, self.tokens_seen // (self.batch_size * self.length))
        settings = Settings.of(self, steps=steps, seed=seed)
        inputs, targets = windows(data, self.length, self.length // 2)
        TextTrainer(model, settings, padded=False).fit([inputs], targets)

    def heldout_scores(self, model: keras.Model) -> tuple[float, ...]:
        """Return the perplexity of each held-out play."""
        return tuple(round(float(np.exp(value)), 4) for value, _ in self._measured(model))

    def further_scores(self, model: keras.Model) -> dict[str, tuple[float, ...]]:
        """Return the bits that a byte of these plays costs, of the eight that it takes as it stands."""
        bits = tuple(
            round(float(value / np.log(2) / length / 8), 4) for value, length in self._measured(model)
        )
        return {"size of these plays, compressed with it": bits}

    def _measured(self, model: keras.Model) -> list[tuple[float, float]]:
        """Return nats a token, and bytes a token, of each held-out play."""
        cut, found = tokenizer("shakespeare"), []
        for play in corpora.plays(held_out=True):
            numbers = np.array(cut.tokenize(play))
            found.append((nats(model, numbers, self.length), len(play.encode()) / len(numbers)))
        return found
