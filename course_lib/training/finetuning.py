"""Fine-tuning: new classes for a pre-trained network, by a new head first and then, if asked, by training it all."""

import dataclasses
import hashlib
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import numpy as np

from course_lib.errors import BadInput
from course_lib.files import expanded, remove_partials, resolved
from course_lib.saving import check_saveable, save
from course_lib.tasks.base import Pretrained, compiled, pooled
from course_lib.tasks.classify import ImageClassifier
from course_lib.training.checkpoint import Checkpoint
from course_lib.training.data import Labelled, labelled
from course_lib.training.features import weights_hash
from course_lib.training.layerwise import copied, precision
from course_lib.training.nano import make_folder
from course_lib.training.new_head import Sets, new_head, prepared, with_head
from course_lib.training.pictures import pictures_of
from course_lib.training.plan import Plan, plan_of
from course_lib.training.probe import Probe
from course_lib.training.report import Answers, Epoch, Outcome, summary, write_report
from course_lib.training.unfrozen import Unfrozen, logits_of
from course_lib.weights import saved

REPORT, CHECKPOINT = "report.html", "checkpoint.npz"


def finetune(
    pretrained: Pretrained,
    data,
    *,
    out: str | Path | None = None,
    class_names: Sequence[str] | None = None,
    verbose: bool = True,
    **settings,
) -> Pretrained:
    """Teach a pre-trained network new classes.

    First a linear head is fitted on the frozen features: it takes seconds, and a network that starts from a good head is
    not torn apart by the large gradients of a random one. Then, for up to `epochs`, the whole network trains, the slower
    the further from the head. Batch norm keeps its statistics throughout.

    With `out`, the result is saved there, and a report beside it. If the process is killed, the same call goes on where
    it stood, and ends in the same weights.

    Args:
        pretrained: a loaded image classifier; it stays as it is.
        data: `(images, labels)`, or the path of a folder with a folder for each class; see `labelled`.
        out: a folder to save the model and its report in; `load(out)` opens it again.
        class_names: the names of classes 0, 1, ..., where data does not tell; of a folder, the class folders to use.
        verbose: print what was held out and how well it was classified.
        **settings: fields of `Plan`, for instance `epochs=5`.

    Returns:
        An image classifier with the new labels, and weights of its own.

    Raises:
        BadInput: the data do not fit together, or the model is no classifier.
        CourseError: the folder can't be written; what was in it is still there.
    """
    tuned, outcome = tune(pretrained, data, out=out, class_names=class_names, **settings)
    if verbose:
        print(summary(outcome))
    return tuned


def tune(
    pretrained: Pretrained, data, *, out=None, class_names=None, learn: Callable | None = None, **settings
) -> tuple[Pretrained, Outcome]:
    """Do what `finetune` does, without a word.

    Args:
        pretrained, data, out, class_names, **settings: as `finetune` takes them.
        learn: what trains the whole network in the place of this process, see `cluster.training`.

    Returns:
        The classifier, and all that there is to say of its training.

    Raises:
        BadInput, CourseError: as `finetune` does.
    """
    started, plan = time.perf_counter(), plan_of(settings)
    _check_model(pretrained)
    everything = labelled(data, pretrained.preprocess.resized, class_names)
    folder = _out_folder(pretrained, data, out)
    sets = prepared(pretrained, everything, plan)
    probe = new_head(pretrained, sets, plan)
    trained = _Trained(with_head(pretrained.model, probe))
    if plan.epochs:
        checkpoint = folder and Checkpoint(folder / CHECKPOINT, _fingerprint(pretrained, sets, plan))
        prepare = pretrained.preprocess.normalised
        trained = _Trained(
            trained.model, *(learn or learned_here)(trained.model, sets, plan, prepare, checkpoint)
        )
    tuned = _wrapped(pretrained, trained.model, sets.train)
    outcome = _outcome(tuned, pretrained, probe, sets, plan, trained)
    outcome = dataclasses.replace(outcome, seconds=trained.earlier + time.perf_counter() - started)
    if folder:
        save(tuned, folder)
        write_report(folder / REPORT, outcome, sets.held_out.images.read)
        (folder / CHECKPOINT).unlink(missing_ok=True)
    return tuned, outcome


def accuracy(pretrained: Pretrained, data: Labelled | tuple) -> float:
    """Measure how many images a model classifies rightly.

    Args:
        pretrained: an image classifier.
        data: what `labelled` takes, with labels that count as the model's do; or what it returned.

    Returns:
        0 to 1; not a number where there are no images.
    """
    if not isinstance(data, Labelled):
        images, labels = data
        pictures = pictures_of(images, pretrained.preprocess.resized)
        data = Labelled(pictures, np.asarray(labels, np.int32), pretrained.labels)
    return _right(_logits(pretrained, data).argmax(axis=1), data.labels)


@dataclasses.dataclass(frozen=True)
class _Trained:
    """A model with its head; where the whole network was trained, how that went."""

    model: keras.Model
    epochs: tuple[Epoch, ...] = ()
    notes: tuple[str, ...] = ()
    earlier: float = 0.0  # seconds of training before the run was cut and went on


def learned_here(
    model, sets: Sets, plan: Plan, prepare, checkpoint: Checkpoint | None
) -> tuple[tuple[Epoch, ...], tuple[str, ...], float]:
    """Train the whole network in this process; it comes back in float32, whatever it was trained in.

    Args:
        model: with a good head already; trained in place.
        sets: what to learn from, and what to stop by.
        plan: the settings.
        prepare: from pictures (batch, size, size, 3) uint8 to the model's input.
        checkpoint: where to save now and then, if anywhere.

    Returns:
        The epochs, what there is to say of them, and the seconds of training before a run that was cut went on.
    """
    policy = precision()
    learner = model if policy == "float32" else copied(model, policy)
    training = Unfrozen(learner, plan, sets.train, sets.held_out, prepare)
    epochs, notes = training.run(checkpoint)
    model.set_weights(learner.get_weights())
    return tuple(epochs), notes, training.earlier


def _fingerprint(pretrained: Pretrained, sets: Sets, plan: Plan) -> str:
    """Return what tells this training apart from any other: weights, pictures, classes, settings."""
    digest = hashlib.sha256(weights_hash(pretrained.model).encode())
    for part in (sets.train, sets.held_out):
        digest.update(b"".join(part.keys) + part.labels.tobytes())
    preprocess = dataclasses.asdict(pretrained.preprocess)
    digest.update(json.dumps([sets.train.names, dataclasses.asdict(plan), preprocess]).encode())
    return digest.hexdigest()


def _outcome(
    tuned: Pretrained, before: Pretrained, probe: Probe, sets: Sets, plan: Plan, trained: _Trained
) -> Outcome:
    """Measure the model, and collect what there is to say; the seconds are added at the end."""
    held_out = sets.held_out
    # Below a head alone the features are known already.
    logits = probe.logits(sets.held_out_features) if not trained.epochs else _logits(tuned, held_out)
    names = tuple(held_out.images.name(i) for i in range(len(held_out.labels)))
    return Outcome(
        classes=sets.train.names,
        trained=sets.train.counts,
        held_out=held_out.counts,
        skipped=sets.skipped,
        notes=sets.notes + trained.notes,
        epochs=trained.epochs,
        probe_accuracy=_right(probe.predict(sets.held_out_features), held_out.labels),
        accuracy=_right(logits.argmax(axis=1), held_out.labels),
        answers=Answers(names, held_out.labels, logits) if names else None,
        settings=dataclasses.asdict(plan),
        provenance=before.provenance,
        seconds=0.0,
    )


def _right(predicted: np.ndarray, labels: np.ndarray) -> float:
    return float(np.mean(predicted == labels)) if len(labels) else float("nan")


def _logits(pretrained: Pretrained, data: Labelled) -> np.ndarray:
    return logits_of(compiled(pretrained.model), data, pretrained.preprocess.normalised)


def _check_model(pretrained: Pretrained) -> None:
    """Refuse what has no head to replace."""
    if not isinstance(pretrained, Pretrained):
        raise BadInput(f"Fine-tuning begins with a loaded model, such as load('efficientnet_lite0'), not with a "
                       f"{type(pretrained).__name__}.")  # fmt: skip
    model = pretrained.model
    fits = isinstance(model, keras.Model) and len(model.inputs) == 1 and pretrained.preprocess is not None
    if not fits or len(pooled(model).shape) != 2:
        raise BadInput(f"{pretrained.card.id} has no head to replace: its task is {pretrained.card.task}. Fit a linear "
                       "probe on its .features(images) instead.")  # fmt: skip


def _out_folder(pretrained: Pretrained, data, out) -> Path | None:
    """Make the folder for the result, and make sure that the result will have its place, before any work begins."""
    if out is None:
        return None
    folder = expanded(out)
    if isinstance(data, str | Path) and resolved(folder).is_relative_to(resolved(data)):
        raise BadInput(
            f"The result can't go into the folder of the pictures, {str(data)!r}: choose another for `out`."
        )
    make_folder(folder / saved.FILE)
    remove_partials(folder, (CHECKPOINT, REPORT, f".{saved.FILE}.new"))
    check_saveable(pretrained)
    return folder


def _wrapped(pretrained: Pretrained, model: keras.Model, train: Labelled) -> Pretrained:
    """Return the new model as an image classifier that says where it comes from."""
    new = f"{len(train.labels):,} images of {len(train.names)} new classes"
    provenance = pretrained.provenance.tuned(new, weights_hash(model))
    return ImageClassifier(pretrained.card, model, provenance, pretrained.preprocess, train.names)
