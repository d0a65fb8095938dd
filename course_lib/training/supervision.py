"""What do the masks teach the nano ViT that names alone do not? The measurement behind the end of lesson 10.

    python -m course_lib.training.supervision

trains the nano ViT by its own recipe, on a tenth of its pictures: once with the names of the objects alone, once with their
masks as well; and on all of them with the names alone (with the masks, that is the shipped network). The result is
data/experiments/supervision.json.
"""  # fmt: skip

import json

import keras
import numpy as np

from course_lib import build
from course_lib.data_dir import data_dir
from course_lib.files import write_text
from course_lib.training import recipes

SEED = 0
TAUGHT = {"names alone": 0.0, "names and masks": 1.0}  # the weight of the masks' loss
IMAGES_SEEN = {"names alone": (40_000, 400_000), "names and masks": (40_000,)}


def measure(mask_weight: float, images_seen: int) -> float:
    """Train the nano ViT from fresh weights.

    Args:
        mask_weight: of the masks' loss beside that of the names.
        images_seen: pictures in all updates together.

    Returns:
        The accuracy on held-out pictures, mean over the recipe's sets of them.
    """
    recipe = recipes.recipe("vit_nano").changed({"mask_weight": mask_weight, "images_seen": images_seen})
    keras.utils.set_random_seed(SEED)
    model = build("vit_nano")
    recipe.learn(model, recipe.data(SEED), SEED)
    return round(float(np.mean(recipe.heldout_scores(model))), 4)


def main() -> None:
    """Measure both and save the table."""
    table = {
        name: {str(seen): measure(weight, seen) for seen in IMAGES_SEEN[name]}
        for name, weight in TAUGHT.items()
    }
    path = data_dir() / "experiments" / "supervision.json"
    write_text(path, json.dumps({"recipe": {"seed": SEED}, "accuracy": table}, indent=2) + "\n")
    print(table)


if __name__ == "__main__":
    main()
