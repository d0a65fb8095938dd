"""Processes that end with the one that started them, however that came: a pipe between the two closes when it is gone.

The one that starts them says `stdin=subprocess.PIPE` and keeps the pipe; nothing is ever written into it.
"""

import os
import signal
import threading
import time
from collections.abc import Callable

PATIENCE = 15  # seconds that a process gets to clear up


def when_parent_ends(act: Callable[[], None]) -> None:
    """Call a function, from a thread, once the process is gone that holds the other end of this one's standard input."""

    def wait() -> None:
        os.read(0, 1)
        act()

    threading.Thread(target=wait, daemon=True).start()


def end_group() -> None:
    """End this process, kindly first, and then whoever is left of its group, which must be its own."""
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE)
    os.killpg(os.getpgrp(), signal.SIGKILL)
