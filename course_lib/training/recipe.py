"""What every recipe of a nano model does: train, measure on held-out data, save, and repeat with other seeds."""

import time
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import keras
import numpy as np

from course_lib import catalog, zoo
from course_lib.errors import BadInput
from course_lib.training.nano import Report, make_folder, round_weights, save_nano
from course_lib.weights.eight_bits import BITS


@dataclass(frozen=True)
class NanoRecipe(ABC):
    """All that the result depends on, besides the seed; a kind of model says how to learn and what to measure.

    Attributes:
        measure: what the scores are, in words; without its unit.
        unit: "%" where a score is a share of 1, else none.
        test_seeds: of the held-out sets; no recipe trains on these.
        bits: of a weight in the file, 16 or 8.
    """

    measure: ClassVar[str]
    unit: ClassVar[str] = "%"
    test_seeds: tuple[int, ...] = (9001, 9002, 9003)
    bits: int = 16

    def __post_init__(self):
        if self.bits not in BITS:
            raise BadInput(f"A weight is kept in 16 bits or in 8, not in {self.bits!r}.")

    @abstractmethod
    def data(self, seed: int) -> Any:
        """Make the training data; the time that it takes is not counted."""

    @abstractmethod
    def learn(self, model: keras.Model, data: Any, seed: int) -> None:
        """Train the fresh model, in place; the seed is of the data's order."""

    @abstractmethod
    def heldout_scores(self, model: keras.Model) -> tuple[float, ...]:
        """Return the model's score on each held-out set; where the unit is "%", 0 to 1."""

    def further_scores(self, model: keras.Model) -> dict[str, tuple[float, ...]]:
        """Return what else there is to say of the model: a name, and a share of 1 for each held-out set."""
        return {}

    def beside(self, model: keras.Model) -> dict[str, tuple[float, ...]]:
        """Return plain numbers that the scores are to be held against: a name, and one number or several."""
        return {}

    def changed(self, settings: dict) -> Self:
        """Return the recipe with other settings; raise BadInput for one that it does not have."""
        known = [field.name for field in fields(self)]
        for name in settings:
            if name not in known:
                raise BadInput(f"The recipe has no setting {name!r}; it has: {', '.join(known)}.")
        return replace(self, **settings)

    def pretrain(self, model_id: str, out: Path, seed: int) -> Report:
        """Train a nano model, save it, and measure it on data that no training has seen.

        The weights after the last update are the ones that are saved: none is picked by its score.

        Args:
            model_id: a nano model of the zoo.
            out: the weights file; the report goes beside it.
            seed: of the weights, the training data and its order; not one of `test_seeds`.

        Returns:
            The report.

        Raises:
            BadInput: a seed that is kept for testing.
            CourseError: the file cannot be written there; said before the training begins.
        """
        make_folder(out)
        model, scores, seconds = self._train(model_id, seed)
        sha256 = save_nano(model, out, self.bits)
        report = Report(
            model_id, out.name, out.stat().st_size, sha256, self.measure, scores, seconds, asdict(self) | {"seed": seed},
            further=self.further_scores(model), unit=self.unit, beside=self.beside(model),
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
        """Return the trained model, rounded as its file will be, its held-out scores, and processor seconds."""
        self._refuse_test_seed(seed)
        keras.utils.set_random_seed(seed)
        family = zoo.family(catalog.card(model_id).family)
        model = family.build(family.CONFIGS[model_id])
        data = self.data(seed)
        started = time.process_time()
        self.learn(model, data, seed)
        seconds = round(time.process_time() - started, 1)
        round_weights(model, self.bits)
        return model, self.heldout_scores(model), seconds

    def _refuse_test_seed(self, seed: int) -> None:
        if seed in self.test_seeds:
            raise BadInput(f"Seed {seed} paints held-out images: train with another, for instance 0.")
