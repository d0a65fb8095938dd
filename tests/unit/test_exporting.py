"""Exported classifiers: the same answers from every format, with the preprocessing inside, opened without Keras."""

import dataclasses
import json
import subprocess
import sys

import keras
import numpy as np
import pytest

from course_lib import cli, saving
from course_lib.deploy import export, formats, manifest, open_export
from course_lib.deploy.network import with_preprocessing
from course_lib.errors import BadInput, CourseError
from course_lib.loading import open_pretrained
from course_lib.media.images import sample_crops
from course_lib.tasks.base import Provenance
from course_lib.tasks.classify import ImageClassifier
from course_lib.tasks.predictions import softmax
from course_lib.weights.preprocess import CONVENTIONS, Preprocess

FLOAT = ("savedmodel", "litert", "onnx", "openvino")
PICTURES = sample_crops(2, seed=3)


@pytest.fixture(scope="module")
def model():
    return open_pretrained("mobilenet_nano")


@pytest.fixture(scope="module")
def folder(model, tmp_path_factory):
    place = tmp_path_factory.mktemp("exported") / "mobilenet"
    export(model, place, (*FLOAT, "litert-int8"), PICTURES)
    return place


def toy(normalise: str) -> ImageClassifier:
    """A classifier of 12 x 12 pixels whose answers depend on every channel."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((12, 12, 3))
    x = keras.layers.Conv2D(4, 3, activation="tanh")(inputs)
    outputs = keras.layers.Dense(3, name="head")(keras.layers.Flatten()(x))
    card = dataclasses.replace(open_pretrained("mobilenet_nano").card, id="toy")
    provenance = Provenance("nano", "toy", "a test", licence="none")
    preprocess = Preprocess(12, normalise, 0.875)
    return ImageClassifier(card, keras.Model(inputs, outputs), provenance, preprocess, ("a", "b", "c"))


@pytest.mark.parametrize("normalise", CONVENTIONS)
def test_the_preprocessing_is_in_the_graph(normalise):
    model = toy(normalise)
    pixels = np.random.default_rng(0).integers(0, 256, (5, 12, 12, 3)).astype(np.uint8)
    found = with_preprocessing(model).predict_on_batch(np.float32(pixels))
    expected = softmax(model.model.predict_on_batch(model.preprocess(list(pixels))))
    assert np.abs(found - expected).max() <= 1e-5
    swapped = with_preprocessing(model).predict_on_batch(np.float32(pixels[..., ::-1]))
    assert np.abs(swapped - expected).max() > 1e-3  # so that this test could fail


@pytest.mark.parametrize("name", FLOAT)
def test_every_format_gives_the_models_answers(model, folder, name):
    opened = open_export(folder, name)
    found, expected = opened.classify(PICTURES), model.classify(PICTURES)
    assert [[g.index for g in one] for one in found] == [[g.index for g in one] for one in expected]
    scores = [[[guess.score for guess in one] for one in many] for many in (found, expected)]
    assert np.allclose(*scores, atol=1e-5)
    assert opened.classify(PICTURES[0], top=2)[0].label == expected[0][0].label  # one alone is one answer


def test_8_bits_are_nearly_the_models_and_said_to_be_so(model, folder):
    told = manifest.read(folder).formats
    assert told["litert-int8"].difference > 1e-3 > max(told[name].difference for name in FLOAT)
    assert told["litert-int8"].agreement >= 0.5
    assert told["litert-int8"].held_back == len(PICTURES) // 4
    assert told["litert-int8"].bytes < 0.5 * told["litert"].bytes
    assert len(open_export(folder, "litert-int8").classify(PICTURES[0])) == 5


def test_what_lies_there_says_all_that_a_client_needs(model, folder):
    told = json.loads((folder / "deploy.json").read_text())
    assert told["labels"] == list(model.labels)
    assert (told["size"], told["crop"]) == (model.preprocess.size, model.preprocess.crop)
    assert told["licence"] == model.provenance.licence != ""
    assert told["provenance"]["trained_on"] == model.provenance.trained_on
    assert "RGB, 0 to 255" in told["input"]
    listed = [file for written in told["formats"].values() for file in written["files"]]
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} - {"deploy.json"}
    assert {file["name"] for file in listed} == there
    assert all((folder / file["name"]).stat().st_size == file["bytes"] for file in listed)


def test_a_saved_folder_is_exported_like_a_model_of_the_catalogue(model, monkeypatch, capsys, tmp_path):
    (tmp_path / "saved").mkdir()
    saving.save(model, tmp_path / "saved")
    code, out, _ = course(monkeypatch, capsys, tmp_path / "saved", tmp_path / "out")
    assert (code, "20 classes, 32 px" in out) == (0, True)
    found, expected = open_export(tmp_path / "out").classify(PICTURES[0]), model.classify(PICTURES[0])
    assert [guess.label for guess in found] == [guess.label for guess in expected]
    assert manifest.read(tmp_path / "out").provenance["grade"] == "fine-tuned"


def test_opening_needs_no_keras(folder):
    code = f"""
import sys
from course_lib.deploy import open_export
assert open_export({str(folder)!r}, "onnx").classify("sample:cat", 1)[0].label == "bolt"
sys.exit(any(name in sys.modules for name in ("keras", "tensorflow", "course_lib.zoo", "course_lib.catalog")))
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_changed_byte_is_seen(model, tmp_path):
    export(model, tmp_path / "x", ["litert"])
    path = tmp_path / "x" / "model.tflite"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(BadInput, match="is not the file that was exported"):
        open_export(tmp_path / "x")
    path.unlink()
    with pytest.raises(BadInput, match="is missing"):
        open_export(tmp_path / "x")


@pytest.mark.parametrize(
    "lie",
    [
        {"labels": []}, {"labels": ["\x1b[31m"]}, {"size": 10**9}, {"size": True}, {"crop": -1}, {"formats": 3},
        {"course_lib_export": 9}, {"licence": None}, {"letterbox": "yes"}, {"provenance": "x"},
        {"formats": {"onnx": {"files": [{"name": "../up", "bytes": 1, "sha256": ""}], "difference": 0}}},
        {"formats": {"onnx": {"files": [{"name": "/etc/passwd", "bytes": 1, "sha256": ""}], "difference": 0}}},
    ],
    ids=lambda lie: next(iter(lie)),
)  # fmt: skip
def test_a_description_that_can_not_be_is_refused(folder, tmp_path, lie):
    told = json.loads((folder / "deploy.json").read_text()) | lie
    (tmp_path / "deploy.json").write_text(json.dumps(told))
    with pytest.raises(BadInput, match="damaged or not ours"):
        manifest.read(tmp_path)


def test_a_folder_is_only_replaced_when_asked_and_never_if_it_is_something_else(model, tmp_path, folder):
    export(model, tmp_path / "x", ["litert"])
    with pytest.raises(BadInput, match="say --force"):
        export(model, tmp_path / "x", ["onnx"])
    export(model, tmp_path / "x", ["onnx"], force=True)
    assert set(manifest.read(tmp_path / "x").formats) == {"onnx"}
    assert not (tmp_path / "x" / "model.tflite").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").write_text("dear")
    with pytest.raises(BadInput, match="not empty"):
        export(model, tmp_path / "mine", ["onnx"], force=True)
    with pytest.raises(BadInput, match="is a file"):
        export(model, tmp_path / "mine" / "diary.txt", ["onnx"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "x"]


def test_a_failure_leaves_the_old_export_and_nothing_beside_it(model, tmp_path, monkeypatch):
    export(model, tmp_path / "x", ["litert"])
    wrong = dataclasses.replace(
        formats.FORMATS["onnx"], open=lambda *_: lambda pictures: np.full((len(pictures), 20), 0.05)
    )
    monkeypatch.setitem(formats.FORMATS, "onnx", wrong)
    with pytest.raises(CourseError, match="gives other answers"):
        export(model, tmp_path / "x", ["onnx"], force=True)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(formats.FORMATS, "onnx", dataclasses.replace(formats.FORMATS["onnx"], write=full))
    with pytest.raises(CourseError, match="No space left"):
        export(model, tmp_path / "x", ["onnx"], force=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x"]
    assert len(open_export(tmp_path / "x").classify(PICTURES[0])) == 5


@pytest.mark.parametrize(
    ("names", "examples", "says"),
    [
        (["onxx"], None, "did you mean onnx"), (["qqqq"], None, "there are: openvino"), ([], None, "no format"),
        (["litert-int8"], None, "give some tens"), (["litert-int8"], [], "no picture among the examples"),
        (["litert-int8"], ["missing.png"], "no file"),
    ],
)  # fmt: skip
def test_what_can_not_be_exported_is_said_in_a_sentence(model, tmp_path, names, examples, says):
    with pytest.raises(BadInput, match=says):
        export(model, tmp_path / "x", names, examples)
    assert list(tmp_path.glob("*")) == []


def test_only_trained_classifiers_are_exported(tmp_path):
    with pytest.raises(BadInput, match="does not classify"):
        export(open_pretrained("yolo_v8_nano"), tmp_path / "x")
    with pytest.raises(BadInput, match="random"):
        export(open_pretrained("mobilenet_nano", None), tmp_path / "x")


def test_a_missing_package_and_a_format_that_is_not_there(folder, tmp_path, model, monkeypatch):
    with pytest.raises(BadInput, match="not exported as page"):
        open_export(folder, "page")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(CourseError, match=r"course-lib\[engines\]"):
        export(model, tmp_path / "x", ["onnx"])
    assert open_export(folder).format == "litert"  # it comes with TensorFlow


def course(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["course", "export", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    captured = capsys.readouterr()
    return stop.value.code, captured.out, captured.err


def test_the_command_prints_a_table_or_json(monkeypatch, capsys, tmp_path):
    code, out, _ = course(
        monkeypatch, capsys, "mobilenet_nano", tmp_path / "a", "--format", "onnx", "--format", "litert"
    )
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()[:3]] == ["format", "onnx", "litert"]
    code, out, _ = course(monkeypatch, capsys, "mobilenet_nano", tmp_path / "a", "--force", "--json")
    told = json.loads(out)
    assert (code, list(told["formats"]), told["size"]) == (0, ["onnx"], 32)
    code, _, err = course(monkeypatch, capsys, "mobilenet_nano", tmp_path / "b", "--format", "litert-int8")
    assert code == 2
    assert "needs --examples" in err
