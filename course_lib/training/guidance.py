"""Does YOLOv9's auxiliary branch teach the rest of the network anything? The measurement behind lesson 18.

    python -m course_lib.training.guidance

trains the nano YOLOv9 on small scenes of three kinds of object, alone and guided by its auxiliary branch, with as many updates
and from the same weights. What is measured is the network without the branch, as it is used.
The result is data/experiments/guidance.json, which the lesson draws.
"""  # fmt: skip

import json
import sys
from dataclasses import replace
from functools import cache

import keras
from tqdm import tqdm

from course_lib.data_dir import data_dir
from course_lib.files import write_text
from course_lib.media.scenes import make_scenes
from course_lib.media.world import PRETRAIN_CLASSES
from course_lib.training.detection.fit import fit
from course_lib.training.detection.recipe import score
from course_lib.training.fit import Settings
from course_lib.training.pretrain import scale_of
from course_lib.zoo import yolo_v9

SEEDS = (0, 1)
KINDS = PRETRAIN_CLASSES[:3]
SIZE, IMAGES, TEST_IMAGES, TEST_SEED = 64, 2_000, 300, 9001
UPDATES, BATCH, RATE = 500, 32, 2e-3
ALONE, GUIDED = "alone", "guided"
WAYS = (ALONE, GUIDED)


@cache  # all ways learn from the same pictures
def scenes(n: int, seed: int) -> tuple:
    """Paint `n` small scenes of three kinds of object, with their true boxes."""
    return make_scenes(n, KINDS, SIZE, seed)


def network(auxiliary: bool) -> keras.Model:
    """Build the nano YOLOv9 for small scenes, with the auxiliary branch or without."""
    config = yolo_v9.CONFIGS["yolo_v9_nano"]
    return yolo_v9.build(replace(config, size=SIZE, classes=len(KINDS), auxiliary=auxiliary))


def measure(way: str, seed: int) -> dict[str, float]:
    """Train a network from fresh weights, and measure it on scenes that it has not seen.

    Args:
        way: one of WAYS.
        seed: of the weights, the scenes and their order.

    Returns:
        "map50" and "map", 0 to 1, of the network without its auxiliary branch.
    """
    keras.utils.set_random_seed(seed)  # the branch is built last: all ways begin with the same weights
    model = network(way == GUIDED)
    settings = Settings(UPDATES, BATCH, RATE, warmup=UPDATES // 10, clip_norm=10.0, mirror=True, seed=seed)
    fit(model, *scenes(IMAGES, seed), len(KINDS), settings, scale_of(model))
    used = keras.Model(model.inputs, model.output["head"]) if way == GUIDED else model
    scores = score(used, *scenes(TEST_IMAGES, TEST_SEED), len(KINDS))
    return {"map50": round(scores.map50, 4), "map": round(scores.map, 4)}


def main() -> None:
    """Measure each way with each seed and save the table after it; what the table knows is not measured again."""
    path = data_dir() / "experiments" / "guidance.json"
    table = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    for seed, way in tqdm([(seed, way) for seed in SEEDS for way in WAYS], "runs", file=sys.stderr):
        scores = table.setdefault(way, {})
        scores[str(seed)] = scores.get(str(seed)) or measure(way, seed)
        write_text(path, json.dumps(table, indent=2) + "\n")
        print(f"{way}, seed {seed}: {scores[str(seed)]}", flush=True)


if __name__ == "__main__":
    main()
