"""Peers in other processes, spoken to over a pipe: they take their turns, and time themselves without the pipe."""

import subprocess
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
PYTHON = HERE.parent / ".bench" / "bin" / "python"


class Worker:
    """A program that answers each line with the seconds that what it asks for has taken.

    It begins on the processor cores of its parent, and waits without using them.
    """

    def __init__(self, command: list[str]):
        """Start it, and wait until it says "ready".

        Args:
            command: the program and its arguments.

        Raises:
            RuntimeError: it ended instead.
        """
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        if self._process.stdout.readline().strip() != "ready":
            _, said = self._process.communicate()
            raise RuntimeError((said.strip() or "it said nothing").splitlines()[-1])

    def call(self, line: str) -> Callable[[], float]:
        """Return a function that has one line answered, and returns the seconds."""

        def seconds() -> float:
            print(line, file=self._process.stdin, flush=True)
            return float(self._process.stdout.readline())

        return seconds

    def close(self) -> None:
        """End it."""
        self._process.stdin.close()
        self._process.wait()


def peer(name: str) -> Worker:
    """Start a peer of `peers.py`; a RuntimeError says why it can't be had."""
    if not PYTHON.exists():
        raise RuntimeError("make bench installs it into .bench")
    return Worker([str(PYTHON), str(HERE / "peers.py"), name])
