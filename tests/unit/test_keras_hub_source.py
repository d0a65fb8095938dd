"""KerasHub's presets: found only when whole, read from a folder, and never asked of the network."""

import dataclasses
import json
import shutil
from pathlib import Path

import keras_hub
import numpy as np
import pytest
from PIL import Image

from course_lib import catalog
from course_lib.catalog import reader
from course_lib.catalog.cards import Weights
from course_lib.cli import main
from course_lib.errors import BadInput, CourseError
from course_lib.fetching import fetch
from course_lib.loading import open_pretrained
from course_lib.media.samples import sample
from course_lib.weights.sources.keras_hub import files, find, read

OFFER = Weights(
    grade="official", source="keras_hub", file="model.weights.h5", licence="Apache-2.0", trained_on="nothing",
    normalise="tf", labels="imagenet", format="kerashub", model="vit_b16", builder="ViTImageClassifier",
    url="kaggle://keras/vit/keras/tiny/1",
)  # fmt: skip
FILES = files(OFFER)
pytestmark = pytest.mark.usefixtures("no_network")
TINY = {"patch": 16, "width": 8, "depth": 1, "heads": 2, "mlp": 16, "size": 32}


@pytest.fixture(scope="module")
def preset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("preset")
    backbone = keras_hub.models.ViTBackbone((32, 32, 3), 16, 1, 2, 8, 16)
    model = keras_hub.models.ViTImageClassifier(backbone, 5)
    model.save_to_preset(str(folder))
    return folder, model


def cached(monkeypatch, tmp_path, preset, without=(), at="keras/vit/keras/tiny/1"):
    folder, version = (tmp_path / "models" / at).parent, at.rpartition("/")[2]
    for name in FILES:
        for place in (folder / version / name, folder / ".complete" / version / f"{name}.complete"):
            place.parent.mkdir(parents=True, exist_ok=True)
            if str(place.relative_to(folder)) not in without:
                place.write_bytes((preset / name).read_bytes() if place.name == name else b"")
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path))
    return folder / version / "model.weights.h5"


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


def test_a_tokenizer_belongs_to_the_preset_of_a_text_model():
    offer = dataclasses.replace(OFFER, builder="T5Backbone", tokenizer="sentencepiece")
    assert {"tokenizer.json", "assets/tokenizer/vocabulary.spm"} == set(files(offer)) - set(FILES)
    assert set(FILES) - set(files(offer)) == {"task.json", "task.weights.h5"}


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


@pytest.fixture
def tiny_cards(monkeypatch):
    """Let the cards of a ViT and of one without a head offer presets as small as ours."""
    cards = dict(reader._cards())
    for model_id, settings in (("vit_b16", {"classes": 5}), ("vit_h14", {"classes": 0})):
        offer = dataclasses.replace(cards[model_id].weights[0], config=TINY | settings)
        labels = tuple("abcde") if settings["classes"] else ()
        offer = dataclasses.replace(offer, labels=labels)
        cards[model_id] = dataclasses.replace(cards[model_id], weights=(offer, *cards[model_id].weights[1:]))
    monkeypatch.setattr(reader, "_cards", lambda: cards)


def test_load_takes_a_folder(preset, tiny_cards):
    folder, model = preset
    loaded = open_pretrained("vit_b16", weights=folder)
    assert loaded.provenance.grade == "official"
    pixels = np.random.default_rng(0).normal(0, 1, (2, 32, 32, 3)).astype(np.float32)
    found, expected = loaded.model(pixels), model(pixels)
    assert np.abs(found - expected).max() < 1e-5
    assert len(loaded.classify(sample("cat"))) == 5


def test_load_takes_what_kagglehub_has(preset, tiny_cards, tmp_path, monkeypatch):
    offer = catalog.card("vit_b16").weights[0]
    cached(monkeypatch, tmp_path, preset[0], at=offer.url.removeprefix("kaggle://"))
    assert open_pretrained("vit_b16").provenance.grade == "official"


def test_a_preset_without_a_head_gives_features_and_says_so(preset, tiny_cards, tmp_path):
    preset[1].backbone.save_to_preset(str(tmp_path))
    loaded = open_pretrained("vit_h14", weights=tmp_path)
    features = loaded.features(sample("cat"))
    expected = preset[1].backbone(loaded.preprocess([np.asarray(Image.open(sample("cat")))]))[:, 0]
    assert np.abs(features - expected).max() < 1e-5
    with pytest.raises(BadInput, match="without a head"):
        loaded.classify(sample("cat"))


def run(capsys, *arguments):
    """Run the command; return its exit code and what it wrote to the error stream."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["course", *arguments])
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = stop.code
    return code, capsys.readouterr().err


def test_the_command_takes_a_folder(preset, tiny_cards, capsys):
    code, said = run(capsys, "classify", "sample:cat", "--model", "vit_b16", "--weights", str(preset[0]))
    assert code in (0, None)
    assert "official weights from KerasHub" in said


@pytest.mark.parametrize("fault", ["empty", "half", "not json", "cut off", "another model", "a larger one"])
def test_a_bad_folder_gives_one_sentence(fault, preset, tiny_cards, tmp_path, capsys):
    folder = tmp_path / "preset"
    shutil.copytree(preset[0], folder)
    if fault == "empty":
        shutil.rmtree(folder)
        folder.mkdir()
    elif fault == "half":
        (folder / "task.json").unlink()
    elif fault == "not json":
        (folder / "task.json").write_text("{")
    elif fault == "cut off":
        (folder / "model.weights.h5").write_bytes((folder / "model.weights.h5").read_bytes()[:2000])
    else:
        shutil.rmtree(folder)
        write_another(fault, folder)
    code, said = run(capsys, "classify", "sample:cat", "--model", "vit_b16", "--weights", str(folder))
    assert code == 2
    assert said.startswith("course: ")
    assert said.count("\n") == 1, said


def write_another(fault, folder):
    if fault == "a larger one":
        backbone = keras_hub.models.ViTBackbone((48, 48, 3), 16, 1, 2, 8, 16)
        model = keras_hub.models.ViTImageClassifier(backbone, 5)
    else:
        backbone = keras_hub.models.VGGBackbone([1], [4], (32, 32, 3))
        model = keras_hub.models.VGGImageClassifier(backbone, 5)
    model.save_to_preset(str(folder))


@pytest.mark.fault(8)
def test_fetching_without_a_network_gives_one_sentence_and_no_more(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path))
    with pytest.raises(CourseError, match=r"Kaggle can't be reached.*weights=its path") as error:
        fetch("vit_b16")
    assert "\n" not in str(error.value)
    assert capfd.readouterr() == ("", "")
