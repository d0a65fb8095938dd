"""A trained model in a folder: opened again as it was, the previous one kept, and nothing believed that can't be."""

import dataclasses
import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from course_lib.errors import BadInput, CourseError
from course_lib.loading import announcement, open_pretrained
from course_lib.media import world
from course_lib.saving import check_saveable, open_saved, save
from course_lib.training.finetuning import tune
from course_lib.weights import saved

CLASSES = ("key", "magnet", "ladder")


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A model with a new head, and the folder that it was saved in."""
    folder = tmp_path_factory.mktemp("kept") / "model"
    data = world.make_images(45, CLASSES, seed=5)
    tuned, _ = tune(open_pretrained("resnet_nano"), data, out=folder, class_names=CLASSES)
    return tuned, folder


def header(path):
    from safetensors import safe_open

    with safe_open(path, framework="np") as file:
        return json.loads(file.metadata()[saved.HEADER])


def rewrite(folder, arrays=None, text=None, **changes):
    path = folder / saved.FILE
    arrays = load_file(path) if arrays is None else arrays
    text = json.dumps(header(path) | changes) if text is None else text
    save_file(arrays, path, metadata={saved.HEADER: text})


@pytest.fixture
def copy(kept, tmp_path):
    (tmp_path / saved.FILE).write_bytes((kept[1] / saved.FILE).read_bytes())
    return tmp_path


def test_it_opens_as_it_was(kept):
    tuned, folder = kept
    again = open_pretrained(folder)
    assert again.labels == CLASSES
    assert dataclasses.astuple(again.preprocess) == dataclasses.astuple(tuned.preprocess)
    for old, new in zip(tuned.model.get_weights(), again.model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert again.provenance.grade == "fine-tuned"
    assert again.provenance.licence == tuned.provenance.licence != ""
    assert "course fetch" not in announcement(again)
    assert {path.name for path in folder.iterdir()} == {"model.safetensors", "report.html"}


def test_a_saved_model_can_be_taught_further(kept, tmp_path):
    data = world.make_images(20, ("key", "umbrella"), seed=6)
    _, outcome = tune(open_saved(kept[1]), data, out=tmp_path / "next", class_names=("key", "umbrella"))
    assert open_saved(tmp_path / "next").labels == ("key", "umbrella")
    assert outcome.provenance.grade == "fine-tuned"


def test_what_was_fine_tuned_twice_comes_from_where_it_began(kept):
    data = world.make_images(8, ("key", "umbrella"), seed=6)
    again, _ = tune(kept[0], data)
    assert again.provenance.source == kept[0].provenance.source == "nano weights (this course)"
    assert again.provenance.trained_on.count("; then") == 2


def test_a_folder_is_opened_as_what_it_is(kept, tmp_path):
    with pytest.raises(BadInput, match="leave `weights` away"):
        open_pretrained(kept[1], "nano")
    with pytest.raises(BadInput, match="nor a folder that `finetune` saved"):
        open_pretrained(tmp_path)


def test_the_previous_model_is_kept(copy):
    first = open_saved(copy)
    first.model.get_layer("head").bias.assign([1.0, 2.0, 3.0])
    old = (copy / saved.FILE).read_bytes()
    save(first, copy)
    assert (copy / saved.PREVIOUS).read_bytes() == old
    np.testing.assert_array_equal(open_saved(copy).model.get_layer("head").bias, [1, 2, 3])
    assert {path.name for path in copy.iterdir()} == {saved.FILE, saved.PREVIOUS}


@pytest.mark.fault(6)
def test_a_save_that_fails_leaves_the_old_model(copy, monkeypatch):
    model, old = open_saved(copy), (copy / saved.FILE).read_bytes()
    monkeypatch.setattr(
        saved.os, "replace", lambda *args: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    with pytest.raises(CourseError, match="No space left"):
        save(model, copy)
    assert (copy / saved.FILE).read_bytes() == old
    assert not list(copy.glob(".*new"))


def test_a_network_that_the_catalogue_cannot_build_is_refused_before_training(kept):
    import keras

    tuned, _ = kept
    x = keras.layers.Dense(3, name="head")(keras.layers.Flatten()(tuned.model.input))
    other = type(tuned)(tuned.card, keras.Model(tuned.model.input, x), tuned.provenance, tuned.preprocess)
    with pytest.raises(BadInput, match="not built as the catalogue's"):
        check_saveable(other)


@pytest.mark.fault(12)
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"text": ""}, "says nothing"),
        ({"text": "{"}, "not a model that this course saved"),
        ({"text": "[" * 100_000}, "not a model that this course saved"),
        ({"extra": 1}, "other fields"),
        ({"model": "no_such_net"}, "no model 'no_such_net'"),
        ({"model": ["resnet_nano"]}, "no text"),
        ({"model": "vgg_nano"}, "has no weights"),
        ({"offer": "../../etc/passwd"}, "has no weights"),
        ({"classes": ["a", "b"]}, "names 2 classes and has numbers for 3"),
        ({"classes": ["a", "b", 3]}, "no text"),
        ({"classes": ["a", "b", "\x1b[2J"]}, "can't be printed"),
        ({"size": 100_000}, "not for 100000"),
        ({"size": -1}, "preprocessing"),
        ({"size": "32"}, "preprocessing"),
        ({"normalise": "odd"}, "preprocessing"),
        ({"crop": 7}, "preprocessing"),
        ({"crop": "a"}, "not a model that this course saved"),
        ({"provenance": 3}, "not a model that this course saved"),
    ],
)
def test_what_a_header_says_is_not_believed(copy, changes, says):
    rewrite(copy, **changes)
    with pytest.raises(CourseError, match=says):
        open_saved(copy)


@pytest.mark.fault(18)
def test_weights_that_do_not_fit_or_are_damaged_are_refused(copy):
    arrays = load_file(copy / saved.FILE)
    name = next(name for name in arrays if name.endswith("kernel") and "head" not in name)
    rewrite(copy, arrays | {name: np.full_like(arrays[name], np.nan)})
    with pytest.raises(CourseError, match="not finite"):
        open_saved(copy)
    rewrite(copy, arrays | {name: arrays[name][..., :1]})
    with pytest.raises(CourseError, match="shape"):
        open_saved(copy)
    (copy / saved.FILE).write_bytes(b"no safetensors")
    with pytest.raises(BadInput, match="can't be read"):
        open_saved(copy)
