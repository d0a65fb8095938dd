"""The table at the end of the run, and what the tests share: a parent of commands, and a folder of class folders."""

import pytest
from PIL import Image

from course_lib.media import world
from tests.faults.classroom import filled, machine, run, upstream  # noqa: F401
from tests.faults.commands import commands
from tests.faults.table import *  # noqa: F403 - its hooks

CLASSES = ("key", "ladder", "magnet")


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """Run `course ...` in a process of its own: `course.run("finetune", folder, ...)`."""
    with commands(tmp_path_factory.mktemp("commands")) as running:
        yield running


@pytest.fixture(scope="session")
def homes(tmp_path_factory):
    """A cache and a home that the commands share, so that features are computed once."""
    folder = tmp_path_factory.mktemp("homes")
    return {"COURSE_CACHE": str(folder / "cache"), "COURSE_HOME": str(folder / "home")}


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """A folder of three class folders with eight pictures each."""
    folder = tmp_path_factory.mktemp("pictures")
    images, labels = world.make_images(24, CLASSES, seed=5)
    for number, (image, label) in enumerate(zip(images, labels, strict=True)):
        (folder / CLASSES[label]).mkdir(exist_ok=True)
        Image.fromarray(image).save(folder / CLASSES[label] / f"{number}.png")
    return folder
