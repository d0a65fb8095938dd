"""The task of making a sound of a spectrogram, on a network with random weights."""

import numpy as np
import pytest

from course_lib import catalog
from course_lib.errors import BadInput, CourseError
from course_lib.media.sound.audio import Audio
from course_lib.tasks import vocode
from course_lib.tasks.base import Provenance
from course_lib.tasks.vocode import Vocoder
from course_lib.zoo import waveglow


@pytest.fixture(scope="module")
def vocoder():
    network = waveglow.build(waveglow.CONFIGS["waveglow_nano"])
    return Vocoder(
        catalog.card("waveglow_nano"), network, Provenance("random", "waveglow_nano", "chance"), None
    )


def test_a_sound_of_a_spectrogram(vocoder):
    mel = np.full((10, 80), -5.0)
    sound = vocoder.vocode(mel)
    assert sound.rate == 8000
    assert sound.samples.shape == (10 * 128,)
    assert sound.samples.dtype == np.float32
    np.testing.assert_array_equal(sound.samples, vocoder.vocode(mel).samples)
    assert np.abs(sound.samples - vocoder.vocode(mel, seed=1).samples).max() > 0.01
    assert vocoder.vocode(mel, sigma=0).samples.std() < vocoder.vocode(mel, sigma=1).samples.std()


def test_long_spectrograms_are_spoken_piece_by_piece_and_nobody_can_tell(vocoder, monkeypatch):
    mel = np.random.default_rng(1).normal(-5, 2, (90, 80))
    for layer in vocoder.model.layers:  # a fresh flow looks at no neighbour
        if hasattr(layer, "layers") and layer.name.startswith("flow"):
            end = layer.get_layer(f"{layer.name}_end").kernel
            end.assign(np.random.default_rng(2).normal(0, 0.02, end.shape))
    whole = vocoder.vocode(mel).samples
    monkeypatch.setattr(vocode, "PIECE", 32)
    np.testing.assert_allclose(vocoder.vocode(mel).samples, whole, atol=1e-5 * np.abs(whole).max())
    monkeypatch.setattr(vocode, "reach_of", lambda model: 0)
    vocoder.__dict__.pop("_synthesis")
    assert np.abs(vocoder.vocode(mel).samples - whole).max() > 1e-3 * np.abs(whole).max()
    vocoder.__dict__.pop("_synthesis")


def test_a_sound_made_anew_is_as_long_at_the_models_rate(vocoder):
    sound = Audio(np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32), 16_000)
    again = vocoder.resynthesise(sound)
    assert again.rate == 8000
    assert again.seconds == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(
    ("mel", "word"),
    [(np.zeros((4, 40)), "frames, 80"), (np.zeros((0, 80)), "frames, 80"), (np.zeros(80), "frames, 80"),
     (np.full((4, 80), np.nan), "not finite"), (np.full((4, 80), "a"), "of numbers")],
)  # fmt: skip
def test_what_is_no_spectrogram_is_refused(vocoder, mel, word):
    with pytest.raises(BadInput, match=word):
        vocoder.vocode(mel)


@pytest.mark.parametrize("sigma", [-1, float("nan"), "loud", None])
def test_sigma_is_a_number_from_0_on(vocoder, sigma):
    with pytest.raises(BadInput, match="Sigma"):
        vocoder.vocode(np.zeros((4, 80)), sigma)


def test_what_is_no_sound_is_refused(vocoder):
    with pytest.raises(BadInput, match="without its rate"):
        vocoder.resynthesise(np.zeros(8000))
    with pytest.raises(BadInput, match="512"):
        vocoder.resynthesise(Audio(np.full(100, 0.1, np.float32), 8000))


def test_it_runs_in_tensorflow_alone(vocoder):
    with pytest.raises(CourseError, match="backwards"):
        vocoder.compile("onnx")
