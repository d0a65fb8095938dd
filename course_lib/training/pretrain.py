"""How the nano classifiers are pre-trained: 20 kinds of object of the procedural world, some minutes on one core."""

import time
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import keras
import numpy as np

from course_lib import catalog, zoo
from course_lib.errors import BadInput
from course_lib.media.world import PRETRAIN_CLASSES, make_images
from course_lib.training.fit import Settings, accuracy, fit
from course_lib.training.nano import Report, make_folder, round_to_half, save_nano
from course_lib.weights.preprocess import Preprocess


@dataclass(frozen=True)
class Recipe:
    """All that the result depends on, besides the seed; the same for every family, unless its own file says why not.

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

    def changed(self, settings: dict) -> "Recipe":
        """Return the recipe with other settings; raise BadInput for one that it does not have."""
        known = [field.name for field in fields(self)]
        for name in settings:
            if name not in known:
                raise BadInput(f"The recipe has no setting {name!r}; it has: {', '.join(known)}.")
        return replace(self, **settings)

    def pretrain(self, model_id: str, out: Path, seed: int) -> Report:
        """Train a nano classifier, save it, and measure it on images that no training has seen.

        The weights after the last update are the ones that are saved: none is picked by its score.

        Args:
            model_id: a nano model of the zoo.
            out: the weights file; the report goes beside it.
            seed: of the weights, the training images and their order; not one of `test_seeds`.

        Returns:
            The report.

        Raises:
            BadInput: a seed that is kept for testing.
            CourseError: the file cannot be written there; said before the training begins.
        """
        make_folder(out)
        model, scores, seconds = self._train(model_id, seed)
        sha256 = save_nano(model, out)
        report = Report(
            model_id, out.name, out.stat().st_size, sha256,
            f"top-1 accuracy on held-out pictures of {len(PRETRAIN_CLASSES)} kinds", scores, seconds,
            asdict(self) | {"seed": seed},
        )  # fmt: skip
        report.save(out.with_suffix(".json"))
        return report

    def repeat(self, model_id: str, report: Path, seed: int) -> Report:
        """Train once more with another seed, and add its score to a report; the weights stay the first seed's.

        Args:
            model_id: a nano model of the zoo.
            report: the JSON file beside its weights.
            seed: another than the report's own.

        Returns:
            The report with this seed among its `repeats`.
        """
        if not report.is_file():
            raise BadInput(f"There is no report {report} to add a seed to: pretrain {model_id} first.")
        self._refuse_test_seed(seed)
        _, scores, seconds = self._train(model_id, seed)
        # Read after the training: another seed may have been added meanwhile.
        known = Report.read(report)
        repeats = known.repeats | {str(seed): {"score": round(float(np.mean(scores)), 4), "seconds": seconds}}
        known = replace(known, repeats=dict(sorted(repeats.items())))
        known.save(report)
        return known

    def _train(self, model_id: str, seed: int) -> tuple[keras.Model, tuple[float, ...], float]:
        """Return the trained model, rounded to float16, its held-out scores, and processor seconds."""
        self._refuse_test_seed(seed)
        keras.utils.set_random_seed(seed)
        model, preprocess = _fresh(model_id)
        images, labels = make_images(min(self.images, self.images_seen), seed=seed)
        started = time.process_time()
        fit(model, images, labels, self._settings(seed), preprocess)
        seconds = round(time.process_time() - started, 1)
        round_to_half(model)
        return model, self.heldout_scores(model, preprocess), seconds

    def heldout_scores(self, model: keras.Model, preprocess: Preprocess) -> tuple[float, ...]:
        """Return a model's accuracy on each held-out set, 0 to 1."""
        scores = []
        for seed in self.test_seeds:
            images, labels = make_images(self.test_images, PRETRAIN_CLASSES, seed=seed)
            scores.append(round(accuracy(model, images, labels, preprocess), 4))
        return tuple(scores)

    def _refuse_test_seed(self, seed: int) -> None:
        if seed in self.test_seeds:
            raise BadInput(f"Seed {seed} paints held-out images: train with another, for instance 0.")

    def _settings(self, seed: int) -> Settings:
        shared = {field.name for field in fields(Settings)} & {field.name for field in fields(self)}
        same = {name: getattr(self, name) for name in shared}
        return Settings(steps=max(1, self.images_seen // self.batch_size), seed=seed, **same)


def _fresh(model_id: str) -> tuple[keras.Model, Preprocess]:
    """Build a nano classifier and the preprocessing that it is trained with: pixels to -1 to 1."""
    family = zoo.family(catalog.card(model_id).family)
    config = family.CONFIGS[model_id]
    return family.build(config), Preprocess(config.size, "tf", 0)
