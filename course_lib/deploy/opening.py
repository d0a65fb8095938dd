"""Using an exported model: its file, its own engine, and no Keras model, no zoo and no card."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from course_lib.deploy import manifest as manifests
from course_lib.deploy.formats import FORMATS, check
from course_lib.engine_names import cores
from course_lib.errors import BadInput, CourseError, first_line
from course_lib.files import expanded
from course_lib.media.images import open_images
from course_lib.tasks.batching import by_batch
from course_lib.tasks.predictions import Predictions, collected, ranked

BATCH = 32  # pictures in one call


class Exported:
    """An exported classifier, ready to run.

    Attributes:
        manifest: what its folder says of it.
        format: the one that runs.
        labels: the class names in the order of the probabilities.
    """

    def __init__(self, manifest: manifests.Manifest, name: str, run):
        self.manifest, self.format, self.labels, self._run = manifest, name, manifest.labels, run

    def __repr__(self):
        return f"<Exported {self.manifest.model}: {self.format}, {len(self.labels)} classes, {self.manifest.size} px>"

    def probabilities(self, pictures: np.ndarray) -> np.ndarray:
        """Run pictures of the network's size, (batch, size, size, 3), RGB, 0-255, to probabilities (batch, labels)."""
        found = self._run(np.ascontiguousarray(pictures, np.float32))
        if found.shape != (len(pictures), len(self.labels)):
            raise BadInput(
                f"This file gives {found.shape[-1]} numbers for {len(self.labels)} classes: export the model again."
            )
        return found

    def classify(self, images, top: int = 5) -> Predictions | list[Predictions]:
        """Name what pictures show; takes and returns what a loaded model's `classify` does."""
        return collected(self._stream(images, top), images)

    def _stream(self, images, top: int) -> Iterator[Predictions]:
        resize = self.manifest.preprocess.resized
        resized = ((name, x if isinstance(x, BadInput) else resize(x)) for name, x in open_images(images))
        for name, row in by_batch(resized, BATCH, lambda pictures: self.probabilities(np.stack(pictures))):
            if isinstance(row, BadInput):
                yield Predictions((), name, str(row))
            else:
                yield Predictions(ranked(row, self.labels, top), name)


def open_export(folder: str | Path, format: str | None = None, threads: int | None = None) -> Exported:
    """Open an exported folder.

    The hashes are checked against damage. They do not protect from somebody who wants to harm you: open what you trust.

    Args:
        folder: what `export` wrote.
        format: which of its formats runs; by default the first of `formats.FORMATS` that is there and can run here.
        threads: processor threads to use; by default as many as there are cores for this process.

    Returns:
        An object with `.classify(pictures)`.

    Raises:
        BadInput: no export, a format that is not in it, a file that is missing or was changed.
        CourseError: a package is missing.
    """
    manifest, name = chosen(folder, format)
    try:
        run = FORMATS[name].open(expanded(folder) / FORMATS[name].entry, threads or cores())
    except CourseError:
        raise
    except Exception as error:  # whatever an engine throws at a file
        raise CourseError(
            f"{name} can't run its file ({first_line(error)}): export the model again."
        ) from error
    return Exported(manifest, name, run)


def chosen(folder: str | Path, format: str | None = None) -> tuple[manifests.Manifest, str]:
    """Choose what `open_export` opens, and hold its files to their hashes, without running anything."""
    folder = expanded(folder)
    manifest = manifests.read(folder)
    if format is not None:
        check(format)
    there = [name for name in FORMATS if name in manifest.formats]
    if format is not None and format not in there:
        raise BadInput(f"{folder} was not exported as {format}; it has: {', '.join(there) or 'nothing'}.")
    able = [name for name in there if not FORMATS[name].missing]
    if not able and format is None:
        check(there[0] if there else "")
    name = format or able[0]
    manifests.verify(folder, manifest.formats[name])
    return manifest, name
