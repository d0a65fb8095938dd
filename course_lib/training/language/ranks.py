"""How few numbers must move, if the nano GPT shall leave Shakespeare for Python's manual? Lesson 21 draws what this measured.

`python -m course_lib.training.language.ranks` tries all ways on one thread and writes data/experiments/ranks.json. It needs
`course fetch shakespeare`, to ask what is forgotten.
"""

import json
import re
import sys
import time
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from course_lib.data_dir import data_dir
from course_lib.files import write_text
from course_lib.loading import open_pretrained
from course_lib.text import corpora
from course_lib.training.fit import Settings
from course_lib.training.language.finetuning import copied
from course_lib.training.language.fit import TextTrainer, next_token_loss, windows
from course_lib.training.language.lora import ATTENTION, add_lora, restart, trained_parameters

MODEL = "gpt_nano"
DRAWS = (0, 1)
RATES = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
PLAN = {"steps": 60, "batch_size": 16, "warmup": 6}
LENGTH = 64  # tokens of a piece
ASKED, ASKED_TOKENS = ("validation", "manual", "Shakespeare"), 48 * LENGTH + 1


@dataclass(frozen=True)
class Way:
    """Which numbers move.

    Attributes:
        layers: a regular expression for the paths of dense layers that get LoRA; without a rank, of variables.
        rank: of LoRA; 0 for none.
        rates: to choose from.
    """

    layers: str
    rank: int = 0
    rates: tuple[float, ...] = RATES[1:]


WAYS = {
    "LoRA, rank 4": Way(ATTENTION, 4),
    "everything": Way(r".*", rates=RATES[:-1]),
    "LoRA, rank 1": Way(ATTENTION, 1),
    "biases and norms": Way(r".*/(bias|gamma|beta)"),
    "LoRA, rank 16": Way(ATTENTION, 16),
    "words alone": Way(r"words/.*"),
    "LoRA, rank 4, all matrices": Way(r"block.*", 4),
}


def prepared(model: keras.Model, way: Way, seed: int = 0) -> keras.Model:
    """Return a copy of a network in which only what the way says can be trained."""
    copy = copied(model)
    if way.rank:
        add_lora(copy, way.rank, way.layers, seed)
        return copy
    for variable in copy.variables:
        variable.trainable &= bool(re.fullmatch(way.layers, variable.path))
    return copy


def texts(cut) -> dict[str, np.ndarray]:
    """Return tokens: of the manual to learn from, for the choice of the rate, and held out; and of a held-out play."""
    manual, held_out = corpora.manual()
    split = len(manual) * 9 // 10
    return {
        "train": np.array(cut(manual[:split])),
        "validation": np.array(cut(manual[split:]))[:ASKED_TOKENS],
        "manual": np.array(cut(held_out))[:ASKED_TOKENS],
        "Shakespeare": np.array(cut(corpora.plays(held_out=True)[0]))[:ASKED_TOKENS],
    }


class Learner:
    """A copy of a network that learns in one way, again and again from the same beginning."""

    def __init__(self, model: keras.Model, way: Way):
        self.network = prepared(model, way)
        self._first, self._rate = self.network.get_weights(), tf.Variable(0.0)
        # The rate is a variable, so that the update is compiled once for all rates.
        self._trainer = TextTrainer(self.network, Settings(learning_rate=self._rate, **PLAN))
        self._loss = tf.function(
            lambda x, y: next_token_loss(self.network(x, training=False), y), autograph=False
        )

    def learn(self, numbers: np.ndarray, rate: float, draw: int) -> dict:
        """Train from the beginning; return what it took."""
        self.network.set_weights(self._first)
        restart(self.network, draw)
        self._rate.assign(rate)
        began = time.process_time()
        inputs, targets = windows(numbers, LENGTH, LENGTH // 2)
        self._trainer.fit([inputs], targets, seed=draw)
        seconds = round(time.process_time() - began, 1)
        return {"rate": rate, "seconds": seconds, "trained": trained_parameters(self.network)}

    def perplexity(self, numbers: np.ndarray) -> float:
        """Return the perplexity a token."""
        return round(float(np.exp(self._loss(*windows(numbers, LENGTH)))), 2)


def main() -> None:
    """Choose each way's rate by validation, then measure its draws; what the file has already is not measured again."""
    pretrained, path = open_pretrained(MODEL, "nano"), data_dir() / "experiments" / "ranks.json"
    given = texts(pretrained.tokenizer.tokenize)
    found = (
        json.loads(path.read_text()) if path.is_file() else {"steps": PLAN["steps"], "rates": {}, "ways": {}}
    )
    for name, way in WAYS.items():
        if len(found["ways"].get(name, ())) == len(DRAWS):
            continue
        learner = Learner(pretrained.model, way)
        found["before"] = {part: learner.perplexity(given[part]) for part in ASKED}

        def run(rate, draw, name=name, learner=learner):
            told = learner.learn(given["train"], rate, draw)
            told |= {part: learner.perplexity(given[part]) for part in ASKED}
            print(name, draw, told, file=sys.stderr)
            return told

        tried = {str(rate): run(rate, DRAWS[0]) for rate in way.rates}
        best = min(tried.values(), key=lambda told: told["validation"])
        found["rates"][name] = tried
        found["ways"][name] = [best, *(run(best["rate"], draw) for draw in DRAWS[1:])]
        write_text(path, json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
