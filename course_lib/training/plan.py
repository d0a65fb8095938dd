"""What a fine-tuning depends on, besides the model and the pictures."""

from dataclasses import dataclass, fields
from numbers import Integral, Real

import numpy as np

from course_lib.errors import BadInput
from course_lib.training.augment import NOTHING, Augmentation

# By the type of a setting: what is taken for it, and how to say so
KINDS = {
    int: (Integral, "a whole number"),
    float: (Real, "a number"),
    bool: (bool | np.bool_, "True or False"),
    Augmentation: (Augmentation, "an Augmentation, such as Augmentation(mirror=True)"),
}


@dataclass(frozen=True)
class Plan:
    """The settings of `finetune`.

    Attributes:
        epochs: how often, at most, the whole network sees the pictures once the head is fitted; 0 leaves it frozen.
        learning_rate: the head's, at its peak.
        decay: each third of the backbone, from the head down, learns this many times slower than what is above it.
        unfreeze: the part of the backbone's layers, counted from the head, that trains; the others stay as they are.
        batch_size: pictures in an update.
        augment: how each picture is changed at random.
        copies: so many changed copies of each picture join the original when the head is fitted; none if `augment`
            changes nothing.
        balance: let each class weigh the same, however many pictures it has.
        patience: stop after so many epochs without a lower held-out loss; the best epoch's weights are kept.
        validation_split: the part of each class that is held out, file by file, and never trained on.
        seed: of the split, the head, the order of the pictures and their changes.
    """

    epochs: int = 0
    learning_rate: float = 3e-4
    decay: float = 2.6
    unfreeze: float = 1.0
    batch_size: int = 32
    augment: Augmentation = NOTHING
    copies: int = 4
    balance: bool = True
    patience: int = 3
    validation_split: float = 0.2
    seed: int = 0

    def __post_init__(self):
        check_kinds(self)
        limits = {
            "epochs": (self.epochs >= 0, "0 or more"),
            "learning_rate": (self.learning_rate > 0, "above 0"),
            "decay": (self.decay >= 1, "1 or more"),
            "unfreeze": (0 <= self.unfreeze <= 1, "from 0 to 1"),
            "batch_size": (self.batch_size >= 1, "1 or more"),
            "copies": (self.copies >= 0, "0 or more"),
            "patience": (self.patience >= 1, "1 or more"),
            "validation_split": (0 <= self.validation_split < 1, "from 0 to below 1"),
        }
        check_limits(self, limits)


def check_kinds(plan) -> None:
    """Raise BadInput for a setting that is not of its field's kind."""
    for field in fields(plan):
        value, (kind, wanted) = getattr(plan, field.name), KINDS[field.type]
        if not isinstance(value, kind):
            raise BadInput(f"{field.name} is {wanted}, not {value!r}.")
        if field.type is not Augmentation:  # NumPy's numbers become Python's, which JSON takes
            object.__setattr__(plan, field.name, field.type(value))


def check_limits(plan, limits: dict[str, tuple[bool, str]]) -> None:
    """Raise BadInput for a setting out of its range; `limits` say of each whether it is within, and what is. All have a seed."""
    limits = limits | {"seed": (0 <= plan.seed < 2**31, "from 0 to below 2,147,483,648")}
    for name, (fits, wanted) in limits.items():
        if not fits:
            raise BadInput(f"{name} is {wanted}, not {getattr(plan, name)}.")


def check_steps(plan, further: dict[str, tuple[bool, str]] | None = None) -> None:
    """Check a plan that counts updates, `steps`: its kinds, what all such plans have in common, and `further` limits."""
    check_kinds(plan)
    limits = {
        "steps": (plan.steps >= 1, "1 or more"),
        "batch_size": (plan.batch_size >= 1, "1 or more"),
        "learning_rate": (plan.learning_rate > 0, "above 0"),
        "warmup": (plan.warmup >= 0, "0 or more"),
    }
    check_limits(plan, limits | (further or {}))


def plan_of(settings: dict, kind: type = Plan, verb: str = "finetune"):
    """Make a plan of a kind, for what `verb` does; raise BadInput for a setting that there is not."""
    known = [field.name for field in fields(kind)]
    for name in settings:
        if name not in known:
            raise BadInput(f"{verb} has no setting {name!r}; it has: {', '.join(known)}.")
    return kind(**settings)
