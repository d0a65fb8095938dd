"""Folders that can't be written or are soon full; also for the superuser, who is let in everywhere."""

import contextlib
import os
import subprocess
import tempfile
from pathlib import Path

import pytest

NOBODY = 65_534
# For a process: it goes on as a user without rights, so that the modes of files count.
AS_NOBODY = (
    f"import os\nif os.geteuid() == 0:\n    os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})\n"
)
# For a process: no file may grow beyond so many bytes, as if the disk were full.
FULL = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({bytes}, -1))\n"


@contextlib.contextmanager
def open_to_all():
    """Make a folder that every user may look into, as pytest's own are not."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


@contextlib.contextmanager
def unwritable(folder: Path):
    """Make a folder that nobody can write to; for the superuser that takes a file system."""
    folder.mkdir()
    if os.geteuid():
        folder.chmod(0o500)
        yield folder
        folder.chmod(0o700)
    else:
        with mounted(folder, "ro"):
            yield folder


@contextlib.contextmanager
def mounted(folder: Path, options: str):
    """Make a folder on a file system of its own, for instance with "size=64k"; the test is skipped without the right to."""
    folder.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", options, "none", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no right to mount a file system of a chosen size")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
