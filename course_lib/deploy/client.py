"""A server in a process of its own, for as long as a block lasts; what lessons and tests start and end."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import requests

from course_lib.errors import CourseError
from course_lib.ports import free_ports

# Not a file, which its worker would import once more. Only a server that is started from here ends with its parent.
RUN = """
from course_lib.with_parent import end_group, when_parent_ends
when_parent_ends(end_group)
from course_lib.cli import main
main()
"""
PATIENCE = 120  # seconds until it answers


class Server:
    """`course serve` in a process of its own, on this machine alone; it ends with this one, even if that is killed.

    Args:
        folder: an exported folder.
        *options: further ones of the command, such as "--batch", "1".
    """

    def __init__(self, folder: str | Path, *options: str):
        [self.port] = free_ports(1)
        self.address = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-c", RUN, "serve", str(folder), "--port", str(self.port), *options]
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  closed by `stop`
        # A session of its own, so that the server's whole family can be ended; a pipe, which closes with this process.
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
            start_new_session=True,
        )

    def wait(self) -> "Server":
        """Wait until it answers; raise CourseError with its last line where it ended instead."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.process.poll() is not None:
                self._said.seek(0)
                lines = self._said.read().decode(errors="replace").strip().splitlines() or ["no word"]
                self.stop()
                raise CourseError(f"The server ended: {lines[-1]}")
            with contextlib.suppress(requests.RequestException):
                if requests.get(f"{self.address}/health", timeout=5).status_code == 200:
                    return self
            time.sleep(0.1)
        self.stop()
        raise CourseError(f"The server did not answer in {PATIENCE} s.")

    def stop(self) -> None:
        """End it, kindly first."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(15)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(15)
        self.process.stdin.close()
        self._said.close()


@contextlib.contextmanager
def running_server(folder: str | Path, *options: str) -> Iterator[Server]:
    """Serve an export while a block lasts; it is ended whatever happens in the block."""
    server = Server(folder, *options)
    try:
        yield server.wait()
    finally:
        server.stop()
