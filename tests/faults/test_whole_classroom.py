"""A whole classroom: `course fetch --all --for classroom DIR` runs to its end, and then many machines take everything at once."""

import dataclasses
import hashlib
import json
import os
import sys

import pytest

from course_lib.catalog import reader
from course_lib.cli import main
from course_lib.text import data_sets
from course_lib.weights import cache
from tests.faults.fetches import DIRECT, FORKS, LONGEST, left_over
from tests.faults.server import served

MANY = 6
MODELS = ("resnet_nano", "vgg_nano", "vit_nano")
TEXT = "shakespeare"
FILES = {f"{name}.safetensors": name.encode() * 100_000 for name in (*MODELS, TEXT)}
NOWHERE = "http://127.0.0.1:9"


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _offers(address: str) -> tuple[dict, dict]:
    """Return a catalog of three models whose official weights lie at an address, and a text."""
    cards = {}
    for model in MODELS:
        name, card = f"{model}.safetensors", reader._cards()[model]
        official = {"grade": "official", "source": "checkpoint", "url": f"{address}/{name}", "file": name,
                    "bytes": len(FILES[name]), "hash": f"sha256:{_sha256(FILES[name])}"}  # fmt: skip
        offer = dataclasses.replace(card.weights[-1], **official)
        cards[model] = dataclasses.replace(card, weights=(offer,))
    name = f"{TEXT}.safetensors"
    text = dataclasses.replace(
        data_sets.DATA_SETS[TEXT], file=name, bytes=len(FILES[name]), hash=f"sha256:{_sha256(FILES[name])}"
    )
    return cards, {TEXT: text}


@pytest.fixture
def upstream(tmp_path, monkeypatch):
    """A server of the weights; the folder from which it takes them."""
    folder = tmp_path / "upstream"
    folder.mkdir()
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    with served(folder) as address:
        cards, texts = _offers(address)
        monkeypatch.setattr(reader, "_cards", lambda: cards)
        monkeypatch.setattr(data_sets, "DATA_SETS", texts)
        yield folder


def _bring_text():
    """Put the text where pip would have brought it: it comes out of a package, not from a server of ours."""
    name = f"{TEXT}.safetensors"
    cache.put(name, f"sha256:{_sha256(FILES[name])}", lambda path: path.write_bytes(FILES[name]))


@pytest.fixture
def shelf(tmp_path, machine, run, upstream):
    """A shelf that one machine has filled with all there is."""
    machine("teacher")
    _bring_text()
    folder = tmp_path / "shelf"
    code, out, err = run("fetch", "--all", "--for", "classroom", folder)
    assert (code, err.count("course:")) == (0, 0), err
    assert out.count(f"; and in {folder}") == len(FILES)
    return folder


def test_all_there_is_lies_on_the_shelf(shelf):
    listed = json.loads((shelf / "classroom.json").read_text())
    assert listed["models"] == {name: [f"weights/{name}.safetensors"] for name in (*MODELS, TEXT)}
    assert {name: entry["sha256"] for name, entry in listed["files"].items()} == {
        f"weights/{name}": _sha256(data) for name, data in FILES.items()
    }
    lying = {path.name: path.read_bytes() for path in (shelf / "files").iterdir()}
    assert lying == {_sha256(data): data for data in FILES.values()}


def test_one_that_cannot_be_had_keeps_none_of_the_others(tmp_path, machine, run, upstream):
    machine("teacher")
    (upstream / "vgg_nano.safetensors").unlink()
    _bring_text()
    code, _, err = run("fetch", "--all", "--for", "classroom", tmp_path / "shelf")
    assert code == 2
    assert "vgg_nano: no official weights" in err
    listed = json.loads((tmp_path / "shelf" / "classroom.json").read_text())
    assert list(listed["models"]) == ["resnet_nano", "vit_nano", TEXT]


@pytest.mark.parametrize("how", ["folder", "address"])
def test_many_take_everything_at_once(shelf, upstream, tmp_path, how, record_property):
    for path in upstream.iterdir():
        path.unlink()
    ready = FORKS.Barrier(MANY)
    with served(shelf) as address:
        place = str(shelf) if how == "folder" else address
        homes = [tmp_path / f"learner {number}" for number in range(MANY)]
        taking = [FORKS.Process(target=_take, args=(str(home), place, ready), daemon=True) for home in homes]
        for each in taking:
            each.start()
        for each in taking:
            each.join(LONGEST)
    for home, each in zip(homes, taking, strict=True):
        assert each.exitcode == 0, (home / "said").read_text()
        lying = {name: (home / "weights" / name).read_bytes() for name in left_over(home / "weights")}
        assert lying == FILES
    record_property("tried", MANY)


def _take(home: str, place: str, ready) -> None:
    """Be a learner's machine, with a cache of its own and no network but the classroom's."""
    cards, data_sets.DATA_SETS = _offers(NOWHERE)
    reader._cards = lambda: cards
    os.environ.update(DIRECT | {"COURSE_CACHE": home})
    os.makedirs(home)
    sys.stdout = sys.stderr = open(f"{home}/said", "w")  # noqa: SIM115 - closed by the end of the process
    sys.argv = ["course", "fetch", "--all", "--from", place]
    ready.wait(LONGEST)
    main()
