"""The ways to fine-tune that lesson 15 compares."""

from dataclasses import dataclass

from course_lib.training.augment import NOTHING, Augmentation
from course_lib.training.thawing.pictures import SIZE

EPOCHS = 12


@dataclass(frozen=True)
class Way:
    """One way to fine-tune.

    Attributes:
        rate: the head's learning rate, at its peak.
        decay, unfreeze: how much slower deeper thirds learn, and which part of the layers learns at all; see `Plan`.
        probe: whether the head begins as a probe of the frozen features, not at random.
        augment: how pictures are changed.
        training: whether batch norm uses the batch's statistics, and moves those that it remembers.
        source: what the network knows to begin with; see `Bench`.
        warm_up: the part of all updates in which the rate rises from zero.
        epochs: how often it sees the fifty.
        curve: whether to measure after every epoch.
    """

    rate: float = 3e-4
    decay: float = 1.0
    unfreeze: float = 1.0
    probe: bool = False
    augment: Augmentation = NOTHING
    training: bool = False
    source: str = "ImageNet"
    warm_up: float = 0.1
    epochs: int = EPOCHS
    curve: bool = False


SHIFT = Augmentation(shift=SIZE // 8)  # one of the scanner's eight pixels
DIGITS = {
    "3e-4": Way(curve=True),
    "1e-3": Way(1e-3),
    "1e-4": Way(1e-4),
    "3e-5": Way(3e-5),
    "shift": Way(augment=SHIFT, curve=True),
    "training=True": Way(training=True),
    "training=True, 1e-3": Way(1e-3, training=True),
    "probe": Way(probe=True),
    "decay": Way(decay=2.6),
    "probe, decay": Way(probe=True, decay=2.6),
    "upper third": Way(unfreeze=1 / 3),
    "mirror": Way(augment=Augmentation(mirror=True)),
    "shift, probe": Way(augment=SHIFT, probe=True),
    "shift, probe, decay": Way(augment=SHIFT, probe=True, decay=2.6),
    "1e-5": Way(1e-5),
    "1e-3, no warm-up": Way(1e-3, warm_up=0),
    "3e-3": Way(3e-3),
    "drawings": Way(source="drawings", rate=1e-3),
    "nothing": Way(source="nothing", rate=1e-3, training=True, epochs=30),
}
SCRAPS = {
    "3e-4": Way(),
    "probe": Way(probe=True),
    "probe, decay": Way(probe=True, decay=2.6),
    "drawings": Way(source="drawings", rate=1e-3),
    "nothing": Way(source="nothing", rate=1e-3, training=True, epochs=30),
}
