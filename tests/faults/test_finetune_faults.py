"""Fine-tuning with what goes wrong in real folders, on real disks, and in files from strangers: one clear line each."""

import json
import shutil
import unicodedata

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from tests.faults.places import FULL, mounted, unwritable

HEAD = ("--model", "resnet_nano")


def command(data, out, *more):
    return ["finetune", str(data), "--out", str(out), *HEAD, *more]


def refused(ended, *words):
    """Assert that a command ended in one clear line."""
    assert ended.status == 2, ended
    assert "Traceback" not in ended.err
    last = ended.err.strip().splitlines()[-1]
    assert last.startswith("course: "), last
    assert len(last) < 700
    for word in words:
        assert word in last


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(scope="module")
def trained(course, homes, pictures, tmp_path_factory):
    """A folder with a model of three classes."""
    out = tmp_path_factory.mktemp("trained") / "out"
    ended = course.run(*command(pictures, out), **homes)
    assert ended.status == 0, ended
    assert names(out) == ["model.safetensors", "report.html"]
    return out


# Folders


def folder_of(place, *names, picture=None):
    for name in names:
        (place / name).mkdir(parents=True)
        if picture:
            shutil.copy(picture, place / name)
    return place


def test_folders_that_cannot_be_learned_from(course, homes, pictures, tmp_path):
    picture = next((pictures / "key").iterdir())
    (tmp_path / "file").write_text("no folder")
    empty = folder_of(tmp_path / "empty", "cat", "dog", picture=picture)
    (empty / "cat" / picture.name).unlink()
    broken = folder_of(tmp_path / "broken", "cat", "dog", picture=picture)
    (broken / "cat" / picture.name).write_bytes(b"no picture")
    shutil.copy(broken / "cat" / picture.name, broken / "cat" / "another.jpg")
    two = folder_of(tmp_path / "two", "cat", "dog", picture=picture)
    cases = {
        "no folder": (tmp_path / "missing", tmp_path / "out"),
        "file": (tmp_path / "file", tmp_path / "out"),
        "no class folders": (folder_of(tmp_path / "nothing", "."), tmp_path / "out"),
        "one class, 'cat'": (folder_of(tmp_path / "one", "cat", picture=picture), tmp_path / "out"),
        "'cat' has none: add": (empty, tmp_path / "out"),
        "'cat' has none that can be read (2": (broken, tmp_path / "out"),
        "can't go into the folder of the pictures": (two, two),
        "the folder of the pictures": (two, two / "cat" / "result"),
        "Choose another": (two, tmp_path / "file"),
    }
    for said, ended in zip(
        cases, course.run(*(command(*case) for case in cases.values()), **homes), strict=True
    ):
        refused(ended, said)
    assert names(two) == ["cat", "dog"]
    assert names(two / "cat") == [picture.name]


def test_ten_thousand_class_folders_with_clashing_names(course, homes, tmp_path):
    places = [f"Caf\u00e9 {i}" for i in range(5_000)]
    twins = [unicodedata.normalize("NFD", name).upper() for name in places]
    data = folder_of(tmp_path / "data", *places, *twins)
    refused(course.run(*command(data, tmp_path / "out"), **homes), "can hardly be told apart", "5000 pairs")


def test_a_folder_that_cannot_be_written(course, homes, pictures, tmp_path):
    with unwritable(tmp_path / "fixed") as fixed:
        ended = course.run(command(pictures, fixed), command(pictures, fixed / "out"), **homes)
        for one in ended:
            refused(one, "fixed")


def test_two_pictures_and_a_broken_one_with_a_damaged_cache(course, trained, pictures, tmp_path):
    data = folder_of(tmp_path / "data", "key", "magnet")
    for name in names(data):
        shutil.copy(next((pictures / name).iterdir()), data / name)
    (data / "key" / "broken <i>.jpg").write_bytes(b"\xff\xd8\xff\xe0 no more")
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "features.sqlite").write_bytes(b"SQLite format 3\0" + b"damaged" * 500)
    out = tmp_path / "out"
    shutil.copytree(trained, out)
    ended = course.run(*command(data, out), COURSE_CACHE=str(cache))
    assert ended.status == 0, ended
    assert "its file was damaged" in ended.err
    assert "on 2 pictures of 2 classes" in ended.out
    assert "no picture was held out" in ended.out
    assert "1 file was left out" in ended.out
    assert "broken &lt;i&gt;.jpg" in (out / "report.html").read_text()
    assert load_file(out / "model.safetensors")["head/bias"].shape == (2,)
    assert (out / "previous.safetensors").read_bytes() == (trained / "model.safetensors").read_bytes()


def test_a_training_that_goes_astray_leaves_the_old_model(course, homes, trained, pictures, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(trained, out)
    wild = command(pictures, out, "--epochs", "2", "--batch-size", "9", "--learning-rate", "1e30")
    refused(course.run(*wild, **homes), "went astray", "lower learning_rate")
    assert (out / "model.safetensors").read_bytes() == (trained / "model.safetensors").read_bytes()


# Disks


@pytest.mark.fault(6)
def test_files_that_cannot_grow_cost_nothing_that_was_there(course, trained, pictures, tmp_path):
    """The cache warns, the model's and the checkpoint's place are kept; a limit of the process acts as a full disk."""
    out = tmp_path / "out"
    shutil.copytree(trained, out)
    short, long = course.run(
        command(pictures, out, "--seed", "1"),
        command(pictures, out, "--epochs", "1", "--batch-size", "9"),
        before=FULL.format(bytes=8192),
        COURSE_CACHE=str(tmp_path / "cache"),
    )
    refused(short, "model.safetensors", "File too large")
    refused(long, "checkpoint.npz", "File too large")
    assert "feature cache is not used" in short.err
    assert (out / "model.safetensors").read_bytes() == (trained / "model.safetensors").read_bytes()
    assert names(out) == names(trained)


@pytest.mark.fault(6)
def test_a_full_disk_keeps_the_model_that_is_on_it(course, trained, pictures, tmp_path):
    with mounted(
        tmp_path / "disk", f"size={int(1.7 * (trained / 'model.safetensors').stat().st_size)}"
    ) as disk:
        shutil.copytree(trained, disk / "out")
        with mounted(tmp_path / "cache", "size=16k") as cache:
            again, used = course.run(
                command(pictures, disk / "out", "--seed", "1"),
                ["classify", str(pictures / "key"), "--model", str(disk / "out")],
                COURSE_CACHE=str(cache),
            )
        refused(again, "No space left on device")
        assert "feature cache is not used" in again.err
        assert used.status == 0
        assert len(used.out.splitlines()) == 8
        assert names(disk / "out") == names(trained)


# Files from strangers


def hostile_files(good):
    """Return name -> content of a model file that must be refused."""
    arrays = load_file(good)
    with safe_open(good, framework="np") as file:
        said = json.loads(file.metadata()["course_lib"])
    poison = {name: np.full_like(array, np.nan) for name, array in arrays.items()}
    turned = arrays | {"head/kernel": np.ascontiguousarray(arrays["head/kernel"].T)}
    content = good.read_bytes()

    def worded(**changes):
        return arrays, json.dumps(said | changes)

    return {
        "no number": (poison, json.dumps(said)),
        "turned": (turned, json.dumps(said)),
        "a layer less": ({name: arrays[name] for name in list(arrays)[1:]}, json.dumps(said)),
        "a layer more": (arrays | {"../../x": arrays["head/bias"]}, json.dumps(said)),
        "no words": (arrays, ""),
        "no JSON": (arrays, "{'a': __import__('os')}"),
        "deep": (arrays, "[" * 200_000),
        "long": worded(offer="x" * 20_000_000),
        "a list": (arrays, "[1, 2, 3]"),
        "a path": worded(model="../../../etc/passwd"),
        "another model": worded(model="vit_nano", offer=""),
        "a module from the net": worded(model="hub:https://example.com/evil/1", offer=""),
        "a program of a folder": worded(model="hub:/tmp/module", offer=""),
        "another task": worded(model="omnivec_nano"),
        "a path as offer": worded(offer="../../../etc/passwd"),
        "too many classes": worded(classes=["x"] * 100_000),
        "classes that are numbers": worded(classes=[1, 2, 3]),
        "a text of classes": worded(classes="abc"),
        "no classes": worded(classes=None),
        "huge pictures": worded(size=10**9),
        "no size": worded(size="32"),
        "no such crop": worded(crop=float("nan")),
        "a crop in words": worded(crop="0.5"),
        "a list of norms": worded(normalise=["tf"]),
        "provenance of lists": worded(provenance={"grade": ["x"]}),
        "provenance of nothing": worded(provenance=None),
        "provenance of strangers": worded(provenance={"__class__": "x", "grade": "official"}),
        "nothing": b"",
        "half": content[: len(content) // 2],
        "a giant's header": (2**60).to_bytes(8, "little") + content[8:],
        "a web page": b"<html><script>alert(1)</script>" * 100,
    }


@pytest.mark.fault(12)
def test_files_from_strangers_are_refused_in_one_line(
    course, homes, trained, pictures, tmp_path, record_property
):
    files = hostile_files(trained / "model.safetensors")
    for name, content in files.items():
        place = tmp_path / name / "model.safetensors"
        place.parent.mkdir()
        if isinstance(content, bytes):
            place.write_bytes(content)
        else:
            save_file(content[0], place, metadata={"course_lib": content[1]})
    picture = str(next((pictures / "key").iterdir()))
    asked = [["classify", picture, "--model", str(tmp_path / name)] for name in files]
    for name, ended in zip(files, course.run(*asked, **homes), strict=True):
        print(name, ended)
        refused(ended)
    record_property("tried", len(files))
