"""What one does with pictures and texts together: captions, zero-shot classification, embeddings."""

import sys

import numpy as np
import pytest
from PIL import Image

from course_lib import cli
from course_lib.errors import BadInput
from course_lib.loading import open_pretrained
from course_lib.media import world_captions as world
from course_lib.tasks.caption import greedy
from course_lib.text.words import WordTokenizer
from course_lib.training import finetune


@pytest.fixture(scope="module")
def model():
    return open_pretrained("coca_nano", "nano")


@pytest.fixture(scope="module")
def pictures():
    return world.make_captioned(40, seed=778)


def test_captions_are_sentences_of_the_world(model, pictures):
    images, scenes = pictures
    texts = model.caption(images)
    assert len(texts) == 40
    assert {word for text in texts for word in text.split()} <= set(world.WORDS)
    assert sum(scene.colour in text for scene, text in zip(scenes, texts, strict=True)) > 30
    assert model.caption(images[0]) == texts[0]


def test_zero_shot_classification_chooses_among_any_labels(model, pictures):
    images, scenes = pictures
    found = model.classify(images, labels=["star", "moon", "house"], top=2)
    assert {guess.label for row in found for guess in row} <= {"star", "moon", "house"}
    assert all(len(row) == 2 for row in found)
    one = model.classify(images[0], list(world.COLOURS), prompt="a {} " + scenes[0].kind, top=8)
    assert one[0].label == scenes[0].colour
    assert sum(guess.score for guess in one) == pytest.approx(1, abs=1e-5)
    assert len(model.classify(images[0], top=99)) == len(world.KINDS)


def test_classification_is_the_softmax_of_scaled_cosines(model, pictures):
    labels = ["star", "arrow"]
    cosines = (
        model.embed_images(pictures[0][:1])
        @ model.embed_texts(["a picture of a star", "a picture of an arrow"]).T
    )
    odds = np.exp(model.scale * cosines[0])
    found = {guess.label: guess.score for guess in model.classify(pictures[0][0], labels)}
    for label, share in zip(labels, odds / odds.sum(), strict=True):
        assert found[label] == pytest.approx(share, abs=1e-4)


def test_embeddings_and_features(model, pictures):
    images = pictures[0][:3]
    for rows in (model.embed_images(images), model.embed_texts(["a red star", "a star"])):
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, rtol=1e-4)
        assert rows.shape[1] == 64
    assert model.embed_texts("a red star").shape == (1, 64)
    assert model.features(images).shape == (3, 64)


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (
            lambda m, x: m.classify(x, labels=["zebra"]),
            "does not know the word 'zebra'; it knows: a, an, picture",
        ),
        (lambda m, x: m.classify(x, labels=[]), "nothing to choose from"),
        (lambda m, x: m.classify(x, prompt="a picture"), "needs a place for the label"),
        (lambda m, x: m.embed_texts([]), "takes a text or a list of texts"),
        (lambda m, x: m.embed_texts([3]), "takes a text or a list of texts"),
        (lambda m, x: m.embed_texts("a " * 20), "has 20 words, at most 12 fit"),
        (lambda m, x: m.caption([]), "no picture among these inputs"),
        (lambda m, x: m.caption("nowhere.png"), "nowhere.png"),
    ],
)
def test_bad_input_is_told_in_a_sentence(model, pictures, ask, says):
    with pytest.raises(BadInput, match=says):
        ask(model, pictures[0][0])


def test_random_weights_have_nothing_to_choose_from():
    blank = open_pretrained("coca_nano", None)
    image = np.zeros((32, 32, 3), np.uint8)
    assert isinstance(blank.caption(image), str)
    with pytest.raises(BadInput, match="nothing to choose from"):
        blank.classify(image)


def test_greedy_writes_the_likeliest_token_until_the_end():
    words = WordTokenizer(("a", "red", "star"))

    def next_logits(memory, text):  # the first picture gets "a star", the second never ends
        logits = np.zeros((*text.shape, 6))
        logits[0, 0, 3] = logits[0, 1, 5] = logits[0, 2, 2] = logits[0, 3:, 4] = 1
        logits[1, :, 4] = 1
        return logits

    rows = greedy(next_logits, np.zeros((2, 1, 1)), 5, words)
    assert rows.tolist() == [[1, 3, 5, 2, 0], [1, 4, 4, 4, 4]]
    assert words.decode(rows) == ["a star", "red red red red"]


def test_what_is_no_classifier_can_not_be_finetuned_but_its_features_can_be_probed(model, pictures):
    with pytest.raises(BadInput, match="coca_nano has no head to replace: its task is caption"):
        finetune(model, (pictures[0], np.zeros(40, int)))
    assert np.isfinite(model.features(pictures[0])).all()


def test_captions_on_the_command_line(model, pictures, tmp_path, capsys, monkeypatch):
    for number, image in enumerate(pictures[0][:2]):
        Image.fromarray(image).save(tmp_path / f"{number}.png")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    monkeypatch.setattr(sys, "argv", ["course", "caption", str(tmp_path)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(": ")[2] for line in lines[:2]] == model.caption(pictures[0][:2])
    assert stop.value.code != 0  # one could not be read
