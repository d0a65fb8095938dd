"""What do the masks teach the nano ViT that names alone do not? The measurement behind the end of lesson 10.

    python -m course_lib.training.supervision

trains the nano ViT by its own recipe, on a tenth of its pictures: with the names of the objects alone, and with their masks
as well; and on all of them with the names alone (with the masks, that is the shipped network). The result is
data/experiments/supervision.json.
"""  # fmt: skip

import json
import sys

import keras
import numpy as np
from tqdm import tqdm

from course_lib import build
from course_lib.data_dir import data_dir
from course_lib.files import write_text
from course_lib.training import recipes

TAUGHT = {"names alone": 0.0, "names and masks": 1.0}  # the weight of the masks' loss
TENTH, ALL = 40_000, 400_000  # pictures in all updates together
RUNS = [
    ("names alone", TENTH, (0, 1, 2)),
    ("names and masks", TENTH, (0, 1, 2)),
    ("names alone", ALL, (0, 1)),
]


def measure(taught: str, images_seen: int, seed: int) -> float:
    """Train the nano ViT from fresh weights.

    Args:
        taught: a key of TAUGHT.
        images_seen: pictures in all updates together.
        seed: of the weights, the pictures and their order.

    Returns:
        The accuracy on held-out pictures, mean over the recipe's sets of them.
    """
    recipe = recipes.recipe("vit_nano").changed({"mask_weight": TAUGHT[taught], "images_seen": images_seen})
    keras.utils.set_random_seed(seed)
    model = build("vit_nano")
    recipe.learn(model, recipe.data(seed), seed)
    return round(float(np.mean(recipe.heldout_scores(model))), 4)


def main() -> None:
    """Measure each run and save the table after it; what the table knows is not measured again."""
    path = data_dir() / "experiments" / "supervision.json"
    table = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    runs = [(taught, seen, seed) for taught, seen, seeds in RUNS for seed in seeds]
    for taught, seen, seed in tqdm(runs, "runs", file=sys.stderr):
        scores = table.setdefault(taught, {}).setdefault(str(seen), {})
        scores[str(seed)] = scores.get(str(seed)) or measure(taught, seen, seed)
        write_text(path, json.dumps(table, indent=2) + "\n")
        print(f"{taught}, {seen} pictures, seed {seed}: {scores[str(seed)]}")


if __name__ == "__main__":
    main()
