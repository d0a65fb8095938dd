"""Writing files so that nothing is lost: whole under the final name, or not at all."""

import contextlib
import glob
import os
import re
import shutil
import socket
import time
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path

from course_lib.errors import CourseError

DAY = 86_400  # seconds after which nobody still writes


def expanded(path: str | Path) -> Path:
    """Return a path that a person gave, with ~ for the home folder.

    As os.path does it, which answers where pathlib raises: "~nobody"; the same goes for looking at names of 300 letters.
    """
    return Path(os.path.expanduser(path))


def resolved(path: str | Path) -> Path:
    """Return where a path that a person gave leads, links followed; of a link to itself, as far as it goes."""
    return Path(os.path.realpath(expanded(path)))


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
    with _written_beside(path, write) as partial:
        os.replace(partial, path)


def check_writable(path: Path, count: int = 1) -> None:
    """Raise CourseError now where `write_atomically` would later: so many bytes are written beside the place, and deleted."""
    with _written_beside(path, lambda file: file.write(bytes(count))):
        pass


@contextlib.contextmanager
def _written_beside(path: Path, write: Callable):
    """Write a file beside its place, flushed to disk, and give its name; it goes with the block if it is still there."""
    partial = partial_of(path.with_name(f".{path.name}"))
    try:
        try:
            with open(partial, "xb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            yield partial
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise CourseError(
            f"Can't write {path}: {error.strerror or error}. Choose another place, or free some space."
        ) from error


def partial_of(path: Path) -> Path:
    """Return a name beside a file's own that no other process writes to, and that says who writes."""
    return path.with_name(f"{path.name}.{_host()}-{os.getpid()}-{uuid.uuid4().hex}.part")


def remove_abandoned(path: Path) -> None:
    """Delete what killed processes left of a file or folder half written, and nothing that a living one is still writing."""
    for partial in path.parent.glob(f"{glob.escape(path.name)}.*.part"):
        with contextlib.suppress(OSError):  # litter that cannot be cleared away stops nobody
            if _is_abandoned(partial):
                shutil.rmtree(partial) if partial.is_dir() else partial.unlink()


def _is_abandoned(partial: Path) -> bool:
    host, _, rest = partial.name.split(".")[-2].partition("-")
    process = rest.partition("-")[0]
    if not process.isdecimal() or time.time() - partial.stat().st_mtime > DAY:
        return True
    if host != _host():
        return False
    if os.name == "nt":  # there `kill` would end it; but nobody can delete an open file
        return True
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:  # it lives, and is somebody else's
        return False
    return False


def _host() -> str:
    return re.sub(r"\W", "_", socket.gethostname())[:30]


@contextlib.contextmanager
def new_folder(folder: Path):
    """Give an empty folder to write into, which at the end of the block takes the place of the old one, if nothing failed.

    A kill leaves the old folder or the new one, at worst in its place aside: `put_back` mends that.

    Args:
        folder: the place; its parent is made.

    Raises:
        OSError: where the folder can't be written.
    """
    hidden, previous = folder.with_name(f".{folder.name}"), _previous(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    remove_abandoned(hidden)
    new = partial_of(hidden)
    new.mkdir()
    try:
        yield new
        if folder.is_dir():
            shutil.rmtree(previous, ignore_errors=True)
            os.replace(folder, previous)
        os.replace(new, folder)
        shutil.rmtree(previous, ignore_errors=True)
    finally:
        shutil.rmtree(new, ignore_errors=True)
        put_back(folder)


def put_back(folder: Path) -> None:
    """Put the old folder back where a run of `new_folder` was stopped between its last two steps."""
    if _previous(folder).is_dir() and not os.path.lexists(folder):
        os.replace(_previous(folder), folder)


def _previous(folder: Path) -> Path:
    """Where an old folder is for the moment in which the new one takes its place."""
    return folder.with_name(f".{folder.name}.previous")


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
