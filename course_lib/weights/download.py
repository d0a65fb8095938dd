"""Downloads over HTTP: time limits, a size cap, the hash, and further tries that wait as long as the server asks for."""

import hashlib
import os
import socket
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

from course_lib.errors import CourseError, first_line

CONNECT_SECONDS = 5
READ_SECONDS = 30  # without a byte
SLOWEST, PACE_SECONDS = 1_000, 60  # bytes a second, over so many seconds
TRIES = 3  # of each address
BACK_OFF = 2  # seconds before the second try; twice as many before the third
LONGEST_WAIT = 120  # seconds that a server may ask for
BUSY = (408, 425, 429, 500, 502, 503, 504)  # answers that another try may change
PAGE = (b"<!doctype", b"<html")


class _Again(Exception):
    """A try that failed in a way that another one may not; `seconds` is what the server asks to wait."""

    def __init__(self, reason: str, seconds: float = 0):
        super().__init__(reason)
        self.seconds = seconds


def download(urls: Sequence[str], path: Path, expected_bytes: int, published: str = "") -> None:
    """Download a file from the first address that gives it whole.

    Args:
        urls: the address, and those of mirrors.
        path: where to write it; the caller moves it to its place.
        expected_bytes: the rough size; more than twice as much is refused, and without a hash less than half.
        published: "md5:..." or "sha256:...", or "" where upstream publishes none.

    Raises:
        CourseError: no address gives the file; the sentences say why, one for each.
        OSError: the file can't be written.
    """
    failures = []
    for url in urls:
        try:
            return _from(url, path, expected_bytes, published)
        except CourseError as error:
            failures.append(str(error))
    raise CourseError(" ".join(failures))


def _from(url: str, path: Path, expected_bytes: int, published: str) -> None:
    host = urlsplit(url).hostname
    if not reachable(url):
        raise CourseError(f"{host} can't be reached from this machine.")
    for attempt in range(1, TRIES + 1):
        try:
            return _attempt(url, path, expected_bytes, published)
        except _Again as error:
            if error.seconds > LONGEST_WAIT:
                raise CourseError(f"{url} failed ({error}) and asks to be left alone for {error.seconds / 60:.0f} "
                                  "minutes: try again then.") from error  # fmt: skip
            if attempt == TRIES:
                raise CourseError(f"{url} failed {TRIES} times ({error}).") from error
            wait = max(error.seconds, BACK_OFF * 2 ** (attempt - 1))
            print(f"{host}: {error}; trying again in {wait:.0f} s", file=sys.stderr)
            time.sleep(wait)


def _attempt(url: str, path: Path, expected_bytes: int, published: str) -> None:
    """Try once; raises _Again where it is worth another try."""
    import requests
    from urllib3.exceptions import HTTPError, TimeoutError

    try:
        with requests.get(url, stream=True, timeout=(CONNECT_SECONDS, READ_SECONDS)) as response:
            framed, length = _looked_at(url, response, published)
            with open(path, "wb") as file, _bar(length, expected_bytes) as bar:
                arriving = _Arriving(url, file, 2 * expected_bytes or 10**10, published)
                while chunk := response.raw.read1(1 << 18, decode_content=True):
                    arriving.take(chunk)
                    bar.update(len(chunk))
    except (requests.Timeout, TimeoutError) as error:
        raise _Again(f"nothing came for {READ_SECONDS} s") from error
    except (requests.RequestException, HTTPError) as error:
        raise _Again(str(error.args[0]) if error.args else first_line(error)) from error
    arriving.check(expected_bytes, framed)


def _looked_at(url: str, response, published: str) -> tuple[bool, str]:
    """Refuse an answer that brings nothing; tell whether a cut would show, and the length that it promises."""
    if response.status_code in BUSY:
        raise _Again(f"it answered {response.status_code} {response.reason}", _asked(response.headers))
    if not response.ok:
        raise CourseError(f"{url} answered {response.status_code} {response.reason}.")
    length = response.headers.get("Content-Length", "")
    framed = bool(length) or "chunked" in response.headers.get("Transfer-Encoding", "")
    if not published and not framed:
        raise CourseError(f"{url} does not say how long its file is, and no hash of it is published: nobody could tell "
                          "whether it came whole.")  # fmt: skip
    return framed, length


def _bar(length: str, expected_bytes: int):
    from tqdm import tqdm

    total = int(length) if length.isdecimal() else expected_bytes
    return tqdm(total=total, unit="B", unit_scale=True, ncols=79, delay=1, file=sys.stderr)


def _asked(headers) -> float:
    """Return how many seconds a server asks to wait: Retry-After is a number, or a date by the server's clock."""
    text = headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return float(text)
    try:
        when = parsedate_to_datetime(text)
        now = parsedate_to_datetime(headers["Date"]) if "Date" in headers else datetime.now(UTC)
        return max((when - now).total_seconds(), 0)
    except (TypeError, ValueError):  # no date, or one that says nothing of its zone
        return 0


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


class _Arriving:
    """A file that is hashed as it comes, and refuses what can't be it, whatever the server claims or sends."""

    def __init__(self, url: str, file, cap: int, published: str):
        self.url, self.file, self.cap = url, file, cap
        self.algorithm, _, self.digest = published.partition(":")
        self.hash = hashlib.new(self.algorithm or "sha256", usedforsecurity=False)
        self.begin, self.bytes = b"", 0
        self.since, self.before = time.monotonic(), 0  # when the pace was last looked at, and what had come

    def take(self, chunk: bytes) -> None:
        """Write what came."""
        self.bytes += len(chunk)
        if self.bytes > self.cap:
            raise CourseError(f"{self.url} sent more than {self.cap / 1e6:.0f} MB, twice what this file should have: "
                              "it is not the file that was asked for.")  # fmt: skip
        self.begin = self.begin or chunk[:100]
        self.hash.update(chunk)
        self.file.write(chunk)
        if (passed := time.monotonic() - self.since) > PACE_SECONDS:
            if self.bytes - self.before < SLOWEST * passed:
                raise _Again(f"only {self.bytes - self.before} bytes came in {passed:.0f} s")
            self.since, self.before = time.monotonic(), self.bytes

    def check(self, expected_bytes: int, framed: bool) -> None:
        """Hold the file to its hash, or where none is published to its rough size; `framed` is one that was not cut."""
        found = self.hash.hexdigest()
        if found == self.digest or (
            not self.digest and self.bytes >= expected_bytes / 2 and not self.is_page
        ):
            return
        wanted = f"{self.algorithm} {self.digest}" if self.digest else f"about {expected_bytes:,} bytes"
        kind = "a web page, so perhaps this network wants a log-in first" if self.is_page else "another file"
        reason = f"expected {wanted}, found {self.hash.name} {found} of {self.bytes:,} bytes"
        if not framed and not self.is_page:
            raise _Again(f"it may have been cut: {reason}")
        raise CourseError(f"{self.url} gave {kind}: {reason}. That was deleted.")

    @property
    def is_page(self) -> bool:
        return self.begin.lstrip().lower().startswith(PAGE)
