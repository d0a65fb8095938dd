"""`course` with official weights in the cache: without a network they work, and damaged ones are found, told of and fetched again."""

import hashlib
import random

import pytest

from course_lib import catalog
from course_lib.data_dir import data_dir
from course_lib.media.samples import sample
from tests.faults.fetches import DIRECT, refused
from tests.faults.server import serving

FILE = "resnet_of_a_test.safetensors"
NANO = next(offer for offer in catalog.card("resnet_nano").weights if offer.grade == "nano")
DATA = (data_dir() / "weights" / NANO.file).read_bytes()
SHA256 = "sha256:" + hashlib.sha256(DATA).hexdigest()
# A small model gets official weights, on a server of the test.
OFFER = """
import dataclasses
from course_lib.catalog import reader
from course_lib.weights import download
download.BACK_OFF = 0.1
cards = dict(reader._cards())
card = cards["resnet_nano"]
changes = dict(grade="official", source="checkpoint", file={file!r}, url={url!r}, hash={published!r}, project="a test")
cards["resnet_nano"] = dataclasses.replace(card, weights=(dataclasses.replace(card.weights[0], **changes), *card.weights))
reader._cards = lambda: cards
"""
# Nothing leaves the process: a network of its own without any device, or, without the right to that, sockets that refuse.
NO_NETWORK = """
import ctypes, socket
if ctypes.CDLL(None).unshare(0x40000000) and ctypes.CDLL(None).unshare(0x50000000):
    def refuse(*_):
        raise OSError("no network here")
    socket.socket.connect = socket.getaddrinfo = refuse
"""


@pytest.fixture
def run(course, tmp_path):
    """Run a command with the offer of a server, for instance `run(url, "fetch", "resnet_nano")`."""

    def run(url, *command, published=SHA256, before=""):
        environment = {
            "COURSE_CACHE": str(tmp_path / "cache"),
            "COURSE_HOME": str(tmp_path / "home"),
        } | DIRECT
        patch = OFFER.format(file=FILE, url=url, published=published)
        return course.run(*command, before=before + patch, **environment)

    return run


@pytest.fixture
def picture():
    return str(sample("cat"))


@pytest.fixture
def place(tmp_path):
    return tmp_path / "cache" / "weights" / FILE


def damage(path, at):
    """Flip a bit of one byte."""
    content = bytearray(path.read_bytes())
    content[at] ^= 1 << at % 8
    path.write_bytes(content)


@pytest.mark.fault(8)
def test_what_is_cached_works_without_a_network(run, picture, place):
    with serving(DATA, ["ok"]) as (url, seen):
        assert run(url, "fetch", "resnet_nano").status == 0
        before = run(url, "classify", picture, "--model", "resnet_nano", "--weights", "official")
    for command in (
        ["classify", picture, "--model", "resnet_nano", "--weights", "official"],
        ["fetch", "resnet_nano"],
    ):
        ended = run(url, *command, before=NO_NETWORK)
        assert ended.status == 0, ended
        assert ended.out == before.out or command[0] == "fetch"
    assert seen == ["ok"]
    assert place.read_bytes() == DATA


@pytest.mark.fault(8)
def test_without_a_network_the_line_says_what_to_do(run, picture, place):
    url = "http://weights.example.org/file"
    official = run(
        url, "classify", picture, "--model", "resnet_nano", "--weights", "official", before=NO_NETWORK
    )
    refused(official, "not on this machine", "course fetch resnet_nano", url, str(place), "works now")
    fetched = run(url, "fetch", "resnet_nano", "--grade", "official", before=NO_NETWORK)
    refused(fetched, "weights.example.org can't be reached", url, str(place), "works now")
    assert not place.exists()
    nano = run(url, "classify", picture, "--model", "resnet_nano", before=NO_NETWORK)
    assert nano.status == 0, nano  # the weights that came with the course


@pytest.mark.fault(9)
@pytest.mark.parametrize("published", [SHA256, ""], ids=["hash", "no hash"])
def test_one_flipped_byte_is_found_wherever_it_is(run, picture, place, published, record_property):
    chance = random.Random(0)
    places = [0, 7, 8, 9, len(DATA) - 1, *(chance.randrange(len(DATA)) for _ in range(7))]
    with serving(DATA, ["ok"]) as (url, _):
        assert run(url, "fetch", "resnet_nano", published=published).status == 0
        for at in places:
            damage(place, at)
            ended = run(url, "classify", picture, "--model", "resnet_nano", published=published)
            refused(ended, FILE, "damaged", "etch")
            damage(place, at)
        assert run(url, "classify", picture, "--model", "resnet_nano", published=published).status == 0
    record_property("tried", len(places))


@pytest.mark.fault(9)
@pytest.mark.parametrize(
    ("published", "which"),
    [(SHA256, "file"), ("", "file"), ("", "record")],
    ids=["hash", "no hash", "record"],
)
def test_a_damaged_file_is_fetched_again(run, picture, place, published, which):
    with serving(DATA, ["ok"]) as (url, seen):
        assert run(url, "fetch", "resnet_nano", published=published).status == 0
        damage(place if which == "file" else place.with_name(f"{FILE}.sha256"), 7)
        refused(run(url, "classify", picture, "--model", "resnet_nano", published=published), "damaged")
        ended = run(
            url, "fetch", "resnet_nano", "--grade", "official", published=published, before=NO_NETWORK
        )
        refused(ended, "127.0.0.1 can't be reached", url)
        assert run(url, "fetch", "resnet_nano", published=published).status == 0
        assert seen == ["ok", "ok"]
        assert run(url, "classify", picture, "--model", "resnet_nano", published=published).status == 0
    assert place.read_bytes() == DATA
