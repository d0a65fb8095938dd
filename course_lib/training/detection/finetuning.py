"""Teaching a detector new kinds of object from a few pictures with boxes."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from course_lib.boxes import Boxes
from course_lib.errors import BadInput
from course_lib.files import expanded
from course_lib.media.detection_folders import DetectionFolder
from course_lib.media.detection_folders.gathering import checked_names
from course_lib.media.images import read_image
from course_lib.media.letterbox import Letterbox
from course_lib.saving import built, save
from course_lib.tasks.detect import ObjectDetector
from course_lib.training.detection.fit import fit
from course_lib.training.features import weights_hash
from course_lib.training.fit import Settings
from course_lib.training.nano import make_folder
from course_lib.training.plan import check_steps, plan_of
from course_lib.weights import saved


@dataclasses.dataclass(frozen=True)
class DetectorPlan:
    """The settings of `finetune_detector`.

    Attributes:
        steps: updates of the whole network.
        batch_size: pictures in each.
        learning_rate: its peak; a cosine takes it down to zero.
        warmup: updates over which it rises from zero: the class scores begin at random.
        mirror: swap left and right in half of the pictures.
        recolour: shuffle red, green and blue; where colour says nothing of the kind.
        frozen_statistics: keep batch norm's averages, as for a few pictures one should.
        seed: of the new class scores, the order of the pictures, and their changes.
    """

    steps: int = 200
    batch_size: int = 16
    learning_rate: float = 1e-3
    warmup: int = 20
    mirror: bool = True
    recolour: bool = False
    frozen_statistics: bool = True
    seed: int = 0

    def __post_init__(self):
        check_steps(self)


def finetune_detector(
    pretrained: ObjectDetector,
    data,
    *,
    class_names: Sequence[str] = (),
    out: str | Path | None = None,
    **settings,
) -> ObjectDetector:
    """Teach a detector new kinds of object.

    The whole network trains from what it knows; its class scores alone begin at random. What it could name before, it can't after.

    Args:
        pretrained: a loaded detector; it stays as it is.
        data: a `DetectionFolder`; or `(pictures, boxes)`: a list of pictures or paths, and as many `Boxes` in their pixels.
        class_names: the names of classes 0, 1, ...; a folder tells them itself.
        out: a folder to save the detector in; `load(out)` opens it again.
        **settings: fields of `DetectorPlan`, for instance `steps=400`.

    Returns:
        A detector of the new kinds, with weights of its own.

    Raises:
        BadInput: the data do not fit together; the model is no detector, or can't be given other classes.
        CourseError: the folder can't be written.
    """
    if not isinstance(pretrained, ObjectDetector):
        raise BadInput("finetune_detector begins with a loaded detector, such as load('yolo_v8_nano').")
    plan = plan_of(settings, DetectorPlan, "finetune_detector")
    names = checked_names(class_names or getattr(data, "class_names", ()))
    folder = _out_folder(out)
    images, truths = _prepared(data, len(names), pretrained.model.inputs[0].shape[1])
    keras.utils.set_random_seed(plan.seed)
    model = with_classes(pretrained, len(names))
    loop = Settings.of(plan, clip_norm=10.0)
    fit(model, images, truths, len(names), loop, pretrained.preprocess.normalised)
    tuned = _wrapped(pretrained, model, names, len(images))
    if folder:
        save(tuned, folder)
    return tuned


def with_classes(pretrained: ObjectDetector, classes: int) -> keras.Model:
    """Build a detector's network for other classes, with its weights wherever they have a place.

    Args:
        pretrained: a loaded detector.
        classes: how many kinds the new network tells apart; they are others, even if they are as many.

    Returns:
        The network; its class scores begin at random, and so does what is of another shape.
    """
    model = built(pretrained.card, pretrained.provenance.offer, classes, pretrained.model.inputs[0].shape[1])
    # The layers that end in a score for each class, as `zoo.yolo_layers.head_outputs` names them.
    scores = [layer.name for layer in model.layers if layer.name.endswith("_classes")]
    known = {variable.path: variable for variable in pretrained.model.weights}
    for variable in model.weights:
        old = known.get(variable.path)
        if old is not None and old.shape == variable.shape and variable.path.split("/")[0] not in scores:
            variable.assign(old)
    return model


def _out_folder(out) -> Path | None:
    """Make the folder, before any work begins."""
    if out is None:
        return None
    folder = expanded(out)
    make_folder(folder / saved.FILE)
    return folder


def _prepared(data, classes: int, size: int) -> tuple[np.ndarray, list[Boxes]]:
    """Read all pictures into squares of the network's size, (n, size, size, 3) uint8, and carry their boxes along."""
    if isinstance(data, DetectionFolder):
        data = (data.paths, data.boxes)
    try:
        pictures, truths = data
    except (TypeError, ValueError):
        raise BadInput(
            "The data are a DetectionFolder, or pictures and their boxes: (pictures, boxes)."
        ) from None
    if not len(pictures) or len(pictures) != len(truths):
        raise BadInput(
            f"There must be as many boxes as pictures, and some: not {len(pictures)} and {len(truths)}."
        )
    for index, truth in enumerate(truths):
        if not isinstance(truth, Boxes) or not np.isfinite(truth.corners).all():
            raise BadInput(
                f"The boxes of picture {index} are no `Boxes`, or a corner of them is not a finite number."
            )
    labels = np.concatenate([truth.labels for truth in truths])
    if len(labels) and not 0 <= labels.min() <= labels.max() < classes:
        raise BadInput(f"Each box has a label from 0 up, and class_names a name for each; it has {classes}.")
    images, boxes = np.empty((len(pictures), size, size, 3), np.uint8), []
    for i, (source, truth) in enumerate(zip(pictures, truths, strict=True)):
        picture = read_image(source)
        letterbox = Letterbox(*picture.shape[:2], size)
        images[i] = letterbox.apply(picture)
        boxes.append(Boxes(letterbox.to_square(truth.corners), truth.labels))
    return images, boxes


def _wrapped(
    pretrained: ObjectDetector, model: keras.Model, names: tuple[str, ...], count: int
) -> ObjectDetector:
    """Return the new network as a detector that says where it comes from."""
    new = f"{count:,} pictures with boxes of {len(names)} new classes"
    provenance = pretrained.provenance.tuned(new, weights_hash(model))
    return ObjectDetector(pretrained.card, model, provenance, pretrained.preprocess, names)
