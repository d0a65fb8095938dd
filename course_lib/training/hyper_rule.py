"""BiT's HyperRule: how to fine-tune, read off the size of the data set and of its pictures, without any search.

Source: arXiv 1912.11370, section 3.3; the numbers as in the authors' bit_hyperrule.py (google-research/big_transfer). They
differ in one place: the paper resizes large pictures to 448 px and crops 384 for all but its largest network.
"""

from dataclasses import dataclass

from course_lib.errors import BadInput

SMALL, LARGE = 20_000, 500_000  # labelled pictures: below, a small task; from there on, a large one


@dataclass(frozen=True)
class HyperRule:
    """The settings for one task.

    Attributes:
        examples: labelled pictures to fine-tune on.
        side: of these pictures, pixels; of an oblong one, the root of its area.
        batch_size, learning_rate, momentum: of stochastic gradient descent; the rate is that after the warm-up.
        weight_decay: none, neither towards zero nor towards the pre-trained weights.

    Raises:
        BadInput: without pictures, or with a side below 1.
    """

    examples: int
    side: int
    batch_size: int = 512
    learning_rate: float = 3e-3
    momentum: float = 0.9
    weight_decay: float = 0.0

    def __post_init__(self):
        if self.examples < 1 or self.side < 1:
            raise BadInput(
                "The HyperRule wants the number of labelled pictures and their side in pixels, 1 or more."
            )

    @property
    def milestones(self) -> tuple[int, ...]:
        """The update that ends the warm-up, those behind which the rate falls to a tenth, and the end."""
        if self.examples < SMALL:
            return (100, 200, 300, 400, 500)
        if self.examples < LARGE:
            return (500, 3_000, 6_000, 9_000, 10_000)
        return (500, 6_000, 12_000, 18_000, 20_000)

    @property
    def steps(self) -> int:
        """Updates in all."""
        return self.milestones[-1]

    @property
    def resolution(self) -> tuple[int, int]:
        """Side to which pictures are resized, and side of the crop that is cut from them in training, pixels."""
        return (160, 128) if self.side < 96 else (512, 480)

    @property
    def mixup(self) -> float:
        """Alpha of MixUp, which blends pictures and labels of two examples; 0 for none."""
        return 0.0 if self.examples < SMALL else 0.1

    def rate(self, step: int) -> float:
        """Return the learning rate of an update.

        Args:
            step: the update, counted from 0.

        Returns:
            The rate; 0 from the end on.
        """
        warmup, *drops, end = self.milestones
        if step < warmup:
            return self.learning_rate * step / warmup
        if step >= end:
            return 0.0
        return self.learning_rate / 10 ** sum(step > drop for drop in drops)
