"""The weights cache: the only code that writes into it.

A file appears under its final name whole and checked, or not at all: it is written beside its place under a unique
name, hashed while it streams, flushed to disk, then renamed. A lock lets one process at a time fetch a file.
"""

import hashlib
import os
import uuid
from collections.abc import Callable
from pathlib import Path

from platformdirs import user_cache_path

from course_lib.errors import CourseError
from course_lib.files import write_text

CHUNK = 1 << 20


def cache_dir() -> Path:
    """Return the course's cache folder: $COURSE_CACHE, else the user's cache folder of the operating system."""
    return Path(os.environ.get("COURSE_CACHE") or user_cache_path("course_lib")).expanduser()


def place_of(name: str) -> Path:
    """Return where a weights file belongs in the cache, whether it is there or not."""
    return cache_dir() / "weights" / Path(name).name


def find(name: str) -> Path | None:
    """Return the path of a cached weights file, or None."""
    path = place_of(name)
    return path if path.is_file() else None


def put(name: str, published: str, write: Callable[[Path], None]) -> Path:
    """Put a file into the cache, atomically and checked.

    Args:
        name: the file's name.
        published: "md5:..." or "sha256:..." as upstream publishes it, or "" where it publishes none.
        write: writes the file to the path that it is given.

    Returns:
        The file's path in the cache.

    Raises:
        CourseError: where the folder can't be written or the hash differs; nothing is left behind.
    """
    from filelock import FileLock  # here, since listing models must not wait for it

    path = place_of(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock"):
            _sweep(path)
            partial = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
            try:
                write(partial)
                sha256 = check(partial, published, name)
                _flush(partial)
                if not published:
                    _write_record(path, sha256)
                os.replace(partial, path)
            finally:
                partial.unlink(missing_ok=True)
    except OSError as error:
        raise CourseError(f"Can't write {path}: {error.strerror or error}. Free some space, or set COURSE_CACHE to "
                          "a folder that you can write to.") from error  # fmt: skip
    return path


def verify(path: Path, published: str) -> str:
    """Hold a weights file to its hash before it is used.

    Args:
        path: the file.
        published: "md5:..." or "sha256:...", or "" where upstream publishes none: then the SHA-256 is recorded
            beside the file at its first use, and every later use is held to the record.

    Returns:
        The file's SHA-256, in hexadecimal.

    Raises:
        CourseError: where the file is not the one that was published or recorded.
    """
    record = _record(path)
    expected = published or (f"sha256:{record.read_text().strip()}" if record.is_file() else "")
    sha256 = check(path, expected, path.name)
    if not expected and path.parent == place_of("any").parent:
        _write_record(path, sha256)
    return sha256


def check(path: Path, expected: str, name: str) -> str:
    """Return a file's SHA-256; raise CourseError where it differs from `expected` ("algorithm:digest" or "")."""
    algorithm, _, digest = expected.partition(":")
    hashes = {"sha256": hashlib.sha256()}
    if algorithm:
        hashes.setdefault(algorithm, hashlib.new(algorithm, usedforsecurity=False))
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            for each in hashes.values():
                each.update(chunk)
    if algorithm and hashes[algorithm].hexdigest() != digest:
        found = hashes[algorithm].hexdigest()
        raise CourseError(f"{name} is not the file that was expected ({algorithm} {digest}, found {found}): it is "
                          "damaged or another file. Delete it and fetch it again.")  # fmt: skip
    return hashes["sha256"].hexdigest()


def _record(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _write_record(path: Path, sha256: str) -> None:
    write_text(_record(path), f"{sha256}\n")


def _sweep(path: Path) -> None:
    """Remove what a killed process left; whoever holds the lock is alone with these names."""
    for litter in path.parent.glob(f"{path.name}.*.part"):
        litter.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    with open(path, "rb+") as file:
        os.fsync(file.fileno())
