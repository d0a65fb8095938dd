"""Which dial should a network turn that may cost twice as much? The measurement behind lesson 09.

    python -m course_lib.training.scaling

trains a small EfficientNet, and four that cost about twice as much: wider, deeper, at a higher resolution, and a little
of each; every one with three seeds. The result is data/experiments/scaling.json, which the lesson draws.
"""  # fmt: skip

import json
import sys
from dataclasses import replace

import keras
from tqdm import tqdm

from course_lib.data_dir import data_dir
from course_lib.files import write_text
from course_lib.media.world import make_images
from course_lib.training.fit import Settings, Trainer, accuracy
from course_lib.weights.preprocess import Preprocess
from course_lib.zoo import efficientnet
from course_lib.zoo.cost import multiply_adds

SEEDS = (0, 1, 2)
IMAGES, IMAGES_SEEN = 30_000, 120_000
TEST_IMAGES, TEST_SEED = 2_000, 9001
BASE = replace(efficientnet.CONFIGS["efficientnet_nano"], width=0.75, depth=0.5)
# Each costs about twice the base; the exact ratio is measured and saved with the score.
DIALS = {
    "base": BASE,
    "wider": replace(BASE, width=1.3),
    "deeper": replace(BASE, depth=1.5),
    "higher resolution": replace(BASE, size=46),
    "a little of each": replace(BASE, width=0.9, depth=1.0, size=36),
}


def measure(config: efficientnet.EfficientNetConfig, seeds=SEEDS, images_seen: int = IMAGES_SEEN) -> dict:
    """Train one network from scratch with each seed, on the same pictures painted at its own size.

    Args:
        config: of the network.
        seeds: of the weights and the order of the pictures.
        images_seen: pictures in all updates together.

    Returns:
        Parameters, multiply-adds, and the accuracy on held-out pictures for each seed.
    """
    images, labels = make_images(min(IMAGES, images_seen), size=config.size, seed=0)
    held_out, truth = make_images(TEST_IMAGES, size=config.size, seed=TEST_SEED)
    prepare = Preprocess(config.size, "tf", 0)
    settings = Settings(images_seen // 64, warmup=200, mirror=True, recolour=True)
    scores = []
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        model = efficientnet.build(config)
        Trainer(model, settings, prepare).fit(images, labels, seed)
        scores.append(round(accuracy(model, held_out, truth, prepare), 4))
    return {"params": model.count_params(), "multiply_adds": multiply_adds(model), "accuracy": scores}


def main() -> None:
    """Measure every dial and save the table after each of them; what the table knows is not measured again."""
    path = data_dir() / "experiments" / "scaling.json"
    path.parent.mkdir(exist_ok=True)
    recipe = {"seeds": [*SEEDS], "images": IMAGES, "images_seen": IMAGES_SEEN, "test_images": TEST_IMAGES}
    known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    table = known["dials"] if known.get("recipe") == recipe else {}
    for name, config in tqdm(DIALS.items(), "dials", file=sys.stderr):
        table[name] = table.get(name) or measure(config)
        write_text(path, json.dumps({"recipe": recipe, "dials": table}, indent=2) + "\n")
        print(f"{name}: {table[name]}")


if __name__ == "__main__":
    main()
