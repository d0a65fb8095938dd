"""Processes that are killed while they fetch, and many that fetch the same file at once."""

import hashlib
import time

import pytest

from course_lib.weights import cache
from tests.faults.fetches import DATA, MD5, QUICK, Fetch, arrived, fetch, left_over, offer
from tests.faults.server import serving

MANY = 8
NO_OP = "import fcntl; fcntl.flock = lambda *_: None\n"
REFUSED = "import fcntl\ndef flock(*_):\n    raise OSError({code}, 'no locks here')\nfcntl.flock = flock\n"
# Where a process may be killed besides: before it calls this function for the n-th time.
KILLED = """
import os
function = os.{name}
def kill(*arguments, **more):
    kill.left -= 1
    if kill.left == 0:
        os.kill(os.getpid(), 9)
    return function(*arguments, **more)
kill.left = {count}
os.{name} = kill
"""


def wait_for(event):
    assert event.wait(30), "nobody asked the server"


@pytest.mark.fault(4)
@pytest.mark.parametrize("count", [0, 1, len(DATA) // 2, len(DATA) - 1])
@pytest.mark.parametrize("published", [MD5, ""], ids=["hash", "no hash"])
def test_killed_while_bytes_arrive(count, published):
    with serving(DATA, [f"pause {count}", "ok"]) as (url, seen):
        victim = Fetch(offer(url, published), before="")
        wait_for(seen.paused)
        assert not cache.place_of("weights.bin").exists()
        victim.kill()
        assert not cache.place_of("weights.bin").exists()
        arrived(fetch(offer(url, published)))
    assert left_over() == ["weights.bin"] + ["weights.bin.sha256"] * (not published)


@pytest.mark.fault(4)
@pytest.mark.parametrize(("name", "count"), [("fsync", 1), ("fsync", 2), ("replace", 1), ("replace", 2)])
def test_killed_while_it_is_put_in_its_place(name, count):
    """The recorded hash comes first, then the file itself."""
    published = MD5 if count == 1 else ""
    with serving(DATA, ["ok"]) as (url, _):
        assert fetch(offer(url, published), before=KILLED.format(name=name, count=count)).status == -9
        place = cache.place_of("weights.bin")
        assert not place.exists()
        arrived(fetch(offer(url, published)))
    assert left_over() == ["weights.bin"] + ["weights.bin.sha256"] * (not published)


@pytest.mark.fault(4)
def test_a_kill_costs_no_other_process_its_file():
    """What a living process writes is no litter, even where locks do nothing."""
    with serving(DATA, ["pause 1000", "ok 0.5", "ok"]) as (url, seen):
        victim = Fetch(offer(url), before=NO_OP)
        wait_for(seen.paused)
        slow = Fetch(offer(url), before=NO_OP + QUICK)
        while len(seen) < 2:
            time.sleep(0.02)
        victim.kill()
        arrived(fetch(offer(url), before=NO_OP + QUICK))
        arrived(slow.end())
    assert left_over() == ["weights.bin"]


def all_fetch(url, before, published=MD5):
    """Let many processes fetch the same file, and return what they found."""
    fetching = [Fetch(offer(url, published), before=before) for _ in range(MANY)]
    ended = [each.end() for each in fetching]
    for each in ended:
        arrived(each)
    assert len({each.out for each in ended}) == 1
    assert hashlib.md5(cache.place_of("weights.bin").read_bytes()).hexdigest() == MD5[4:]
    assert left_over() == ["weights.bin"] + ["weights.bin.sha256"] * (not published)


@pytest.mark.fault(5)
@pytest.mark.parametrize("published", [MD5, ""], ids=["hash", "no hash"])
def test_many_with_locks_make_one_download(published, record_property):
    with serving(DATA, ["ok 0.5"]) as (url, seen):
        all_fetch(url, QUICK, published)
    assert len(seen) == 1
    record_property("tried", MANY)


@pytest.mark.fault(5)
@pytest.mark.parametrize("published", [MD5, ""], ids=["hash", "no hash"])
@pytest.mark.parametrize(
    "locks",
    [
        NO_OP,
        REFUSED.format(code="__import__('errno').ENOLCK"),
        REFUSED.format(code="__import__('errno').ENOSYS"),
    ],
    ids=["that do nothing", "that there are none of", "that are not implemented"],
)
def test_many_with_locks(locks, published, record_property):
    with serving(DATA, ["ok 0.5"]) as (url, seen):
        all_fetch(url, locks + QUICK, published)
    assert 1 <= len(seen) <= MANY
    record_property("tried", MANY)


@pytest.mark.fault(4, 5)
def test_many_whose_first_is_killed():
    with serving(DATA, ["pause 1000", "ok"]) as (url, seen):
        fetching = [Fetch(offer(url), before=QUICK) for _ in range(MANY)]
        wait_for(seen.paused)
        partial = next(cache.place_of("any").parent.glob("*.part"))
        first = next(each for each in fetching if f"-{each.process.pid}-" in partial.name)
        first.kill()
        for each in fetching:
            if each is not first:
                arrived(each.end())
    assert seen == ["pause 1000", "ok"]
    assert left_over() == ["weights.bin"]
