"""A classroom without a network: a shelf is filled once, machines take from it by folder or address, and nothing damaged gets by."""

import dataclasses
import hashlib
import json

import pytest

from course_lib import catalog
from course_lib.errors import BadInput, CourseError
from course_lib.text.data_sets import DATA_SETS
from course_lib.weights import cache, shelf
from course_lib.weights.shelf import Shelf
from course_lib.weights.sources import keras_hub, tf_hub
from tests.faults.classroom import DATA, NAME, SHA256, publish
from tests.faults.server import served


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
    publish(monkeypatch, url="http://127.0.0.1:9/x", hash="")
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
