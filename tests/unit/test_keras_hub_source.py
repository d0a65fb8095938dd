"""KerasHub's presets: found only when whole, read from a folder, and never asked of the network."""

import json
from pathlib import Path

import keras_hub
import numpy as np
import pytest

from course_lib.catalog.cards import Weights
from course_lib.errors import BadInput
from course_lib.weights.sources.keras_hub import FILES, find, read

OFFER = Weights(
    grade="official", source="keras_hub", file="model.weights.h5", licence="Apache-2.0", trained_on="nothing",
    normalise="tf", labels="imagenet", format="kerashub", model="vit_b16", builder="ViTImageClassifier",
    url="kaggle://keras/vit/keras/tiny/1",
)  # fmt: skip


@pytest.fixture(scope="module")
def preset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("preset")
    backbone = keras_hub.models.ViTBackbone((32, 32, 3), 16, 1, 2, 8, 16)
    model = keras_hub.models.ViTImageClassifier(backbone, 5)
    model.save_to_preset(str(folder))
    return folder, model


def cached(monkeypatch, tmp_path, preset, without=()):
    folder = tmp_path / "models" / "keras" / "vit" / "keras" / "tiny"
    for name in FILES:
        for place in (folder / "1" / name, folder / ".complete" / "1" / f"{name}.complete"):
            place.parent.mkdir(parents=True, exist_ok=True)
            if str(place.relative_to(folder)) not in without:
                place.write_bytes((preset / name).read_bytes() if place.parent.name == "1" else b"")
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path))
    return folder / "1" / "model.weights.h5"


def test_a_preset_is_read_as_it_was_written(preset):
    folder, model = preset
    arrays = read(folder / "model.weights.h5", OFFER)
    assert len(arrays) == len(model.weights)
    for variable in model.weights:
        assert np.array_equal(arrays[variable.path], variable)


def test_a_whole_preset_is_found_in_the_cache(preset, tmp_path, monkeypatch):
    assert find(OFFER) is None
    path = cached(monkeypatch, tmp_path, preset[0])
    assert find(OFFER) == path


@pytest.mark.parametrize("without", ["1/task.json", ".complete/1/model.weights.h5.complete"])
def test_half_a_preset_is_not_found(preset, tmp_path, monkeypatch, without):
    cached(monkeypatch, tmp_path, preset[0], without=(without,))
    assert find(OFFER) is None


def test_half_a_preset_is_refused_and_the_missing_file_named(preset, tmp_path):
    for name in FILES[:-2]:
        (tmp_path / name).write_bytes((preset[0] / name).read_bytes())
    with pytest.raises(BadInput, match=r"task\.weights\.h5"):
        read(tmp_path / "model.weights.h5", OFFER)


def test_weights_of_another_size_are_refused(preset, tmp_path):
    for name in FILES:
        (Path(tmp_path) / name).write_bytes((preset[0] / name).read_bytes())
    config = json.loads((tmp_path / "config.json").read_text())
    config["config"]["hidden_dim"] = 12
    (tmp_path / "config.json").write_text(json.dumps(config))
    task = json.loads((tmp_path / "task.json").read_text())
    task["config"]["backbone"] = config
    (tmp_path / "task.json").write_text(json.dumps(task))
    with pytest.raises(BadInput, match="does not fit"):
        read(tmp_path / "model.weights.h5", OFFER)
