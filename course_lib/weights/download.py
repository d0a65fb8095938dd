"""Downloads over HTTP, with a progress bar, time limits, a size cap and a second try."""

import os
import socket
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

from course_lib.errors import CourseError

CONNECT_SECONDS = 5
READ_SECONDS = 30
TRIES = 3


def download(url: str, path: Path, expected_bytes: int) -> None:
    """Download a file.

    Args:
        url: the address.
        path: where to write it; the caller holds it to its hash and moves it to its place.
        expected_bytes: the rough size; more than twice as much is refused.

    Raises:
        CourseError: where there is no network, or the server fails three times.
    """
    import pooch
    import requests

    if not reachable(url):
        raise CourseError(f"{urlsplit(url).hostname} can't be reached from this machine.")
    fetch = pooch.HTTPDownloader(progressbar=True, timeout=(CONNECT_SECONDS, READ_SECONDS))
    for attempt in range(1, TRIES + 1):
        try:
            with open(path, "wb") as file:
                fetch(url, _Capped(file, 2 * expected_bytes or 10**10), None)
            return
        except requests.RequestException as error:
            if attempt == TRIES:
                raise CourseError(f"{url} failed {TRIES} times ({type(error).__name__}: {error}).") from error
            time.sleep(2**attempt)


def reachable(url: str, seconds: float = CONNECT_SECONDS) -> bool:
    """Tell within `seconds` whether the host of a URL answers; behind a proxy the answer is left to the proxy."""
    parts = urlsplit(url)
    if any(
        os.environ.get(name)
        for name in (f"{parts.scheme}_proxy", f"{parts.scheme}_proxy".upper(), "ALL_PROXY")
    ):
        return True
    address = (parts.hostname, parts.port or (443 if parts.scheme == "https" else 80))
    answers = []

    def connect():
        try:
            socket.create_connection(address, timeout=seconds).close()
            answers.append(True)
        except OSError:
            pass

    # In a thread, since looking up a name has no time limit of its own.
    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(seconds)
    return bool(answers)


class _Capped:
    """A file that refuses to grow past its cap, whatever the server claims or sends."""

    def __init__(self, file, cap: int):
        self.file, self.left, self.cap = file, cap, cap

    def write(self, chunk: bytes) -> int:
        self.left -= len(chunk)
        if self.left < 0:
            raise CourseError(f"The server sent more than {self.cap / 1e6:.0f} MB, twice what this file should have: "
                              "it is not the file that was asked for.")  # fmt: skip
        return self.file.write(chunk)

    def flush(self) -> None:
        self.file.flush()
