"""The files that Mozilla's own export writes run behind `.transcribe()`, and answer as the network itself."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from course_lib import catalog
from course_lib.errors import BadInput
from course_lib.loading import open_pretrained
from course_lib.media.sound.corpus import recordings
from course_lib.weights.convert import load_into
from course_lib.weights.deepspeech_file import DeepSpeechFile
from course_lib.zoo import deepspeech
from tests.parity import weights_by_rule

FILES = Path(__file__).parent / "fixtures" / "deepspeech"
SMALL = dataclasses.replace(deepspeech.CONFIGS["deepspeech"], width=12, cell=12)
LSTM = "cudnn_lstm/rnn/multi_rnn_cell/cell_0/cudnn_compatible_lstm_cell"
SHAPES = {f"layer_{n}/weights": (494 if n == 1 else 12, 29 if n == 6 else 12) for n in (1, 2, 3, 5, 6)}
SHAPES |= {f"layer_{n}/bias": (29 if n == 6 else 12,) for n in (1, 2, 3, 5, 6)}
SHAPES |= {f"{LSTM}/kernel": (24, 48), f"{LSTM}/bias": (48,)}


@pytest.fixture(scope="module")
def speech():
    """Three chunks of frames and a half."""
    sound = recordings("voice_few")[0].audio.resampled(16_000)
    features = deepspeech.listener(SMALL).prepare(sound.samples)[:56]
    assert len(features) == 56
    return features[None]


@pytest.fixture(scope="module")
def expected(speech):
    model = deepspeech.build(SMALL)
    load_into(model, weights_by_rule.tensors(SHAPES, 0, "slim"), "deepspeech", "slim", SMALL)
    logits = model.predict(speech, verbose=0)
    return logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)


def test_the_state_goes_from_chunk_to_chunk(speech, expected):
    file = DeepSpeechFile(FILES / "float.tflite", 10**6)
    assert (file.steps, file.context, file.coefficients) == (16, 9, 26)
    found = file(speech)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    np.testing.assert_array_equal(file(speech), found)  # nothing is remembered of another recording


def test_weights_in_whole_numbers_change_little(speech, expected):
    found = DeepSpeechFile(FILES / "quantised.tflite", 10**6)(speech)
    np.testing.assert_allclose(np.exp(found), np.exp(expected), atol=0.03)


def test_it_counts_its_numbers():
    assert (
        DeepSpeechFile(FILES / "float.tflite", 10**6).count_params() == deepspeech.build(SMALL).count_params()
    )


def test_it_transcribes_as_any_model_and_its_own_coefficients_are_ours(speech, expected):
    model = open_pretrained("deepspeech", FILES / "float.tflite")
    sound = recordings("voice_few")[0].audio
    found = model.logits(sound)
    np.testing.assert_allclose(found[:40], expected[0, :40], atol=1e-3)
    assert isinstance(str(model.transcribe(sound, beams=4)), str)
    assert f"{deepspeech.build(SMALL).count_params():,}" in repr(model)
    reader = model.model._interpreter
    samples = sound.resampled(16_000).samples[3200:3712]
    reader.set_tensor(model.model._inputs["input_samples"]["index"], samples)
    reader.invoke()
    ours = deepspeech.listener(SMALL).prepare(samples)
    np.testing.assert_allclose(model.model._read("mfccs"), ours, atol=1e-3)


def test_another_file_is_refused(tmp_path):
    path = tmp_path / "x.tflite"
    good = (FILES / "float.tflite").read_bytes()
    for content in (b"", b"TFL3", bytes(1000), good[:5000]):
        path.write_bytes(content)
        with pytest.raises(BadInput, match=r"x\.tflite"):
            DeepSpeechFile(path, 10**6)
    path.write_bytes(good)
    with pytest.raises(BadInput, match="at most 1,000"):
        DeepSpeechFile(path, 1000)
    with pytest.raises(BadInput, match="for 16,000 samples"):
        DeepSpeechFile(path, 10**6, rate=8_000)
    path.write_bytes(good.replace(b"input_node", b"other_node"))
    with pytest.raises(BadInput, match="another network"):
        DeepSpeechFile(path, 10**6)


@pytest.mark.fault(12)
def test_what_would_kill_the_process_is_refused(tmp_path):
    """One wrong number, found by changing files at random: LiteRT runs the file, and crashes."""
    path, content = tmp_path / "x.tflite", bytearray((FILES / "float.tflite").read_bytes())
    content[37684:37686] = (19).to_bytes(2, "little")
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"x\.tflite is no sound LiteRT file"):
        DeepSpeechFile(path, 10**6)


def test_the_card_offers_both_files():
    offers = {offer.format: offer for offer in catalog.card("deepspeech").weights}
    assert offers["litert"].file.endswith(".tflite")
    assert offers["slim"].file.endswith(".tar.gz")
