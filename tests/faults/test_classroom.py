"""A classroom without a network: a shelf is filled once, machines take from it by folder or address, and nothing damaged gets by."""

import contextlib
import dataclasses
import functools
import hashlib
import http.server
import json
import sys
import threading

import pytest

from course_lib import catalog
from course_lib.catalog import reader
from course_lib.cli import main
from course_lib.errors import BadInput, CourseError
from course_lib.text.data_sets import DATA_SETS
from course_lib.weights import cache, download, shelf
from course_lib.weights.shelf import Shelf
from course_lib.weights.sources import keras_hub, tf_hub
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
        _offer(monkeypatch, url=url, hash=f"sha256:{SHA256}")
        yield seen


def _offer(monkeypatch, **changes):
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


@contextlib.contextmanager
def served(folder):
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
    handler.log_message = handler.func.log_message = lambda *_: None
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_files_lie_under_their_hashes_with_a_list(filled):
    assert (filled / "files" / SHA256).read_bytes() == DATA
    assert [path.name for path in (filled / "files").iterdir()] == [SHA256]
    listed = json.loads((filled / "classroom.json").read_text())
    assert listed["models"] == {"resnet_nano": [f"weights/{NAME}"]}
    assert listed["files"] == {f"weights/{NAME}": {"sha256": SHA256, "bytes": len(DATA)}}


def test_a_machine_takes_from_the_folder_and_asks_nobody(filled, run, upstream):
    code, out, _ = run("fetch", "--all", "--from", filled)
    assert code == 0
    assert "resnet_nano: official weights at" in out
    assert "hash checked" in out
    assert cache.find(NAME).read_bytes() == DATA
    assert len(upstream) == 1, "only the teacher's machine asked upstream"


def test_the_folder_may_stand_in_the_environment(filled, run, monkeypatch):
    monkeypatch.setenv("COURSE_CLASSROOM", str(filled))
    assert run("fetch", "resnet_nano")[0] == 0
    assert cache.find(NAME).read_bytes() == DATA


def test_a_machine_takes_from_an_address(filled, run, upstream):
    with served(filled) as address:
        assert run("fetch", "--all", "--from", address)[0] == 0
    assert cache.find(NAME).read_bytes() == DATA
    assert len(upstream) == 1


@pytest.mark.parametrize("how", ["another byte", "cut", "gone"])
def test_a_damaged_file_is_refused_and_nothing_is_left(filled, run, how):
    there = filled / "files" / SHA256
    if how == "gone":
        there.unlink()
    else:
        there.write_bytes(DATA[:-1] + (b"x" if how == "another byte" else b""))
    code, _, err = run("fetch", "resnet_nano", "--grade", "official", "--from", filled)
    assert code == 2
    assert "Traceback" not in err
    assert SHA256 in err
    assert cache.find(NAME) is None
    with served(filled) as address:
        assert run("fetch", "resnet_nano", "--grade", "official", "--from", address)[0] == 2
    assert cache.find(NAME) is None


def test_a_list_that_lies_does_not_get_by_the_card(filled, run):
    """Somebody puts another file on the shelf, with a list that fits it: the hash of the card is held to besides."""
    other = b"another network" * 1000
    digest = hashlib.sha256(other).hexdigest()
    (filled / "files" / digest).write_bytes(other)
    listed = (filled / "classroom.json").read_text().replace(SHA256, digest)
    (filled / "classroom.json").write_text(listed)
    code, _, err = run("fetch", "resnet_nano", "--grade", "official", "--from", filled)
    assert code == 2
    assert f"expected (sha256 {SHA256}" in err
    assert cache.find(NAME) is None


def test_what_is_not_there_is_said(filled, run):
    code, _, err = run("fetch", "resnet50", "--from", filled)
    assert code == 2
    assert "for classroom" in err


@pytest.mark.parametrize("text", ["", "[]", '{"models": {}}', '{"models": {}, "files": {"a": {"sha256": "../../x", "bytes": 1}}}',
                                  '{"models": {}, "files": {"a": 3}}'])  # fmt: skip
def test_a_damaged_list_is_one_sentence(filled, run, text):
    (filled / "classroom.json").write_text(text)
    code, _, err = run("fetch", "--all", "--from", filled)
    assert (code, err.count("\n")) == (2, 1)
    assert "damaged" in err


@pytest.mark.parametrize("place", ["nowhere", "http://127.0.0.1:9"])
def test_no_shelf_at_all_is_one_sentence(run, machine, place):
    machine("learner")
    code, _, err = run("fetch", "--all", "--from", place)
    assert (code, err.count("\n")) == (2, 1)
    assert "classroom" in err


def test_both_ways_at_once_are_refused(run, tmp_path):
    assert run("fetch", "--all", "--from", "a", "--for", "classroom", tmp_path)[0] == 2
    assert "classroom DIR" in run("fetch", "--all", "--for", "home", tmp_path)[2]


def test_filling_again_costs_no_second_copy_and_mends(filled, run, machine):
    (filled / "files" / SHA256).write_bytes(b"damaged")
    machine("teacher")
    for _ in range(2):
        assert run("fetch", "resnet_nano", "--for", "classroom", filled)[0] == 0
    assert [path.read_bytes() for path in (filled / "files").iterdir()] == [DATA]


def test_weights_without_a_published_hash_are_held_to_the_list_and_recorded(tmp_path, machine, monkeypatch):
    _offer(monkeypatch, url="http://127.0.0.1:9/x", hash="")
    offer = catalog.card("resnet_nano").weights[0]
    machine("teacher")
    cache.put(NAME, "", lambda path: path.write_bytes(DATA))
    shelf.put(tmp_path / "shelf", "resnet_nano", [offer])
    machine("learner")
    path = Shelf(str(tmp_path / "shelf")).bring(offer)
    assert path.with_name(f"{NAME}.sha256").read_text().strip() == SHA256


def _official(model, source):
    return next(o for o in catalog.card(model).weights if o.source == source)


@pytest.mark.parametrize(
    ("model", "source"), [("gpt2_small", keras_hub), ("inception_v1", tf_hub)], ids=["preset", "tf_hub"]
)
def test_whole_folders_go_to_their_places(tmp_path, machine, model, source):
    offer = _official(model, source.__name__.rpartition(".")[2])
    names = source.files(offer)
    machine("teacher")
    root, folder, _ = shelf._belongs(offer)
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(f"{name} of {root}".encode())
        if source is keras_hub:
            mark = shelf.presets.mark_of(folder, name)
            mark.parent.mkdir(parents=True, exist_ok=True)
            mark.touch()
    shelf.put(tmp_path / "shelf", model, [offer])
    machine("learner")
    assert source.find(offer) is None
    path = Shelf(str(tmp_path / "shelf")).bring(offer)
    assert path == source.find(offer)
    base = path.parent
    assert [(base / name).read_bytes() for name in names] == [f"{name} of {root}".encode() for name in names]


def test_a_disk_that_is_full_is_one_sentence(filled, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shelf.shutil, "copyfile", full)
    with pytest.raises(CourseError, match="No space left"):
        Shelf(str(filled)).bring(catalog.card("resnet_nano").weights[0])
    with pytest.raises(CourseError, match="No space left"):
        shelf.put(filled.parent / "other", "resnet_nano", [catalog.card("resnet_nano").weights[-1]])


def test_texts_go_the_same_way(tmp_path, machine, monkeypatch):
    wanted = dataclasses.replace(DATA_SETS["shakespeare"], hash=f"sha256:{SHA256}")
    machine("teacher")
    cache.put(wanted.file, wanted.hash, lambda path: path.write_bytes(DATA))
    shelf.put(tmp_path / "shelf", "shakespeare", [wanted])
    machine("learner")
    assert Shelf(str(tmp_path / "shelf")).bring(wanted).read_bytes() == DATA
    with pytest.raises(BadInput):
        Shelf(str(tmp_path / "nothing"))
