"""Export to LiteRT: the same answers in float, nearly the same in 8 bits, and not a word printed."""

import keras
import numpy as np
import pytest
from keras import layers

from course_lib import litert
from course_lib.errors import BadInput

PICTURES = np.random.default_rng(0).uniform(-1, 1, (24, 8, 8, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(8, 3, activation="relu6", padding="same")(inputs)
    x = layers.BatchNormalization()(layers.DepthwiseConv2D(3, strides=2, padding="same")(x))
    return keras.Model(inputs, layers.Dense(5)(layers.GlobalAveragePooling2D()(x)))


@pytest.fixture(scope="module")
def in_8_bits(model):
    return litert.convert(model, PICTURES)


def test_float_is_exact(model):
    found = litert.Runner(litert.convert(model))(PICTURES)
    assert np.abs(found - model.predict_on_batch(PICTURES)).max() <= 1e-5


def test_8_bits_are_close_and_whole_numbers(model, in_8_bits):
    runner = litert.Runner(in_8_bits)
    expected, found = model.predict_on_batch(PICTURES), runner(PICTURES)
    assert 0 < np.abs(found - expected).max() <= 0.1 * np.abs(expected).max()
    for details in (runner.interpreter.get_input_details()[0], runner.interpreter.get_output_details()[0]):
        assert details["dtype"] is np.int8
    assert not any(d["dtype"] is np.float32 for d in runner.interpreter.get_tensor_details())


def test_one_scale_for_a_kernel_or_one_for_each_channel(model, in_8_bits):
    def scales(content):
        details = litert.Runner(content).interpreter.get_tensor_details()
        kernels = [d for d in details if len(d["shape"]) == 4 and tuple(d["shape"][1:]) == (3, 3, 3)]
        return len(kernels[0]["quantization_parameters"]["scales"])

    assert scales(in_8_bits) == 8
    assert scales(litert.convert(model, PICTURES, per_channel=False)) == 1


def test_nothing_is_printed(model, capfd, recwarn):
    litert.Runner(litert.convert(model, PICTURES[:1]))
    out, err = capfd.readouterr()
    assert (out, err, list(recwarn)) == ("", "", [])


@pytest.mark.parametrize("examples", [PICTURES[:0], PICTURES[0], PICTURES[:, :4]])
def test_examples_of_another_shape_are_refused(model, examples):
    with pytest.raises(BadInput, match=r"give \(n, 8, 8, 3\)"):
        litert.convert(model, examples)


def test_steps_and_numbers():
    details = {"quantization": (0.5, -10), "dtype": np.int8}
    numbers = np.float32([0, 1, 1.2, 100, -100])
    steps = litert.quantise(numbers, details)
    assert steps.dtype == np.int8
    assert steps.tolist() == [-10, -8, -8, 127, -128]
    assert litert.dequantise(steps, details).tolist() == [0, 1, 1, 68.5, -59]
    assert litert.quantise(numbers, {"quantization": (0.0, 0), "dtype": np.float32}) is numbers


def test_time_is_measured(in_8_bits):
    assert litert.Runner(in_8_bits).seconds(PICTURES[0], repeats=3) > 0
