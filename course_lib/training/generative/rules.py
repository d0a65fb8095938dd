"""The rules of the game of two networks."""

from dataclasses import dataclass

from course_lib.errors import BadInput
from course_lib.training.fit import same_fields
from course_lib.training.generative.diff_augment import CHANGES
from course_lib.training.generative.losses import LOSSES


@dataclass(frozen=True)
class Rules:
    """How the game is played.

    Attributes:
        steps: updates of the generator.
        batch_size: real pictures, and made ones, in each update.
        loss: "hinge" or "logistic", see `losses`.
        generator_rate, discriminator_rate: of Adam, constant.
        beta_1, beta_2: of Adam, for both.
        discriminator_steps: its updates for each of the generator's.
        r1: weight gamma of the gradient penalty at real pictures; 0 for none.
        r1_every: updates of the discriminator from one penalty to the next, which then weighs as many times more.
        penalty_every: the same for the generator's own penalty.
        augment: what `diff_augment` does to all that the discriminator sees.
        ema: decay of the generator's average; it begins lower, so that the first weights are soon forgotten.
        seed: of the pictures, latents, labels and augmentations.
        jit_compile: compile the updates with XLA.
    """

    steps: int
    batch_size: int = 64
    loss: str = "hinge"
    generator_rate: float = 2e-4
    discriminator_rate: float = 2e-4
    beta_1: float = 0.0
    beta_2: float = 0.99
    discriminator_steps: int = 1
    r1: float = 0.0
    r1_every: int = 16
    penalty_every: int = 1
    augment: tuple[str, ...] = ()
    ema: float = 0.999
    seed: int = 0
    jit_compile: bool = False

    def __post_init__(self):
        if self.loss not in LOSSES:
            raise BadInput(f"A game's loss is one of {', '.join(LOSSES)}, not {self.loss!r}.")
        if unknown := [change for change in self.augment if change not in CHANGES]:
            raise BadInput(f"Pictures can be augmented by {', '.join(CHANGES)}, not by {unknown[0]!r}.")

    @classmethod
    def of(cls, source, **others) -> "Rules":
        """Return the rules that a recipe has under the same names, and others beside them or in their place."""
        return cls(**same_fields(cls, source) | others)
