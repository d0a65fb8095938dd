"""The measurement: nets of their own against a shared trunk, from scratch and after masked pre-training.

All ways see the same fifty labels of each modality, and make the same number of updates with batches of the same size.
"""

import json
import sys
from itertools import product

import numpy as np
from tqdm import tqdm

from course_lib.data_dir import data_dir
from course_lib.files import write_text
from course_lib.training.omnivec.data import COUNTS, HIDDEN, labelled, splits
from course_lib.training.omnivec.net import BATCH, Net
from course_lib.training.probe import linear_probe
from course_lib.zoo.omnivec import MODALITIES

SEEDS, EACH = (0, 1, 2), 5  # of the labels, weights and batches; labels of each digit
PRETRAINING, TASK = 1_000, 200  # updates; from scratch, both are spent on the task
RATES = (1e-3, 3e-3)  # the best pair is chosen on seed 0's validation part
SHARED = tuple(MODALITIES)
# name -> (whose trunk is pre-trained on hidden tokens, whose is trained on the task); None: from scratch
WAYS = {
    "alone, from scratch": (None, "alone"),
    "alone, pre-trained": ("alone", "alone"),
    "shared, from scratch": (None, "shared"),
    "shared, pre-trained": ("shared", "shared"),
    "pre-trained shared, then alone": ("shared", "alone"),
}


class Bench:
    """The four nets, each compiled once: one for each modality, and the one that they share."""

    def __init__(self):
        self._nets: dict[tuple[str, ...], Net] = {}
        self._pretrained: dict[tuple, list[np.ndarray]] = {}

    def net(self, modalities: tuple[str, ...]) -> Net:
        """Return the net of these modalities."""
        if modalities not in self._nets:
            self._nets[modalities] = Net(*modalities)
        return self._nets[modalities]

    def run(self, way: str, modalities: tuple[str, ...], rates: tuple[float, float], seed: int) -> Net:
        """Train one net in one way.

        Args:
            way: a key of WAYS.
            modalities: of the net that learns the task.
            rates: learning rates of the pre-training and of the task.
            seed: of labels, weights and batches.

        Returns:
            The net, trained.
        """
        before = WAYS[way][0]
        net = self.net(modalities)
        net.begin(seed)
        if before == "alone":
            self._pretrain(net, rates[0], seed)
        elif before == "shared":
            shared = self.net(SHARED)
            if net is not shared:
                shared.begin(seed)
            self._pretrain(shared, rates[0], seed)
            net.take(shared)
        examples = {name: labelled(name, seed, EACH) for name in modalities}
        net.train(examples, TASK if before else PRETRAINING + TASK, rates[1], seed)
        return net

    def _pretrain(self, net: Net, rate: float, seed: int) -> None:
        key = (net.config.modalities, rate, seed)
        if key not in self._pretrained:
            net.pretrain(PRETRAINING, rate, seed)
            self._pretrained[key] = net.model.get_weights()
        net.model.set_weights(self._pretrained[key])


def measure(bench: Bench, way: str, modalities: tuple[str, ...]) -> dict[str, dict]:
    """Choose learning rates on seed 0's validation part, then score every seed on the test part.

    Args:
        bench: the nets.
        way: a key of WAYS.
        modalities: of the net that learns the task.

    Returns:
        For each modality {"rates", "validation" (seed 0's, with these rates), "accuracy" (a test score a seed)}.
    """
    pairs = [*product(RATES, RATES)] if WAYS[way][0] else [(0.0, rate) for rate in RATES]
    tried = {pair: bench.run(way, modalities, pair, SEEDS[0]).score("validation") for pair in pairs}
    best = max(tried, key=lambda pair: sum(tried[pair].values()))
    scores = [bench.run(way, modalities, best, seed).score("test") for seed in SEEDS]
    return {
        name: {
            "rates": [rate for rate in best if rate],
            "validation": round(tried[best][name], 4),
            "accuracy": [round(score[name], 4) for score in scores],
        }
        for name in modalities
    }


def linear(modality: str) -> dict:
    """Score a linear probe of the bare inputs with the same labels: what a net has to beat."""
    scores = []
    for seed in SEEDS:
        few, test = labelled(modality, seed, EACH), splits(modality)["test"]
        probe = linear_probe(_flat(modality, few.inputs), few.labels)
        scores.append(round(probe.accuracy(_flat(modality, test.inputs), test.labels), 4))
    return {"accuracy": scores}


def main() -> None:
    """Measure every way, saving the table after each; what the table knows is not measured again."""
    path = data_dir() / "experiments" / "omnivec.json"
    path.parent.mkdir(exist_ok=True)
    known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    recipe = _recipe()
    ways = known["ways"] if known.get("recipe") == recipe else {}
    ways["linear, bare inputs"] = {name: linear(name) for name in SHARED}
    bench = Bench()
    for way in tqdm(WAYS, "ways", file=sys.stderr):
        nets = [SHARED] if WAYS[way][1] == "shared" else [(name,) for name in SHARED]
        if way not in ways:
            ways[way] = {k: row for net in nets for k, row in measure(bench, way, net).items()}
        write_text(path, json.dumps({"recipe": recipe, "ways": ways}, indent=2) + "\n")
        print(way, {name: row["accuracy"] for name, row in ways[way].items()}, flush=True)


def _recipe() -> dict:
    return {
        "seeds": [*SEEDS], "labels_each": EACH, "examples": COUNTS, "hidden": HIDDEN, "batch": BATCH,
        "pretraining_updates": PRETRAINING, "task_updates": TASK, "rates": [*RATES],
    }  # fmt: skip


def _flat(modality: str, inputs: np.ndarray) -> np.ndarray:
    """Write inputs as rows of numbers; a letter is one-hot."""
    kind = MODALITIES[modality]
    rows = np.eye(kind.values)[inputs] if kind.letters else inputs
    return rows.reshape(len(rows), -1)
