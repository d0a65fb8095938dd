"""The recipe of the nano recognisers: what it makes, learns and measures; the synthesiser is stood in for."""

import keras
import pytest

from course_lib.media.sound.corpus import recordings
from course_lib.text.letters import DEEPSPEECH
from course_lib.training import recipes
from course_lib.training.speech import making, recognising
from course_lib.training.speech.recognising import FURTHER, transcripts, word_error_rate
from course_lib.zoo import deepspeech


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return deepspeech.build(deepspeech.CONFIGS["deepspeech_nano"])


def test_a_quick_try_makes_no_more_than_it_reads(monkeypatch):
    asked = []

    def make(name, count, seed):
        asked.append((name, count, seed))
        return recordings("voice_few")[:count]

    monkeypatch.setattr(making, "make", make)
    recipe = recipes.recipe("deepspeech_nano").changed({"recordings_seen": 66})
    data = recipe.data(seed=3)
    assert asked == [("speakers", 60, 3), ("voice", 6, 3)]
    assert len(data) == 26
    assert data.inputs[0].shape[1] == 26


def test_an_update_lowers_the_loss_and_scores_come_in_parts(model, monkeypatch, capsys):
    monkeypatch.setattr(making, "make", lambda name, count, seed: recordings("voice_few")[:8])
    monkeypatch.setattr(recognising, "recordings", lambda name: recordings(name)[:6])
    recipe = recipes.recipe("deepspeech_nano").changed({"recordings_seen": 16, "warmup": 0, "batch_size": 8})
    before = [variable.numpy() for variable in model.trainable_variables]
    recipe.learn(model, recipe.data(0), seed=0)
    assert any((a != b.numpy()).any() for a, b in zip(before, model.trainable_variables, strict=True))
    scores = recipe.heldout_scores(model)
    assert len(scores) == 3
    assert all(score > 0.9 for score in scores)  # two updates teach no word
    assert recipe.further_scores(model).keys() == set(FURTHER.values())


def test_transcripts_come_in_the_order_of_the_recordings(model):
    heard = recordings("voice_few")[:3]
    listener = deepspeech.listener(deepspeech.CONFIGS["deepspeech_nano"])
    together = transcripts(model, listener, DEEPSPEECH, heard)
    assert together == [transcripts(model, listener, DEEPSPEECH, [one])[0] for one in heard]
    assert word_error_rate(model, listener, DEEPSPEECH, heard) > 0
