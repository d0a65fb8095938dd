"""KerasCV's presets: found only when whole, read from a folder, never asked of the network."""

import dataclasses
import json

import keras
import keras_cv
import numpy as np
import pytest
from keras_cv.src.utils.preset_utils import save_to_preset

from course_lib import catalog
from course_lib.catalog import reader
from course_lib.errors import BadInput
from course_lib.loading import open_pretrained
from course_lib.media.samples import sample
from course_lib.weights.sources.keras_cv import files, find

OFFER = next(offer for offer in catalog.card("yolo_v8_m").weights if offer.source == "keras_cv")
TINY = {"widths": (4, 8, 16, 16, 16), "depths": (1, 1, 1, 1), "neck_depths": (1, 1, 2, 2), "size": 64}
pytestmark = pytest.mark.usefixtures("no_network")


@pytest.fixture(scope="module")
def preset(tmp_path_factory):
    keras.utils.set_random_seed(0)
    folder = tmp_path_factory.mktemp("preset")
    backbone = keras_cv.models.YOLOV8Backbone(
        [8, 16, 16, 16], [1, 1, 1, 1], include_rescaling=True, input_shape=(64, 64, 3)
    )
    model = keras_cv.models.YOLOV8Detector(backbone, 20, bounding_box_format="xyxy", fpn_depth=1)
    save_to_preset(model, str(folder))
    return folder, model


@pytest.fixture
def tiny_card(monkeypatch):
    """Let the card offer a preset as small as ours."""
    card = catalog.card("yolo_v8_m")
    offer = dataclasses.replace(OFFER, config={**OFFER.config, **TINY})
    changed = {card.id: dataclasses.replace(card, weights=(offer,))}
    cards = {**reader._cards(), **changed}
    monkeypatch.setattr(reader, "_cards", lambda: cards)


def test_a_folder_gives_the_numbers_of_the_model_that_wrote_it(preset, tiny_card):
    folder, model = preset
    loaded = open_pretrained("yolo_v8_m", weights=folder)
    assert (loaded.provenance.grade, loaded.provenance.source) == ("official", "KerasCV")
    assert loaded.labels[14] == "person"
    pixels = np.random.default_rng(0).integers(0, 256, (1, 64, 64, 3)).astype(np.float32)
    expected = model(pixels)  # it divides by 255 itself
    found = loaded.model(pixels / 255)
    assert np.abs(found[..., :64] - expected["boxes"]).max() < 1e-4
    assert np.abs(keras.ops.sigmoid(found[..., 64:]) - expected["classes"]).max() < 1e-4
    assert len(loaded.detect(sample("cat"), score=0.0, most=3)) == 3


def test_only_a_whole_preset_is_found_in_the_cache(preset, tmp_path, monkeypatch):
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path))
    folder = tmp_path / "models" / OFFER.url.removeprefix("kaggle://")
    for name in files(OFFER):
        assert find(OFFER) is None
        done = folder.parent / ".complete" / folder.name / f"{name}.complete"
        for place, data in ((folder / name, (preset[0] / name).read_bytes()), (done, b"")):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
    assert find(OFFER) == folder / "model.weights.h5"


@pytest.mark.parametrize("fault", ["no config", "not json", "no weights", "another class", "cut off"])
def test_a_bad_folder_gives_one_sentence(fault, preset, tiny_card, tmp_path):
    config = json.loads((preset[0] / "config.json").read_text())
    weights = (preset[0] / "model.weights.h5").read_bytes()
    config |= {"no weights": {"weights": None}, "another class": {"registered_name": "keras>Dense"}}.get(
        fault, {}
    )
    text = "{" if fault == "not json" else json.dumps(config)
    if fault != "no config":
        (tmp_path / "config.json").write_text(text)
    (tmp_path / "model.weights.h5").write_bytes(weights[:2000] if fault == "cut off" else weights)
    with pytest.raises(BadInput) as error:
        open_pretrained("yolo_v8_m", weights=tmp_path)
    assert "\n" not in str(error.value)
