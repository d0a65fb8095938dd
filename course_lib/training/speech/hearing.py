"""How the nano wav2vec 2.0 learned to hear, update by update.

`python -m course_lib.training.speech.hearing` trains it as its recipe does and writes data/experiments/hearing.json.
"""

import json

import keras
import numpy as np

from course_lib.data_dir import data_dir
from course_lib.files import write_text
from course_lib.training import recipes
from course_lib.training.speech.contrastive import Course
from course_lib.zoo import wav2vec2

MODEL = "wav2vec2_nano_pretrained"
EACH = 50  # updates that one number stands for


def thinned(course: Course, each: int = EACH) -> dict:
    """Return means over so many updates: "updates", "loss", "accuracy" and "codes", lists; and "seconds" in all."""
    count = len(course.loss) // each
    rows = {name: np.reshape(getattr(course, name)[: count * each], (count, each)).mean(axis=1)
            for name in ("loss", "accuracy", "codes")}  # fmt: skip
    means = {name: [round(float(value), 4) for value in row] for name, row in rows.items()}
    return {"updates": [each * (i + 1) for i in range(count)], **means, "seconds": round(course.seconds, 1)}


def main() -> None:
    """Train seed 0, and write down the course of it."""
    keras.utils.set_random_seed(0)
    model, recipe = wav2vec2.build(wav2vec2.CONFIGS[MODEL]), recipes.recipe(MODEL)
    course = recipe.course(model, recipe.data(0), 0)
    write_text(data_dir() / "experiments" / "hearing.json", json.dumps(thinned(course)) + "\n")


if __name__ == "__main__":
    main()
