"""Measures all methods.

    python -m course_lib.training.semi_supervised

trains a small network on scikit-learn's handwritten digits by each of CHOICES, with several draws of the labels. What a
method leaves open is chosen on validation pictures, with draws of their own; the test pictures are looked at once, at the
end. The result is data/experiments/semi_supervised.json, which the lesson draws. It takes some minutes on one core.
"""  # fmt: skip

import itertools
import json
import sys
from dataclasses import asdict, replace

import numpy as np
from tqdm import tqdm

from course_lib.data_dir import data_dir
from course_lib.files import write_text
from course_lib.training.semi_supervised.methods import BATCH, CLASSES, PER_CLASS, UPDATES, Lab, Plan, run

SEEDS, TUNING_SEEDS = (0, 1, 2, 3, 4), (100, 101, 102)

# What is tried for each method on the validation pictures.
CHOICES = {
    "supervised": {"rate": (0.02, 0.05, 0.1)},
    "supervised, with noise": {"rate": (0.02, 0.05, 0.1), "noise": (0.1, 0.2)},
    "pseudo-labels": {"rate": (0.05, 0.1), "threshold": (0.0, 0.7, 0.9)},
    "noisy student": {"noise": (0.1, 0.2), "rounds": (1, 3)},
    "meta pseudo labels": {"noise": (0.1, 0.2), "feedback": (0.3, 1.0, 3.0)},
}


def choose(method: str, lab: Lab, teacher_plan: Plan) -> Plan:
    """Try the choices of a method on draws that the result does not use; return what the validation pictures like best."""
    names, values = CHOICES[method].keys(), CHOICES[method].values()
    plans = [replace(Plan(), **dict(zip(names, some, strict=True))) for some in itertools.product(*values)]
    scores = [
        np.mean([run(method, plan, seed, lab, teacher_plan)[0] for seed in TUNING_SEEDS])
        for plan in tqdm(plans, method, file=sys.stderr, leave=False)
    ]
    return plans[int(np.argmax(scores))]


def main() -> None:
    """Choose, measure, and save the table."""
    lab = Lab()
    plans: dict[str, Plan] = {}
    for method in CHOICES:  # the second is every teacher's
        plans[method] = choose(method, lab, plans.get("supervised, with noise", Plan()))
        print(f"{method}: {plans[method]}")
    plans["meta pseudo labels, no feedback"] = replace(plans["meta pseudo labels"], feedback=0.0)
    table = {}
    for method, plan in plans.items():
        scores = [run(method, plan, seed, lab, plans["supervised, with noise"])[1] for seed in SEEDS]
        table[method] = {"plan": asdict(plan), "accuracy": [round(score, 4) for score in scores]}
        print(f"{method}: {np.mean(scores):.3f} {table[method]['accuracy']}")
    recipe = {"seeds": [*SEEDS], "labels": PER_CLASS * CLASSES, "updates": UPDATES, "batch": BATCH}
    path = data_dir() / "experiments" / "semi_supervised.json"
    write_text(path, json.dumps({"recipe": recipe, "methods": table}, indent=2) + "\n")


if __name__ == "__main__":
    main()
