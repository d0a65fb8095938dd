"""How few numbers must move, if the nano GPT shall leave Shakespeare for Python's manual? Lesson 21 draws what this measured.

`python -m course_lib.training.language.ranks` tries all ways on one thread and writes data/experiments/ranks.json. It needs
`course fetch shakespeare`, to ask what is forgotten.
"""

import itertools
import json
import re
import sys
import time
from dataclasses import dataclass, replace

import keras
import numpy as np

from course_lib.data_dir import data_dir
from course_lib.files import write_text
from course_lib.loading import open_pretrained
from course_lib.text import corpora
from course_lib.training.language.finetuning import TextPlan, copied, learn_text
from course_lib.training.language.fit import nats
from course_lib.training.language.lora import ATTENTION, add_lora, trained_parameters

MODEL = "gpt_nano"
DRAWS = (0, 1, 2)
RATES = (1e-3, 3e-3, 1e-2, 3e-2)
PLAN = TextPlan(steps=60, batch_size=16, length=64, warmup=6)
ASKED = 3_000  # tokens of each text that the perplexity is measured on


@dataclass(frozen=True)
class Way:
    """Which numbers move.

    Attributes:
        layers: a regular expression for the paths of dense layers that get LoRA; without a rank, of variables.
        rank: of LoRA; 0 for none.
    """

    layers: str
    rank: int = 0


WAYS = {
    "LoRA, rank 1": Way(ATTENTION, 1),
    "LoRA, rank 4": Way(ATTENTION, 4),
    "LoRA, rank 16": Way(ATTENTION, 16),
    "LoRA, rank 4, all matrices": Way(r"block.*", 4),
    "biases and norms": Way(r".*/(bias|gamma|beta)"),
    "words alone": Way(r"words/.*"),
    "everything": Way(r".*"),
}


def prepared(model: keras.Model, way: Way, seed: int = 0) -> keras.Model:
    """Return a copy of a network in which only what the way says can be trained."""
    copy = copied(model)
    if way.rank:
        add_lora(copy, way.rank, way.layers, seed)
        return copy
    for variable in copy.variables:
        variable.trainable = bool(re.fullmatch(way.layers, variable.path))
    return copy


def texts(cut) -> dict[str, np.ndarray]:
    """Return tokens: of the manual to learn from, for the choice of the rate, and held out; and of a held-out play."""
    manual, held_out = corpora.manual()
    split = len(manual) * 9 // 10
    return {
        "train": np.array(cut(manual[:split])),
        "validation": np.array(cut(manual[split:]))[:ASKED],
        "manual": np.array(cut(held_out))[:ASKED],
        "Shakespeare": np.array(cut(corpora.plays(held_out=True)[0]))[:ASKED],
    }


def measured(model: keras.Model, way: Way, rate: float, draw: int, given: dict, asked) -> dict:
    """Train once; return the perplexity a token on each text that is asked about, and what it took."""
    network = prepared(model, way, seed=draw)
    began = time.process_time()
    learn_text(network, given["train"], replace(PLAN, learning_rate=rate, seed=draw))
    seconds = time.process_time() - began
    found = {name: round(float(np.exp(nats(network, given[name], PLAN.length))), 2) for name in asked}
    return {**found, "rate": rate, "seconds": round(seconds, 1), "trained": trained_parameters(network)}


def main() -> None:
    """Choose each way's rate by validation, then measure its draws; write after each run what is there so far."""
    pretrained = open_pretrained(MODEL, "nano")
    model, given = pretrained.model, texts(pretrained.tokenizer.tokenize)
    path = data_dir() / "experiments" / "ranks.json"
    names = ("manual", "Shakespeare")
    before = {name: round(float(np.exp(nats(model, given[name], PLAN.length))), 2) for name in names}
    found = {"before": before, "steps": PLAN.steps, "rates": {}, "ways": {}}
    for name, rate in itertools.product(WAYS, RATES):
        tried = found["rates"].setdefault(name, {})
        tried[str(rate)] = measured(model, WAYS[name], rate, DRAWS[0], given, ["validation", *names])
        print(name, tried[str(rate)], file=sys.stderr)
        write_text(path, json.dumps(found, indent=1) + "\n")
    for draw, name in itertools.product(DRAWS, WAYS):
        tried = found["rates"][name]
        best = min(tried, key=lambda rate: tried[rate]["validation"])
        run = (
            tried[best] if draw == DRAWS[0] else measured(model, WAYS[name], float(best), draw, given, names)
        )
        found["ways"].setdefault(name, []).append(run)
        print(name, run, file=sys.stderr)
        write_text(path, json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
