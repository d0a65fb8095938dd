"""Writing a model as files that other programs run, each of them opened again and held against the model before it counts."""

import dataclasses
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from course_lib.deploy import formats as registry
from course_lib.deploy import manifest as manifests
from course_lib.deploy.manifest import Manifest, Written
from course_lib.errors import BadInput, CourseError, first_line
from course_lib.files import new_folder, put_back, resolved, write_text
from course_lib.media.images import open_images, sample_crops, spread_images

TOLERANCE = 1e-4  # how far a probability may lie from the Keras model's, as a part of the largest
CROPS = 4  # of the sample photographs: what every format is held against the model on


def export(
    pretrained,
    folder: str | Path,
    formats: Sequence[str] = ("onnx",),
    examples=None,
    *,
    force: bool = False,
    watch: Callable[[Iterable], Iterable] = iter,
) -> Manifest:
    """Write a classifier into a folder that needs neither Keras nor this course to be used.

    The preprocessing goes into the graph: pictures of 0-255 go in, probabilities come out; only resizing stays outside, and
    `deploy.json` says how. All formats but LiteRT's take any number of pictures at once.

    Args:
        pretrained: an image classifier, from `load` or `finetune`.
        folder: where to; it must be new, empty, or with `force` an earlier export.
        formats: names of `formats.FORMATS`.
        examples: typical pictures, for "litert-int8": a folder, or a list of what `classify` takes. Some hundreds of them,
            evenly spaced, are read.
        force: replace an earlier export.
        watch: passes on the formats as they are worked on, for instance a progress bar.

    Returns:
        What was written, as it stands in `deploy.json`.

    Raises:
        BadInput: an unknown format, no image classifier, missing examples, a folder that is something else.
        CourseError: a package is missing, a format can't hold this network or gives other answers, or the disk is full.
            Then the folder is as it was.
    """
    from course_lib.deploy.network import MOST_EXAMPLES, Network

    for name in formats or registry.check(""):
        registry.check(name)
    folder = resolved(folder)  # of a link what it leads to is replaced
    _check_task(pretrained)
    check_place(folder, force)
    pictures = None
    if examples is not None and "litert-int8" in formats:
        pictures = _resized(pretrained, spread_images(examples, MOST_EXAMPLES))
    network = Network(pretrained, _description(pretrained), pictures)
    if "litert-int8" in formats:
        network.typical  # noqa: B018  refused before the first second of work
    try:
        return _write_all(network, _reference(pretrained), folder, dict.fromkeys(formats), watch)
    except OSError as error:
        raise CourseError(
            f"Can't write {folder}: {error.strerror or error}. Choose another place, or free some space."
        ) from error


def check_place(folder: Path, force: bool) -> None:
    """Raise BadInput where an export can't go without losing something that is there; the folder is a resolved one."""
    if _holds_us(folder):
        raise BadInput(
            f"{folder} is the folder you are in, or holds it, and can't be replaced: give the name of a new one."
        )
    put_back(folder)
    if not os.path.lexists(folder):
        return
    if not folder.is_dir():
        raise BadInput(f"{folder} is a file: an export is a folder, give the name of a new one.")
    if manifests.is_export(folder):
        if not force:
            raise BadInput(
                f"{folder} holds an exported model already: say --force (in Python, force=True) to replace it."
            )
    elif any(folder.iterdir()):
        raise BadInput(f"{folder} is not empty, and no exported model: give the name of a new folder.")


def _holds_us(folder: Path) -> bool:
    try:
        return Path.cwd().is_relative_to(folder)
    except FileNotFoundError:  # we are in a folder that was deleted
        return False


def _check_task(pretrained) -> None:
    from course_lib.tasks.base import UNTRAINED
    from course_lib.tasks.classify import ImageClassifier

    if not isinstance(pretrained, ImageClassifier):
        raise BadInput(
            f"{pretrained.card.id} does not classify pictures (its task is {pretrained.card.task}), and only classifiers are "
            "exported whole; its network alone is .model, which Keras exports: .model.export(FOLDER)."
        )
    if pretrained.provenance.grade == "random":
        raise BadInput(UNTRAINED)
    if not pretrained.labels:
        raise BadInput(
            f"{pretrained.card.id}: these weights come without a head: teach it classes with finetune."
        )


def _description(pretrained) -> Manifest:
    found, preprocess = pretrained.provenance, pretrained.preprocess
    texts = {name: str(value) for name, value in dataclasses.asdict(found).items()}
    return Manifest(
        pretrained.card.id, tuple(pretrained.labels), int(preprocess.size), float(preprocess.crop), bool(preprocess.letterbox),
        found.licence, texts, {},
    )  # fmt: skip


def _resized(pretrained, images) -> np.ndarray:
    """Return pictures at the network's size, (n, size, size, 3) float32 0-255; the first that can't be read is an error."""
    rows = []
    for _, picture in open_images(images):
        if isinstance(picture, BadInput):
            raise picture
        rows.append(pretrained.preprocess.resized(picture))
    if not rows:
        raise BadInput(
            "There is no picture among the examples: give a folder of pictures, or a list of them."
        )
    return np.float32(np.stack(rows))


def _reference(pretrained) -> Callable[[np.ndarray], np.ndarray]:
    """Return what the Keras model says, by the library's own preprocessing: it is this that every file is held against."""
    from course_lib.engines import compiled
    from course_lib.tasks.predictions import softmax

    logits = compiled(pretrained.model)
    return lambda pictures: softmax(logits(pretrained.preprocess.normalised(pictures)))


def _write_all(network, reference, folder: Path, names, watch) -> Manifest:
    """Write everything beside its place and move it there at once: a kill leaves the old folder, or the new one."""
    with new_folder(folder) as new:
        crops = [network.manifest.preprocess.resized(crop) for crop in sample_crops(1, 0)[:CROPS]]
        pictures = np.float32(crops)
        expected = reference(pictures)
        written = {name: _write(network, reference, new, name, pictures, expected) for name in watch(names)}
        told = dataclasses.replace(network.manifest, formats=written)
        write_text(new / manifests.FILE, told.to_json())
    return told


def _write(network, reference, folder: Path, name: str, pictures, expected) -> Written:
    """Write one format, open it again, and hold its answers against the model's."""
    form = registry.FORMATS[name]
    before = set(_files(folder))
    try:
        form.write(network, folder)
        run = form.open(folder / form.entry, 1)
        found, alone = run(pictures), run(pictures[:1])
    except (CourseError, OSError):
        raise
    except Exception as error:  # whatever a converter throws: most have no errors of their own
        raise CourseError(
            f"{name} can't hold this network ({first_line(error)}): choose another format."
        ) from error
    difference = max(np.abs(found - expected).max(), np.abs(alone - expected[:1]).max()) / expected.max()
    if form.exact and not difference <= TOLERANCE:  # true for a NaN as well
        raise CourseError(
            f"The {name} file gives other answers than the model (by {difference:.1g} of the largest): it is not kept."
        )
    files = manifests.described(folder, sorted(set(_files(folder)) - before))
    held = network.held_back
    agreement = None
    if not form.exact and len(held):
        agreement = float(np.mean(run(held).argmax(-1) == reference(held).argmax(-1)))
    return Written(files, float(difference), agreement, len(held) if agreement is not None else 0)


def _files(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
