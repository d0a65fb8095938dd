"""What every nano recipe needs at its end: the weights as a small file, and a report of what was measured."""

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

import keras
import numpy as np
from safetensors.numpy import save

from course_lib.errors import CourseError
from course_lib.files import write_atomically, write_text
from course_lib.weights.eight_bits import SCALE, pack, unpack


@dataclass(frozen=True)
class Report:
    """What a recipe made, and how good it is; the model's card quotes it.

    Attributes:
        model_id: the model.
        file: name of the weights file.
        bytes, sha256: of that file.
        measure: what the scores are.
        scores: of these weights, one for each held-out set.
        seconds: of one core's time that the training took, without making the data.
        recipe: the settings.
        repeats: other seeds of the same recipe: seed -> {"score": mean over the held-out sets, "seconds"}.
        further: what else was measured of these weights, one number for each held-out set.
        unit: of the scores, "%" of 1 or none.
        beside: plain numbers that the scores are to be held against, of any count and without a unit.
    """

    model_id: str
    file: str
    bytes: int
    sha256: str
    measure: str
    scores: tuple[float, ...]
    seconds: float
    recipe: dict
    repeats: dict[str, dict[str, float]] = field(default_factory=dict)
    further: dict[str, tuple[float, ...]] = field(default_factory=dict)
    unit: str = "%"
    beside: dict[str, tuple[float, ...]] = field(default_factory=dict)

    @property
    def mean(self) -> float:
        """The mean score of these weights."""
        return float(np.mean(self.scores))

    @property
    def spread(self) -> float:
        """Half the range of the scores over the seeds; with one seed alone, over the held-out sets."""
        seeds = [self.mean, *(repeat["score"] for repeat in self.repeats.values())]
        return float(np.ptp(seeds if self.repeats else self.scores) / 2)

    def __str__(self) -> str:
        each = ", ".join(f"{score:.4f}" for score in self.scores)
        return (
            f"{self.model_id}: {self.measure} {self.mean:.4f} +- {self.spread:.4f} ({each}); "
            f"trained for {self.seconds:.0f} core-seconds; {self.file}, {self.bytes:,} bytes, sha256 {self.sha256}"
        )

    @classmethod
    def read(cls, path: Path) -> "Report":
        """Read a report that `save` wrote."""
        content = json.loads(path.read_text(encoding="utf-8"))
        return cls(**{item.name: content[item.name] for item in fields(cls) if item.name in content})

    def save(self, path: Path) -> None:
        """Write the report as JSON, mean and spread included."""
        content = asdict(self) | {"mean": round(self.mean, 4), "spread": round(self.spread, 4)}
        write_text(path, json.dumps(content, indent=2) + "\n")


def round_weights(model: keras.Model, bits: int = 16) -> None:
    """Round a model's weights, in place, to what its file will hold: the scores are to be those of the file.

    Args:
        model: a network of the zoo.
        bits: of a weight in the file, 16 or 8; see `eight_bits.pack`.

    Raises:
        CourseError: training went astray and a weight is not finite.
    """
    rounded = unpack(_packed(model, bits))
    for variable in model.weights:
        variable.assign(rounded[variable.path])


def save_nano(model: keras.Model, path: Path, bits: int = 16) -> str:
    """Save a model's weights as safetensors, whole or not at all.

    Args:
        model: a network of the zoo; its variables' paths become the names in the file.
        path: where to.
        bits: as for `round_weights`; what that has rounded loses nothing more here.

    Returns:
        The file's SHA-256, in hexadecimal.
    """
    content = save(_packed(model, bits))
    write_atomically(path, lambda file: file.write(content))
    return hashlib.sha256(content).hexdigest()


def _packed(model, bits: int) -> dict[str, np.ndarray]:
    with np.errstate(over="ignore", invalid="ignore"):  # what follows says it better
        tensors = pack({variable.path: np.asarray(variable) for variable in model.weights}, bits)
    for name, tensor in tensors.items():
        if not np.isfinite(tensor).all():
            raise CourseError(
                f"{name.removesuffix(SCALE)} holds a weight that is not finite: lower the recipe's learning rate."
            )
    return tensors


def make_folder(path: Path) -> None:
    """Make the folder of a file that is to be written; to be called before the training, not after it.

    Raises:
        CourseError: the folder cannot be made or written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path.with_name(f".{path.name}.try"), lambda file: None)
        path.with_name(f".{path.name}.try").unlink()
    except OSError as error:
        raise CourseError(
            f"Cannot make the folder {path.parent}: {error.strerror or error}. Choose another."
        ) from error
