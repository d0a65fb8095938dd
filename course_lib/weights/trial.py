"""A trial in a process of its own, for files that an engine in C runs: what would end this process ends that one instead.

It is no sandbox: the trial has the rights that this process has.
"""

import faulthandler
import os
import signal
import sys
from collections.abc import Callable

from course_lib.quiet import quiet_start

SECONDS = 60  # that a trial may compute
PATIENCE = (
    300  # seconds by the clock: a lock that another thread held while this process was copied never opens
)


def survives(call: Callable[[], object]) -> bool:
    """Say whether a call comes to an end, be it with an answer or an error; only Linux forks safely, elsewhere all do.

    Args:
        call: what is tried; what it returns or raises is not heard of.

    Returns:
        False where the call killed its process, or did not come to an end in time.
    """
    if sys.platform != "linux":
        return True
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        _try(call)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _try(call: Callable[[], object]) -> None:
    """Make the call and end, whatever comes of it."""
    try:
        import resource

        faulthandler.disable()
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        for kind, number, limit in (
            (signal.ITIMER_PROF, signal.SIGPROF, SECONDS),
            (signal.ITIMER_REAL, signal.SIGALRM, PATIENCE),
        ):
            signal.signal(number, signal.SIG_DFL)
            signal.setitimer(kind, limit)
        with quiet_start(replay=False):
            call()
    finally:
        os._exit(0)
