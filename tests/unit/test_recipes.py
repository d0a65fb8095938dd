"""Recipes: found by name, the same result for the same seed, and never trained on what they are measured on."""

import json

import keras
import numpy as np
import pytest
from safetensors.numpy import load_file

from course_lib import catalog, load
from course_lib.errors import BadInput, CourseError
from course_lib.media import world
from course_lib.media.world import PRETRAIN_CLASSES
from course_lib.training import nano, pretrain, recipes
from course_lib.weights.labels import class_names
from course_lib.weights.preprocess import Preprocess

QUICK = {"images_seen": 128, "test_images": 40}


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    out = tmp_path_factory.mktemp("quick") / "resnet_nano.safetensors"
    return out, recipes.run("resnet_nano", out=out, seed=1, **QUICK)


def test_a_quick_run_writes_weights_and_report(quick):
    out, report = quick
    tensors = load_file(out)
    assert {array.dtype for array in tensors.values()} == {np.dtype(np.float16)}
    assert sum(array.size for array in tensors.values()) == 177_028
    assert tensors["head/kernel"].shape == (64, 20)
    written = json.loads(out.with_suffix(".json").read_text())
    assert written["sha256"] == report.sha256
    assert written["recipe"]["seed"] == 1
    assert len(report.scores) == 3
    assert [path.suffix for path in sorted(out.parent.iterdir())] == [".json", ".safetensors"]


def test_the_same_seed_gives_the_same_weights(quick, tmp_path):
    out, report = quick
    again = recipes.run("resnet_nano", out=tmp_path / "again.safetensors", seed=1, **QUICK)
    first, second = load_file(out), load_file(tmp_path / "again.safetensors")
    for name, array in first.items():
        np.testing.assert_allclose(array, second[name], atol=2e-3, err_msg=name)
    assert again.scores == pytest.approx(report.scores, abs=0.03)


def test_another_seed_gives_other_weights(quick, tmp_path):
    recipes.run("resnet_nano", out=tmp_path / "other.safetensors", seed=2, **QUICK)
    assert not np.array_equal(
        load_file(quick[0])["head/kernel"], load_file(tmp_path / "other.safetensors")["head/kernel"]
    )


def test_it_learns():
    """A few hundred updates on few images are enough to leave chance, so the loop does train."""
    from course_lib.training.fit import Settings, fit
    from course_lib.zoo import resnet

    images, labels = world.make_images(200, seed=3)
    keras.utils.set_random_seed(3)
    model = resnet.build(resnet.CONFIGS["resnet_nano"])
    history = fit(model, images, labels, Settings(steps=60, batch_size=32), Preprocess(32, "tf", 0))
    assert np.mean(history.loss[-5:]) < 0.75 * np.mean(history.loss[:5])


@pytest.mark.parametrize("bits", [16, 8])
def test_the_file_holds_what_was_measured(bits, tmp_path):
    from course_lib.zoo import resnet

    model, path = resnet.build(resnet.CONFIGS["resnet_nano"]), tmp_path / "m.safetensors"
    drawn = [np.asarray(variable) for variable in model.weights]
    nano.round_weights(model, bits)
    measured = [np.asarray(variable) for variable in model.weights]
    assert any((one != other).any() for one, other in zip(drawn, measured, strict=True))
    nano.make_folder(path)
    assert list(tmp_path.iterdir()) == []
    nano.save_nano(model, path, bits)
    assert 2 * 177_028 * bits / 16 < path.stat().st_size < 2 * 177_028 * bits / 16 + 20_000
    again = load("resnet_nano", path).model
    for one, other in zip(measured, again.weights, strict=True):
        np.testing.assert_array_equal(one, np.asarray(other), err_msg=other.path)


@pytest.mark.parametrize("bits", [16, 8])
@pytest.mark.parametrize(("part", "value"), [("bias", 1e9), ("kernel", np.nan), ("kernel", np.inf)])
def test_weights_that_are_not_finite_are_not_saved(part, value, bits):
    from course_lib.zoo import resnet

    model = resnet.build(resnet.CONFIGS["resnet_nano"])
    variable = getattr(model.get_layer("head"), part)
    variable.assign(
        variable + value
    )  # 1e9: beyond what float16 can hold, and biases are in 16 bits either way
    with pytest.raises(CourseError, match=f"head/{part} holds"):
        nano.round_weights(model, bits)


def test_who_speaks_writes_or_detects_is_kept_in_eight_bits():
    kept = {name: recipes.recipe(name).bits for name in recipes.names()}
    assert {kept[name] for name in ("gpt_nano", "t5_nano", "yolo_v8_nano", "deepspeech_nano")} == {8}
    assert kept["resnet_nano"] == 16


def test_the_recipe_trains_on_the_classes_and_scale_of_the_card():
    (offer,) = [offer for offer in catalog.card("resnet_nano").weights if offer.grade == "nano"]
    assert class_names(offer.labels) == PRETRAIN_CLASSES
    assert (offer.normalise, offer.crop) == ("tf", 0)


def test_recipes_are_found_by_name():
    assert "resnet_nano" in recipes.names()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ({"model_id": "resnet_nan"}, "no recipe for 'resnet_nan'"),
        ({"model_id": "resnet_nano", "epochs": 3}, "no setting 'epochs'"),
        ({"model_id": "resnet_nano", "seed": 9001}, "held-out"),
        ({"model_id": "resnet_nano", "bits": 4}, "16 bits or in 8, not in 4"),
    ],
)
def test_what_cannot_be_trained_gets_one_sentence(call, says, tmp_path):
    with pytest.raises(BadInput, match=says):
        recipes.run(out=tmp_path / "x.safetensors", **call)


def test_a_folder_that_cannot_be_made_is_noticed_before_the_training(tmp_path, monkeypatch):
    monkeypatch.setattr(pretrain, "make_images", lambda *a, **k: pytest.fail("it began to work"))
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(CourseError, match="Cannot make the folder"):
        recipes.run("resnet_nano", out=tmp_path / "file" / "x.safetensors")
