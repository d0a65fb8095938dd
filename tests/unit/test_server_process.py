"""Which servers end with the process that started them, and which don't."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from course_lib.deploy import export
from course_lib.loading import open_pretrained
from course_lib.ports import free_ports

PATIENCE = 60  # seconds, on a busy machine


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("served") / "mobilenet"
    export(open_pretrained("mobilenet_nano"), place, ["onnx"])
    return place


def test_a_process_hears_that_its_pipe_is_closed():
    code = "import os, time; from course_lib.with_parent import when_parent_ends as when; "
    code += "when(lambda: os._exit(7)); time.sleep(600)"
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE)
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(0.5)
    child.stdin.close()
    assert child.wait(PATIENCE) == 7


PARENT = """
import sys, time
from course_lib.deploy.client import Server
print(Server(sys.argv[1]).wait().process.pid, flush=True)
time.sleep(600)
"""


def alive(group: int) -> list[str]:
    """Return the processes of a group that have not ended."""
    told = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            told.append(path.read_text())
        except OSError:  # it has just ended
            continue
    return [
        one for one in told if (rest := one.rpartition(")")[2].split())[0] != "Z" and int(rest[2]) == group
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere processes are not listed in /proc")
def test_a_server_and_its_workers_end_with_a_parent_that_is_killed(folder):
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(folder)], stdout=subprocess.PIPE)
    group = int(parent.stdout.readline())
    try:
        assert len(alive(group)) > 1
        parent.kill()
        end = time.monotonic() + PATIENCE
        while alive(group) and time.monotonic() < end:
            time.sleep(0.1)
        assert alive(group) == []
    finally:
        parent.kill()
        parent.communicate()
        if alive(group):
            os.killpg(group, signal.SIGKILL)


def test_a_server_of_a_shell_goes_on_though_nobody_can_type(folder):
    [port] = free_ports(1)
    run = "from course_lib.cli import main; main()"
    command = [sys.executable, "-c", run, "serve", str(folder), "--port", str(port)]
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        while server.poll() is None:
            try:
                assert requests.get(f"http://127.0.0.1:{port}/health", timeout=PATIENCE).text == "ok"
                break
            except requests.ConnectionError:
                time.sleep(0.1)
        assert server.poll() is None
    finally:
        server.terminate()  # not Ctrl-C, which a job in a shell's background ignores
        assert server.wait(PATIENCE) in (0, 130)
