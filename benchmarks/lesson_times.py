"""How long each lesson takes from its first cell to its last, offline, by `course run`."""

import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.results import Section

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
BUDGET = 60  # seconds on two idle cores


def lessons() -> Section:
    """Run all of them, one after the other."""
    rows = []
    for notebook in sorted(NOTEBOOKS.rglob("[0-9]*.ipynb"), key=lambda path: path.name):
        number = re.match(r"\d+", notebook.name)[0]
        before, started = _processor_seconds(), time.perf_counter()
        code = (
            f"import sys; sys.argv = ['course', 'run', '{number}']; from course_lib.cli import main; main()"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, preexec_fn=_on_all_cores
        )
        seconds, spent = time.perf_counter() - started, _processor_seconds() - before
        rows.append(
            (notebook.stem, f"{seconds:.0f}", f"{spent:.0f}", "" if done.returncode == 0 else "failed")
        )
    note = f"On all cores of the machine; the imports are counted. A lesson may take {BUDGET} s on two idle cores."
    return Section("The lessons", note, ("lesson", "seconds", "processor seconds", ""), rows)


def _on_all_cores() -> None:
    """Undo the pinning of the other measurements: a learner has all cores."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, range(os.cpu_count()))


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
