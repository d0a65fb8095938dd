"""Every reader of foreign bytes with thousands of bad files: an answer or one sentence, in little time and memory."""

import contextlib
import os
import resource
import signal
import time
import warnings

import pytest
from hypothesis import HealthCheck, given, settings

from course_lib.errors import CourseError
from tests.faults.mutations import changed, changes
from tests.faults.readers import READERS

EXAMPLES = int(os.environ.get("FUZZ", "40"))  # of each reader
SECONDS = 20  # of computing with one file; a hang is ended, and one that sleeps after ten times as long
ROOM = 600_000  # kB that the process may grow by; a picture of 80 million pixels takes 240,000


def refused_or_read(read, path) -> None:
    """Let a reader have a file; whatever it raises but a sentence of ours comes out."""
    with contextlib.suppress(CourseError), warnings.catch_warnings(action="ignore"):
        read(path)


@contextlib.contextmanager
def in_time():
    """End what takes too long with an error."""

    def end(*_):
        raise TimeoutError(f"a file took more than {SECONDS} s")

    before = {sign: signal.signal(sign, end) for sign in (signal.SIGPROF, signal.SIGALRM)}
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    signal.alarm(10 * SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
        for sign, handler in before.items():
            signal.signal(sign, handler)


def fuzz(name: str, folder, count: int) -> int:
    """Try so many bad files on a reader; return how many were tried."""
    end, write, read = READERS[name]
    path = folder / f"file{end}"
    write(path)
    good, tried = path.read_bytes(), []
    read(path)  # the good one is read: else nothing would be tried

    @settings(max_examples=count, deadline=None, database=None, derandomize=count == EXAMPLES,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(changes)
    def once(drawn):
        path.write_bytes(changed(good, drawn))
        tried.append(time.monotonic())
        with in_time():
            refused_or_read(read, path)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    once()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < ROOM
    return len(tried)


@pytest.mark.fault(12)
@pytest.mark.parametrize("name", READERS)
def test_bad_files_give_an_answer_or_a_sentence(tmp_path, monkeypatch, capfd, name, record_property):
    monkeypatch.chdir(tmp_path)
    record_property("tried", fuzz(name, tmp_path, EXAMPLES))


@pytest.mark.long
@pytest.mark.fault(12)
@pytest.mark.parametrize("name", READERS)
def test_thousands_of_bad_files_give_an_answer_or_a_sentence(
    tmp_path, monkeypatch, capfd, name, record_property
):
    monkeypatch.chdir(tmp_path)
    record_property("tried", fuzz(name, tmp_path, 50 * EXAMPLES))
