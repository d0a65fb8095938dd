"""What a start of Ray that failed has left running is ended, and nothing else."""

import subprocess
import sys

import pytest

from course_lib.cluster.ray_runtime import _end_leftovers

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def test_only_processes_that_name_the_folder_are_ended(tmp_path):
    pytest.importorskip("ray")
    ours, other = subprocess.Popen([*SLEEP, f"--temp-dir={tmp_path}/session"]), subprocess.Popen(SLEEP)
    try:
        _end_leftovers(str(tmp_path))
        assert ours.poll() is not None
        assert other.poll() is None
    finally:
        for process in (ours, other):
            process.kill()
            process.wait()
