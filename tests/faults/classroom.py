"""A classroom for the tests: machines with caches of their own, an upstream that has one model, a shelf filled from it."""

import dataclasses
import hashlib
import sys

import pytest

from course_lib.catalog import reader
from course_lib.cli import main
from course_lib.weights import download
from tests.faults.fetches import DIRECT
from tests.faults.server import serving

DATA = bytes(range(256)) * 50
SHA256 = hashlib.sha256(DATA).hexdigest()
NAME = "classroom_of_a_test.safetensors"


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Be another machine, with an empty cache: `machine("learner")`."""
    for name, value in DIRECT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(download, "BACK_OFF", 0.01)
    monkeypatch.setattr(download, "TRIES", 1)

    def be(name):
        monkeypatch.setenv("COURSE_CACHE", str(tmp_path / name))
        monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path / name / "kaggle"))
        monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path / name / "tf_hub"))

    return be


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a command: how it ended, what it printed, and what it said was wrong."""

    def run(*command):
        monkeypatch.setattr(sys, "argv", ["course", *map(str, command)])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, *capsys.readouterr()

    return run


@pytest.fixture
def upstream(monkeypatch):
    """A server that has the official weights of resnet_nano, which has none in truth; yields what it was asked."""
    with serving(DATA, ["ok"]) as (url, seen):
        publish(monkeypatch, url=url, hash=f"sha256:{SHA256}")
        yield seen


def publish(monkeypatch, **changes):
    """Let the catalog offer `DATA` as official weights of resnet_nano."""
    cards = dict(reader._cards())
    card = cards["resnet_nano"]
    changes = {"grade": "official", "source": "checkpoint", "file": NAME, "bytes": len(DATA), **changes}
    official = dataclasses.replace(card.weights[-1], **changes)
    cards["resnet_nano"] = dataclasses.replace(card, weights=(official, *card.weights))
    monkeypatch.setattr(reader, "_cards", lambda: cards)


@pytest.fixture
def filled(tmp_path, machine, run, upstream):
    """A shelf that one machine with a network has filled; the network is gone."""
    machine("teacher")
    folder = tmp_path / "stick" / "weights"
    code, out, _ = run("fetch", "resnet_nano", "--for", "classroom", folder)
    assert code == 0
    assert str(folder) in out
    assert list(upstream) == ["ok"]
    machine("learner")
    return folder
