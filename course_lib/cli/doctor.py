"""course doctor: what is installed, which weights are here, what is wrong, and what to type."""

import importlib.util
import os
import platform
import shutil
import sys
from importlib.metadata import PackageNotFoundError, requires, version

import typer

from course_lib import catalog
from course_lib.cli import app
from course_lib.cli.models import best_here
from course_lib.engine_names import PACKAGES
from course_lib.errors import CourseError
from course_lib.weights import cache
from course_lib.weights.sources import source

SHOWN = ("tensorflow", "keras", "keras-hub", "keras-nlp", "keras-cv", "tensorflow-hub", "jupyterlab", "matplotlib",
         "nbval")  # fmt: skip
DISK_BYTES = 1_000_000_000


@app.command()
def doctor() -> None:
    """Say what is installed, which weights are here, what is wrong, and what to type."""
    print(
        f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    )
    for name in SHOWN:
        print(f"  {name:<16}{_version(name) or 'not installed'}")
    print(f"Engines: {', '.join(_engines())}")
    print(f"Videos: av {_version('av') or 'not installed'}")
    print(f"Cache: {cache.cache_dir()} (set COURSE_CACHE to move it)")
    print("Weights:")
    for model_id in catalog.list_models():
        offer = best_here(catalog.card(model_id))
        print(f"  {model_id:<20}{_weights_line(model_id, offer)}")
    problems = [problem for check in (_packages, _trap, _space, _damaged) for problem in check()]
    if not problems:
        print("All is well: `course lab` opens the first lesson.")
        return
    for problem in problems:
        print(f"Problem: {problem}")
    raise typer.Exit(1)


def _weights_line(model_id: str, offer) -> str:
    if offer is None:
        return f"none yet: course fetch {model_id}"
    stands_in = "" if offer.model == model_id else f" ({offer.model} stands in; course fetch {model_id})"
    return f"{offer.grade}{stands_in}"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _engines() -> list[str]:
    """Name the engines, each with its package's version, or what is missing."""
    lines = []
    for engine, packages in PACKAGES.items():
        versions = [f"{package} {_version(package) or 'not installed'}" for package in packages]
        lines.append(f"{engine} ({', '.join(versions)})" if versions else engine)
    return lines


def _packages() -> list[str]:
    """Hold every dependency of the course to its range."""
    from packaging.requirements import Requirement

    problems = []
    for line in requires("course-lib") or ():
        wanted = Requirement(line)
        if wanted.marker and not wanted.marker.evaluate():
            continue
        found = _version(wanted.name)
        if not found or not wanted.specifier.contains(found, prereleases=True):
            state = f"is {found}" if found else "is not installed"
            problems.append(
                f'{wanted.name} {state}: type `{_pip()} install "{wanted.name}{wanted.specifier}"`.'
            )
    return problems


def _trap() -> list[str]:
    # tensorflow-hub imports pkg_resources, which pip's own check does not know.
    if _version("tensorflow-hub") and importlib.util.find_spec("pkg_resources") is None:
        return [f'tensorflow-hub needs pkg_resources: type `{_pip()} install "setuptools<82"`.']
    return []


def _pip() -> str:
    return f"{sys.executable} -m pip"


def _space() -> list[str]:
    folder = cache.cache_dir()
    while not folder.exists():
        folder = folder.parent
    problems = []
    if not os.access(folder, os.W_OK):
        problems.append(f"{folder} can't be written: set COURSE_CACHE to a folder of yours.")
    if (free := shutil.disk_usage(folder).free) < DISK_BYTES:
        problems.append(f"Only {free / 1e6:.0f} MB are free at {folder}: make room before you fetch weights.")
    return problems


def _damaged() -> list[str]:
    """Hold every weights file that is here to its hash."""
    problems, seen = [], set()
    for model_id in catalog.list_models():
        for offer in catalog.card(model_id).weights:
            for part in offer.parts:
                path = source(part.source).find(part)
                if path is None or path in seen:
                    continue
                seen.add(path)
                try:
                    cache.verify(path, part.hash)
                except CourseError as error:
                    problems.append(f"{error} Then type `course fetch {offer.model}`.")
    return problems
