"""`course` in processes of its own that may be killed: TensorFlow is imported once, and each command is a fork of that.

The parent of the forks computes nothing, so a child is as fresh as a new process is, ten seconds sooner.
"""

import io
import json
import os
import resource
import signal
import subprocess
import sys
import traceback
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
LONGEST = 120  # seconds that a command may compute
ASLEEP = (
    600  # seconds that it may last; on a machine that is busy with something else, the time at work says more
)


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit status (of a signal -9, -15, ...), and what it printed."""

    status: int
    out: str
    err: str


class Commands:
    """Runs `course ...`, one command after the other."""

    def __init__(self, process: subprocess.Popen, folder: Path):
        self.process, self.folder = process, folder

    def run(self, *argv, before: str = "", **environment) -> Ended:
        """Run one command.

        Args:
            *argv: what follows `course`; or lists of that, which one process runs one after the other.
            before: Python that the process runs first, for instance to kill itself later.
            **environment: more variables.

        Returns:
            How it ended; of several commands a list.
        """
        many = isinstance(argv[0], list)
        ask = {"commands": [list(map(str, one)) for one in (argv if many else [argv])], "before": before}
        print(json.dumps(ask | {"environment": environment}), file=self.process.stdin, flush=True)
        told = self.process.stdout.readline()
        assert told, f"the parent of the commands ended with {self.process.wait()}"
        status = json.loads(told)
        if many:
            assert status == 0, status
            return [Ended(*one) for one in json.loads((self.folder / "ended").read_text())]
        told = [(self.folder / name).read_text(errors="replace") for name in ("stdout", "stderr")]
        return Ended(status, *told)


@contextmanager
def commands(folder: Path):
    """Start the parent of the commands; it ends with the block."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TF_NUM_INTRAOP_THREADS": "1", "COLUMNS": "200"}
    asked = [sys.executable, "-m", "tests.faults.commands", str(folder)]
    process = subprocess.Popen(
        asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    )
    try:
        yield Commands(process, folder)
    finally:
        process.stdin.close()
        process.wait(LONGEST)


def _serve(folder: Path) -> None:
    for line in sys.stdin:
        ask = json.loads(line)
        child = os.fork()
        if child == 0:
            os._exit(_child(folder, **ask))
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(json.dumps(status), flush=True)


def _child(folder: Path, commands: list, before: str, environment: dict) -> int:
    _end_what_hangs()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in a shell's background ignores Ctrl-C
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number, name in enumerate(("stdout", "stderr"), 1):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.environ.update(environment)
    np.random.seed()  # as a new process would; Python's own generator does it by itself
    try:
        exec(before, {})
        if len(commands) == 1:
            return _course(commands[0])
        ended = json.dumps([_captured(command) for command in commands])
        resource.setrlimit(resource.RLIMIT_FSIZE, resource.getrlimit(resource.RLIMIT_FSIZE)[1:] * 2)
        (folder / "ended").write_text(ended)
        return 0
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def _end_what_hangs() -> None:
    signal.setitimer(signal.ITIMER_PROF, LONGEST)
    signal.alarm(ASLEEP)


def _captured(command: list) -> tuple[int, str, str]:
    _end_what_hangs()  # for each of them
    taken = io.BytesIO(), io.BytesIO()  # as a terminal in UTF-8 takes text: not any character
    sys.stdout = io.TextIOWrapper(taken[0], "utf-8")
    sys.stderr = io.TextIOWrapper(taken[1], "utf-8", errors="backslashreplace")
    try:
        status = _course(command)
    except Exception:
        status = 1
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    told = [
        one.getvalue().decode(errors="replace") for one in taken
    ]  # a stream that is let go closes what it wrote to
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    return status, *told


def _course(command: list) -> int:
    import course_lib.cli

    sys.argv = ["course", *command]
    try:
        course_lib.cli.main()
    except SystemExit as end:
        return end.code or 0
    return 0


if __name__ == "__main__":
    from course_lib.quiet import import_tensorflow

    import_tensorflow()
    import course_lib.loading
    import course_lib.training.finetuning  # noqa: F401

    _serve(Path(sys.argv[1]))
