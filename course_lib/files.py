"""Writing files so that nothing is lost: whole under the final name, or not at all."""

import contextlib
import glob
import os
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path

from course_lib.errors import CourseError


def write_text(path: Path, text: str) -> None:
    """Write a text file as `write_atomically` does, in UTF-8."""
    write_atomically(path, lambda file: file.write(text.encode()))


def write_atomically(path: Path, write: Callable) -> None:
    """Write a file beside its place, flush it to disk, and move it there; an old file stays until then.

    Args:
        path: where the file shall be.
        write: gets an open binary file.

    Raises:
        CourseError: where the folder is missing, not writable, or the disk is full.
    """
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        try:
            with open(partial, "xb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(partial, path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise CourseError(
            f"Can't write {path}: {error.strerror or error}. Choose another place, or free some space."
        ) from error


def remove_partials(folder: Path, names: Iterable[str]) -> None:
    """Delete what killed processes left half written; to be called while nobody writes these files.

    Args:
        folder: where the files are.
        names: of the files that were being written.
    """
    for name in names:
        for partial in folder.glob(f".{glob.escape(name)}.*.part"):
            with contextlib.suppress(OSError):  # litter that cannot be cleared away stops nobody
                partial.unlink()
