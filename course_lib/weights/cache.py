"""The weights cache: the only code that writes into it.

A file appears under its final name whole and checked, or not at all: it is written beside its place under a unique
name, held to its hash, flushed to disk, then renamed. A lock lets one process at a time fetch a file; where locks do
nothing each writes its own, and no partial file of a living process is ever swept away.
"""

import errno
import hashlib
import os
import re
import stat
import sys
import warnings
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

from platformdirs import user_cache_path

from course_lib.errors import CourseError
from course_lib.files import partial_of, remove_abandoned, write_text

CHUNK = 1 << 20
PATIENCE = 2  # seconds of silent waiting for another process
NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)  # what disks without locks answer


def cache_dir() -> Path:
    """Return the course's cache folder: $COURSE_CACHE, else the user's cache folder of the operating system."""
    try:
        return Path(os.environ.get("COURSE_CACHE") or user_cache_path("course_lib")).expanduser()
    except RuntimeError:
        raise CourseError(
            "There is no home folder to keep weights in: set COURSE_CACHE to a folder of yours."
        ) from None


def place_of(name: str) -> Path:
    """Return where a weights file belongs in the cache, whether it is there or not."""
    return cache_dir() / "weights" / Path(name).name


def find(name: str) -> Path | None:
    """Return the path of a cached weights file, or None; a cache that may not be looked into is told of."""
    path = place_of(name)
    try:
        return path if stat.S_ISREG(path.stat().st_mode) else None
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        warnings.warn(f"The weights cache {path.parent} is not used ({error.strerror or error}): set COURSE_CACHE to a "
                      "folder that you can read.", stacklevel=2)  # fmt: skip
        return None


def put(name: str, published: str, write: Callable[[Path], None]) -> Path:
    """Put a file into the cache, atomically and checked; one that is there and sound stays.

    Args:
        name: the file's name.
        published: "md5:..." or "sha256:..." as upstream publishes it, or "" where it publishes none.
        write: writes the file to the path that it is given.

    Returns:
        The file's path in the cache.

    Raises:
        CourseError: where the folder can't be written or the hash differs; nothing is left behind.
    """
    path = place_of(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone_with(path):
            for each in (path, _record(path).with_name(f".{_record(path).name}")):
                remove_abandoned(each)
            if not _is_sound(path, published):  # another process may have brought it while this one waited
                _replace(path, published, write)
    except OSError as error:
        raise CourseError(f"Can't write {path}: {error.strerror or error}. Free some space, or set COURSE_CACHE to "
                          "a folder that you can write to.") from error  # fmt: skip
    return path


def _replace(path: Path, published: str, write: Callable[[Path], None]) -> None:
    partial = partial_of(path)
    try:
        write(partial)
        sha256 = check(partial, published, path.name)
        _flush(partial)
        if not published:
            _write_record(path, sha256)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _is_sound(path: Path, published: str) -> bool:
    try:
        return path.is_file() and bool(verify(path, published))
    except CourseError:
        return False


@contextmanager
def _alone_with(path: Path):
    """Let one process at a time fetch a file. On disks without locks each brings its own: the last whole one stays."""
    from filelock import FileLock, Timeout  # here, since listing models must not wait for it

    lock = FileLock(f"{path}.lock")
    try:
        try:
            lock.acquire(timeout=PATIENCE)
        except Timeout:
            print(f"Another process is fetching {path.name}: waiting for it.", file=sys.stderr)
            lock.acquire()
    except (NotImplementedError, OSError) as error:
        if isinstance(error, OSError) and error.errno not in NO_LOCKS:
            raise
    try:
        yield
    finally:
        lock.release()


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
    expected = published or _recorded(path)
    sha256 = check(path, expected, path.name)
    if not expected and path.parent == place_of("any").parent:
        try:
            _write_record(path, sha256)
        except CourseError as error:
            warnings.warn(f"{path.name} is used, but its hash is not recorded: {error}", stacklevel=2)
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


def _recorded(path: Path) -> str:
    """Return the hash that was recorded at a file's first use, or ""."""
    record = _record(path)
    if not record.is_file():
        return ""
    text = record.read_text(encoding="utf-8", errors="replace").strip()
    if not re.fullmatch("[0-9a-f]{64}", text):
        raise CourseError(f"{record} is damaged: delete it and {path.name}, and fetch that again.")
    return f"sha256:{text}"


def _write_record(path: Path, sha256: str) -> None:
    write_text(_record(path), f"{sha256}\n")


def _flush(path: Path) -> None:
    with open(path, "rb+") as file:
        os.fsync(file.fileno())
