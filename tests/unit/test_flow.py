"""WaveGlow is a flow: what it does can be undone, and it knows how much it stretched."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from course_lib.media.sound import corpus
from course_lib.media.sound.spectra import NANO, Mel
from course_lib.training import recipes
from course_lib.training.fit import Settings
from course_lib.training.speech import flowing
from course_lib.training.speech.flow_losses import negative_log_likelihood, spectral_difference
from course_lib.training.speech.flowing import Listening, learn, pieces
from course_lib.zoo import waveglow

SOUND = Mel(800, 16, 4, 3, 0, 400)
TINY = dataclasses.replace(
    waveglow.CONFIGS["waveglow_nano"],
    channels=4, flows=4, depth=2, group=4, early_every=2, early_size=2, spread=2, listening=(5,), gain=3.0, sound=SOUND,
)  # fmt: skip


@pytest.fixture(scope="module")
def model():
    """A flow that does something: fresh ones begin with ends of zeros."""
    model, random = waveglow.build(TINY), np.random.default_rng(0)
    for variable in model.weights:
        variable.assign(np.asarray(variable) + random.normal(0, 0.2, variable.shape))
    return model


@pytest.mark.parametrize(("seed", "groups"), [(0, 1), (1, 2), (2, 9), (3, 30)])
def test_back_and_forth_changes_nothing(model, seed, groups):
    random = np.random.default_rng(seed)
    mel = random.normal(0, 1, (2, groups + 1, 3)).astype(np.float32)
    samples = random.normal(0, 1, (2, groups * 4)).astype(np.float32)
    noise, _ = model([samples, mel])
    np.testing.assert_allclose(waveglow.invert(model, mel, noise), samples, atol=2e-4)
    other = random.normal(0, 1, noise.shape).astype(np.float32)
    again, _ = model([np.asarray(waveglow.invert(model, mel, other)), mel])
    np.testing.assert_allclose(again, other, atol=2e-4)


def test_the_determinant_is_that_of_the_jacobian(model):
    random = np.random.default_rng(4)
    samples = tf.constant(random.normal(0, 1, (1, 12)), tf.float32)
    mel = tf.constant(random.normal(0, 1, (1, 3, 3)), tf.float32)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(samples)
        noise, log_determinant = model([samples, mel])
        flat = tf.reshape(noise, (12,))
    jacobian = np.asarray(tape.jacobian(flat, samples, experimental_use_pfor=False), np.float64).reshape(
        12, 12
    )
    assert abs(float(log_determinant[0])) > 1  # a flow that stretches nothing would prove nothing
    assert np.linalg.slogdet(jacobian)[1] == pytest.approx(float(log_determinant[0]), abs=1e-4)


def test_a_fresh_flow_turns_and_scales_alone():
    model = waveglow.build(dataclasses.replace(TINY, gain=1.0))
    samples = np.random.default_rng(5).normal(0, 1, (1, 40)).astype(np.float32)
    noise, log_determinant = model([samples, np.zeros((1, 10, 3), np.float32)])
    assert np.square(noise).sum() == pytest.approx(np.square(samples).sum(), rel=1e-4)
    assert float(log_determinant[0]) == pytest.approx(0, abs=1e-4)
    # So the likelihood is that of the samples as normal noise.
    expected = np.mean(samples**2) / 2 + np.log(np.sqrt(2 * np.pi))
    assert float(negative_log_likelihood(noise, log_determinant)) == pytest.approx(expected, abs=1e-5)


def test_samples_beyond_the_last_group_are_left_out(model):
    samples = np.random.default_rng(6).normal(0, 1, (1, 11)).astype(np.float32)
    mel = np.zeros((1, 5, 3), np.float32)
    np.testing.assert_allclose(model([samples, mel])[0], model([samples[:, :8], mel])[0], atol=1e-6)


def test_upsampling_is_kerass_transposed_convolution(model):
    import keras

    ours = model.get_layer("conditioner").get_layer("upsample")
    theirs = keras.layers.Conv1DTranspose(2, 16, strides=4)
    x = np.random.default_rng(7).normal(0, 1, (2, 6, 5)).astype(np.float32)
    theirs.build(x.shape)
    theirs.set_weights(ours.get_weights())
    np.testing.assert_allclose(ours(x), theirs(x)[:, : 6 * 4], atol=1e-5)


def test_training_makes_speech_likelier():
    random = np.random.default_rng(8)
    spoken = [(np.sin(np.arange(80) * 0.4 + phase).astype(np.float32), np.zeros((21, 3), np.float32)) for phase in range(8)]  # fmt: skip
    spoken = [(samples + 0.05 * random.normal(0, 1, 80).astype(np.float32), mel) for samples, mel in spoken]
    model = waveglow.build(TINY)
    settings = Settings(steps=60, batch_size=4, learning_rate=1e-2, weight_decay=0.0)
    seen = []
    history = learn(
        model, spoken, settings, frames=8, sound=SOUND, watch=lambda step, loss: seen.append(step)
    )
    assert np.mean(history.loss[-10:]) < np.mean(history.loss[:3]) - 0.5
    assert seen == list(range(1, 61))


def test_pieces_begin_with_a_frame():
    samples, mel = np.arange(40, dtype=np.float32), np.arange(11, dtype=np.float32)[:, None]
    cut, frames = pieces([(samples, mel)] * 50, frames=3, hop=4, rng=np.random.default_rng(0))
    assert cut.shape == (50, 12)
    assert frames.shape == (50, 3, 1)
    np.testing.assert_array_equal(cut[:, 0], 4 * frames[:, 0, 0])
    assert {0.0, 7.0} <= set(frames[:, 0, 0])


def test_the_third_round_has_both_spectrograms_of_each_recording(monkeypatch):
    spoken, seen = corpus.recordings("voice_few")[:3], {}
    voice = SimpleNamespace(model="the voice")
    monkeypatch.setattr(flowing, "open_pretrained", lambda name: voice if name == "tacotron2_nano" else None)
    monkeypatch.setattr(flowing, "led_along", lambda model, sentences: [0 * mel for mel in sentences.mels])
    monkeypatch.setattr(flowing, "learn", lambda *arguments, **options: seen.update(options, given=arguments))
    recipe = recipes.recipe("waveglow_nano").changed({"pieces_written": 20, "spectral": 3.0})
    recipe.follow("the flow", spoken, 5)
    model, both, settings, *_ = seen["given"]
    assert (model, settings.steps, settings.seed, seen["listening"]) == (
        "the flow",
        5,
        7,
        Listening(3.0, 0.6),
    )
    assert len(both) == 6
    for item, (sound, own), (same, written) in zip(spoken, both[:3], both[3:], strict=True):
        assert sound is same is item.audio.samples
        np.testing.assert_array_equal(own, NANO.of(sound))
        assert not written.any()
        assert len(written) == len(own)


def test_a_flow_that_listens_speaks_more_like_the_recording():
    """By the spectra of what it says, which likelihood alone does not hear."""
    wave = np.sin(np.arange(1200) * 0.4).astype(np.float32)
    spoken, settings = (
        [(wave, np.zeros((301, 3), np.float32))],
        Settings(steps=30, batch_size=1, learning_rate=1e-2),
    )
    model = waveglow.build(TINY)
    history = learn(model, spoken, settings, frames=256, sound=SOUND, listening=Listening(5.0, 0.6), stop=20)
    assert len(history.loss) == 20
    assert np.mean(history.loss[-3:]) < np.mean(history.loss[:3]) - 1


def test_spectra_of_the_same_sound_do_not_differ():
    sounds = np.random.default_rng(9).normal(0, 0.1, (2, 2000)).astype(np.float32)
    assert float(spectral_difference(sounds, sounds)) == pytest.approx(0, abs=1e-5)
    assert float(spectral_difference(2 * sounds, sounds)) == pytest.approx(np.log(2) + 1, abs=0.1)
