"""A T5 that KerasHub itself wrote into a folder: loaded, it answers as KerasHub does."""

import dataclasses
import shutil

import keras
import keras_hub
import numpy as np
import pytest

from course_lib.catalog import reader
from course_lib.errors import BadInput, CourseError
from course_lib.loading import open_pretrained
from course_lib.text.sentencepiece import PLACE
from tests.unit.spm_vocabulary import made

TINY = {"width": 16, "depth": 2, "heads": 2, "mlp": 24, "head_width": 8, "vocabulary": 40}
# KerasHub's own.
pytestmark = pytest.mark.filterwarnings("ignore:Layer '.*attention' .* was passed an input with a mask")


@pytest.fixture(scope="module", params=["t5_small", "flan_t5_small"])
def preset(request, tmp_path_factory):
    """A folder with made-up numbers, KerasHub's model, and the id of ours."""
    folder, flan = tmp_path_factory.mktemp("preset"), request.param.startswith("flan")
    keras.utils.set_random_seed(1)
    backbone = keras_hub.models.T5Backbone(
        40, 2, 2, 16, 24, key_value_dim=8, activation="gelu" if flan else "relu", use_gated_activation=flan,
        tie_embedding_weights=not flan,
    )  # fmt: skip
    random = np.random.default_rng(0)
    for variable in backbone.weights:
        variable.assign(random.normal(0, 0.5, variable.shape))
    backbone.save_to_preset(str(folder))
    pieces = keras_hub.tokenizers.T5Tokenizer(made())
    pieces.save_to_preset(str(folder))
    preprocessor = keras_hub.models.T5Seq2SeqLMPreprocessor(pieces, 12, 7)
    model = keras_hub.models.T5Seq2SeqLM(backbone, preprocessor)
    model.compile(sampler="greedy", run_eagerly=True)
    return folder, model, request.param


@pytest.fixture
def tiny(preset, monkeypatch):
    """Let the card of this model offer a preset as small as ours."""
    cards = dict(reader._cards())
    first, *others = cards[preset[2]].weights
    offer = dataclasses.replace(first, config=TINY)
    cards[preset[2]] = dataclasses.replace(cards[preset[2]], weights=(offer, *others))
    monkeypatch.setattr(reader, "_cards", lambda: cards)


@pytest.mark.usefixtures("tiny", "no_network")
def test_it_answers_as_keras_hub_does(preset, capsys):
    folder, official, model_id = preset
    loaded = open_pretrained(model_id, weights=folder)
    assert loaded.provenance.grade == "official"
    texts = ["the cat sat", "a dog that ran away from town"]
    expected = official.generate({"encoder_text": texts, "decoder_text": ["", ""]}, max_length=7)
    assert loaded.transform(texts, length=6) == list(expected)
    assert len(set(expected)) == 2


@pytest.mark.usefixtures("tiny", "no_network")
def test_a_preset_without_its_pieces_is_refused(preset, tmp_path):
    folder = tmp_path / "preset"
    shutil.copytree(preset[0], folder)
    (folder / PLACE).unlink()
    with pytest.raises(BadInput, match=r"vocabulary\.spm"):
        open_pretrained(preset[2], weights=folder)


def test_official_weights_that_are_not_here_are_told(tmp_path, monkeypatch):
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path))
    with pytest.raises(CourseError, match="course fetch t5_small"):
        open_pretrained("t5_small", weights="official")
