"""Tacotron 2 gives the same numbers as NVIDIA's code with the same weights, led by a teacher and by itself."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import weights_by_rule

from course_lib.errors import CourseError
from course_lib.media.sound.spectra import Mel
from course_lib.weights.convert import load_into
from course_lib.zoo import tacotron2

FIXTURE = Path(__file__).parent / "fixtures" / "nvidia" / "tacotron2.npz"
SMALL = dataclasses.replace(
    tacotron2.CONFIGS["tacotron2"], sound=Mel(8_000, 512, 128, 8, 0, 4_000), letters=30, width=16, prenet=12, recurrent=24,
    attention=10, location_filters=6, location_kernel=7, postnet=14, prenet_dropout=0,
)  # fmt: skip


@pytest.fixture(scope="module")
def fixture():
    with np.load(FIXTURE) as file:
        return dict(file)


@pytest.fixture(scope="module")
def arrays(fixture):
    note = json.loads(str(fixture["note"]))
    arrays = weights_by_rule.tensors(note["shapes"], note["seed"])
    assert weights_by_rule.checksum(arrays) == pytest.approx(note["weights_checksum"], rel=1e-9)
    return arrays


@pytest.fixture(scope="module")
def model(arrays):
    model = tacotron2.build(SMALL)
    load_into(model, arrays, "tacotron2", "torch", SMALL)
    return model


def agree(found, expected):
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= 1e-4 * max(1, np.abs(expected).max())


def test_led_by_a_teacher(model, fixture):
    """Two texts of different lengths; the pre-net's dropout is off on both sides."""
    found = model({"letters": fixture["letters"], "mel": fixture["mel_in"]}, training=False)
    assert np.std(fixture["forced_alignment"][0]) > 0.05
    for name in ("before", "mel", "stop", "alignment"):
        agree(found[name].numpy(), fixture[f"forced_{name}"])


def test_by_itself(model, fixture):
    """What the pre-net drops at each step was drawn once, and given to both."""
    kept = tf.constant(2 * fixture["kept"].astype(np.float32))
    generate = tacotron2.generator(model, lambda step, batch, seed: kept[step][:, None])
    (found,) = generate(fixture["letters"][:1], longest=12, threshold=2)
    assert not found.stopped
    for name in ("before", "mel", "alignment"):
        agree(getattr(found, name), fixture[f"alone_{name}"][0])
    agree(found.stop, 1 / (1 + np.exp(-fixture["alone_stop"][0])))


def test_parameters_are_nvidias():
    """Counted without building; NVIDIA's LSTMs have each bias twice, and its statistics of batch norm do not count there."""
    with tf.Graph().as_default():
        model = tacotron2.build(tacotron2.CONFIGS["tacotron2"])
        twice = sum(
            int(np.prod(x.shape)) for x in model.weights if "lstm" in x.path and x.path.endswith("bias")
        )
        trained = sum(int(np.prod(x.shape)) for x in model.trainable_weights)
    assert trained + twice == 28_193_153


def test_both_official_layouts(arrays, fixture):
    """The file of NVIDIA/tacotron2 has a table of tables; that of DeepLearningExamples has a prefix besides."""
    model = tacotron2.build(SMALL)
    load_into(model, {f"module.{name}": x for name, x in arrays.items()}, "tacotron2", "torch", SMALL)
    found = model({"letters": fixture["letters"], "mel": fixture["mel_in"]}, training=False)
    agree(found["mel"].numpy(), fixture["forced_mel"])


def test_a_file_that_lacks_a_gate_is_refused(arrays):
    model = tacotron2.build(SMALL)
    less = {name: x for name, x in arrays.items() if name != "decoder.decoder_rnn.weight_hh"}
    with pytest.raises(CourseError, match="do not fit: 1 variables are not in the file"):
        load_into(model, less, "tacotron2", "torch", SMALL)
