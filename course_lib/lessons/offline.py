"""An environment in which nothing reaches the network, and nothing of the user's own settings comes in."""

import os
from pathlib import Path

SITE = Path(__file__).parent / "offline_site"
PROXIES = ("http_proxy", "https_proxy", "all_proxy")


def offline_environment(scratch: Path) -> dict[str, str]:
    """Return environment variables for a kernel, or any other Python, that must do without the network.

    Args:
        scratch: an empty folder, where what it would write into the user's folders goes.

    Returns:
        A copy of this process's variables, changed.
    """
    environment = private_environment(scratch)
    paths = [str(SITE), environment.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    for name in PROXIES:  # one on this very machine would be a way out
        environment.pop(name, None)
        environment.pop(name.upper(), None)
    return environment


def private_environment(scratch: Path) -> dict[str, str]:
    """Return environment variables that keep a run apart from the user's progress, weights and settings.

    Args:
        scratch: an empty folder for what it writes.

    Returns:
        A copy of this process's variables, changed.
    """
    environment = dict(os.environ)
    for name in ("COURSE_HOME", "COURSE_CACHE", "KERAS_HOME", "IPYTHONDIR"):
        environment[name] = str(scratch / name.lower())
    return environment
