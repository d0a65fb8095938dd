"""`load("hub:...")`: found in tensorflow_hub's cache or in a folder, never downloaded, and one clear line on a miss."""

import hashlib
import shutil
import subprocess
import sys
import zipfile

import keras
import numpy as np
import pytest

from course_lib import catalog, load
from course_lib.catalog.cards import Weights
from course_lib.catalog.handles import handle
from course_lib.cli import main
from course_lib.errors import BadInput, CourseError
from course_lib.loading import build, open_pretrained
from course_lib.training.features import cached_features
from course_lib.weights.convert import inception
from course_lib.weights.labels import SETS
from course_lib.weights.preprocess import CONVENTIONS
from course_lib.weights.sources import package, tf_hub
from course_lib.zoo.inception import v1
from tests import saved_models

SITE = "https://tfhub.dev/"
CLASSIFIER = "google/imagenet/mobilenet_v2_100_224/classification/5"
FEATURES = "google/imagenet/mobilenet_v2_100_224/feature_vector/5"
PICTURES = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), dtype=np.uint8)
PITCH = package.PackagedFile(
    file="basic_pitch/saved_models/icassp_2022/nmp",
    hash="",
    bytes=1_310_000,
    package="basic-pitch==0.4.0",
    wheel="sha256:738adb503aae7fdfc7d1e1511aa0ce35052315f260a19531ef4c356708425db0",
)


@pytest.fixture(autouse=True)
def own_hub(tmp_path, monkeypatch):
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path / "tfhub"))
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path / "kaggle"))


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    root = tmp_path_factory.mktemp("exported")
    return root, {n: saved_models.from_keras(root / str(n), classes=n) for n in (1001, 6)}


def published(exported, tmp_path, text, classes):
    return saved_models.publish(exported[0] / str(classes), tmp_path / "tfhub", SITE + text)


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["course", *arguments])
    try:
        main()
    except SystemExit as done:
        return done.code or 0
    return 0


@pytest.mark.fault(8)
@pytest.mark.parametrize(
    "text", [CLASSIFIER, f"{SITE}{CLASSIFIER}", f"{SITE}{CLASSIFIER}?tf-hub-format=compressed"]
)
def test_a_cached_classifier_names_pictures(exported, tmp_path, text, capsys, no_network):
    place = published(exported, tmp_path, CLASSIFIER, 1001)
    assert place.name == hashlib.sha1(f"{SITE}{CLASSIFIER}".encode()).hexdigest()
    model = load(f"hub:{text}")
    line = capsys.readouterr().out
    assert "official weights from TF Hub" in line
    assert line.count("\n") == 1
    best = model.classify(PICTURES, top=2)
    assert len(best) == 3
    assert best[0][0].label in SETS["imagenet+background"]()
    scores = exported[1][1001](PICTURES / np.float32(255)).numpy()
    assert [guess[0].index for guess in best] == scores.argmax(axis=1).tolist()
    with pytest.raises(BadInput, match="feature_vector"):
        model.features(PICTURES)


def test_a_cached_feature_vector_gives_features(exported, tmp_path):
    published(exported, tmp_path, FEATURES, 6)
    model = open_pretrained(f"hub:{FEATURES}")
    assert model.model.get_layer("backbone").count_params() == model.model.count_params()
    expected = exported[1][6](PICTURES / np.float32(255)).numpy()
    assert np.allclose(model.features(PICTURES), expected, atol=1e-5)
    assert not hasattr(model, "classify")
    assert np.array_equal(cached_features(model, PICTURES), cached_features(model, PICTURES))


def test_a_folder_is_loaded_and_its_functions_called(tmp_path):
    saved_models.served(tmp_path / "model")
    model = open_pretrained(f"hub:{tmp_path / 'model'}")
    x = np.arange(8, dtype=np.float32).reshape(2, 4)
    outputs = model.run("score", x=x)
    assert np.array_equal(outputs["logits"], x[:, :3])
    for wrong in ({"signature": "no"}, {"y": x}, {"x": "words"}, {"x": np.zeros((2, 9))}):
        with pytest.raises(BadInput, match="score"):
            model.run(**wrong)
    with pytest.raises(BadInput, match="takes no pictures"):
        model.features(PICTURES)
    with pytest.raises(BadInput, match="leave weights"):
        load(f"hub:{tmp_path / 'model'}", weights="nano")
    with pytest.raises(BadInput, match="load it"):
        build(f"hub:{tmp_path / 'model'}")


def test_a_tf1_module_is_called_by_its_signature(tmp_path):
    saved_models.from_tf1(tmp_path / "model")
    model = open_pretrained(f"hub:{tmp_path / 'model'}")
    assert np.array_equal(model.run(images=np.ones((1, 4)))["default"], [[7, 7, 7]])


@pytest.mark.fault(8)
@pytest.mark.parametrize("text", [CLASSIFIER, "google/bit/tensorFlow2/m-r50x1/1", "nobody/knows/this/1"])
def test_a_miss_is_one_line_that_says_what_to_do(text, no_network, tmp_path):
    with pytest.raises(CourseError) as error:
        load(f"hub:{text}")
    for part in (f"course fetch hub:{text}", str(tmp_path / "tfhub"), "load('efficientnet_lite0')"):
        assert part in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.fault(8)
def test_a_fetch_without_a_network_is_one_line(no_network, monkeypatch, capsys):
    for text in (CLASSIFIER, "google/bit/tensorFlow2/m-r50x1/1", "./somewhere"):
        assert run(monkeypatch, "fetch", f"hub:{text}") == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_kagglehubs_cache_is_looked_into(exported, tmp_path):
    wanted = handle(
        "hub:https://www.kaggle.com/models/google/bit/frameworks/TensorFlow2/variations/m-r50x1/versions/1"
    )
    assert wanted.kaggle == "google/bit/tensorFlow2/m-r50x1/1"
    place = tmp_path / "kaggle" / "models" / wanted.kaggle
    shutil.copytree(exported[0] / "6", place)
    assert tf_hub.find_folder(wanted) is None  # not marked as whole
    (place.parent / ".complete" / "1").mkdir(parents=True)
    (place.parent / ".complete" / "1" / "bundle.complete").touch()
    assert tf_hub.find_folder(wanted) == place


@pytest.mark.skipif(sys.platform == "win32", reason="files have no owners in this sense")
def test_a_strangers_model_in_the_shared_cache_is_not_run(exported, tmp_path, monkeypatch):
    published(exported, tmp_path, FEATURES, 6)
    monkeypatch.setattr("os.getuid", lambda: 4711)
    monkeypatch.setattr(tf_hub, "_owner", lambda place: 4712)
    with pytest.raises(CourseError, match="another user"):
        load(f"hub:{FEATURES}")


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "x",
        "https://evil.example/x/1",
        "a/../../b",
        "gs://a/b",
        "a/b\x00c",
        "x" * 2000,
        "../nowhere",
        "/etc/passwd",
    ],
)
def test_what_is_no_handle_gives_one_line(bad):
    with pytest.raises(BadInput) as error:
        load(f"hub:{bad}")
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 400


def test_every_hub_card_is_complete():
    names = catalog.list_models("hub:*")
    for text in (
        "inception_v1",
        "inception_v2",
        "mobilenet_v1",
        "mobilenet_v3_small",
        "bit/m-r50x1",
        "biggan",
        "wav2vec2",
    ):
        assert any(text in name for name in names), text
    for name in names:
        card = catalog.card(name)
        assert handle(name).url == SITE + name.removeprefix("hub:")
        assert card.id == name
        assert card.paper
        assert card.arxiv
        assert card.year
        assert card.summary
        assert card.hub.normalise in CONVENTIONS
        assert card.hub.labels in ("", *SETS)
    assert not any(name.startswith("hub:") for name in catalog.list_models())


def test_the_command_shows_signatures_without_opening(exported, tmp_path, monkeypatch, capsys):
    published(exported, tmp_path, FEATURES, 6)
    monkeypatch.setattr("tensorflow.saved_model.load", None)
    assert run(monkeypatch, "info", f"hub:{FEATURES}") == 0
    out = capsys.readouterr().out
    assert "serving_default: " in out
    assert "(any, 8, 8, 3) float32 -> output_0 (any, 6) float32" in out
    assert run(monkeypatch, "info", f"hub:{CLASSIFIER}") == 0
    assert f"course fetch hub:{CLASSIFIER}" in capsys.readouterr().out
    assert run(monkeypatch, "list", "hub:*feature_vector*") == 0
    lines = capsys.readouterr().out.splitlines()
    assert next(line for line in lines if FEATURES in line).endswith("official")


def test_inceptions_variables_are_read_by_the_names_that_slim_gives(tmp_path):
    """A module for each format of TF Hub: its variables lie under slim's names, in TF1 below the scope "module"."""
    offer = next(o for o in catalog.card("inception_v1").weights if o.source == "tf_hub")
    assert isinstance(offer, Weights)
    assert tf_hub.find(offer) is None
    saved_models.from_tf1(tmp_path / "model")
    arrays = tf_hub.read(tmp_path / "model" / offer.file, offer)
    assert sorted(arrays) == ["Net/moving_mean", "Net/weights"]
    config = v1.CONFIGS["inception_v1"]
    assert inception.slim("InceptionV1/Mixed_3b/Branch_1/Conv2d_0a_1x1", config).endswith("3x3_reduce_conv")
    with pytest.raises(CourseError, match="Net/"):
        load("inception_v1", weights=tmp_path / "model")


def index_answers():
    """Say whether pip reaches a package index, by asking for the versions of pip itself."""
    command = [sys.executable, "-m", "pip", "index", "versions", "pip", "--retries=0", "--timeout=15"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def pitch(tmp_path_factory):
    """Bring the one real SavedModel that a package carries: basic-pitch's, out of its wheel."""
    folder = tmp_path_factory.mktemp("pitch")
    try:
        wheel = package._pip_download(PITCH, folder)
    except CourseError as error:
        if index_answers():
            raise  # the index is there, so it is the wheel or its hash that is wrong
        pytest.skip(f"no package index can be reached, so there is no real SavedModel: {error}")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder, [name for name in archive.namelist() if name.startswith(f"{PITCH.file}/")])
    return folder / PITCH.file


def test_a_real_saved_model_hears_a_440_hz_tone(pitch):
    model = open_pretrained(f"hub:{pitch}")
    call = next(s for s in model.signatures if s.name == "serving_default")
    length = call.inputs[0].shape[1]
    tone = np.sin(2 * np.pi * 440 * np.arange(length) / 22050).astype(np.float32)[None, :, None]
    outputs = model.run("serving_default", **{call.inputs[0].name: tone})
    assert 21 + outputs["note"][0].mean(axis=0).argmax() == 69  # of a piano's 88 keys, from A0
    assert 21 + round(outputs["contour"][0].mean(axis=0).argmax() / 3) == 69
    assert isinstance(model.model, keras.Model)
    trained, all_of_it = len(model.model.trainable_weights), len(model.model.weights)
    assert (trained, all_of_it) == (18, 24)


def test_a_hub_model_is_taught_new_classes_saved_and_opened(exported, tmp_path, no_network):
    from course_lib.training.finetuning import tune

    published(exported, tmp_path, FEATURES, 6)
    images = np.concatenate([PICTURES // 2 + 10 * i for i in range(8)] + [PICTURES // 2 + 120] * 8)
    data = images, np.repeat([0, 1], 24)
    hub_model = open_pretrained(f"hub:{FEATURES}")
    before = hub_model.model.get_weights()
    tuned, outcome = tune(hub_model, data, class_names=("dark", "bright"), epochs=1, out=tmp_path / "out")
    assert outcome.accuracy >= 0.5
    assert tuned.classify(images[0], top=2)[0].label in ("dark", "bright")
    for old, new in zip(before, hub_model.model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)  # the SavedModel that was given is left alone
    again = open_pretrained(tmp_path / "out")
    assert again.labels == ("dark", "bright")
    for old, new in zip(tuned.model.get_weights(), again.model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_saved_model_does_not_choose_which_folders_program_is_run(exported, tmp_path):
    from course_lib.training.finetuning import tune

    folder = open_pretrained(f"hub:{exported[0] / '6'}")
    data = np.concatenate([PICTURES] * 4), np.arange(12) % 2
    with pytest.raises(BadInput, match="out"):
        tune(folder, data, out=tmp_path / "out")
    assert tune(folder, data)[0].model.output_shape == (None, 2)
