"""What is a detector's pre-training worth, if thirty pictures show the new kind? Lesson 17 draws what this measured.

`python -m course_lib.training.detection.new_kind` measures all ways, and writes data/experiments/new_kind.json.
"""

import itertools
import time
from dataclasses import dataclass

import numpy as np

from course_lib.boxes import Boxes
from course_lib.media.scenes import make_scene
from course_lib.media.world import PRETRAIN_CLASSES
from course_lib.training.experiment import record

MODEL, KIND = "yolo_v8_nano", "rocket"
DRAWS = (0, 1, 2)
TEST_SEED, TEST_SCENES = 9101, 200


@dataclass(frozen=True)
class Way:
    """One way to learn the kind.

    Attributes:
        steps: updates, of 16 scenes each.
        knows: whether the network begins with what it was pre-trained for, or with random weights.
        scenes: how many there are to learn from.
    """

    steps: int
    knows: bool = True
    scenes: int = 30

    @property
    def settings(self) -> dict:
        """How to train: from random weights, as the nano was trained; else gently, with batch norm's averages kept."""
        rate, kept = (1e-3, True) if self.knows else (2e-3, False)
        return {"steps": self.steps, "learning_rate": rate, "frozen_statistics": kept, "recolour": True}


WAYS = {
    **{f"fine-tuned, {steps} steps": Way(steps) for steps in (25, 50, 100, 200)},
    **{f"from scratch, {steps} steps": Way(steps, knows=False) for steps in (100, 400)},
    "from scratch, 400 steps, 300 scenes": Way(400, knows=False, scenes=300),
}


def scenes_with(kind: str, n: int, seed: int) -> tuple[np.ndarray, list[Boxes]]:
    """Paint scenes of all kinds in which one more kind appears, and alone is labelled.

    Args:
        kind: a name from world.HELDOUT_CLASSES.
        n: how many scenes.
        seed: of another seed, none is the same.

    Returns:
        Scenes (n, 96, 96, 3) uint8; and for each the boxes of that kind alone, with label 0.
    """
    images, boxes = [], []
    for index in itertools.count():
        if len(images) == n:
            return np.stack(images), boxes
        image, found = make_scene((kind, *PRETRAIN_CLASSES), seed=seed, index=index)
        wanted = found[found.labels == 0]
        if len(wanted):
            images.append(image)
            boxes.append(wanted)


def measured(way: Way, draw: int, test: tuple[np.ndarray, list[Boxes]]) -> dict:
    """Train once.

    Args:
        way: how.
        draw: of the training scenes, the first weights and the order.
        test: other scenes and their boxes.

    Returns:
        "map50" and "map" on the test's scenes, 0 to 1, and the processor's "seconds".
    """
    import keras

    from course_lib.loading import open_pretrained
    from course_lib.training.detection.finetuning import finetune_detector
    from course_lib.training.detection.recipe import score

    keras.utils.set_random_seed(draw)
    start = open_pretrained(MODEL, "nano" if way.knows else None)
    data = scenes_with(KIND, way.scenes, seed=100 + draw)
    began = time.process_time()
    tuned = finetune_detector(start, data, class_names=[KIND], seed=draw, **way.settings)
    seconds = time.process_time() - began
    scores = score(tuned.model, *test, 1)
    return {"map50": round(scores.map50, 4), "map": round(scores.map, 4), "seconds": round(seconds, 1)}


if __name__ == "__main__":
    held_out = scenes_with(KIND, TEST_SCENES, TEST_SEED)
    record("new_kind", WAYS, DRAWS, lambda way, draw: measured(way, draw, held_out))
