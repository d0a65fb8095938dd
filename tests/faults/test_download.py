"""Downloads that go wrong: a whole, checked file at the end, or one clear line and nothing left behind."""

import dataclasses
import hashlib
import time

import pytest

from course_lib import catalog
from course_lib.errors import CourseError
from course_lib.weights import cache, download
from course_lib.weights.sources import checkpoint
from tests.faults.server import serving

DATA = bytes(range(256)) * 4000
MD5 = "md5:" + hashlib.md5(DATA).hexdigest()
OFFER = next(offer for offer in catalog.card("resnet50").weights if offer.grade == "official")


def offer(url, published=MD5):
    return dataclasses.replace(OFFER, url=url, file="weights.bin", hash=published, bytes=len(DATA))


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(download.time, "sleep", lambda seconds: None)


def left_over():
    folder = cache.place_of("any").parent
    return (
        [path.name for path in folder.glob("*") if not path.name.endswith(".lock")] if folder.exists() else []
    )


@pytest.mark.fault(1, 2)
@pytest.mark.parametrize("behaviour", [["ok"], ["cut", "ok"], ["503", "cut", "ok"]])
def test_arrives_whole(behaviour):
    with serving(DATA, behaviour) as (url, seen):
        path = checkpoint.fetch(offer(url))
    assert path.read_bytes() == DATA
    assert seen == behaviour


@pytest.mark.fault(1, 2, 3)
@pytest.mark.parametrize("behaviour", [["cut"], ["cut without length"], ["503"], ["login"]])
def test_never_a_partial_or_wrong_file(behaviour):
    with serving(DATA, behaviour) as (url, _), pytest.raises(CourseError):
        checkpoint.fetch(offer(url))
    assert left_over() == []


def test_a_server_that_never_ends_is_stopped():
    with serving(DATA, ["endless"]) as (url, _), pytest.raises(CourseError, match="twice"):
        checkpoint.fetch(offer(url))
    assert left_over() == []


def test_no_published_hash_is_recorded():
    with serving(DATA, ["ok"]) as (url, _):
        path = checkpoint.fetch(offer(url, published=""))
    assert (path.parent / "weights.bin.sha256").read_text().strip() == hashlib.sha256(DATA).hexdigest()


@pytest.mark.fault(8)
def test_without_a_network_it_says_so_at_once():
    begin = time.monotonic()
    with pytest.raises(CourseError, match="can't be reached"):
        checkpoint.fetch(offer("http://127.0.0.1:9/weights.bin"))  # nobody listens on the discard port
    assert time.monotonic() - begin < 2 * download.CONNECT_SECONDS
    assert left_over() == []


def test_a_killed_download_leaves_no_litter_after_the_next():
    folder = cache.place_of("any").parent
    folder.mkdir(parents=True)
    (folder / "weights.bin.dead.part").write_bytes(DATA[:100])
    with serving(DATA, ["ok"]) as (url, _):
        checkpoint.fetch(offer(url))
    assert left_over() == ["weights.bin"]
