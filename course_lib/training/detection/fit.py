"""The training loop of detectors: the course's optimiser and batches, true boxes beside the pictures."""

import time
from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf

from course_lib.boxes import Boxes, grid
from course_lib.training import fit as loop
from course_lib.training.detection.loss import detection_loss
from course_lib.training.fit import History, Settings

AUXILIARY = 0.25  # weight of the auxiliary head's loss, as in YOLOv9


def fit(
    model: keras.Model,
    images: np.ndarray,
    truths: Sequence[Boxes],
    classes: int,
    settings: Settings,
    prepare: Callable[[np.ndarray], np.ndarray],
) -> History:
    """Train a detector in place.

    Args:
        model: from prepared pictures to (batch, cells, 4 * bins + classes); or to a dict of two such tensors, "head" and "auxiliary",
            of which the second only guides the training.
        images: (n, size, size, 3), as `prepare` expects them.
        truths: the true boxes of each picture, in its pixels.
        classes: how many kinds there are.
        settings: how to train; of the augmentations `mirror` and `recolour`.
        prepare: turns a batch of pictures into the model's input.

    Returns:
        The history.
    """
    corners, labels = padded(truths)
    step = _compiled_step(model, classes, loop.optimizer_of(settings), settings)
    rng = np.random.default_rng(settings.seed)
    started, losses = time.perf_counter(), []
    for chosen in loop.updates(len(images), settings, rng):
        batch, boxes = augmented(images[chosen], corners[chosen], settings, rng)
        losses.append(step(*map(tf.constant, (prepare(batch), boxes, labels[chosen]))))
    return History([float(loss) for loss in losses], time.perf_counter() - started)


def padded(truths: Sequence[Boxes]) -> tuple[np.ndarray, np.ndarray]:
    """Stack true boxes of different number: corners (n, most, 4) float32, labels (n, most) int32 with -1 for none."""
    most = max([1, *map(len, truths)])
    corners = np.zeros((len(truths), most, 4), np.float32)
    labels = np.full((len(truths), most), -1, np.int32)
    for i, truth in enumerate(truths):
        corners[i, : len(truth)], labels[i, : len(truth)] = truth.corners, truth.labels
    return corners, labels


def augmented(
    images: np.ndarray, corners: np.ndarray, settings: Settings, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Change pictures at random, and move their boxes with them; shapes as for `padded`."""
    if settings.recolour:
        images = loop.augment.recoloured(images, rng)
    if settings.mirror:
        swap = rng.random(len(images)) < 0.5
        images = np.where(swap[:, None, None, None], images[:, :, ::-1], images)
        corners = np.where(swap[:, None, None], mirrored(corners, images.shape[2]), corners)
    return images, corners


def mirrored(corners: np.ndarray, width: int) -> np.ndarray:
    """Return the boxes (..., 4) of a picture of that width whose left and right are swapped."""
    x0, y0, x1, y1 = np.moveaxis(corners, -1, 0)
    return np.stack([width - x1, y0, width - x0, y1], axis=-1)


def _compiled_step(model: keras.Model, classes: int, optimizer, settings: Settings) -> Callable:
    """Return one update as a compiled function of (inputs, corners, labels) that gives the loss."""
    variables = model.trainable_variables
    optimizer.build(variables)
    centres, strides = grid.cells(*model.input_shape[1:3])
    signature = [
        tf.TensorSpec((None, *model.input_shape[1:])),
        tf.TensorSpec((None, None, 4)),
        tf.TensorSpec((None, None), tf.int32),
    ]

    @tf.function(input_signature=signature, autograph=False, jit_compile=settings.jit_compile)
    def step(inputs, corners, labels):
        with tf.GradientTape() as tape:
            outputs = model(inputs, training=not settings.frozen_statistics)
            heads = outputs if isinstance(outputs, dict) else {"head": outputs}
            losses = {
                name: detection_loss(head, classes, centres, strides, corners, labels)
                for name, head in heads.items()
            }
            loss = losses["head"] + AUXILIARY * losses.get("auxiliary", 0.0)
        optimizer.apply(tape.gradient(loss, variables), variables)
        return loss

    return step
