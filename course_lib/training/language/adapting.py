"""How few numbers must move, if a network of sentences shall tell praise from blame? Lesson 21 draws what this measured.

`python -m course_lib.training.language.adapting` measures all ways on one thread, and writes data/experiments/adapting.json
after each. It needs `course fetch minilm_l6 sentiment`.
"""

import itertools
import json
import sys
import time
from dataclasses import dataclass

import keras
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from course_lib.data_dir import data_dir
from course_lib.files import write_text
from course_lib.loading import open_pretrained
from course_lib.tasks.base import compiled
from course_lib.text import padded
from course_lib.text.ratings import rated_sentences
from course_lib.training.fit import Settings, Trainer
from course_lib.training.language.lora import add_lora, restart, trained_parameters
from course_lib.training.probe import Probe, linear_probe

DRAWS = (0, 1, 2)
SIZES = {200: 4, 1_000: 2}  # sentences to learn from -> how often each is seen
RATES = {"LoRA": (1e-3, 3e-3, 1e-2), "full fine-tuning": (3e-5, 1e-4, 3e-4)}
RANK, BATCH, LONGEST = 8, 16, 40
VALIDATION, TEST = 300, 600


@dataclass(frozen=True)
class Sentences:
    """Sentences to learn from or to be asked about.

    Attributes:
        texts: as they were written.
        tokens: (n, LONGEST) int32; of longer ones the rest is cut off.
        labels: (n,), 1 for praise.
    """

    texts: list[str]
    tokens: np.ndarray
    labels: np.ndarray

    def drawn(self, n: int, seed: int) -> "Sentences":
        """Draw n of them."""
        chosen = np.random.default_rng(seed).permutation(len(self.texts))[:n]
        return Sentences([self.texts[i] for i in chosen], self.tokens[chosen], self.labels[chosen])


def sentences(part: str, encoder) -> Sentences:
    """Read a part of the rated sentences."""
    found = rated_sentences(part)
    rows = [encoder.tokens(sentence.text) for sentence in found]
    rows = [row if len(row) <= LONGEST else [*row[: LONGEST - 1], row[-1]] for row in rows]
    labels = np.array([sentence.positive for sentence in found], int)
    return Sentences([sentence.text for sentence in found], padded(rows, LONGEST), labels)


def trimmed(tokens: np.ndarray) -> np.ndarray:
    """Leave out the places at which all sentences of a batch have ended."""
    return tokens[:, : (tokens != 0).sum(axis=1).max()]


def in_batches(function, asked: Sentences) -> np.ndarray:
    """Run a compiled network over sentences, batch by batch."""
    starts = range(0, len(asked.tokens), BATCH)
    return np.concatenate([function(trimmed(asked.tokens[start : start + BATCH])) for start in starts])


def bag_of_words(train: Sentences, test: Sentences) -> dict:
    """Count words and pairs of words, in a classifier of its own; how strongly it is held back, cross-validation says."""
    started = time.process_time()
    classifier = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression())
    search = GridSearchCV(classifier, {"logisticregression__C": [1, 10, 100]}, cv=3)
    search.fit(train.texts, train.labels)
    seconds = time.process_time() - started
    numbers = search.best_estimator_[-1].coef_.size + 1
    return _result(search.score(test.texts, test.labels), seconds, numbers)


def frozen(vectors, train: Sentences, test: Sentences) -> tuple[dict, Probe]:
    """Train a linear classifier on the vectors of a network that stays as it is."""
    started = time.process_time()
    probe = linear_probe(in_batches(vectors, train), train.labels)
    seconds = time.process_time() - started
    score = probe.accuracy(in_batches(vectors, test), test.labels)
    return _result(score, seconds, probe.kernel.size + probe.bias.size), probe


class Tuned:
    """A network with a head that can be trained from the same beginning again and again."""

    def __init__(self, way: str):
        encoder = open_pretrained("minilm_l6").model
        if way == "LoRA":
            add_lora(encoder, RANK)
        self.model = keras.Model(encoder.input, keras.layers.Dense(2, name="head")(encoder.output))
        self._first, self._answers = self.model.get_weights(), compiled(self.model)

    def learn(self, probe: Probe, train: Sentences, rate: float, seed: int) -> dict:
        """Train from the probe on, and tell what it took."""
        self.model.set_weights(self._first)
        restart(self.model, seed)
        self.model.get_layer("head").set_weights([probe.kernel, probe.bias])
        steps = SIZES[len(train.texts)] * len(train.texts) // BATCH
        settings = Settings(steps, BATCH, rate, warmup=steps // 10, seed=seed, frozen_statistics=True)
        started = time.process_time()
        Trainer(self.model, settings, trimmed).fit(train.tokens, train.labels)
        return {"seconds": time.process_time() - started, "trained": trained_parameters(self.model)}

    def accuracy(self, asked: Sentences) -> float:
        """Return the part of the sentences that it judges rightly."""
        logits = in_batches(self._answers, asked)
        return float((logits.argmax(axis=1) == asked.labels).mean())


def tuned(network: Tuned, probe: Probe, train, validation, test, seed: int, rates) -> dict:
    """Train at each rate; the one that validation likes best is asked about the test sentences."""
    tried = {}
    for rate in rates:
        told = network.learn(probe, train, rate, seed)
        liked = network.accuracy(validation) if len(rates) > 1 else 1.0
        if liked > max(tried.values(), default=-1.0):
            best = {**_result(network.accuracy(test), told["seconds"], told["trained"]), "rate": rate}
        tried[rate] = round(liked, 4)
        print(f"  rate {rate}: {tried[rate]}", file=sys.stderr)
    return {**best, "validation": tried} if len(rates) > 1 else best


def run() -> None:
    """Measure all ways; what the file has already is not measured again."""
    path = data_dir() / "experiments" / "adapting.json"
    encoder = open_pretrained("minilm_l6")
    train, validation, test = (sentences(part, encoder) for part in ("train", "validation", "held out"))
    validation, test = validation.drawn(VALIDATION, 0), test.drawn(TEST, 0)
    networks, vectors = {way: Tuned(way) for way in RATES}, compiled(encoder.model)
    found = (
        json.loads(path.read_text()) if path.is_file() else {"test sentences": TEST, "rank": RANK, "ways": {}}
    )
    for draw, size in itertools.product(DRAWS, SIZES):
        if any(len(sizes.get(str(size), ())) > draw for sizes in found["ways"].values()):
            continue
        drawn = train.drawn(size, 100 + draw)
        result, probe = frozen(vectors, drawn, test)
        results = {"bag of words": bag_of_words(drawn, test), "frozen features": result}
        for way, network in networks.items():
            chosen = found["ways"].get(way, {}).get(str(min(SIZES)))  # all rates at first, then the best one
            rates = (chosen[0]["rate"],) if chosen else RATES[way]
            results[way] = tuned(network, probe, drawn, validation, test, draw, rates)
        for way, result in results.items():
            found["ways"].setdefault(way, {}).setdefault(str(size), []).append(result)
            print(way, size, draw, result, file=sys.stderr)
        write_text(path, json.dumps(found, indent=1) + "\n")


def _result(score: float, seconds: float, trained: int) -> dict:
    return {"accuracy": round(float(score), 4), "seconds": round(seconds, 1), "trained": int(trained)}


if __name__ == "__main__":
    run()
