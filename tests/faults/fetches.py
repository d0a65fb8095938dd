"""Processes that fetch a file from a server of the tests: forks of one that has imported what they need, to be killed at will."""

import dataclasses
import hashlib
import io
import multiprocessing
import os
import resource
import signal
import sys
import tempfile
import traceback
import warnings
from pathlib import Path

import filelock  # noqa: F401 - imported here once, for all forks
import requests  # noqa: F401
import tqdm  # noqa: F401

from course_lib import catalog
from course_lib.errors import CourseError
from course_lib.weights import cache, download  # noqa: F401
from course_lib.weights.sources import checkpoint
from tests.faults.commands import Ended

DATA = bytes(range(256)) * 4_000
MD5 = "md5:" + hashlib.md5(DATA).hexdigest()
SOME = next(offer for offer in catalog.card("resnet50").weights if offer.grade == "official")
SHA256 = hashlib.sha256(DATA).hexdigest()
LONGEST = 60  # seconds of a process
# A test need not wait as long as a person: the second for tests in which nothing comes.
QUICK = "from course_lib.weights import download; download.BACK_OFF = 0.1\n"
HASTY = QUICK + "download.READ_SECONDS, download.PACE_SECONDS = 1, 1\n"
DIRECT = dict.fromkeys(("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"), "")
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([__name__])


def offer(url: str, published: str = MD5, **changes) -> dict:
    """Return what an offer of `DATA` at an address says of itself."""
    return {"url": url, "file": "weights.bin", "hash": published, "bytes": len(DATA)} | changes


class Fetch:
    """A process that fetches an offer: it prints the hash of what it got, or one line and ends with 2."""

    def __init__(self, wanted: dict, before: str = QUICK, **environment):
        self.folder = Path(tempfile.mkdtemp(dir=Path(os.environ["COURSE_CACHE"]).parent))
        environment = DIRECT | {"COURSE_CACHE": os.environ["COURSE_CACHE"]} | environment
        arguments = (str(self.folder), wanted, before, environment)
        self.process = FORKS.Process(target=_fetch, args=arguments, daemon=True)
        self.process.start()

    def end(self) -> Ended:
        """Wait for its end."""
        self.process.join(LONGEST)
        assert self.process.exitcode is not None, "it hangs"
        out, err = (self.folder / name for name in ("stdout", "stderr"))
        return Ended(self.process.exitcode, out.read_text(), err.read_text())

    def kill(self) -> None:
        """Kill it, as `kill -9` does."""
        self.process.kill()
        assert self.end().status == -signal.SIGKILL


def fetch(wanted: dict, before: str = QUICK, **environment) -> Ended:
    """Fetch an offer in a process of its own."""
    return Fetch(wanted, before, **environment).end()


def refused(ended: Ended, *words: str) -> None:
    """Assert that a fetch ended in one clear line."""
    assert ended.status == 2, ended
    assert "Traceback" not in ended.err
    last = ended.err.strip().splitlines()[-1]
    assert last.startswith("course: "), ended
    for word in words:
        assert word in last, (word, last)


def arrived(ended: Ended) -> None:
    """Assert that a fetch brought `DATA`."""
    assert ended.status == 0, ended
    assert ended.out.strip() == SHA256


def left_over(folder: Path | None = None) -> list[str]:
    """Return what lies in the cache, without the files of locks."""
    folder = folder or cache.place_of("any").parent
    names = [path.name for path in folder.iterdir()] if folder.exists() else []
    return sorted(name for name in names if not name.endswith(".lock"))


def _fetch(folder: str, wanted: dict, before: str, environment: dict) -> None:
    # Opened before it may lose its rights, and written when it may write again.
    with open(os.path.join(folder, "stdout"), "w") as out, open(os.path.join(folder, "stderr"), "w") as err:
        sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
        os.environ.update(environment)
        warnings.simplefilter("always")
        status = _status(wanted, before)
        resource.setrlimit(resource.RLIMIT_FSIZE, resource.getrlimit(resource.RLIMIT_FSIZE)[1:] * 2)
        out.write(sys.stdout.getvalue())
        err.write(sys.stderr.getvalue())
    os._exit(status)


def _status(wanted: dict, before: str) -> int:
    try:
        exec(before, {})
        path = checkpoint.fetch(dataclasses.replace(SOME, **wanted))
        print(cache.verify(path, wanted["hash"]))
        return 0
    except CourseError as error:
        print(f"course: {error}", file=sys.stderr)
        return 2
    except BaseException:
        traceback.print_exc()
        return 1
