"""Every lesson runs from its first cell to its last, offline, under nbval, within its minute."""

import os
import re
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from course_lib.lessons.contents import Lesson, lessons
from course_lib.lessons.offline import offline_environment

BUDGET = 60  # seconds on two cores
ROOM = 2.0  # machines differ, and so do hours: twice the time was seen for the same lesson

LESSONS = [lesson for lesson in lessons() if lesson.notebook.exists()]


def nbval(notebook: Path, scratch: Path) -> subprocess.CompletedProcess:
    """Run one notebook under nbval in an empty folder, without a network."""
    folder = scratch / "lesson"
    folder.mkdir()
    shutil.copy(notebook, folder)
    options = [
        "--nbval-lax",
        "--nbval-current-env",
        "--nbval-cell-timeout=300",
        "-p",
        "no:cacheprovider",
        "-q",
    ]
    command = [
        sys.executable,
        "-m",
        "pytest",
        *options,
        f"--rootdir={folder}",
        "-c",
        os.devnull,
        notebook.name,
    ]
    environment = offline_environment(scratch)
    environment.pop("PYTEST_CURRENT_TEST", None)
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600)


def passed(result: subprocess.CompletedProcess) -> int:
    """How many cells nbval let pass."""
    match = re.search(r"(\d+) passed", result.stdout)
    return int(match[1]) if match else 0


def computing_seconds() -> float:
    """Time that processors have spent on programs which this one started and which have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: f"{lesson.number}_{lesson.name}")
def test_the_lesson_runs_offline(lesson: Lesson, tmp_path):
    code = [cell for cell in nbformat.read(lesson.notebook, as_version=4).cells if cell.cell_type == "code"]
    begun, computed = time.perf_counter(), computing_seconds()
    result = nbval(lesson.notebook, tmp_path)
    # On a machine that is busy with something else, the time at work says more than the clock.
    seconds = min(time.perf_counter() - begun, computing_seconds() - computed)
    assert result.returncode == 0, result.stdout[-6000:]
    assert passed(result) == len(code), result.stdout[-2000:]
    assert seconds <= BUDGET * ROOM, f"{seconds:.0f} s; a lesson has {BUDGET}"


def write(folder: Path, *sources: str, tag: str = "nbval-check-output") -> Path:
    """A notebook whose cells have the saved output `yes`."""
    cells = [nbformat.v4.new_code_cell(source, metadata={"tags": [tag]}) for source in sources]
    for count, cell in enumerate(cells, 1):
        cell.execution_count = count
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="yes\n")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    folder.mkdir()
    nbformat.write(notebook, folder / "made.ipynb")
    return folder / "made.ipynb"


def test_this_test_sees_a_cell_that_reaches_for_the_network_or_prints_something_else(tmp_path):
    reach = "import socket\nsocket.create_connection(('192.0.2.1', 80), 5)"
    made = write(tmp_path / "made", "print('yes')", "print('no')", reach)
    result = nbval(made, tmp_path)
    assert result.returncode == 1
    assert passed(result) == 1
    assert "network is switched off here" in result.stdout


def test_the_kernel_is_this_very_python(tmp_path):
    made = write(
        tmp_path / "made", f"import sys\nprint('yes' if sys.executable == {sys.executable!r} else 'no')"
    )
    result = nbval(made, tmp_path)
    assert passed(result) == 1, result.stdout


def test_there_are_lessons_and_each_has_been_built():
    unbuilt = [lesson.source.name for lesson in lessons() if not lesson.notebook.exists()]
    assert lessons(), "notebooks/source has no lesson"
    assert not unbuilt
