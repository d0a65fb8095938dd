"""The sample photographs: found inside packages that are installed anyway, each with its licence."""

import difflib
import importlib.util
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from course_lib.data_dir import data_dir
from course_lib.errors import BadInput, CourseError


@dataclass(frozen=True)
class Sample:
    """One sample photograph: where it lies, what it shows, and under which licence."""

    name: str
    path: Path
    title: str
    licence: str
    credit: str
    source: str
    sha256: str


@cache
def _entries() -> dict[str, dict[str, str]]:
    return tomllib.loads((data_dir() / "samples" / "samples.toml").read_text(encoding="utf-8"))


def _package_folder(package: str) -> Path:
    # find_spec locates a package without importing it: scikit-image alone would cost half a second
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise CourseError(f"The sample photographs need the package {package!r}: install the course again.")
    return Path(spec.origin).parent


def _entry_sample(name: str, entry: dict[str, str]) -> Sample:
    facts = {key: entry[key] for key in ("title", "licence", "credit", "source", "sha256")}
    return Sample(name=name, path=_package_folder(entry["package"]) / entry["file"], **facts)


def samples() -> dict[str, Sample]:
    """Return every sample photograph by name.

    Returns:
        A dictionary from name ("cat") to its `Sample`, in the order of `data/samples/samples.toml`.

    Raises:
        CourseError: A package that carries photographs is not installed.
    """
    return {name: _entry_sample(name, entry) for name, entry in _entries().items()}


def sample(name: str) -> Path:
    """Return the path of one sample photograph.

    Args:
        name: "cat", "coffee", "camera", "rocket", "astronaut", "china" or "flower".

    Returns:
        The path of a JPEG or PNG file.

    Raises:
        BadInput: There is no sample of that name; the sentence suggests the nearest.
    """
    entries = _entries()
    if name not in entries:
        near = difflib.get_close_matches(str(name).lower(), entries, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise BadInput(f"There is no sample named {name!r}: {hint}the samples are {', '.join(entries)}.")
    found = _entry_sample(name, entries[name])
    if not found.path.is_file():
        package = entries[name]["package"]
        raise CourseError(f"The sample {name!r} is missing from the package {package!r}: install it again.")
    return found.path
