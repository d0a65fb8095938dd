"""Does a vision transformer catch up with a convolutional network as the data grows? The measurement behind lesson 10.

    python -m course_lib.training.data_scaling

trains a small ResNet and a small ViT of about as many parameters on 1,000, 4,000 and 16,000 silhouettes of the procedural
world's objects, with as many updates each, three times over. Colours and textures are left out, since a ViT of this size
needs far longer to see through them. The result is data/experiments/data_scaling.json, which the lesson draws.
"""  # fmt: skip

import json
import sys
from dataclasses import replace
from functools import cache

import keras
import numpy as np
from tqdm import tqdm

from course_lib.data_dir import data_dir
from course_lib.files import write_text
from course_lib.media.world import PRETRAIN_CLASSES, make_masked_images
from course_lib.training.fit import Settings, Trainer, accuracy
from course_lib.zoo import resnet, vit

SEEDS = (0, 1, 2)
IMAGES = (1_000, 4_000, 16_000)
UPDATES, BATCH = 1_500, 64
RATES = (1e-3, 3e-3)  # the best of these on the validation set, for each network
VALIDATION_IMAGES, VALIDATION_SEED = 1_000, 8001
TEST_IMAGES, TEST_SEED = 2_000, 9001
SIZE = 16  # pixels
CONFIGS = {
    "CNN": replace(resnet.CONFIGS["resnet_nano"], depths=(1, 1), widths=(20, 40), stem_width=20, size=SIZE),
    "ViT": vit.ViTConfig(
        patch=4, width=32, depth=4, heads=4, mlp=64, size=SIZE, classes=len(PRETRAIN_CLASSES)
    ),
}


@cache  # both networks learn from the same pictures
def silhouettes(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Paint labelled silhouettes of the 20 kinds of object.

    Args:
        n: how many.
        seed: two seeds have no picture in common.

    Returns:
        Pictures (n, 16, 16, 3) float32, the object 1 and the rest -1, and labels (n,) int32.
    """
    _, labels, masks = make_masked_images(n, size=SIZE, seed=seed, grid=SIZE)
    return np.repeat(2 * masks[..., None] - 1, 3, axis=-1), labels


def fresh(name: str, seed: int = 0) -> keras.Model:
    """Build one of the two networks with random weights."""
    keras.utils.set_random_seed(seed)
    family = vit if name == "ViT" else resnet
    return family.build(CONFIGS[name])


def trainer(name: str, rate: float, updates: int = UPDATES) -> Trainer:
    """Return a trainer that can be used for many runs of one network.

    Args:
        name: a key of CONFIGS.
        rate: the learning rate's peak.
        updates: the number of updates.
    """
    settings = Settings(updates, BATCH, rate, warmup=updates // 10, jit_compile=name == "ViT")
    return Trainer(fresh(name), settings)


def run(prepared: Trainer, name: str, data: tuple, held_out: tuple, seed: int) -> dict:
    """Train a network from fresh weights.

    Args:
        prepared: what `trainer` returned for this network.
        name: a key of CONFIGS.
        data, held_out: (pictures, labels) to train on, and to be measured on.
        seed: of the weights and of the order of the pictures.

    Returns:
        The accuracy on the held-out pictures, "test", and on up to 1,000 of those trained on, "train".
    """
    prepared.model.set_weights(fresh(name, seed).get_weights())
    prepared.fit(*data, seed)
    known = tuple(part[:1000] for part in data)
    return {
        part: round(accuracy(prepared.model, *pictures), 4)
        for part, pictures in (("test", held_out), ("train", known))
    }


def choose_rate(name: str) -> dict:
    """Train a network once with each learning rate on the middle amount of data, and validate it.

    Returns:
        Learning rate, as text -> accuracy on the validation pictures.
    """
    data = silhouettes(IMAGES[1], seed=100)
    validation = silhouettes(VALIDATION_IMAGES, VALIDATION_SEED)
    return {f"{rate:g}": run(trainer(name, rate), name, data, validation, seed=100)["test"] for rate in RATES}


def measure(name: str, rate: float) -> dict:
    """Train a network on each amount of data with each seed.

    Args:
        name: a key of CONFIGS.
        rate: the learning rate's peak.

    Returns:
        Number of pictures, as text -> {"test": accuracy for each seed, "train": likewise}.
    """
    held_out, prepared = silhouettes(TEST_IMAGES, TEST_SEED), trainer(name, rate)
    table = {str(n): {"test": [], "train": []} for n in IMAGES}
    for seed in SEEDS:
        images, labels = silhouettes(max(IMAGES), seed)
        for n in IMAGES:
            for part, score in run(prepared, name, (images[:n], labels[:n]), held_out, seed).items():
                table[str(n)][part].append(score)
    return table


def main() -> None:
    """Choose the learning rates, measure both networks, and save the table after each of them."""
    path = data_dir() / "experiments" / "data_scaling.json"
    path.parent.mkdir(exist_ok=True)
    recipe = {
        "seeds": [*SEEDS], "images": [*IMAGES], "updates": UPDATES, "batch": BATCH, "rates": [*RATES],
        "validation_images": VALIDATION_IMAGES, "test_images": TEST_IMAGES,
    }  # fmt: skip
    known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    table = known["networks"] if known.get("recipe") == recipe else {}
    for name in tqdm(CONFIGS, "networks", file=sys.stderr):
        if name not in table:
            validated = choose_rate(name)
            rate = max(validated, key=validated.get)
            scores = measure(name, float(rate))
            table[name] = {
                "params": fresh(name).count_params(),
                "rate": rate,
                "validation": validated,
                "scores": scores,
            }
        write_text(path, json.dumps({"recipe": recipe, "networks": table}, indent=2) + "\n")
        print(f"{name}: {table[name]}")


if __name__ == "__main__":
    main()
