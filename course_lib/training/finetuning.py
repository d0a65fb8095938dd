"""Fine-tuning: new classes for a pre-trained network, by a probe first and then, if asked, by training it all."""

from collections.abc import Sequence
from dataclasses import replace

import keras
import numpy as np

from course_lib.errors import BadInput
from course_lib.tasks.base import Pretrained
from course_lib.training.data import Labelled, labelled
from course_lib.training.features import cached_features, weights_hash
from course_lib.training.fit import Settings, fit, predict
from course_lib.training.probe import Probe, linear_probe


def finetune(
    pretrained: Pretrained,
    data,
    *,
    class_names: Sequence[str] | None = None,
    steps: int = 0,
    learning_rate: float = 3e-4,
    batch_size: int = 64,
    shift: int = 0,
    seed: int = 0,
    validation_split: float = 0.2,
    verbose: bool = True,
) -> Pretrained:
    """Teach a pre-trained network new classes.

    First a linear probe is fitted on the frozen features: it takes seconds, and a network that starts from a
    good head is not torn apart by the large gradients of a random one. Then `steps` updates train the whole
    network with a small learning rate. Batch norm keeps its statistics throughout.

    Args:
        pretrained: a loaded model; it stays as it is.
        data: `(images, labels)`, or the path of a folder with a folder for each class; see `labelled`.
        class_names: names of the classes, where data does not tell.
        steps: updates of the whole network after the probe; 0 leaves the backbone frozen.
        learning_rate: the peak of these updates.
        batch_size: images in each.
        shift: images are moved by up to this many pixels, at random, while the whole network trains.
        seed: of the split, the probe and the batches.
        validation_split: part of each class that is held out to be measured on, never trained on; 0 for none.
        verbose: print what was held out and how well it was classified.

    Returns:
        A model of the same kind, with new labels and weights of its own.

    Raises:
        BadInput: the data do not fit together, or the model is no classifier.
    """
    if all(layer.name != "head" for layer in pretrained.model.layers):
        raise BadInput(f"{pretrained.card.id} has no head to replace: its task is {pretrained.card.task}. Fit a linear "
                       "probe on its .features(images) instead.")  # fmt: skip
    if steps < 0 or not 0 <= validation_split < 1:
        raise BadInput(
            f"steps is 0 or more and validation_split from 0 to below 1, not {steps} and {validation_split}."
        )
    everything = labelled(data, pretrained.preprocess.resized, class_names)
    train, held_out = everything.split(validation_split, seed)
    probe = linear_probe(cached_features(pretrained, train.images), train.labels, seed)
    model = with_head(pretrained.model, probe)
    tuned = _wrapped(pretrained, model, train)
    measured = len(held_out.labels) > 0 and verbose
    scores = {"probe": _probe_accuracy(pretrained, probe, held_out)} if measured else {}
    if steps:
        settings = Settings(steps, batch_size, learning_rate, shift=shift, seed=seed, frozen_statistics=True)
        _train_all(tuned, train, settings)
        tuned = _wrapped(pretrained, model, train)
        scores |= {"fine-tuned": accuracy(tuned, held_out)} if measured else {}
    if verbose:
        print(_summary(train, held_out, scores))
    return tuned


def with_head(model: keras.Model, probe: Probe) -> keras.Model:
    """Copy a model, with a probe for its last layer.

    Args:
        model: a network whose last layer is a Dense named "head".
        probe: fitted on the features that this network gives.

    Returns:
        A model that shares no weights with the first.
    """
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    return keras.Model(copy.input, probe.dense("head")(copy.get_layer("head").input), name=model.name)


def accuracy(pretrained: Pretrained, data: Labelled | tuple) -> float:
    """Measure how many images a model classifies rightly.

    Args:
        pretrained: an image classifier.
        data: `(images, labels)` with images (n, size, size, 3) uint8 and labels (n,) integers.

    Returns:
        0 to 1; not a number where there are no images.
    """
    images, labels = (data.images, data.labels) if isinstance(data, Labelled) else data
    if not len(images):
        return float("nan")
    predicted = predict(pretrained.model, images, pretrained.preprocess).argmax(axis=1)
    return float((predicted == labels).mean())


def _probe_accuracy(pretrained: Pretrained, probe: Probe, held_out: Labelled) -> float:
    return probe.accuracy(cached_features(pretrained, held_out.images), held_out.labels)


def _train_all(tuned: Pretrained, train: Labelled, settings: Settings) -> None:
    """Train every layer, in place, and make sure that batch norm's statistics stood still."""
    before = [np.array(variable) for variable in _moving_statistics(tuned.model)]
    tuned.model.trainable = True
    fit(tuned.model, train.images, train.labels, settings, tuned.preprocess.normalised)
    after = _moving_statistics(tuned.model)
    assert all(np.array_equal(old, new) for old, new in zip(before, after, strict=True)), "batch norm moved"


def _moving_statistics(model: keras.Model) -> list:
    return [variable for variable in model.non_trainable_variables if "moving_" in variable.path]


def _wrapped(pretrained: Pretrained, model: keras.Model, train: Labelled) -> Pretrained:
    """Return the new model as a Pretrained of the same class, that says where it comes from."""
    before = pretrained.provenance
    new = f"{len(train.labels):,} images of {len(train.names)} new classes"
    provenance = replace(
        before,
        grade="fine-tuned",
        source=f"{before.grade} weights ({before.source}), fine-tuned here",
        file="",
        sha256=weights_hash(model),
        trained_on=f"{before.trained_on}; then {new}",
    )
    return type(pretrained)(pretrained.card, model, provenance, pretrained.preprocess, train.names)


def _summary(train: Labelled, held_out: Labelled, scores: dict[str, float]) -> str:
    line = f"Trained on {len(train.labels):,} images of {len(train.names)} classes."
    if not len(held_out.labels):
        return f"{line} None was held out, so nothing is measured."
    measured = ", ".join(f"{name} {score:.3f}" for name, score in scores.items())
    return f"{line} Accuracy on {len(held_out.labels):,} held-out images: {measured}."
