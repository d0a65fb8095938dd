"""A JupyterLab of its own for a browser test: the course's settings, nobody's home folder, no network."""

import json
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat

from course_lib.lessons import offline
from course_lib.lessons.contents import Lesson
from course_lib.lessons.lab import lab_command, lab_environment
from course_lib.lessons.run import read_without_outputs
from course_lib.ports import free_ports

TOKEN = "lesson"
START_SECONDS = 120


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: its address and the copy of the lesson that it shows."""

    address: str
    notebook: Path

    def api(self, path: str):
        """What JupyterLab's server answers, as Python values."""
        request = urllib.request.Request(
            f"{self.address}/api/{path}", headers={"Authorization": f"token {TOKEN}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)


@contextmanager
def running_lab(lesson: Lesson, scratch: Path) -> Iterator[Lab]:
    """Start JupyterLab on a copy of a lesson without outputs; stop it and its kernels at the end."""
    root = scratch / "checkout"
    notebook = root / "notebooks" / lesson.notebook.name
    notebook.parent.mkdir(parents=True)
    nbformat.write(read_without_outputs(lesson), notebook)
    [port] = free_ports(1)
    options = ["--no-browser", f"--port={port}", "--ServerApp.port_retries=0"]
    options.append(f"--IdentityProvider.token={TOKEN}")
    with open(scratch / "lab.log", "wb") as log:
        server = subprocess.Popen(
            lab_command(notebook, root, options),
            env=environment(scratch),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            lab = Lab(f"http://127.0.0.1:{port}", notebook)
            wait_until_up(lab, server, scratch / "lab.log")
            yield lab
        finally:
            stop(server)


def environment(scratch: Path) -> dict[str, str]:
    """The course's settings for JupyterLab, no network, and none of this user's own folders."""
    values = offline.offline_environment(scratch) | {"JUPYTER_PREFER_ENV_PATH": "1"}
    values["JUPYTER_CONFIG_PATH"] = lab_environment()["JUPYTER_CONFIG_PATH"]
    for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"):
        values[f"JUPYTER_{name}"] = str(scratch / name.lower())
    for name in ("SETTINGS_DIR", "WORKSPACES_DIR"):
        values[f"JUPYTERLAB_{name}"] = str(scratch / name.lower())
    values.pop("PYTEST_CURRENT_TEST", None)
    return values


def wait_until_up(lab: Lab, server: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert server.poll() is None, log.read_text()[-3000:]
        try:
            lab.api("status")
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"JupyterLab did not answer within {START_SECONDS} s: {log.read_text()[-3000:]}")


def stop(server: subprocess.Popen) -> None:
    """End the server first, so that it ends its kernels, then whatever is left of its process group."""
    server.terminate()
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait(10)
