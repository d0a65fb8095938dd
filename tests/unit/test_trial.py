"""A call that kills its process is found out in another one."""

import os
import signal
import sys

import pytest

from course_lib.weights import trial
from course_lib.weights.trial import survives

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is tried")


def kill():
    os.kill(os.getpid(), signal.SIGSEGV)


def fail():
    raise SystemExit("an error is an end")


@pytest.mark.fault(12)
def test_what_kills_its_process_is_told_of():
    assert not survives(kill)


def test_an_answer_and_an_error_are_ends(capfd):
    assert survives(lambda: os.write(2, b"not heard"))
    assert survives(fail)
    assert capfd.readouterr().err == ""


def test_what_computes_for_ever_is_ended(monkeypatch):
    monkeypatch.setattr(trial, "SECONDS", 0.2)

    def turn():
        while True:
            pass

    assert not survives(turn)


def test_what_waits_for_ever_is_ended(monkeypatch):
    monkeypatch.setattr(trial, "PATIENCE", 0.2)
    assert not survives(signal.pause)
