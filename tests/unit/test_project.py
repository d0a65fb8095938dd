"""The project's own files: dependencies in step, no machine in them, a small clone, a wheel with its data."""

import re
import subprocess
import tomllib
import zipfile
import zlib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
BRIEF = (
    "tensorflow",
    "keras",
    "keras-cv",
    "keras-nlp",
    "tensorflow-hub",
    "jupyterlab",
    "matplotlib",
    "nbval",
)
MEGABYTE = 1_000_000


def tracked():
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in names.splitlines()]


def name_of(requirement):
    return re.match(r"[\w-]+", requirement)[0].lower()


def test_conda_gives_the_same_environment():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    assert f"python {PYPROJECT['project']['requires-python']}" in conda
    extra = next(entry["pip"] for entry in conda if isinstance(entry, dict))
    extras = re.fullmatch(r"-e \.\[([\w,]+)\]", extra[0])[1].split(",")
    assert set(extras) <= set(PYPROJECT["project"]["optional-dependencies"])
    assert set(extra[1:]) <= set(PYPROJECT["dependency-groups"]["dev"])


def test_all_packages_of_the_brief_are_locked_with_hashes():
    lock = (ROOT / "requirements.lock").read_text()
    for package in BRIEF:
        assert re.search(rf"^{package}==\S+.*\\\n    --hash=sha256:", lock, re.MULTILINE), package


def test_the_lock_holds_every_declared_dependency_within_its_range():
    from packaging.requirements import Requirement

    lock = (ROOT / "requirements.lock").read_text()
    locked = dict(re.findall(r"^([\w-]+)==([\w.]+)", lock, re.MULTILINE))
    groups = PYPROJECT["dependency-groups"]
    for line in PYPROJECT["project"]["dependencies"] + groups["dev"] + groups["site"]:
        wanted = Requirement(line)
        assert wanted.specifier.contains(locked[wanted.name.lower()]), line


def test_no_address_of_an_index_and_no_path_of_a_machine():
    for name in ("requirements.lock", "pyproject.toml", "environment.yml", "Makefile"):
        text = (ROOT / name).read_text()
        assert not re.search(r"--(extra-)?index-url|--find-links|https?://[^\s\"]*(pypi|simple)", text), name
        assert not re.search(r"(?<![\w.])/(root|home|work|tmp|opt)/", text), name


def test_a_clone_stays_small():
    """What is downloaded is packed; 20 MB is the aim, for which the classifiers would have to go to eight bits, too."""
    files = [path for path in tracked() if path.is_file()]
    assert sum(len(zlib.compress(path.read_bytes(), 1)) for path in files) < 23 * MEGABYTE
    large = {str(path): path.stat().st_size for path in files if path.stat().st_size > 2 * MEGABYTE}
    assert not large


def test_the_wheel_carries_its_data(tmp_path):
    """An installed library finds its nano weights and its samples, without the checkout."""
    pytest.importorskip("hatchling", reason="building a wheel needs hatchling, which make installs")
    from hatchling.builders.wheel import WheelBuilder

    wheel = next(WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"]))
    names = zipfile.ZipFile(wheel).namelist()
    assert "course_lib/data/samples/samples.toml" in names
    for path in (ROOT / "data" / "weights").glob("*.safetensors"):
        assert f"course_lib/data/weights/{path.name}" in names
    assert "course_lib/catalog/families/resnet.toml" in names


def test_readme_names_the_two_commands():
    readme = (ROOT / "README.md").read_text()
    assert "make lab" in readme
    assert "make test" in readme
