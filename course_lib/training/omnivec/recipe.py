"""How the shipped nano OmniVec is made: the way "shared, pre-trained" of the table."""

from dataclasses import dataclass
from typing import ClassVar

import keras
import numpy as np

from course_lib.media import digits
from course_lib.training.omnivec.data import Digits, labelled, splits
from course_lib.training.omnivec.net import BATCH, Net
from course_lib.training.recipe import NanoRecipe
from course_lib.zoo.omnivec import MODALITIES

INPUTS = {"image": "pictures", "audio": "tones", "text": "words"}


@dataclass(frozen=True)
class OmniVecRecipe(NanoRecipe):
    """Masked pre-training without labels, then the task; pictures, sounds and words side by side in every update.

    Attributes:
        images_seen: examples of each modality, in all updates together.
        pretraining: share of them that the masked pre-training sees.
        rates: the highest learning rates of the pre-training and of the task.
        each: labels of each digit, in each modality.
    """

    measure: ClassVar[str] = "accuracy on held-out digits, mean of pictures, tones and words"
    images_seen: int = 38_400
    pretraining: float = 5 / 6
    rates: tuple[float, float] = (3e-3, 3e-3)
    each: int = 5

    def data(self, seed: int) -> dict[str, Digits]:
        """Draw the labelled examples."""
        return {name: labelled(name, seed, self.each) for name in MODALITIES}

    def learn(self, model: keras.Model, data: dict[str, Digits], seed: int) -> None:
        """Pre-train, then train on the labelled examples."""
        net, updates = Net(*MODALITIES, model=model), max(2, self.images_seen // BATCH)
        before = round(self.pretraining * updates)
        net.pretrain(before, self.rates[0], seed)
        net.train(data, updates - before, self.rates[1], seed)

    def heldout_scores(self, model: keras.Model) -> tuple[float, ...]:
        """Return the mean accuracy over the modalities on each held-out set."""
        rows = self.further_scores(model).values()
        return tuple(round(float(np.mean(scores)), 4) for scores in zip(*rows, strict=True))

    def further_scores(self, model: keras.Model) -> dict[str, tuple[float, ...]]:
        """Return the accuracy in each modality on each held-out set."""
        sets = [held_out(seed, place, len(self.test_seeds)) for place, seed in enumerate(self.test_seeds)]
        scores: dict[str, list[float]] = {name: [] for name in MODALITIES}
        for examples in sets:
            logits = model({name: part.inputs for name, part in examples.items()}, training=False)
            for name, part in examples.items():
                right = np.argmax(logits[name], axis=-1) == part.labels
                scores[name].append(round(float(right.mean()), 4))
        return {f"held-out {INPUTS[name]} that are named rightly": tuple(row) for name, row in scores.items()}


def held_out(seed: int, place: int = 0, sets: int = 1) -> dict[str, Digits]:
    """Return examples that no training has seen.

    Args:
        seed: of new tones and words; misspellings that were trained on are left out.
        place, sets: pictures cannot be made anew, so their test part is dealt out: hand `place` of `sets`.

    Returns:
        For each modality, inputs and digits.
    """
    clips, tone_labels = digits.tones(1_000, seed)
    typed, word_labels = digits.words(1_000, seed)
    words, known = digits.spell(typed), splits("text")["train"].inputs
    new = (words[:, None] != known).any(axis=2).all(axis=1)
    return {
        "image": splits("image")["test"][place::sets],
        "audio": Digits(digits.log_spectrogram(clips), tone_labels),
        "text": Digits(words, word_labels)[new],
    }
