"""How the nano ResNet is trained: 20 kinds of object of the procedural world, some minutes on two cores."""

from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import keras
import numpy as np

from course_lib.data_dir import data_dir
from course_lib.errors import BadInput
from course_lib.media.world import PRETRAIN_CLASSES, make_images
from course_lib.training.fit import Settings, fit, predict
from course_lib.training.nano import Report, make_folder, round_to_half, save_nano
from course_lib.weights.preprocess import Preprocess
from course_lib.zoo import resnet

MODEL = "resnet_nano"


@dataclass(frozen=True)
class Recipe:
    """All that the result depends on, besides the seed.

    Attributes:
        images: different training images.
        images_seen: images in all updates together; each image comes round images_seen / images times.
        batch_size, learning_rate, warmup, weight_decay, clip_norm, mirror, recolour: see `Settings`.
        test_images: in each held-out set.
        test_seeds: of the held-out sets; no recipe trains on these.
    """

    images: int = 60_000
    images_seen: int = 400_000
    batch_size: int = 64
    learning_rate: float = 2e-3
    warmup: int = 200
    weight_decay: float = 1e-2
    clip_norm: float = 1.0
    mirror: bool = True  # the world has no left and right, and its colours say nothing: both make new
    recolour: bool = True  # images of the same kind, where shifts would push objects out of the frame
    test_images: int = 2_000
    test_seeds: tuple[int, ...] = (9001, 9002, 9003)


def preprocess() -> Preprocess:
    """Return the preprocessing that these weights are trained with: 32 px, pixels to -1 to 1."""
    return Preprocess(resnet.CONFIGS[MODEL].size, "tf", 0)


def pretrain(out: str | Path | None = None, seed: int = 0, **settings) -> Report:
    """Train the nano ResNet, save it, and measure it on images that no training has seen.

    The weights after the last update are the ones that are saved: none is picked by its score.

    Args:
        out: the weights file; by default data/weights/resnet_nano.safetensors. The report goes beside it.
        seed: of the weights, the training images and their order; not one of `Recipe.test_seeds`.
        **settings: fields of `Recipe` to change.

    Returns:
        The report.

    Raises:
        BadInput: an unknown setting, or a seed that is kept for testing.
        CourseError: the file cannot be written there; said before the training begins.
    """
    recipe = _recipe(seed, settings)
    out = Path(out) if out else data_dir() / "weights" / f"{MODEL}.safetensors"
    make_folder(out)
    images, labels = make_images(min(recipe.images, recipe.images_seen), seed=seed)
    keras.utils.set_random_seed(seed)
    model = resnet.build(resnet.CONFIGS[MODEL])
    history = fit(model, images, labels, _settings(recipe, seed), preprocess())
    round_to_half(model)
    sha256 = save_nano(model, out)
    report = Report(
        MODEL, out.name, out.stat().st_size, sha256, "accuracy on held-out images of 20 classes",
        heldout_scores(model, recipe), round(history.seconds, 1), asdict(recipe) | {"seed": seed},
    )  # fmt: skip
    report.save(out.with_suffix(".json"))
    return report


def heldout_scores(model: keras.Model, recipe: Recipe) -> tuple[float, ...]:
    """Return the accuracy on each held-out set, 0 to 1.

    Args:
        model: from preprocessed images to logits of the 20 classes.
        recipe: names the held-out sets.
    """
    scores = []
    for seed in recipe.test_seeds:
        images, labels = make_images(recipe.test_images, PRETRAIN_CLASSES, seed=seed)
        predicted = predict(model, images, preprocess()).argmax(axis=1)
        scores.append(round(float(np.mean(predicted == labels)), 4))
    return tuple(scores)


def _recipe(seed: int, settings: dict) -> Recipe:
    known = [field.name for field in fields(Recipe)]
    for name in settings:
        if name not in known:
            raise BadInput(f"The recipe has no setting {name!r}; it has: {', '.join(known)}.")
    recipe = replace(Recipe(), **settings)
    if seed in recipe.test_seeds:
        raise BadInput(f"Seed {seed} paints held-out images: train with another, for instance 0.")
    return recipe


def _settings(recipe: Recipe, seed: int) -> Settings:
    shared = {field.name for field in fields(Settings)} & {field.name for field in fields(Recipe)}
    same = {name: getattr(recipe, name) for name in shared}
    return Settings(steps=max(1, recipe.images_seen // recipe.batch_size), seed=seed, **same)
