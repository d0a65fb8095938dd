"""Fine-tuning: the course's `finetune` beside what the Keras guides show, on the same folder and the same network.

Each way runs in a process of its own, `python -m benchmarks.tuning ours|naive FOLDER`, and prints its seconds, from
the folder to the trained network, and its accuracy on pictures that neither has seen. Importing is not counted.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.results import Section
from benchmarks.timing import Case

MODEL = "efficientnet_lite0"  # real weights that are always on board
CLASSES, TRAIN, TEST = 8, 2000, 400
SIDE = 256  # pixels of a JPEG
EPOCHS, BATCH = 5, 32
HELD_OUT = 0.2  # of the training pictures, in both ways
STEP = 16  # pictures in the full fine-tuning step


def frozen(turns: int) -> Section:
    """Time the frozen fine-tuning: ours for the first time, ours again, and Keras with the backbone in the loop."""
    rows = []
    with tempfile.TemporaryDirectory() as root:
        paint(Path(root))
        for _ in range(turns):
            with tempfile.TemporaryDirectory() as cache:
                ways = [("first", _run("ours", root, cache)), ("again", _run("ours", root, cache))]
            rows.append(dict(ways, naive=_run("naive", root, "")))
    note = (
        f"{MODEL} at 224 px, {TRAIN:,} JPEGs of {SIDE} px in {CLASSES} folders, a fifth held out; {EPOCHS} epochs in the loop; "
        f"the test pictures are {TEST} others. From the folder to the trained network, after the imports. {turns} "
        + ("turn" if turns == 1 else "turns")
        + ", one after the other: A A' B."
    )
    columns = ("what", "seconds", "naive's by it", "lowest to highest", "wanted", "test accuracy")
    return Section("Fine-tuning with a frozen backbone", note, columns, _rows(rows))


def _rows(turns: list[dict]) -> list[tuple[str, ...]]:
    names = {
        "first": "finetune, the first time",
        "again": "the same again",
        "naive": "naive Keras: the backbone in the loop",
    }
    wanted = {"first": 5, "again": 30}
    rows = []
    for way, name in names.items():
        ratios = sorted(turn["naive"]["seconds"] / turn[way]["seconds"] for turn in turns)
        seconds = sorted(turn[way]["seconds"] for turn in turns)
        median = ratios[len(ratios) // 2]
        limit = f"{wanted[way]}" + ("" if median >= wanted[way] else " missed") if way in wanted else ""
        accuracy = ", ".join(sorted({f"{turn[way]['accuracy']:.3f}" for turn in turns}))
        spread = f"{ratios[0]:.1f} to {ratios[-1]:.1f}" if way in wanted else ""
        rows.append(
            (
                name,
                f"{seconds[len(seconds) // 2]:.1f}",
                f"{median:.1f}" if way in wanted else "",
                spread,
                limit,
                accuracy,
            )
        )
    return rows


def _run(way: str, root: str, cache: str) -> dict:
    command = [sys.executable, "-m", "benchmarks.tuning", way, root]
    environment = {**os.environ, "COURSE_CACHE": cache or str(Path(root) / "unused")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{way}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def paint(root: Path) -> None:
    """Write the JPEGs, as people have them: train/CLASS/n.jpg and test/CLASS/n.jpg."""
    from PIL import Image

    from course_lib.media.world import PRETRAIN_CLASSES, make_images

    names = PRETRAIN_CLASSES[:CLASSES]
    for part, count, seed in (("train", TRAIN, 1), ("test", TEST, 2)):
        images, labels = make_images(count, names, SIDE, seed)
        for number, (image, label) in enumerate(zip(images, labels, strict=True)):
            folder = root / part / names[label]
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(folder / f"{number:05}.jpg", quality=90)


def ours(root: Path) -> dict:
    """Fine-tune with the course."""
    from course_lib import finetune
    from course_lib.loading import open_pretrained

    start = open_pretrained(MODEL)
    started = time.perf_counter()
    tuned = finetune(start, root / "train", validation_split=HELD_OUT, verbose=False)
    seconds = time.perf_counter() - started
    found = tuned.classify(root / "test", top=1)
    return {
        "seconds": seconds,
        "accuracy": sum(p[0].label == Path(p.name).parent.name for p in found) / len(found),
    }


def naive(root: Path) -> dict:
    """Fine-tune as the guides show it: a data set from the folder, the frozen backbone, a Dense, `fit`."""
    import keras

    from course_lib.loading import open_pretrained

    start = open_pretrained(MODEL)
    started = time.perf_counter()
    common = {"image_size": (224, 224), "batch_size": BATCH}
    train, held_out = keras.utils.image_dataset_from_directory(
        root / "train", validation_split=HELD_OUT, subset="both", seed=0, verbose=False, **common
    )
    names = train.class_names
    model = _with_dense(start, len(names))
    model.fit(train, validation_data=held_out, epochs=EPOCHS, verbose=0)
    seconds = time.perf_counter() - started
    test = keras.utils.image_dataset_from_directory(root / "test", shuffle=False, verbose=False, **common)
    return {"seconds": seconds, "accuracy": float(model.evaluate(test, verbose=0)[1])}


def _with_dense(start, classes: int):
    """Return a Keras model: the preprocessing, the frozen backbone, a new Dense."""
    import keras
    import numpy as np

    from course_lib.weights.preprocess import CONVENTIONS

    backbone = keras.Model(start.model.input, start.model.get_layer("head").input)
    backbone.trainable = False
    convention = CONVENTIONS[start.preprocess.normalise]
    x = entry = keras.Input((224, 224, 3))
    x = keras.layers.Normalization(mean=convention.mean, variance=np.square(convention.std))(x)
    x = backbone(x, training=False)
    model = keras.Model(entry, keras.layers.Dense(classes)(x))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    return model


def step() -> Iterator[Case]:
    """Compare one update of the whole network with Keras's `train_on_batch`; each has a network of its own."""
    import keras
    import numpy as np

    from course_lib.loading import open_pretrained
    from course_lib.training.data import labelled
    from course_lib.training.plan import Plan
    from course_lib.training.unfrozen import Unfrozen

    start, other = open_pretrained(MODEL), open_pretrained(MODEL)
    images = np.random.default_rng(0).integers(0, 256, (STEP, 224, 224, 3), np.uint8)
    labels = np.arange(STEP, dtype=np.int32)
    data = labelled((images, labels), start.preprocess.resized)
    training = Unfrozen(
        start.model, Plan(epochs=1000, batch_size=STEP), data, data, start.preprocess.normalised
    )
    batch, weights = start.preprocess(images), np.ones(STEP, np.float32)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    other.model.compile("adamw", loss)
    yield Case(
        f"one update of all of {MODEL}, batch {STEP}",
        "keras train_on_batch",
        lambda: training._update(batch, labels, weights).numpy(),
        # What it returns may still be under way; an update is over when the loss is there.
        lambda: np.asarray(other.model.train_on_batch(batch, labels)),
        limit=1.0,
    )


if __name__ == "__main__":
    print(json.dumps({"ours": ours, "naive": naive}[sys.argv[1]](Path(sys.argv[2]))))
