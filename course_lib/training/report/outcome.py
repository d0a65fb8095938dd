"""What a fine-tuning came to: the plain facts that its report is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # at run time it would load Keras, which no report needs
    from course_lib.tasks.base import Provenance


@dataclass(frozen=True)
class Epoch:
    """One pass over the training pictures.

    Attributes:
        number: from 1.
        loss: mean over the training pictures.
        held_out_loss, held_out_accuracy: after the epoch; not a number where nothing was held out.
        seconds: it took.
    """

    number: int
    loss: float
    held_out_loss: float
    held_out_accuracy: float
    seconds: float


@dataclass(frozen=True)
class Answers:
    """What the model says of the held-out pictures.

    Attributes:
        names: of the pictures: paths, or "image[3]".
        labels: (n,) int, the true classes.
        logits: (n, classes) float32.
    """

    names: tuple[str, ...]
    labels: np.ndarray
    logits: np.ndarray


@dataclass(frozen=True)
class Outcome:
    """All that a report of a fine-tuning tells.

    Attributes:
        classes: their names.
        trained: (classes,) int, pictures of each class that were trained on.
        held_out: (classes,) int, pictures of each class that were only measured on.
        skipped: a sentence for each file that was left out.
        notes: other sentences: duplicates, resumed at a step, stopped early.
        epochs: of the whole network; empty where the backbone stayed frozen.
        probe_accuracy: of the new head on the frozen backbone, 0 to 1; not a number where nothing was held out.
        accuracy: of the model that was kept, likewise.
        answers: of that model, or None where nothing was held out.
        settings: name -> value.
        provenance: of the weights that it began with.
        seconds: that all of it took; of a run that was cut and went on, the training before that included.
    """

    classes: tuple[str, ...]
    trained: np.ndarray
    held_out: np.ndarray
    skipped: tuple[str, ...]
    notes: tuple[str, ...]
    epochs: tuple[Epoch, ...]
    probe_accuracy: float
    accuracy: float
    answers: Answers | None
    settings: dict
    provenance: Provenance
    seconds: float
