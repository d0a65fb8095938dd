"""The first half of fine-tuning: the pictures in two sets, their features, and a new head that fits them."""

from dataclasses import dataclass

import keras
import numpy as np

from course_lib.tasks.base import Pretrained, pooled
from course_lib.training.data import Labelled, check_classes
from course_lib.training.features import cached_features, feature_rows
from course_lib.training.layerwise import copied
from course_lib.training.plan import Plan
from course_lib.training.probe import Probe, linear_probe


@dataclass(frozen=True)
class Sets:
    """The pictures as they are used, and the features of those that the head learns from and is measured on."""

    train: Labelled
    held_out: Labelled
    train_features: np.ndarray
    held_out_features: np.ndarray
    skipped: tuple[str, ...]
    notes: tuple[str, ...]


def prepared(pretrained: Pretrained, everything: Labelled, plan: Plan) -> Sets:
    """Compute the features, leave out what can't be read, and hold out a part."""
    features, failures = feature_rows(pretrained, everything.images)
    readable = np.setdiff1d(np.arange(len(everything.labels)), list(failures))
    data, features = everything.take(readable), features[readable]
    check_classes(data, tuple(failures.values()))
    train, held_out = data.split(plan.validation_split, plan.seed)
    return Sets(
        data.take(train),
        data.take(held_out),
        features[train],
        features[held_out],
        tuple(failures.values()),
        _notes(data),
    )


def _notes(data: Labelled) -> tuple[str, ...]:
    """Say what is odd about the pictures."""
    notes = []
    if twofold := data.twofold:
        notes.append(
            f"{len(twofold)} pictures lie in more than one class; they are trained on and never held out."
        )
    if copies := len(data.keys) - len(set(data.keys)):
        notes.append(f"{copies} pictures are copies of others; copies are never on both sides of the split.")
    return tuple(notes)


def new_head(pretrained: Pretrained, sets: Sets, plan: Plan) -> Probe:
    """Fit the head on the pictures' features and on those of changed copies."""
    copies = plan.copies if plan.augment else 0
    seeds = range(plan.seed, plan.seed + copies)
    changed = [cached_features(pretrained, sets.train.images, plan.augment, seed) for seed in seeds]
    features = np.concatenate([sets.train_features, *changed])
    labels = np.tile(sets.train.labels, 1 + copies)
    groups = np.tile(np.arange(len(sets.train.labels)), 1 + copies) if copies else None
    return linear_probe(features, labels, plan.seed, balance=plan.balance, groups=groups)


def with_head(model: keras.Model, probe: Probe) -> keras.Model:
    """Copy a model, with a probe for its last layer.

    Args:
        model: a network whose last layer is a Dense named "head", or whose output are features.
        probe: fitted on the features that this network gives.

    Returns:
        A model that shares no weights with the first.
    """
    copy = copied(model)
    return keras.Model(copy.input, probe.dense("head")(pooled(copy)), name=model.name)
