"""python -m course_lib.training.thawing: measure all ways, and write data/experiments/thawing.json."""

import json
import sys
from functools import lru_cache

import keras
import numpy as np
from tqdm import tqdm

from course_lib.data_dir import data_dir
from course_lib.files import write_text
from course_lib.training.augment import shifted
from course_lib.training.probe import linear_probe
from course_lib.training.thawing.bench import Bench, tune
from course_lib.training.thawing.pictures import FIRST_SEVEN, fifty, handwriting, scraps
from course_lib.training.thawing.ways import DIGITS, SCRAPS, Way

DRAWS = (0, 1, 2, 3, 4)
EVERY = 3  # of the digits to be tested on, every third: 294
WATCHED = 147  # of these, so many are looked at after each epoch


def digits(size: int, draw: int) -> dict[str, tuple]:
    """Return the fifty, ten more of the same series to stop by, others of these series, and the test's."""
    images, labels = handwriting(size)
    few, ten = fifty(labels, draw), fifty(labels, draw, skip=5, count=1)
    known = np.setdiff1d(np.arange(FIRST_SEVEN), [*few, *ten])[:: 2 * EVERY]
    test = np.arange(FIRST_SEVEN, len(labels), EVERY)
    rows = {"train": few, "ten": ten, "same writers": known, "test": test}
    return {name: (images[chosen], labels[chosen]) for name, chosen in rows.items()}


def photos(size: int, draw: int) -> dict[str, tuple]:
    """Return fifty scraps of the photos' left, and the test's of their right."""
    return {"train": scraps(5, 0, 0.55, draw, size), "test": scraps(30, 0.55, 1, 1000, size)}


def measured(bench: Bench, way: Way, draw: int, sets: dict[str, tuple], held: tuple) -> dict:
    """Fine-tune once, and return what came of it.

    Args:
        bench: the network.
        way: how.
        draw: which fifty pictures.
        sets: what `digits` or `photos` returned.
        held: scraps of photos, and what the network saw in them before.

    Returns:
        Accuracy by set; "loss", of the test; "kept", the part of the scraps that the old head still names as before;
        "moved", by stage, the length of the change beside that of the weights; "curve", for each epoch.
    """
    curve = []

    def watch():
        few = {"train": sets["train"], "ten": sets["ten"], "test": [part[:WATCHED] for part in sets["test"]]}
        curve.append({name: _scores(bench, pictures) for name, pictures in few.items()})

    tune(bench, way, draw, sets["train"], watch if way.curve else None)
    scores = {name: _scores(bench, pictures) for name, pictures in sets.items()}
    result = {name: right for name, (_, right) in scores.items()} | {"loss": scores["test"][0]}
    if bench.knows:
        result |= {"kept": float(np.mean(named(bench, held[0]) == held[1])), "moved": bench.moved()}
    return result | ({"curve": curve} if curve else {})


def named(bench: Bench, images: np.ndarray) -> np.ndarray:
    """Return which of the classes of its first training the network sees in pictures, by its old head's kernel alone.

    ImageNet's bias is too small to change a name: with it, all 140 scraps get the same.
    """
    return (bench.run(bench.features, images) @ bench.old_head).argmax(axis=1)


def _scores(bench: Bench, pictures: tuple) -> tuple[float, float]:
    """Return loss and accuracy."""
    logits, labels = bench.run(bench.logits, pictures[0]), pictures[1]
    losses = keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)
    return round(float(np.mean(losses)), 4), round(float(np.mean(logits.argmax(axis=1) == labels)), 4)


def frozen(bench: Bench, sets: dict[str, tuple]) -> dict:
    """Return the accuracy of probes of the frozen features, and of the bare pixels (also with shifted copies), on the test."""
    bench.restart(0)
    (images, labels), (others, answers) = sets["train"], sets["test"]
    places = slice(bench.size // 16, None, bench.size // 8)  # the middles of the eight by eight
    pixels = [part[:, places, places, 0].reshape(len(part), -1).astype(float) for part in (images, others)]
    features = [bench.run(bench.features, part) for part in (images, others)]
    copies = [shifted(images, bench.size // 8, np.random.default_rng(copy)) for copy in range(8)]
    moved = np.concatenate(copies)[:, places, places, 0].reshape(-1, 64).astype(float)
    fits = {
        "probe": (linear_probe(features[0], labels), features[1]),
        "pixels": (linear_probe(pixels[0], labels), pixels[1]),
        "pixels, shift": (linear_probe(moved, np.tile(labels, 8)), pixels[1]),
    }
    return {name: round(probe.accuracy(rows, answers), 4) for name, (probe, rows) in fits.items()}


def main() -> None:
    """Measure every way, draw after draw, and save the table after each run; what it holds already is not repeated."""
    path = data_dir() / "experiments" / "thawing.json"
    path.parent.mkdir(exist_ok=True)
    table = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"digits": {}, "photos": {}}
    targets = {"digits": (digits, DIGITS), "photos": (photos, SCRAPS)}
    todo = [
        (draw, way.source, target, name, way)
        for draw in DRAWS
        for target, (_, ways) in targets.items()
        for name, way in ways.items()
        if len(table[target].get(name, [])) <= draw
    ]
    todo.sort(key=lambda one: (max(1, one[0]), one[1] != "ImageNet", one[1], one[2] == "digits"))
    for draw, source, target, name, way in tqdm(todo, "runs", file=sys.stderr):
        bench = bench_of(source)
        sets = targets[target][0](bench.size, draw)
        probes = table[target].setdefault(f"frozen, {source}", [])
        if len(probes) == draw:
            probes.append(frozen(bench, sets))
        run = measured(bench, way, draw, sets, before(source))
        table[target].setdefault(name, []).append(run)
        write_text(path, json.dumps(table) + "\n")
        print(draw, target, name, run["train"], run["test"], flush=True)


@lru_cache(maxsize=1)
def bench_of(source: str) -> Bench:
    """Return the network that begins with this source; only the last is kept."""
    return Bench(source)


@lru_cache(maxsize=1)
def before(source: str) -> tuple[np.ndarray, np.ndarray]:
    """Return scraps of photos, and what the network of this source, untouched, sees in them."""
    bench = bench_of(source)
    bench.restart(0)
    images = scraps(14, 0, 1, 2000, bench.size)[0]
    return images, named(bench, images)


if __name__ == "__main__":
    main()
