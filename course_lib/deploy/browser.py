"""ONNX Runtime's build for browsers: fetched once, by npm, when a person asks for it; held to its hashes; then used offline."""

import os
import shutil
import subprocess
import tarfile
import tempfile
from functools import partial
from pathlib import Path
from typing import NamedTuple

from course_lib.errors import CourseError, first_line
from course_lib.weights import cache

NAME, VERSION = "onnxruntime-web", "1.27.0"
CREDIT = f"ONNX Runtime Web {VERSION} (Microsoft, MIT licence)"
ARCHIVE = (  # as the registry publishes it, in hexadecimal
    "sha512:a200cbb2a228cc767089f3ee377ecea6ba00a346f25fab78dff6cff06cde6560560fa30e184c6cc05031deea78352fefbd604e836bb63d7a2"
    "60eddeb3267504a"
)


class Part(NamedTuple):
    """One file of the archive that a page needs: its place in it, its name in the cache, its hash, how large it may be."""

    member: str
    name: str
    digest: str
    most: int  # bytes


PARTS = (  # of its 500 files
    Part("package/dist/ort.wasm.bundle.min.mjs", f"{NAME}-{VERSION}.mjs",
         "sha256:1db5e1c5cd2b860eed85e6eeff23e2aaa7cffcc407f67093bcc888f631b94ba9", 1 << 20),
    Part("package/dist/ort-wasm-simd-threaded.wasm", f"{NAME}-{VERSION}.wasm",
         "sha256:d1ab1b94b16a65b29d710d0b587b29e7bed336827577623913479b8afe8113e6", 32 << 20),
)  # fmt: skip
MOST_ARCHIVE = 64 << 20  # bytes
PATIENCE = 900  # seconds
HOW = f"`course fetch {NAME}` brings it (31 MB, by npm)"


def runtime() -> tuple[Path, Path]:
    """Return the files of the browser build in the cache, module and WebAssembly, held to their hashes.

    Raises:
        CourseError: they are not on this machine, or damaged.
    """
    found = [cache.find(part.name) for part in PARTS]
    if not all(found):
        raise CourseError(
            f"A page needs ONNX Runtime's build for browsers, which is not on this machine: {HOW}."
        )
    for path, part in zip(found, PARTS, strict=True):
        cache.verify(path, part.digest)
    return tuple(found)


def fetch() -> tuple[Path, Path]:
    """Bring the browser build into the cache; what is there and sound stays.

    Raises:
        CourseError: npm is missing or finds no registry, or what it brings is not the published archive.
    """
    try:
        return runtime()
    except CourseError:
        pass
    with tempfile.TemporaryDirectory() as folder:
        archive = _packed_by_npm(Path(folder))
        cache.check(archive, ARCHIVE, archive.name)
        return tuple(cache.put(part.name, part.digest, partial(_take, archive, part)) for part in PARTS)


def _take(archive: Path, part: Part, path: Path) -> None:
    """Copy one file of an archive, by its exact name, to a path: nothing is unpacked where the archive wishes."""
    with tarfile.open(archive, "r:gz") as tar:
        info = tar.getmember(part.member)
        if not info.isfile() or info.size > part.most:
            raise CourseError(f"{part.member} is not what it should be: it is not taken.")
        with tar.extractfile(info) as source, open(path, "wb") as file:
            shutil.copyfileobj(source, file)


def _packed_by_npm(folder: Path) -> Path:
    """Let npm bring the archive: which registry it asks is npm's own configuration. No script of the package is run."""
    npm = shutil.which("npm")
    if npm is None:
        raise CourseError(
            f"{NAME} is brought by npm, which is not on this machine: install Node.js, which has it."
        )
    command = [npm, "pack", f"{NAME}@{VERSION}", "--ignore-scripts", "--pack-destination", str(folder)]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL,
            env=os.environ | {"NO_UPDATE_NOTIFIER": "1"}, errors="replace", check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CourseError(f"npm could not be run ({first_line(error)}): try again later.") from error
    found = sorted(folder.glob("*.tgz"))
    if done.returncode or len(found) != 1 or found[0].stat().st_size > MOST_ARCHIVE:
        lines = [line for line in done.stderr.splitlines() if "error" in line.lower()] or [
            "it brought nothing"
        ]
        raise CourseError(f"npm did not bring {NAME} {VERSION} ({lines[0][:200]}): is there a network?")
    return found[0]
